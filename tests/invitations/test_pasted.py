"""What organisers paste: every usual way of writing addresses down, and a sentence for the rest."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.errors import RuleBroken
from eventhub.invitations import pasted
from eventhub.invitations.pasted import read_lines
from eventhub.invitations.rules import sort_out
from eventhub.registration.rules import mail_address
from eventhub.web import tables


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("ada@lab.example", [("", "ada@lab.example")]),
        ("  <ada@lab.example>, ", [("", "ada@lab.example")]),
        ("Ada Lovelace <ada@lab.example>", [("Ada Lovelace", "ada@lab.example")]),
        ('"Lovelace, Ada" <ada@lab.example>', [("Lovelace, Ada", "ada@lab.example")]),
        ("Ada Lovelace ada@lab.example", [("Ada Lovelace", "ada@lab.example")]),
        ("Ada;ada@lab.example;CityLAB", [("Ada", "ada@lab.example")]),
        ("17\tada@lab.example\tAda Lovelace", [("Ada Lovelace", "ada@lab.example")]),
        ("CityLAB,Ada,ada@lab.example", [("CityLAB", "ada@lab.example")]),
        ('"Lab, gut",ada@lab.example', [("Lab, gut", "ada@lab.example")]),
        ("a@lab.example; b@lab.example", [("", "a@lab.example"), ("", "b@lab.example")]),
        ("Ada <a@lab.example>; Bo <b@lab.example>", [("Ada", "a@lab.example"), ("Bo", "b@lab.example")]),
    ],
)
def test_addresses_are_found_in_every_usual_writing(line: str, people: list[tuple[str, str]]) -> None:
    assert [(one.name, one.email) for one in read_lines(line)] == people


@pytest.mark.parametrize(
    "line", ["Ada Lovelace", "ada@", "@lab.example", "a@b@c", "ada lab.example", "ada@lab..example"]
)
def test_what_is_no_address_is_named(line: str) -> None:
    [found] = read_lines(f"\n\n{line}")
    assert found.error
    assert found.number == 3
    assert found.text == line
    assert not found.email


def test_the_head_of_a_table_says_where_names_stand() -> None:
    text = "Nr.;Nachname;Vorname;E-Mail\n1;Lovelace;Ada;ada@lab.example\n2;;Bo;bo@lab.example\n3;Cem;;kaputt"
    found = read_lines(text)
    assert [(one.number, one.name, one.email) for one in found] == [
        (2, "Ada Lovelace", "ada@lab.example"),
        (3, "Bo", "bo@lab.example"),
        (4, "", ""),
    ]


@given(st.text(max_size=400))
def test_no_text_is_lost_or_breaks_anything(text: str) -> None:
    lines = read_lines(text)
    numbers = [one.number for one in lines]
    assert numbers == sorted(numbers)
    assert all(1 <= number <= len(text.splitlines()) for number in numbers)
    for one in lines:
        assert bool(one.error) != bool(one.email)
        assert not one.email or mail_address(one.email) == one.email
        assert len(one.name) <= 120
        assert "@" not in one.name


@given(
    st.lists(
        st.sampled_from(
            ["ada@lab.example", "ADA@lab.example", "bo@lab.example", "nothing", "cem@lab.example"]
        )
    )
)
def test_every_line_has_one_fate(texts: list[str]) -> None:
    lines = read_lines("\n".join(texts))
    found = sort_out(lines, invited={"bo@lab.example"}, registered={"cem@lab.example"})
    parts = [
        found.good,
        found.malformed,
        [line for line, _first in found.repeated],
        found.invited,
        found.registered,
    ]
    assert sorted(line.number for part in parts for line in part) == [line.number for line in lines]
    assert len(found.good) <= 1
    assert all(first < line.number for line, first in found.repeated)


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "Name;E-Mail\nZoë;zoe@lab.example\n".encode(),
        "Name;E-Mail\nZoë;zoe@lab.example\n".encode("utf-8-sig"),
        "Name,E-Mail\r\nZoë,zoe@lab.example\r\n".encode("cp1252"),
        "Name\tE-Mail\r\nZoë\tzoe@lab.example\r\n".encode("utf-16"),
        workbook(("Name", "E-Mail", None), ("Zoë", "zoe@lab.example", 17)),
    ],
    ids=["utf-8", "with mark", "windows", "excel unicode text", "workbook"],
)
def test_tables_of_every_kind_are_read(content: bytes) -> None:
    [found] = read_lines(tables.text_of(content))
    assert (found.number, found.name, found.email) == (2, "Zoë", "zoe@lab.example")


def test_rows_of_a_workbook_keep_their_numbers() -> None:
    content = workbook(("E-Mail",), (), ("ada@lab.example",), ("broken",))
    assert [(one.number, one.email) for one in read_lines(tables.text_of(content))] == [
        (3, "ada@lab.example"),
        (4, ""),
    ]


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 no zip", b"\x89PNG\0\0", b"\xff\xfe\x00\xd8\x00", b"x" * (tables.LARGEST_FILE + 1)],
    ids=["broken zip", "picture", "broken utf-16", "too large"],
)
def test_what_is_no_table_gets_a_sentence(content: bytes) -> None:
    with pytest.raises(RuleBroken):
        tables.text_of(content)


def test_a_workbook_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LARGEST_UNPACKED", 1000)
    with pytest.raises(RuleBroken, match="too large"):
        tables.text_of(workbook(("x" * 2000,)))


def test_more_than_can_be_invited_at_once_is_still_read() -> None:
    assert len(read_lines("\n".join(f"p{number}@lab.example" for number in range(pasted.MOST + 1)))) == 1001
