"""Atom feeds, sitemap and robots.txt."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from eventhub.agenda.models import Kind
from eventhub.editions.models import EditionState, Visibility
from tests.site import samples
from tests.site.conftest import Build

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def lab(build: Build) -> None:
    """Add a series with a listed, an unlisted and a draft edition, each with a talk and a speaker."""
    with build():
        of = samples.series()
        for number, values in enumerate(
            (
                {"theme": "Growing <up> & on"},
                {"visibility": Visibility.UNLISTED},
                {"state": EditionState.DRAFT},
            ),
            start=1,
        ):
            one = samples.edition(of, number, **values)
            talk = samples.slot(one, f"Talk {number}", "15:00", "15:30", slug=f"talk-{number}")
            samples.slot(one, "Coffee", "15:30", "16:00", slug="coffee", kind=Kind.BREAK)
            samples.appears(samples.speaker(of, f"Person {number}"), talk)


@pytest.mark.parametrize("path", ["/feed.atom", "/lab/feed.atom"])
def test_atom_feed_tells_of_listed_editions(lab: None, client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept-Language": "en"})
    assert response.mimetype == "application/atom+xml"
    feed = ET.fromstring(response.text)
    assert feed.findtext(f"{ATOM}id")
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["LabCamp #1"]
    entry = entries[0]
    assert entry.findtext(f"{ATOM}id") == "http://localhost/lab/1/"
    assert "Growing <up> & on" in (entry.findtext(f"{ATOM}summary") or "")
    for name in ("published", "updated"):
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}{name}") or "").tzinfo
    same = client.get(path, headers={"If-None-Match": response.headers["ETag"], "Accept-Language": "en"})
    assert same.status_code == 304


def test_empty_atom_feed_is_one(client: FlaskClient) -> None:
    assert ET.fromstring(client.get("/feed.atom").text).findtext(f"{ATOM}updated")


@pytest.mark.both_databases
def test_sitemap_lists_every_listed_page_once(lab: None, client: FlaskClient) -> None:
    found = [place.text for place in ET.fromstring(client.get("/sitemap.xml").text).iter(f"{SITEMAP}loc")]
    assert found == [
        f"http://localhost{path}"
        for path in ("/", "/lab/", "/lab/1/", "/lab/1/slots/talk-1/", "/lab/speakers/person-1/")
    ]
    for address in found:
        assert client.get((address or "").removeprefix("http://localhost")).status_code == 200


def test_robots_are_kept_from_personal_pages_only(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert "Disallow: /my/" in text
    assert "Sitemap: http://localhost/sitemap.xml" in text
    assert ".ics" not in text
