"""Downloads and feeds say the same to every reader, and the same bytes each time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given

from eventhub import __version__
from eventhub.calendars.blocks import event_block
from eventhub.calendars.entries import Days, Entry, Timed
from eventhub.calendars.files import calendar_file, feed
from eventhub.calendars.writing import clean
from tests.calendars.samples import BERLIN, check_form, entries, entry, read, timed, value_of

CHANGED = datetime(2026, 12, 1, tzinfo=UTC)


def feed_of(*shown: Entry, modified_at: datetime = CHANGED) -> bytes:
    return feed(
        shown,
        name="Straßenbahn, fahren",
        zone=BERLIN,
        url="https://events.example.org/fahren/",
        source="https://events.example.org/fahren/calendar.ics",
        modified_at=modified_at,
        description="Alle Termine; aller Linien",
        color="teal",
    )


@given(entries)
def test_any_entry_is_read_as_it_was_meant(shown: Entry) -> None:
    event = read(calendar_file([shown])).event
    for name, meant in [
        ("SUMMARY", shown.summary),
        ("DESCRIPTION", shown.description),
        ("LOCATION", shown.location),
        ("UID", shown.uid),
        ("STATUS", shown.status),
    ]:
        assert str(event.get(name, "")) == clean(meant)
    assert event["SEQUENCE"] == shown.sequence
    assert event["TRANSP"] == ("TRANSPARENT" if shown.transparent else "OPAQUE")
    assert event["CREATED"].dt == shown.created_at
    assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt == shown.modified_at
    assert tuple(event.categories) == shown.categories


@given(entries)
def test_any_entry_is_read_at_its_time(shown: Entry) -> None:
    reading = read(calendar_file([shown]))
    if isinstance(shown.when, Days):
        assert (reading.event.start, reading.event.end) == (shown.when.starts_on, shown.when.ends_on)
        assert not reading.calendar.timezones
    else:
        assert (reading.starts_at, reading.ends_at) == (shown.when.starts_at, shown.when.ends_at)
        zone = reading.event["DTSTART"].params.get("TZID")
        assert [part.tz_name for part in reading.calendar.timezones] == ([zone] if zone else [])


def test_an_entry_in_full() -> None:
    content = event_block(
        entry(categories=("Bahn", "Sand, Glocke"), conference="https://video.example.org/x")
    )
    assert content.replace(b"\r\n ", b"").decode().split("\r\n") == [
        "BEGIN:VEVENT",
        "UID:edition-4fTq@events.example.org",
        "DTSTAMP:20270102T080000Z",
        "CREATED:20270101T080000Z",
        "LAST-MODIFIED:20270102T080000Z",
        "SEQUENCE:2",
        "DTSTART;TZID=Europe/Berlin:20270325T180000",
        "DTEND;TZID=Europe/Berlin:20270325T200000",
        "SUMMARY:Fahren üben",
        "DESCRIPTION:18:00 Ankommen\\n18:15 Bremsen\\; mit Sand\\, ohne Glocke",
        "LOCATION:Betriebshof\\, Halle 2",
        "URL:https://events.example.org/fahren/4/",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "CATEGORIES:Bahn,Sand\\, Glocke",
        'CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL="Fahren üben":https://video.example.org/x',
        "END:VEVENT",
        "",
    ]


def test_a_file_invites_nobody_and_proposes_no_calendar() -> None:
    content = calendar_file([entry()])
    for name in (b"METHOD", b"ORGANIZER", b"ATTENDEE", b"\r\nNAME:", b"X-WR-"):
        assert name not in content
    assert content.startswith(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
        + f"PRODID:-//eventhub//eventhub {__version__}//EN\r\nCALSCALE:GREGORIAN\r\n".encode()
    )


def test_a_file_of_many_entries_may_have_a_name() -> None:
    assert b"X-WR-CALNAME:Meine Termine\r\n" in calendar_file([entry()], name="Meine Termine")


def test_a_feed_says_what_it_is_and_when_to_come_back() -> None:
    content = feed_of(entry())
    head = icalendar.Calendar.from_ical(content)
    assert isinstance(head, icalendar.Calendar)
    for name in ("NAME", "X-WR-CALNAME"):
        assert value_of(content, name) == f"{name}:Straßenbahn\\, fahren"
    assert head["X-WR-TIMEZONE"] == BERLIN
    for line in (
        b"REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        b"X-PUBLISHED-TTL:PT1H",
        b"URL:https://events.example.org/fahren/",
        b"SOURCE;VALUE=URI:https://events.example.org/fahren/calendar.ics",
        b"COLOR:teal",
        b"LAST-MODIFIED:20270102T080000Z",
    ):
        assert b"\r\n" + line + b"\r\n" in content
    for name in (b"METHOD", b"ORGANIZER", b"ATTENDEE"):
        assert name not in content


def test_a_feed_changes_only_with_its_content() -> None:
    later = CHANGED + timedelta(days=90)
    assert feed_of(entry()) == feed_of(entry())
    assert feed_of(entry(), modified_at=later) != feed_of(entry())


def test_an_empty_feed_still_is_a_calendar() -> None:
    content = feed_of()
    check_form(content)
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    utc = feed(
        [], name="x", zone="UTC", url="https://x.example", source="https://x.example/c", modified_at=CHANGED
    )
    assert utc.count(b"BEGIN:VTIMEZONE") == 1


def test_each_zone_stands_once_before_the_events() -> None:
    elsewhere = timed("America/New_York", (2027, 3, 25, 17), (2027, 3, 25, 18))
    content = feed_of(entry(), entry(uid="b"), entry(uid="c", when=elsewhere))
    assert content.count(b"BEGIN:VTIMEZONE") == 2
    assert content.rindex(b"END:VTIMEZONE") < content.index(b"BEGIN:VEVENT")


def test_years_with_different_rules_are_written_in_utc() -> None:
    early = timed("America/New_York", (2005, 4, 2, 17), (2005, 4, 2, 18))
    late = timed("America/New_York", (2027, 3, 20, 17), (2027, 3, 20, 18))
    content = calendar_file([entry(when=early), entry(uid="b", when=late)])
    assert b"TZID" not in content
    assert b"DTSTART:20050402T170000Z\r\n" in content
    assert b";TZID=America/New_York:" in calendar_file([entry(when=late)])


@pytest.mark.parametrize(
    ("when", "starts", "ends"),
    [
        (
            timed(BERLIN, (2027, 3, 25, 17), (2027, 3, 25, 19)),
            "DTSTART;TZID=Europe/Berlin:20270325T180000",
            "DTEND;TZID=Europe/Berlin:20270325T200000",
        ),
        (
            timed(BERLIN, (2027, 4, 1, 16), (2027, 4, 1, 18)),
            "DTSTART;TZID=Europe/Berlin:20270401T180000",
            "DTEND;TZID=Europe/Berlin:20270401T200000",
        ),
        (
            Days.through(date(2027, 5, 1), date(2027, 5, 2)),
            "DTSTART;VALUE=DATE:20270501",
            "DTEND;VALUE=DATE:20270503",
        ),
        (
            timed("Asia/Kathmandu", (2027, 5, 1, 12, 15), (2027, 5, 1, 13, 15)),
            "DTSTART;TZID=Asia/Kathmandu:20270501T180000",
            "DTEND;TZID=Asia/Kathmandu:20270501T190000",
        ),
        (  # ends at midnight
            timed(BERLIN, (2027, 12, 31, 20), (2027, 12, 31, 23)),
            "DTSTART;TZID=Europe/Berlin:20271231T210000",
            "DTEND;TZID=Europe/Berlin:20280101T000000",
        ),
        (  # 25 hours over the night on which the clocks are put back
            timed(BERLIN, (2027, 10, 30, 16), (2027, 10, 31, 17)),
            "DTSTART;TZID=Europe/Berlin:20271030T180000",
            "DTEND;TZID=Europe/Berlin:20271031T180000",
        ),
        (  # 23 hours over the night on which they are put forward
            timed(BERLIN, (2027, 3, 27, 17), (2027, 3, 28, 16)),
            "DTSTART;TZID=Europe/Berlin:20270327T180000",
            "DTEND;TZID=Europe/Berlin:20270328T180000",
        ),
        (  # starts in an hour that comes twice
            timed(BERLIN, (2027, 10, 31, 0, 30), (2027, 10, 31, 5)),
            "DTSTART:20271031T003000Z",
            "DTEND:20271031T050000Z",
        ),
        (
            timed("Australia/Lord_Howe", (2027, 4, 3, 14, 45), (2027, 4, 3, 18)),
            "DTSTART:20270403T144500Z",
            "DTEND:20270403T180000Z",
        ),
        (
            timed("Africa/Casablanca", (2027, 5, 1, 17), (2027, 5, 1, 18)),
            "DTSTART:20270501T170000Z",
            "DTEND:20270501T180000Z",
        ),
    ],
)
def test_tricky_times(when: Timed | Days, starts: str, ends: str) -> None:
    content = calendar_file([entry(when=when)])
    assert (value_of(content.split(b"BEGIN:VEVENT")[1], "DTSTART"), value_of(content, "DTEND")) == (
        starts,
        ends,
    )
    assert (b"BEGIN:VTIMEZONE" in content) == ("TZID" in starts)
    reading = read(content)
    if isinstance(when, Timed):
        assert (reading.starts_at, reading.ends_at) == (when.starts_at, when.ends_at)


def test_an_unknown_end_is_left_out() -> None:
    content = calendar_file([entry(when=timed(BERLIN, (2027, 3, 25, 17), (2027, 3, 25, 17)))])
    assert b"DTEND" not in content
    assert read(content).starts_at == datetime(2027, 3, 25, 17, tzinfo=UTC)


@pytest.mark.parametrize("ends_at", [(2027, 3, 25, 16), (2026, 3, 25, 17)])
def test_no_entry_ends_before_it_starts(ends_at: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="before"):
        timed(BERLIN, (2027, 3, 25, 17), ends_at)


def test_no_entry_of_no_day() -> None:
    with pytest.raises(ValueError, match="one day"):
        Days(date(2027, 5, 1), date(2027, 5, 1))


def test_no_time_without_a_zone() -> None:
    naive = datetime(2027, 5, 1, 12)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        Timed(naive, naive, BERLIN)
    with pytest.raises(ValueError, match="zone"):
        entry(created_at=naive)


def test_a_long_description_is_complete() -> None:
    long = "Straßenbahn 👩\u200d🔧 fahren, immer; weiter\n" * 450
    assert len(long.encode()) > 20_000
    assert read(calendar_file([entry(description=long)])).event["DESCRIPTION"] == long


def test_a_description_too_long_for_calendars_ends_at_a_word_with_the_link() -> None:
    written = str(read(calendar_file([entry(description="Straßenbahn " * 10_000)])).event["DESCRIPTION"])
    assert written.endswith("Straßenbahn … https://events.example.org/fahren/4/")
    assert 99_900 < len(written.encode()) < 100_100


def test_a_cancelled_entry_stays_in_the_feed() -> None:
    assert b"STATUS:CANCELLED\r\n" in feed_of(entry(status="CANCELLED"))


def test_control_characters_and_line_breaks_add_no_line() -> None:
    sneaky = entry(summary="A\x00\x0b\r\nATTENDEE:mailto:x@example.org", url="https://x.example/\r\nX-A:b")
    reading = read(calendar_file([sneaky]))
    assert reading.event["SUMMARY"] == "A\nATTENDEE:mailto:x@example.org"
    assert "ATTENDEE" not in reading.event
    assert "X-A" not in reading.event
