"""Calendars of all kinds of programs are read, or refused in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eventhub.calendars.foreign_zones import iana_name
from eventhub.calendars.reading import MOST_EVENTS, Meeting, Reading, read, text_of
from eventhub.errors import RuleBroken

SHARED = Path(__file__).parents[3] / "shared" / "data" / "ics"
EXPECTED: dict[str, dict[str, Any]] = (
    json.loads((SHARED / "expected.json").read_text())["files"] if SHARED.is_dir() else {}
)
BETTER = {"cyrus-overrides.ics": 13}
"""Files of which we read more than the reader did that made `expected.json`."""
REFUSED = {"google-many-series.ics": "Its dates or its rule", "zimbra-export.ics": "It has no start"}
"""Files in which one entry is broken, and what is said about it."""


@pytest.fixture(autouse=True)
def _in_english(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


def calendar(*events: str, head: str = "") -> str:
    body = "".join(
        f"BEGIN:VEVENT\nUID:{at}@example.org\n{event}\nEND:VEVENT\n" for at, event in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{body}END:VCALENDAR\n"


def in_2026(text: str) -> Reading:
    return read(text, date(2026, 1, 1), date(2026, 12, 31), "Europe/Berlin")


def only(text: str) -> Meeting:
    found = in_2026(text)
    assert found.unread == []
    assert len(found.meetings) == 1
    return found.meetings[0]


@pytest.mark.skipif(not EXPECTED, reason="the collection of calendars is not here")
@pytest.mark.parametrize("name", EXPECTED or ["none"])
def test_calendars_of_all_programs(name: str) -> None:
    told = EXPECTED[name]
    first, stop = (date.fromisoformat(day) for day in told.get("window", ("2011-01-01", "2012-01-01")))
    found = read(text_of((SHARED / name).read_bytes()), first, stop - timedelta(days=1), "Europe/Berlin")
    said = [one.why for one in found.unread]
    if name in REFUSED:
        assert len(said) == 1
        assert said[0].startswith(REFUSED[name])
        assert told.get("occurrences") is None
    else:
        assert said == []
        assert len(found.meetings) == BETTER.get(name, told["occurrences"])
    assert len({one.key for one in found.meetings}) == len(found.meetings)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ('"W. Europe Standard Time"', "Europe/Berlin"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT+10:00) Canberra, Melbourne, Sydney", "Australia/Canberra"),
        ("/softwarestudio.org/Tzfile/America/Chicago", "America/Chicago"),
        ("/freeassociation.sourceforge.net/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Germany/Berlin", "Europe/Berlin"),
        ("Customized Time Zone", None),
        ("", None),
    ],
)
def test_zones_by_the_names_that_programs_give_them(name: str, zone: str | None) -> None:
    assert iana_name(name) == zone


def test_a_meeting_keeps_its_own_clock() -> None:
    one = only(calendar("SUMMARY:Talk\nDTSTART;TZID=GMT Standard Time:20260505T150000\nDURATION:PT90M"))
    assert (one.day, one.start, one.end, one.zone) == (
        date(2026, 5, 5),
        time(15),
        time(16, 30),
        "Europe/London",
    )


def test_a_time_in_utc_is_shown_as_at_home() -> None:
    one = only(calendar("SUMMARY:Talk\nDTSTART:20260505T130000Z"))
    assert (one.start, one.end, one.zone) == (time(15), None, "Europe/Berlin")


OWN_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
END:STANDARD
END:VTIMEZONE
"""


def test_a_zone_of_one_file_is_not_that_of_another() -> None:
    event = "SUMMARY:Talk\nDTSTART;TZID=Customized Time Zone:20260505T120000"
    starts = [only(calendar(event, head=OWN_ZONE.format(offset))).start for offset in ("+0500", "-0300")]
    assert starts == [time(9), time(17)]


def test_a_zone_that_nothing_explains_is_named() -> None:
    found = in_2026(calendar("SUMMARY:Talk\nDTSTART;TZID=Mars/Base:20260505T120000"))
    assert [one.why for one in found.unread] == ["The time zone “Mars/Base” is not known"]


