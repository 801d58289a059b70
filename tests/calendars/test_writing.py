"""Content lines mean to another library what they meant to us."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar.parser import Contentline, Contentlines
from icalendar.prop import vText

from eventhub.calendars import writing

FAMILY = "👩\u200d👩\u200d👧\u200d👦"


def parsed(content: bytes) -> tuple[str, dict[str, str], str]:
    [line, *_] = [part for part in Contentlines.from_ical(content) if part]
    name, parameters, value = Contentline(line).parts()
    return name, dict(parameters), value


@given(st.text())
@example("\\n and \n, a; b\\, c")
@example("Zeile\r\nZeile\rZeile")
@example("\x00\x07\x0b\x1b\x7f\x85bell")
@example("\u2028\u2029")
@example(FAMILY * 40)
@example("\\" * 200)
@example("," * 200)
def test_text_is_read_as_it_was_meant(value: str) -> None:
    content = writing.line("X-TEXT", writing.text(value))
    name, _, read = parsed(content)
    assert (name, vText.from_ical(read)) == ("X-TEXT", writing.clean(value))


@given(st.text())
@example('Weiß; Jörg "Joe" O\'Neil, Dr.')
@example("^n ^^ ^' a\nb")
def test_parameter_is_read_as_it_was_meant(value: str) -> None:
    content = writing.line(f"X-P;CN={writing.parameter(value)}", "x")
    assert parsed(content)[1].get("CN", "") == writing.clean(value).replace("\\", "/")


@given(st.text(min_size=1), st.integers(0, 80))
def test_lines_are_folded_between_characters_and_never_in_an_escape(value: str, indent: int) -> None:
    content = writing.line("X" * (indent + 1), writing.text(value))
    pieces = content.removesuffix(b"\r\n").split(b"\r\n ")
    assert all(len(piece.decode().encode()) <= 75 - (number > 0) for number, piece in enumerate(pieces))
    assert all(piece for piece in pieces)
    trailing = [len(piece) - len(piece.rstrip(b"\\")) for piece in pieces]
    assert all(count % 2 == 0 for count in trailing)


@pytest.mark.parametrize("length", [74, 75, 76, 149, 150, 20_000])
def test_a_long_line_is_only_folded(length: int) -> None:
    content = writing.line("X", "ü" * length)
    assert content.replace(b"\r\n ", b"") == b"X:" + "ü".encode() * length + b"\r\n"


@given(st.text())
def test_clean_text_stays_clean_and_can_be_encoded(value: str) -> None:
    tidy = writing.clean(value)
    assert writing.clean(tidy) == tidy
    assert not {*map(ord, tidy)} & {*range(0x09), 0x0B, 0x0C, *range(0x0D, 0x20), *range(0x7F, 0xA0)}


def test_a_lone_surrogate_is_replaced() -> None:
    assert writing.clean("a\ud800b") == "a?b"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("o'neil+labcamp@example.org", "mailto:o'neil+labcamp@example.org"),
        ("100%?x@example.org", "mailto:100%25%3Fx@example.org"),
        ("jörg@example.org", "mailto:jörg@example.org"),
        ("a\r\nATTENDEE:b@example.org", "mailto:a%0D%0AATTENDEE%3Ab@example.org"),
    ],
)
def test_addresses_stay_as_they_are_unless_they_would_break_the_line(address: str, written: str) -> None:
    assert writing.mailto(address) == written


def test_addresses_of_pages_are_encoded_once() -> None:
    assert writing.uri(" https://a.example/ä b?x=1&y=%20#f\n") == "https://a.example/%C3%A4%20b?x=1&y=%20#f"
