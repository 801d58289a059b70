"""Messages to one participant: what they say, and that the fast way says the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eventhub.calendars.entries import Days, Entry, Person
from eventhub.calendars.files import calendar_file
from eventhub.calendars.itip import Copy, cancel, request, template
from eventhub.calendars.writing import clean
from tests.calendars.samples import ATTENDEE, ORGANIZER, STAMP, entries, entry, read, unfolded, value_of

COPY = Copy(ORGANIZER, ATTENDEE, STAMP)


def test_an_invitation_in_full() -> None:
    personal = replace(COPY, note="Deine Anmeldung: https://events.example.org/my/x/", sequence=5)
    lines = unfolded(request(entry(), personal))
    assert lines[:5] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        lines[2],
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
    ]
    assert lines[lines.index("BEGIN:VEVENT") :] == [
        "BEGIN:VEVENT",
        "UID:edition-4fTq@events.example.org",
        "DTSTAMP:20270201T093015Z",
        "CREATED:20270101T080000Z",
        "LAST-MODIFIED:20270102T080000Z",
        "SEQUENCE:5",
        "DTSTART;TZID=Europe/Berlin:20270325T180000",
        "DTEND;TZID=Europe/Berlin:20270325T200000",
        "SUMMARY:Fahren üben",
        "DESCRIPTION:18:00 Ankommen\\n18:15 Bremsen\\; mit Sand\\, ohne Glocke"
        "\\n\\nDeine Anmeldung: https://events.example.org/my/x/",
        "LOCATION:Betriebshof\\, Halle 2",
        "URL:https://events.example.org/fahren/4/",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        'ORGANIZER;CN="Straßenbahnfreunde":mailto:events@events.example.org',
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
        ';CN="Änne Müller":mailto:anna.mueller@example.net',
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_someone_who_has_just_registered_is_not_asked() -> None:
    content = request(entry(), replace(COPY, partstat="ACCEPTED", rsvp=False))
    assert ";PARTSTAT=ACCEPTED;RSVP=FALSE;" in value_of(content, "ATTENDEE")


def test_a_cancellation_keeps_the_time_and_tells_no_secret() -> None:
    content = cancel(entry(conference="https://video.example.org/x"), replace(COPY, sequence=3))
    event = read(content).event
    assert b"\r\nMETHOD:CANCEL\r\n" in content
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 3)
    assert {"DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "ATTENDEE"} <= {*event}
    assert "PARTSTAT" not in event["ATTENDEE"].params
    assert b"CONFERENCE" not in content
    assert b"VALARM" not in content


def test_a_cancelled_entry_invites_nobody() -> None:
    with pytest.raises(ValueError, match="cancelled"):
        request(entry(status="CANCELLED"), COPY)
    assert b"STATUS:CANCELLED" in cancel(entry(status="CANCELLED"), COPY)


def test_the_organizer_is_not_the_participant() -> None:
    with pytest.raises(ValueError, match="themselves"):
        Copy(ORGANIZER, Person("Ich", "Events@events.example.org"), STAMP)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('Weiß; Jörg "Joe" O\'Neil, Dr.', ";CN=\"Weiß; Jörg ^'Joe^' O'Neil, Dr.\":"),
        ("  Anna\r\n\tBCC: x\x00 ", ';CN="Anna BCC: x":'),
        ("👩\u200d👩\u200d👧 Familie", ';CN="👩\u200d👩\u200d👧 Familie":'),
        ("", "RSVP=TRUE:"),
        ("^n", ';CN="^^n":'),
        ("ש" * 10_000, "ש"),
    ],
)
def test_names_stay_themselves(name: str, written: str) -> None:
    content = request(entry(), replace(COPY, attendee=Person(name, "a@example.net")))
    assert written in value_of(content, "ATTENDEE")
    attendee = read(content).event["ATTENDEE"]
    assert str(attendee) == "mailto:a@example.net"
    assert attendee.params.get("CN", "") == " ".join(clean(name).replace("\\", "/").split())


def test_all_day_messages_have_no_zone() -> None:
    content = request(entry(when=Days.through(date(2027, 5, 1), date(2027, 5, 2))), COPY)
    assert b"TZID" not in content
    assert read(content).event.end == date(2027, 5, 3)


def test_an_own_link_replaces_the_common_one() -> None:
    content = request(entry(), replace(COPY, url="https://events.example.org/my/x/"))
    assert value_of(content, "URL") == "URL:https://events.example.org/my/x/"
    assert b"URL" not in request(entry(url=""), COPY)


@given(entries, st.text(), st.text(max_size=200))
def test_any_message_is_read_as_it_was_meant(shown: Entry, name: str, note: str) -> None:
    assume(clean(shown.description) and clean(note))
    copy = Copy(ORGANIZER, Person(name, "a@example.net"), STAMP, note=note, sequence=7)
    event = read(request(shown, copy)).event
    plain = read(calendar_file([shown])).event
    assert str(event["DESCRIPTION"]) == f"{clean(shown.description)}\n\n{clean(note)}"
    for same in {*plain} - {"DTSTAMP", "SEQUENCE", "DESCRIPTION"}:
        assert event[same].to_ical() == plain[same].to_ical()
    assert event["DTSTAMP"].dt == STAMP
    assert event["SEQUENCE"] == 7
    assert event["ATTENDEE"].params.get("CN", "") == " ".join(clean(name).replace("\\", "/").split())


@given(st.text(max_size=300), st.text(min_size=1, max_size=300))
def test_a_note_continues_the_description_as_if_written_at_once(description: str, note: str) -> None:
    assume(clean(note) and clean(description) and not description.endswith("\r"))
    filled = request(entry(description=description), replace(COPY, note=note))
    assert filled == request(entry(description=f"{description}\n\n{note}"), COPY)


def test_a_note_alone_is_the_description() -> None:
    content = request(entry(description=""), replace(COPY, note="Nur das"))
    assert value_of(content, "DESCRIPTION") == "DESCRIPTION:Nur das"
    assert b"DESCRIPTION" not in request(entry(description=""), COPY)


def test_one_template_serves_the_crowd() -> None:
    assert template(entry(), "REQUEST") is template(entry(), "REQUEST")
    later = replace(COPY, stamp=datetime(2027, 2, 2, tzinfo=UTC))
    assert template(entry(), "REQUEST").fill(later) == request(entry(), later)
    assert template(entry(summary="Neu"), "REQUEST") is not template(entry(), "REQUEST")