def test_days_without_hours() -> None:
    one = only(calendar("SUMMARY:Camp\nDTSTART;VALUE=DATE:20260501\nDTEND;VALUE=DATE:20260504"))
    assert (one.day, one.start, one.end_day) == (date(2026, 5, 1), None, date(2026, 5, 3))
    one = only(calendar("SUMMARY:Camp\nDTSTART;VALUE=DATE:20260501"))
    assert (one.day, one.end_day) == (date(2026, 5, 1), None)


def test_a_rule_keeps_the_hour_when_the_clocks_change() -> None:
    rule = "DTSTART;TZID=Europe/Berlin:20260326T180000\nRRULE:FREQ=WEEKLY;COUNT=3"
    found = in_2026(calendar(f"SUMMARY:Talk\n{rule}\nEXDATE;TZID=Europe/Berlin:20260402T180000"))
    assert [(one.day, one.start) for one in found.meetings] == [
        (date(2026, 3, 26), time(18)),
        (date(2026, 4, 9), time(18)),
    ]


def test_what_follows_a_change_keeps_numbers_of_its_own() -> None:
    text = calendar("SUMMARY:Talk\nDTSTART:20260505T130000Z\nRRULE:FREQ=DAILY;COUNT=4").replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\nUID:0@example.org\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260507T130000Z\n"
        "DTSTART:20260507T140000Z\nSUMMARY:Later\nEND:VEVENT\nEND:VCALENDAR",
    )
    before = in_2026(calendar("SUMMARY:Talk\nDTSTART:20260505T130000Z\nRRULE:FREQ=DAILY;COUNT=4")).meetings
    after = in_2026(text).meetings
    assert [one.start for one in after] == [time(15), time(15), time(16), time(16)]
    assert [one.key for one in after] == [one.key for one in before]


def test_a_series_that_begins_later_is_the_same() -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=3"
    first, second = (
        in_2026(calendar(f"DTSTART;TZID=Europe/Berlin:20260505T{hour}0000\n{rule}")).meetings
        for hour in (15, 16)
    )
    assert [one.key for one in first] == [one.key for one in second]
    twice = in_2026(calendar(f"DTSTART:20260505T130000Z\n{rule}\nRDATE:20260505T150000Z")).meetings
    assert len({one.key for one in twice}) == 4


def test_a_single_meeting_that_moved_is_the_same() -> None:
    first, second = (only(calendar(f"SUMMARY:Talk\nDTSTART:2026050{day}T130000Z")) for day in (5, 6))
    assert first.key == second.key
    assert first.day != second.day


def test_texts_are_plain_and_links_are_found() -> None:
    one = only(
        calendar(
            "SUMMARY:Talk\\, with a comma\nDTSTART:20260505T130000Z\n"
            "DESCRIPTION:<p>Hello<br>there &amp; here</p><script>alert(1)</script>\n"
            "LOCATION:Library\\, Main Street 1 https://meet.example.org/abc"
        )
    )
    assert one.title == "Talk, with a comma"
    assert one.description == "Hello\nthere & here"
    assert (one.place, one.link) == ("Library, Main Street 1", "https://meet.example.org/abc")


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=SECONDLY", "more often than daily"),
        ("FREQ=DAILY;BYHOUR=1;BYMINUTE=1,2,3;BYSECOND=1,2,3", "more often than daily"),
        ("FREQ=DAILY;INTERVAL=0", "can’t be read"),
        ("FREQ=SOMETIMES", "can’t be read"),
        ("FREQ=DAILY;BYMONTH=2,4;BYMONTHDAY=31", "can’t be read"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=-30;COUNT=3", "can’t be read"),
        ("FREQ=DAILY;BYSETPOS=2", "can’t be read"),
        ("FREQ=WEEKLY\nRRULE:FREQ=DAILY", "more than one rule"),
    ],
)
def test_rules_that_cost_too_much_are_refused(rule: str, why: str) -> None:
    found = in_2026(
        calendar(f"SUMMARY:Much\nDTSTART:20260101T000000Z\nRRULE:{rule}", "DTSTART:20260505T130000Z")
    )
    assert [(one.at, one.title, why in one.why) for one in found.unread] == [(3, "Much", True)]
    assert len(found.meetings) == 1


