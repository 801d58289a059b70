"""Calendars to subscribe to and to download, as calendar programs read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from eventhub.agenda.models import Kind, Track
from eventhub.editions.models import EditionState, Mode, Visibility
from tests.conftest import FrozenClock
from tests.site import samples
from tests.site.conftest import Build

Fetch = Callable[..., Any]


@pytest.fixture
def fetch(client: FlaskClient) -> Fetch:
    """Return what reads a calendar with the library."""

    def fetching(path: str) -> Any:
        response = client.get(path)
        assert response.status_code == 200, path
        assert response.data.endswith(b"END:VCALENDAR\r\n")
        return Calendar.from_ical(response.data)

    return fetching


def by_title(calendar: Any) -> dict[str, Any]:
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


@pytest.mark.both_databases
def test_series_feed_has_all_listed_editions(build: Build, fetch: Fetch) -> None:
    with build():
        of = samples.series()
        samples.edition(of, 1, start_date=date(2020, 5, 5))
        samples.edition(of, 2, theme="Growing up", join_url="https://meet.example/secret")
        samples.edition(of, 3, end_date=date(2026, 4, 16))
        samples.edition(of, 4, visibility=Visibility.UNLISTED)
        samples.edition(of, 5, state=EditionState.DRAFT)
        samples.edition(of, 6, date_inferred=True)
        samples.unknown(of, 7)
    calendar = fetch("/lab/calendar.ics")
    found = by_title(calendar)
    days = [f"LabCamp #3 ({number}/3)" for number in (1, 2, 3)]
    assert sorted(found) == ["LabCamp #1", "LabCamp #2: Growing up", *days]
    assert str(calendar["X-WR-CALNAME"]) == "LabCamp"
    assert "METHOD" not in calendar
    second = found["LabCamp #2: Growing up"]
    assert second.decoded("DTSTART") == datetime(2026, 4, 14, 13, tzinfo=UTC)
    assert str(second["URL"]) == "http://localhost/lab/2/"
    assert found["LabCamp #3 (3/3)"].decoded("DTEND") == datetime(2026, 4, 16, 16, tzinfo=UTC)
    assert b"secret" not in calendar.to_ical()
    assert not any("ATTENDEE" in event or "ORGANIZER" in event for event in found.values())


def test_cancelled_editions_stay_for_ninety_days(build: Build, fetch: Fetch, clock: FrozenClock) -> None:
    with build():
        of = samples.series()
        samples.edition(
            of, 1, state=EditionState.CANCELLED, sequence=2, changed_at=clock.now() - timedelta(days=89)
        )
        samples.edition(of, 2, state=EditionState.CANCELLED, changed_at=clock.now() - timedelta(days=91))
    found = by_title(fetch("/lab/calendar.ics"))
    assert list(found) == ["LabCamp #1"]
    assert str(found["LabCamp #1"]["STATUS"]) == "CANCELLED"
    assert found["LabCamp #1"]["SEQUENCE"] == 2


@pytest.mark.both_databases
def test_one_calendar_has_the_meetings_of_all_series(build: Build, fetch: Fetch, clock: FrozenClock) -> None:
    with build():
        lab, other = samples.series(), samples.series("other", title="Other lab")
        samples.edition(lab, 1, title="Long ago", start_date=date(2020, 5, 5))
        samples.edition(lab, 2, title="In the lab")
        samples.edition(other, 2, title="Elsewhere", join_url="https://meet.example/secret")
        samples.edition(other, 3, title="Hidden", visibility=Visibility.UNLISTED)
        samples.edition(other, 4, title="Draft", state=EditionState.DRAFT)
        gone = {"state": EditionState.CANCELLED, "start_date": date(2026, 5, 5)}
        samples.edition(other, 5, title="Off", changed_at=clock.now() - timedelta(days=89), **gone)
        samples.edition(other, 6, title="Off for long", changed_at=clock.now() - timedelta(days=91), **gone)
    calendar = fetch("/calendar.ics")
    found = by_title(calendar)
    assert sorted(found) == ["Elsewhere", "In the lab", "Off"]
    assert str(found["Elsewhere"]["URL"]) == "http://localhost/other/2/"
    assert str(found["Off"]["STATUS"]) == "CANCELLED"
    assert str(calendar["REFRESH-INTERVAL"].to_ical().decode()) == "PT1H"
    assert b"secret" not in calendar.to_ical()
    uids = {title: str(event["UID"]) for title, event in by_title(fetch("/other/calendar.ics")).items()}
    assert uids["Elsewhere"] == str(found["Elsewhere"]["UID"])


@pytest.mark.both_databases
def test_an_organisation_has_a_calendar_of_what_it_runs_and_hosts(
    build: Build, fetch: Fetch, client: FlaskClient
) -> None:
    with build():
        lab, other = samples.series(), samples.series("other", title="Other lab")
        samples.host(samples.edition(lab, 1, title="Hosted"), "Town Lab", slug="town-lab")
        samples.edition(lab, 2, title="By others")
        samples.edition(other, 1, title="Not theirs")
        samples.host(
            samples.edition(other, 2, title="Draft", state=EditionState.DRAFT),
            "Hidden Lab",
            slug="hidden-lab",
        )
    assert sorted(by_title(fetch("/organisations/town-lab/calendar.ics"))) == ["Hosted"]
    for slug in ("hidden-lab", "nobody"):
        assert client.get(f"/organisations/{slug}/calendar.ics").status_code == 404
    page = client.get("/calendar/").text
    assert "Town Lab" in page
    assert "Hidden Lab" not in page
    assert "webcal://localhost/organisations/town-lab/calendar.ics" in page
    assert "webcal://localhost/lab/calendar.ics" in page


@pytest.mark.both_databases
def test_a_programme_is_put_together_by_track_and_kind(
    build: Build, fetch: Fetch, client: FlaskClient
) -> None:
    with build():
        one = samples.edition(samples.series())
        methods = samples.add(Track(edition_id=one.id, slug="methods", name="Methods"))
        samples.slot(one, "A talk", "15:10", "15:35", track_id=methods.id)
        samples.slot(one, "A game", "15:40", "16:00", kind=Kind.GAME, track_id=methods.id)
        samples.slot(one, "Another game", "16:00", "16:30", kind=Kind.GAME)
    of_track = by_title(fetch("/lab/1/calendar.ics?track=methods"))
    assert sorted(of_track) == ["A game", "A talk"]
    assert str(of_track["A talk"]["TRANSP"]) == "OPAQUE"
    assert sorted(by_title(fetch("/lab/1/calendar.ics?kind=game&kind=talk"))) == [
        "A game",
        "A talk",
        "Another game",
    ]
    assert sorted(by_title(fetch("/lab/1/calendar.ics?kind=game&track=methods"))) == ["A game"]
    assert not by_title(fetch("/lab/1/calendar.ics?track=gone"))
    assert len(by_title(fetch("/lab/1/calendar.ics?kind=nonsense"))) == 4
    page = client.get("/lab/1/calendar/?kind=game&track=methods").text
    assert "webcal://localhost/lab/1/calendar.ics?track=methods&amp;kind=game" in page
    assert client.get("/lab/9/calendar/").status_code == 404


@pytest.mark.both_databases
def test_edition_calendar_has_the_meeting_and_its_timed_slots(build: Build, fetch: Fetch) -> None:
    with build():
        of = samples.series()
        one = samples.edition(of, mode=Mode.ON_SITE, venue_name="Old school")
        talk = samples.slot(one, "A talk", "15:10", "15:35", abstract="Why labs")
        samples.appears(samples.speaker(of, "Ada Lab", organisation_name="City"), talk)
        samples.slot(one, "Coffee", "15:35", "15:50", kind=Kind.BREAK)
        samples.slot(one, "Sometime")
        samples.slot(one, "Gone", "16:00", "16:30", cancelled=True)
    found = by_title(fetch("/lab/1/calendar.ics"))
    assert sorted(found) == ["A talk", "Gone", "LabCamp #1"]
    whole, entry = found["LabCamp #1"], found["A talk"]
    assert "15:10 A talk (Ada Lab, City)\n15:35 Coffee\n– Sometime" in str(whole["DESCRIPTION"])
    assert str(whole["TRANSP"]) == "OPAQUE"
    assert str(entry["TRANSP"]) == "TRANSPARENT"
    assert str(entry["LOCATION"]) == "Old school"
    assert "Ada Lab, City\n\nWhy labs" in str(entry["DESCRIPTION"])
    assert str(found["Gone"]["STATUS"]) == "CANCELLED"
    alone = by_title(fetch("/lab/1/calendar.ics?only=edition"))
    assert list(alone) == ["LabCamp #1"]


def test_calendar_of_what_has_no_date_yet_can_be_subscribed_to(
    build: Build, fetch: Fetch, client: FlaskClient
) -> None:
    with build():
        of = samples.series()
        samples.unknown(of, 1)
        one = samples.edition(of, 2, date_inferred=True)
        samples.slot(one, "A talk", "15:10", "15:35", slug="talk")
    for path in ("/lab/calendar.ics", "/lab/1/calendar.ics", "/lab/2/calendar.ics"):
        assert not by_title(fetch(path))
    for path in ("/lab/1/calendar.ics?only=edition", "/lab/2/slots/talk.ics"):
        assert client.get(path).status_code == 404


@pytest.mark.both_databases
def test_slot_calendar_has_one_entry(build: Build, fetch: Fetch) -> None:
    with build():
        of = samples.series()
        samples.slot(samples.edition(of), "A talk", "15:10", "15:35", slug="talk")
        samples.slot(samples.edition(of, 2, start_time=None, end_time=None), "By day", slug="day")
    assert list(by_title(fetch("/lab/1/slots/talk.ics"))) == ["A talk"]
    assert by_title(fetch("/lab/2/slots/day.ics"))["By day"].decoded("DTSTART") == samples.DAY


@pytest.mark.parametrize("path", ["/lab/calendar.ics", "/lab/1/calendar.ics", "/lab/1/slots/talk.ics"])
def test_calendars_travel_as_clients_want_them(build: Build, client: FlaskClient, path: str) -> None:
    with build():
        samples.slot(samples.edition(samples.series()), "A talk", "15:10", "15:35", slug="talk")
    response = client.get(path, headers={"Accept": ""})
    headers = response.headers
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Content-Disposition"].startswith('inline; filename="lab')
    assert headers["Cache-Control"] == "public, max-age=300"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in headers
    assert "Content-Encoding" not in headers
    assert response.last_modified == datetime(2026, 3, 2, 9, tzinfo=UTC)
    etag = headers["ETag"]
    assert not etag.startswith("W/")
    same = client.get(path, headers={"If-None-Match": etag})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", etag)
    head = client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", etag)
    since = {"If-Modified-Since": headers["Last-Modified"]}
    assert client.get(f"{path}?fresh=1", headers=since).status_code == 304


def test_feed_is_the_same_until_something_changes(
    build: Build, client: FlaskClient, clock: FrozenClock
) -> None:
    with build():
        one = samples.edition(samples.series())
        number = one.id
    before = client.get("/lab/calendar.ics").headers["ETag"]
    clock.advance(timedelta(hours=2))
    assert client.get("/lab/calendar.ics?fresh=1").headers["ETag"] == before
    with build():
        changed = samples.db.session.get(samples.Edition, number)
        assert changed is not None
        changed.title, changed.changed_at = "Renamed", clock.now()
    assert client.get("/lab/calendar.ics").headers["ETag"] != before


@pytest.mark.parametrize(
    "path",
    [
        "/lab/calendar.ics",
        "/lab/1/calendar.ics",
        "/lab/1/slots/talk.ics",
        "/lab/feed.atom",
        "/nope/calendar.ics",
    ],
)
def test_drafts_have_no_calendar(build: Build, client: FlaskClient, path: str) -> None:
    with build():
        samples.slot(
            samples.edition(samples.series(), state=EditionState.DRAFT), "A", "15:10", "15:35", slug="talk"
        )
    assert client.get(path).status_code == 404


def test_unlisted_edition_has_a_calendar_of_its_own_only(build: Build, fetch: Fetch) -> None:
    with build():
        samples.edition(samples.series(), visibility=Visibility.UNLISTED)
    assert by_title(fetch("/lab/1/calendar.ics"))
    assert not by_title(fetch("/lab/calendar.ics"))
