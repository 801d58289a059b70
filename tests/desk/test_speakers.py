"""Pages about speakers, their photos, and the organisations of the user."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from eventhub.agenda import people
from eventhub.agenda.models import Speaker
from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.extensions import db
from eventhub.organisations.models import Level, Organisation, Role
from eventhub.web import pictures
from tests.accounts.signing_in import organiser_of
from tests.desk.hostile import FINE, KEYS, TEXTS
from tests.desk.setting import Desk

SPEAKERS = "/manage/labcamp/speakers/"
OWN = "/manage/organisations/lab-nadine/"


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    desk.client.set_cookie("language", "en")
    return desk.client


@pytest.fixture
def inside(app: Flask, client: FlaskClient) -> Iterator[Series]:
    """The series; the application's context stays open."""
    with app.app_context():
        yield db.session.scalars(select(Series).filter_by(slug="labcamp")).one()


def picture(kind: str = "PNG", size: tuple[int, int] = (800, 600), **more: Any) -> BytesIO:
    """Return a picture as a file, with metadata that nobody should publish."""
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Camera of Nadine"
    Image.new("RGB", size, "teal").save(out, kind, exif=exif, **more)
    out.seek(0)
    return out


def person(**more: Any) -> dict[str, Any]:
    return {"title": "Dr.", "given_name": "Eva", "family_name": "Wascher", "organisation_id": ""} | more


def stored() -> Speaker:
    db.session.rollback()
    return db.session.scalars(select(Speaker)).one()


def test_a_person_is_added_edited_and_deleted(client: FlaskClient, inside: Series) -> None:
    assert "Nobody yet" in client.get(SPEAKERS).text
    sent = person(role="Heads the lab", organisation_name="Somewhere", about="**Bold** words")
    assert client.post(f"{SPEAKERS}new", data=sent).status_code == 303
    row = stored()
    assert (row.name, row.slug, row.affiliation) == ("Dr. Eva Wascher", "eva-wascher", "Somewhere")
    assert "Dr. Eva Wascher" in client.get(SPEAKERS).text
    key = db.session.scalars(select(Organisation.id).filter_by(slug="lab-nadine")).one()
    sent |= {"title": "Prof. Dr.", "organisation_id": str(key)}
    assert client.post(f"{SPEAKERS}eva-wascher/", data=sent).status_code == 303
    row = stored()
    assert (row.name, row.slug, row.affiliation) == ("Prof. Dr. Eva Wascher", "eva-wascher", "Example Lab")
    assert row.organisation_name == ""
    assert client.post(f"{SPEAKERS}eva-wascher/delete").status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Speaker)).all() == []


def test_a_name_in_one_piece_is_proposed_in_parts(desk: Desk, client: FlaskClient, inside: Series) -> None:
    with transaction():
        people.create_speaker(inside, {"name": "Prof. Dr.-Ing. Oscar Reutter"})
    sent = desk.form_of(f"{SPEAKERS}prof-dr-ing-oscar-reutter/")
    assert (sent["title"], sent["given_name"], sent["family_name"]) == ("Prof. Dr.-Ing.", "Oscar", "Reutter")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_photo_is_made_small_and_loses_what_else_it_says(
    client: FlaskClient, inside: Series, kind: str
) -> None:
    sent = person(photo=(picture(kind), "../../evil.html"))
    assert client.post(f"{SPEAKERS}new", data=sent).status_code == 303
    content = stored().photo
    assert content is not None
    small = Image.open(BytesIO(content))
    assert (small.format, small.size) == ("WEBP", (320, 240))
    assert b"Nadine" not in content
    answer = client.get(f"{SPEAKERS}eva-wascher/photo")
    assert (answer.status_code, answer.content_type) == (200, "image/webp")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"{SPEAKERS}eva-wascher/photo", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    page = client.get(f"{SPEAKERS}eva-wascher/").text
    assert 'loading="lazy"' in page
    assert client.post(f"{SPEAKERS}eva-wascher/", data=person()).status_code == 303
    assert stored().photo == content
    assert client.post(f"{SPEAKERS}eva-wascher/", data=person(without_photo="y")).status_code == 303
    assert stored().photo is None
    assert client.get(f"{SPEAKERS}eva-wascher/photo").status_code == 404


def halves() -> BytesIO:
    """Return a picture that is wider than high: red on the left, blue on the right."""
    photo = Image.new("RGB", (800, 400), "blue")
    photo.paste("red", (0, 0, 400, 400))
    out = BytesIO()
    photo.save(out, "PNG")
    out.seek(0)
    return out


