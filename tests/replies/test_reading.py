"""Mails of real programs are read as they are meant, and nothing that comes in breaks the reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.mail.failures import Failure
from eventhub.replies.calendar_messages import Unreadable, read_calendar
from eventhub.replies.mime import parse, text_of
from eventhub.replies.reading import MailKind, Reading, calendar_parts, read
from tests.needs import SHARED

IMIP, BOUNCES = SHARED / "data" / "imip", SHARED / "data" / "bounces"


def _expected(folder: Any) -> dict[str, Any]:
    path = folder / "expected.json"
    return json.loads(path.read_text(encoding="utf-8"))["files"] if path.exists() else {}


CALENDARS, RETURNED = _expected(IMIP), _expected(BOUNCES)
CLASSES = {
    **{kind.value: (MailKind.BOUNCE, kind) for kind in Failure},
    "unklar": (MailKind.BOUNCE, Failure.UNCLEAR),
    "auto-reply": (MailKind.AWAY, None),
    "complaint": (MailKind.COMPLAINT, None),
    "none": (MailKind.LETTER, None),
}


@pytest.mark.parametrize("name", CALENDARS)
def test_every_calendar_part_says_what_is_expected(name: str) -> None:
    parts = [
        part
        for part in calendar_parts(parse((IMIP / name).read_bytes()))
        if part.get_content_type() == "text/calendar"
    ]
    expected = [one for one in CALENDARS[name]["calendar_parts"] if one["content_type"] == "text/calendar"]
    assert len(parts) == len(expected)
    for part, wanted in zip(parts, expected, strict=True):
        if "error" in wanted:
            with pytest.raises(Unreadable):
                read_calendar(text_of(part))
            continue
        found = read_calendar(text_of(part))
        assert found.method == wanted["method"]
        assert found.uid == wanted["uid"]
        assert found.sequence == (wanted["sequence"] or 0)
        assert found.recurrence_id == wanted["recurrence_id"]
        assert found.comment == (wanted["comment"] or "")
        assert [(one.address, one.answer) for one in found.attendees] == [
            (one["address"].casefold(), one["partstat"]) for one in wanted["attendees"]
        ]


@pytest.mark.parametrize("name", CALENDARS)
def test_every_calendar_mail_is_of_the_kind_that_its_name_says(name: str) -> None:
    found = read((IMIP / name).read_bytes())
    if name in ("reply-calendar-text-in-header.eml", "apple-mail-reply-without-attendee.eml"):
        assert found.kind is MailKind.UNREADABLE
    elif name == "apple-mail-reply-without-calendar-part.eml":
        assert found.kind is MailKind.LETTER
    elif "-reply-" in name:
        assert found.kind is MailKind.REPLY
        assert found.answer == name.removesuffix(".eml").rpartition("-")[2].upper()
        assert found.sender
        assert found.sent_at
    else:
        assert found.kind is MailKind.IGNORED, "only organisers send these, and that is us"


@pytest.mark.parametrize("name", RETURNED)
def test_every_bounce_is_judged_as_by_hand(name: str) -> None:
    wanted = RETURNED[name]
    found = read((BOUNCES / name).read_bytes())
    failure = found.bounce.failure if found.bounce else None
    assert (found.kind, failure) == CLASSES[wanted["class"]]
    if wanted["recipients"]:
        assert found.bounce
        assert set(found.bounce.addresses) == set(wanted["recipients"])
    if wanted["status"] and found.bounce:
        assert found.bounce.status == wanted["status"]


@pytest.mark.skipif(not RETURNED, reason="left out: no folder with shared data")
def test_a_bounce_names_the_mail_that_came_back() -> None:
    found = read((BOUNCES / "lhost-postfix-04.eml").read_bytes())
    assert found.bounce
    assert "@" in found.bounce.original_id


NOISE = st.binary(max_size=400) | st.lists(
    st.sampled_from(
        [
            *(b"From: a@b.example\r\n", b"Content-Type: text/calendar; method=REPLY\r\n", b"\r\n", b"\n\n"),
            *(
                b"Content-Type: multipart/report; boundary=x\r\n",
                b"--x\r\n",
                b"--x--",
                b"MIME-Version: 1.0\r\n",
            ),
            *(
                b"Content-Type: message/delivery-status\r\n",
                b"Status: 5.1.1\r\n",
                b"Action: \r\n",
                b"Action: failed\n",
            ),
            *(
                b"BEGIN:VCALENDAR\r\n",
                b"BEGIN:VEVENT\r\n",
                b"UID:1\r\n",
                b"METHOD:REPLY\r\n",
                b"END:VEVENT\r\n",
            ),
            *(b'ATTENDEE;CN="a:mailto:a@b\r\n', b"ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example\r\n"),
            *(
                b"DTSTAMP:99999999T999999Z\r\n",
                b"DTSTART;TZID=../../x:20270101T000000\r\n",
                b"SEQUENCE:-1\r\n",
            ),
            *(
                b"Content-Transfer-Encoding: base64\r\n",
                b"=?x?q?=ff?=",
                b"Subject: =?utf-8?b?!!?=\r\n",
                b"\xff\x00",
            ),
            *(
                b"Content-Type: text/plain; charset=nonsense\r\n",
                b"Date: Mon, 99 Foo 0000\r\n",
                b"Return-Path:\r\n",
            ),
            *(b"Content-Type: message/rfc822\r\n", b"X-Failed-Recipients: \r\n", b"To: <<>,;:@\r\n"),
            *(
                b"Content-Type: text/calendar; charset*=utf-8'x'%00\r\n",
                b"Content-Disposition: x; filename*0*=%\r\n",
            ),
        ]
    ),
    max_size=30,
).map(b"".join)


@given(NOISE)
def test_no_bytes_break_the_reader(content: bytes) -> None:
    assert isinstance(read(content), Reading)


REAL = [path.read_bytes() for folder in (IMIP, BOUNCES) for path in sorted(folder.glob("*.eml"))]
DAMAGE = st.tuples(
    st.floats(0, 1),
    st.binary(max_size=6) | st.sampled_from([b"\r", b"\n", b"*", b";", b'"', b"=?x?b?", b"\x00"]),
)


@pytest.mark.skipif(not REAL, reason="left out: no folder with shared data")
@given(st.data(), st.lists(DAMAGE, max_size=12))
def test_no_damage_to_real_mails_breaks_the_reader(
    data: st.DataObject, damage: list[tuple[float, bytes]]
) -> None:
    content = bytearray(data.draw(st.sampled_from(REAL)))
    for place, octets in damage:
        at = int(place * len(content))
        content[at : at + len(octets)] = octets
    assert isinstance(read(bytes(content)), Reading)


@given(st.text(max_size=300) | NOISE.map(lambda octets: octets.decode("latin-1")))
def test_no_text_breaks_the_calendar_reader(content: str) -> None:
    try:
        read_calendar(content)
    except Unreadable:
        return


def test_an_alias_of_apple_names_the_address_beside_it() -> None:
    found = read_calendar(
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:x\n"
        "ATTENDEE;EMAIL=Kim@Example.org;PARTSTAT=ACCEPTED:urn:uuid:1\nEND:VEVENT\nEND:VCALENDAR"
    )
    assert found.attendees[0].address == "kim@example.org"


def test_a_time_in_a_zone_of_windows_is_understood() -> None:
    found = read_calendar(
        "BEGIN:VCALENDAR\nMETHOD:COUNTER\nBEGIN:VEVENT\nUID:x\n"
        "DTSTART;TZID=W. Europe Standard Time:20270701T180000\nEND:VEVENT\nEND:VCALENDAR"
    )
    assert found.starts
    assert found.starts.isoformat() == "2027-07-01T16:00:00+00:00"