def test_rules_since_ever_end_somewhere() -> None:
    old = "DTSTART:00010101T000000Z\nRRULE:FREQ=DAILY"
    found = in_2026(calendar(f"SUMMARY:Old\n{old}"))
    assert [one.why for one in found.unread] == ["It repeats over too long a time"]


def test_rules_that_meet_no_day_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventhub.calendars.reading.MOST_SECONDS", 0.05)
    never = "DTSTART:20260105T000000Z\nRRULE:FREQ=DAILY;INTERVAL=14;BYDAY=TU"
    with pytest.raises(RuleBroken, match="takes too long to read"):
        in_2026(calendar(*[never] * 50))


def test_too_many_are_refused() -> None:
    with pytest.raises(RuleBroken, match="more than 2000 entries"):
        in_2026(calendar(*["DTSTART:20260505T130000Z"] * (MOST_EVENTS + 1)))
    with pytest.raises(RuleBroken, match="more than 1000 meetings"):
        in_2026(calendar(*["DTSTART:20260101T130000Z\nRRULE:FREQ=DAILY"] * 3))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "This is no calendar file"),
        ("Hello", "This is no calendar file"),
        ("https://example.org/feed.ics", "eventhub opens no addresses"),
        ("webcal://example.org/feed.ics", "eventhub opens no addresses"),
        ("<!DOCTYPE html><html></html>", "This is a web page"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR", "The calendar holds no meetings"),
        (calendar("DTSTART:20260505T130000Z", head="CALSCALE:HEBREW\n"), "are not Gregorian"),
    ],
)
def test_what_is_no_calendar_is_refused_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(RuleBroken, match=why):
        in_2026(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_come_in_many_encodings(encoding: str) -> None:
    assert text_of("Grüße".encode(encoding)) == "Grüße"


def test_a_packed_or_huge_file_is_refused() -> None:
    with pytest.raises(RuleBroken, match="packed"):
        text_of(b"PK\x03\x04")
    with pytest.raises(RuleBroken, match="larger than 1 MB"):
        text_of(b"x" * 1_000_001)


NAMES = (
    "BEGIN END DTSTART DTEND DURATION RRULE RDATE EXDATE RECURRENCE-ID UID SUMMARY LOCATION STATUS".split()
)
VALUES = (
    "VEVENT VCALENDAR VTIMEZONE STANDARD 20260505T130000Z 20260505 20260230 FREQ=DAILY FREQ=YEARLY;BYMONTH=2 "
    "FREQ=WEEKLY;UNTIL=20260101;COUNT=-1 PT1H -P1W P99999999999D 20260505T130000Z/PT1H a@b Europe/Berlin "
    "CANCELLED"
).split()
LINES = st.builds(
    "{}{}:{}".format,
    st.sampled_from(NAMES),
    st.sampled_from(
        ["", ";VALUE=DATE", ";TZID=Europe/Berlin", ";TZID=x", ";RANGE=THISANDFUTURE", ";VALUE=PERIOD", ";"]
    ),
    st.one_of(st.sampled_from(VALUES), st.text(max_size=20)),
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.text(), st.lists(LINES).map("\n".join)), st.booleans())
@example("BEGIN:VEVENT\nDTSTART:20260505T130000Z\nDTEND:20260504\nRRULE:FREQ=DAILY", True)
def test_no_text_breaks_the_reader(text: str, wrapped: bool) -> None:
    with suppress(RuleBroken):
        found = in_2026(calendar(text) if wrapped else text)
        assert all(one.why for one in found.unread)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary())
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with suppress(RuleBroken):
        assert isinstance(text_of(content), str)
