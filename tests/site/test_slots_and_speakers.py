"""Pages of slots and speakers, portraits and legal pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.agenda.models import Room, SpeakerRole, Track
from eventhub.editions.models import EditionState, Visibility
from eventhub.extensions import db
from eventhub.organisations.models import Level, Organisation
from tests.site import samples
from tests.site.conftest import Build
from tests.site.reading import Page

Visit = Callable[..., Page]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def test_slot_says_everything_about_itself(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        one = samples.edition(of)
        room = samples.add(Room(edition_id=one.id, name="Big room", description="Second floor"))
        track = samples.add(Track(edition_id=one.id, slug="law", name="Law"))
        whole = samples.slot(one, "Pitches", "15:00", "16:00", slug="pitches")
        found = samples.slot(
            one,
            "A talk",
            "15:10",
            "15:35",
            slug="a-talk",
            abstract="About *labs*",
            room_id=room.id,
            track_id=track.id,
            parent_id=whole.id,
            level="Beginners",
            extra={"questions": ["Why?"]},
        )
        samples.appears(samples.speaker(of, "Ada Lab", about="Knows *much*"), found)
        samples.appears(samples.speaker(of, "Mo Derator"), found, SpeakerRole.MODERATOR)
    page = visit("/lab/1/slots/a-talk/")
    for words in (
        "Tuesday, 14 April 2026",
        "3:10 to 3:35 pm, 25 min · Central European Summer Time (Berlin)",
        "Big room · Online Second floor",
        "Law",
        "Beginners",
        "About labs",
        "Why?",
        "Knows much",
        "Moderation",
    ):
        assert page.says(words), words
    for target in ("/lab/1/slots/a-talk.ics", "/lab/1/slots/pitches/", "/lab/1/", "/lab/speakers/ada-lab/"):
        assert page.has_link(target), target
    assert any(target.startswith("https://calendar.google.com/") for target in page.targets)
    assert visit("/lab/1/slots/pitches/").has_link("/lab/1/slots/a-talk/")


def test_people_of_several_levels_of_government_stand_by_level(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        found = samples.slot(samples.edition(of), "Panel", "15:00", "15:30", slug="panel")
        for name, level in (
            ("Una Works", Level.PUBLIC_COMPANY),
            ("Noel Nobody", None),
            ("Ada State", Level.STATE),
            ("Bo State", Level.STATE),
        ):
            one = Organisation(slug=name[:2].lower(), name=f"House of {name}", level=level)
            samples.appears(samples.speaker(of, name, organisation_id=samples.add(one).id), found)
    page = visit("/lab/1/slots/panel/")
    people = [words for _level, words in page.headings][page.headings.index((2, "Speakers")) + 1 :][:7]
    assert people == [
        *("State", "Ada State", "Bo State", "Public company", "Una Works", "Others", "Noel Nobody"),
    ]
    german = visit("/lab/1/slots/panel/", "de")
    assert (3, "Öffentliches Unternehmen") in german.headings
    assert (4, "Una Works") in german.headings
    assert visit("/lab/speakers/ada-state/").says("House of Ada State State")


def test_people_of_one_level_stand_together(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        found = samples.slot(samples.edition(of), "Panel", "15:00", "15:30", slug="panel")
        city = samples.add(Organisation(slug="ulm", name="Ulm", level=Level.MUNICIPAL))
        for name, key in (("Ada", city.id), ("Bo", None)):
            samples.appears(samples.speaker(of, name, organisation_id=key), found)
    page = visit("/lab/1/slots/panel/")
    assert {(3, "Ada"), (3, "Bo")} <= set(page.headings)
    assert not page.says("Municipal")


def test_slot_without_time_or_people(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        samples.slot(samples.edition(of, start_time=None, end_time=None), "Something", slug="x")
        samples.slot(samples.unknown(of, 2, planned="2026-05"), "Other", slug="y")
    page = visit("/lab/1/slots/x/")
    assert page.says("The time is not known.")
    assert not page.says("Speakers")
    assert visit("/lab/2/slots/y/").says("May 2026")


def test_cancelled_slot_says_so(build: Build, visit: Visit) -> None:
    with build():
        samples.slot(samples.edition(samples.series()), "Gone", "15:00", "15:30", slug="x", cancelled=True)
    page = visit("/lab/1/slots/x/")
    assert page.says("This session is cancelled")
    assert not page.has_link("/lab/1/slots/x.ics")


@pytest.mark.both_databases
def test_speaker_page_lists_what_lists_may_name(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        ada = samples.speaker(of, "Ada Lab", role="Head", organisation_name="City", about="Knows *much*")
        for number, values in enumerate(
            ({}, {"visibility": Visibility.UNLISTED}, {"state": EditionState.DRAFT}), start=1
        ):
            one = samples.edition(of, number, **values)
            samples.appears(ada, samples.slot(one, f"Talk {number}", "15:00", "15:30"), SpeakerRole.MODERATOR)
    page = visit("/lab/speakers/ada-lab/")
    assert page.says("Head, City")
    assert page.says("Knows much")
    assert page.says("LabCamp #1 · 14 April 2026, 3 pm · Moderation")
    assert not page.says("Talk 2")
    assert not page.says("Talk 3")


def test_speaker_of_unlisted_editions_only_is_not_to_be_indexed(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        quiet, draft = samples.speaker(of, "Quiet"), samples.speaker(of, "Draft")
        unlisted = samples.edition(of, 1, visibility=Visibility.UNLISTED)
        samples.appears(quiet, samples.slot(unlisted, "A", "15:00", "15:30"))
        samples.appears(draft, samples.slot(samples.edition(of, 2, state=EditionState.DRAFT), "B"))
        samples.speaker(of, "Nobody")
    assert visit("/lab/speakers/quiet/").meta["robots"] == "noindex"
    for name in ("draft", "nobody", "unknown"):
        visit(f"/lab/speakers/{name}/", status=404)


def test_portrait_is_sent_only_as_a_picture(build: Build, visit: Visit, client: FlaskClient) -> None:
    with build():
        of = samples.series()
        found = samples.slot(samples.edition(of), "A", "15:00", "15:30")
        for name, photo in (("Ada", PNG), ("Bad", b"<svg onload=alert(1)>"), ("Cay", None)):
            samples.appears(samples.speaker(of, name, photo=photo), found)
    response = client.get("/lab/speakers/ada/photo")
    assert response.mimetype == "image/png"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get("/lab/speakers/ada/photo", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    for name in ("bad", "cay", "nobody"):
        assert client.get(f"/lab/speakers/{name}/photo").status_code == 404
    assert visit("/lab/speakers/ada/").says("Ada")


def test_logo_of_who_runs_a_series_stands_on_its_pages(
    build: Build, visit: Visit, client: FlaskClient
) -> None:
    with build():
        of = samples.series()
        samples.edition(of)
        own = db.session.scalars(select(Organisation)).one()
        own.logo = PNG
        samples.add(Organisation(slug="other", name="Other", logo=PNG))
        address = f"/lab/organisations/{own.slug}/logo"
    for path in ("/lab/", "/lab/1/"):
        page = client.get(path).text
        assert f'<img src="{address}" alt=""' in page
    assert visit("/lab/1/").data["organizer"][0]["logo"].endswith(address)
    response = client.get(address)
    assert response.mimetype == "image/png"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert client.get("/lab/organisations/other/logo").status_code == 404
    assert client.get("/nowhere/organisations/other/logo").status_code == 404


@pytest.mark.parametrize("path", ["/imprint/", "/privacy/", "/accessibility/"])
def test_legal_pages_are_there_in_both_languages(visit: Visit, path: str) -> None:
    german, english = visit(path, "de"), visit(path, "en")
    assert german.title != english.title
    assert len(english.headings) > 3


def test_barriers_are_reported_at_a_fixed_place(visit: Visit) -> None:
    assert "report" in visit("/accessibility/", "de").ids


def test_operator_replaces_legal_pages(app: Flask, visit: Visit) -> None:
    folder = Path(app.instance_path) / "pages"
    folder.mkdir(parents=True)
    (folder / "imprint.de.md").write_text(
        "# Wir\n\nAmt <script>alert(1)</script> [x](javascript:alert(1))", "utf-8"
    )
    page = visit("/imprint/", "de")
    assert page.title == "Wir"
    assert page.says("Amt <script>alert(1)</script>")
    assert not any("javascript" in target for target in page.targets)
    assert visit("/imprint/", "en").title == "Wir"