def colours() -> tuple[tuple[int, int], set[str]]:
    """Return the size of the stored photo, and which of both colours it shows at its sides."""
    content = stored().photo
    assert content is not None
    photo = Image.open(BytesIO(content)).convert("RGB")
    corners = (photo.getpixel((x, photo.height // 2)) for x in (2, photo.width - 3))
    return photo.size, {"red" if one[0] > one[2] else "blue" for one in corners if isinstance(one, tuple)}


@pytest.mark.parametrize(
    ("across", "size", "seen"),
    [("0", "100", {"red"}), ("100", "100", {"blue"}), ("50", "100", {"red", "blue"}), ("30", "40", {"red"})],
)
def test_any_square_of_a_photo_can_be_kept(
    client: FlaskClient, inside: Series, across: str, size: str, seen: set[str]
) -> None:
    where = {"photo_part": "square", "photo_across": across, "photo_down": "50", "photo_size": size}
    sent = person(photo=(halves(), "photo.png"), **where)
    assert client.post(f"{SPEAKERS}new", data=sent).status_code == 303
    (wide, high), shown = colours()
    assert shown == seen
    assert wide == high == (320 if size == "100" else 160)


def test_a_square_can_also_be_cut_out_of_the_photo_so_far(client: FlaskClient, inside: Series) -> None:
    assert client.post(f"{SPEAKERS}new", data=person(photo=(halves(), "photo.png"))).status_code == 303
    assert colours() == ((320, 160), {"red", "blue"})
    page = client.get(f"{SPEAKERS}eva-wascher/").text
    assert 'type="range"' in page
    assert 'data-photo="/manage/labcamp/speakers/eva-wascher/photo"' in page
    where = person(photo_part="square", photo_across="100", photo_down="0", photo_size="100")
    assert client.post(f"{SPEAKERS}eva-wascher/", data=where).status_code == 303
    assert colours() == ((160, 160), {"blue"})


@pytest.mark.parametrize("value", ["101", "-1", "left", "9" * 30])
def test_a_place_outside_of_the_photo_gets_a_sentence(
    client: FlaskClient, inside: Series, value: str
) -> None:
    sent = person(photo=(halves(), "photo.png"), photo_part="square", photo_across=value)
    answer = client.post(f"{SPEAKERS}new", data=sent)
    assert answer.status_code == 422
    assert "Enter a" in answer.text
    assert '<a href="#photo_across">' in answer.text


@given(
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.builds(pictures.Square, st.integers(0, 100), st.integers(0, 100), st.integers(20, 100)),
)
def test_every_square_lies_within_its_picture(width: int, height: int, square: pictures.Square) -> None:
    left, top, right, bottom = square.box(width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert right - left == bottom - top


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"), "no picture that we can read"),
        (BytesIO(b"GIF89a" + b"\0" * 100), "no picture that we can read"),
        (BytesIO(picture().read()[:200]), "no picture that we can read"),
        (BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 100), "no picture that we can read"),
        (picture(size=(6000, 5000)), "25 megapixels"),
        (picture(size=(9000, 9000)), "25 megapixels"),
    ],
    ids=["svg", "gif", "cut off", "only a head", "too many pixels", "far too many pixels"],
)
def test_other_files_are_refused_at_their_field(
    client: FlaskClient, inside: Series, file: BytesIO, words: str
) -> None:
    answer = client.post(f"{SPEAKERS}new", data=person(photo=(file, "photo.png"), about="Kept"))
    assert answer.status_code == 422
    assert words in answer.text
    assert '<a href="#photo">' in answer.text
    assert "Kept" in answer.text


def test_a_file_may_only_be_so_large(
    client: FlaskClient, inside: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "LARGEST_FILE", 1000)
    answer = client.post(f"{SPEAKERS}new", data=person(photo=(picture(), "photo.png")))
    assert answer.status_code == 422
    assert "at most 3.5 MB" in answer.text


def test_a_family_name_is_needed(client: FlaskClient, inside: Series) -> None:
    answer = client.post(f"{SPEAKERS}new", data=person(family_name=" "))
    assert answer.status_code == 422
    assert answer.text.count("Enter the family name, or the only name") == 2


@pytest.mark.slow
def test_any_value_is_taken_or_refused(client: FlaskClient, inside: Series) -> None:
    fields = ("title", "given_name", "family_name", "role", "organisation_name", "about")
    for text in TEXTS:
        for field in fields:
            assert client.post(f"{SPEAKERS}new", data=person(**{field: text})).status_code in FINE
        for field in ("name", "short_name", "level", "kind", "city", "address", "url"):
            assert client.post(OWN, data={"name": "Lab", "level": "", field: text}).status_code in FINE
    for key in KEYS:
        assert client.post(f"{SPEAKERS}new", data=person(organisation_id=key)).status_code in FINE
    assert "<script>alert" not in client.get(SPEAKERS).text


def test_people_of_others_are_not_there(app: Flask, client: FlaskClient, inside: Series) -> None:
    with transaction():
        other = db.session.scalars(select(Series).filter_by(slug="other")).one()
        people.create_speaker(other, {"name": "Theirs"})
    for address in ("/manage/other/speakers/", "/manage/other/speakers/theirs/", f"{SPEAKERS}theirs/"):
        assert client.get(address).status_code == 404
    assert client.post(f"{SPEAKERS}theirs/delete").status_code == 404


def test_an_organisation_is_edited_by_its_own(app: Flask, client: FlaskClient, inside: Series) -> None:
    assert "Example Lab" in client.get("/manage/organisations/").text
    sent = {
        "name": "Amt für Neues",
        "level": "municipal",
        "url": "https://lab.example",
        "logo": (picture(), "l"),
    }
    assert client.post(OWN, data=sent).status_code == 303
    db.session.rollback()
    row = db.session.scalars(select(Organisation).filter_by(slug="lab-nadine")).one()
    assert (row.name, row.level) == ("Amt für Neues", Level.MUNICIPAL)
    assert client.get(f"{OWN}logo").content_type == "image/webp"
    assert client.post(OWN, data={"name": "Amt", "url": "javascript:alert(1)"}).status_code == 422
    assert client.get("/manage/organisations/org-other/").status_code == 404
    reader = organiser_of(app, email="reader@lab.example", role=Role.READER)
    assert reader.client.get("/manage/organisations/lab-reader/").status_code == 404
    assert reader.client.post("/manage/organisations/lab-reader/", data={"name": "Mine"}).status_code == 404
