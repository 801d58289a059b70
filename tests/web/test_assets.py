"""Style sheets, fonts and scripts under names that change with their content."""

import gzip
import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from eventhub.web.assets import Assets


def test_a_hashed_name_is_kept_for_a_year(app: Flask, client: FlaskClient) -> None:
    url = app.extensions["assets"].url("css/eventhub.css")
    assert re.fullmatch(r"/static/css/eventhub\.[0-9a-f]{8}\.css", url)
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/css"


def test_the_plain_name_and_an_earlier_hash_work_for_a_short_time(client: FlaskClient) -> None:
    for path in ("/static/css/eventhub.css", "/static/css/eventhub.00000000.css"):
        assert client.get(path).headers["Cache-Control"] == "public, max-age=300"


def test_text_travels_compressed_and_fonts_do_not(client: FlaskClient) -> None:
    accept = {"Accept-Encoding": "gzip, br"}
    plain = client.get("/static/css/eventhub.css")
    packed = client.get("/static/css/eventhub.css", headers=accept)
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert (
        "Content-Encoding"
        not in client.get("/static/fonts/atkinson-next-latin.woff2", headers=accept).headers
    )


def test_style_sheets_travel_without_comments_but_with_licences(tmp_path: Path) -> None:
    (tmp_path / "one.css").write_text("/*! MIT */\na { color: red; } /* why\nred */\nb { top: 0; }\n")
    found = Assets(tmp_path).find("/static/one.css")
    assert found
    assert found[0].content == b"/*! MIT */\na { color: red; } \nb { top: 0; }\n"


def test_references_in_style_sheets_are_hashed(client: FlaskClient) -> None:
    sheet = client.get("/static/css/tokens.css").text
    references = re.findall(r'url\("([^"]+)"\)', sheet)
    assert len(references) == 3
    for reference in references:
        assert "immutable" in client.get(reference).headers["Cache-Control"]


def test_unchanged_files_are_not_sent_again(client: FlaskClient) -> None:
    tag = client.get("/static/js/enhance.js").headers["ETag"]
    again = client.get("/static/js/enhance.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_head_and_unknown_files(client: FlaskClient) -> None:
    head = client.head("/static/js/enhance.js")
    assert head.data == b""
    assert int(head.headers["Content-Length"]) > 100
    assert client.get("/static/js/nothing.js").status_code == 404
    assert client.get("/static/../config.py").status_code == 404
    assert client.post("/static/js/enhance.js").status_code in (400, 404)


def test_changed_files_are_noticed_in_development(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    assets = Assets(tmp_path, watch=True)
    before = assets.url("a.js")
    (tmp_path / "b.js").write_text("2")
    assert assets.url("b.js")
    assert assets.url("a.js") == before
