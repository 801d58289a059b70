"""The arrangement of programmes: pure rules on plain rows."""

from __future__ import annotations

from datetime import time
from types import SimpleNamespace
from typing import Any

import pytest

from eventhub.agenda.models import SpeakerRole
from eventhub.site.discs import short_hours
from eventhub.site.editions import title_of
from eventhub.site.grids import WIDEST, grid_of
from eventhub.site.programme import in_order, lang_attribute, who
from eventhub.site.queries import Mark, around
from eventhub.site.search import folded, words_of
from eventhub.web.languages import speaking
from eventhub.web.rich_text import plain_text, rich_text
from tools import ROOT


def row(name: str, position: int = 0, start: str = "") -> Any:
    return SimpleNamespace(
        name=name, position=position, start_time=time.fromisoformat(start) if start else None
    )


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([row("b", start="11:00"), row("a", start="10:00")], "ab"),
        ([row("x"), row("b", start="11:00"), row("a", start="10:00")], "abx"),
        ([row("c", 3), row("a", 1), row("b", 2)], "abc"),
        ([row("a", 1, "14:00"), row("b", 2, "14:30"), row("c", 3), row("d", 4)], "abcd"),
        ([row("a", 1, "14:00"), row("c", 3, "15:00"), row("b", 2)], "abc"),
    ],
)
def test_slots_without_a_time_stay_where_their_position_puts_them(rows: list[Any], wanted: str) -> None:
    assert "".join(one.name for one in in_order(rows)) == wanted


def person(name: str, affiliation: str = "", role: SpeakerRole = SpeakerRole.SPEAKER) -> Any:
    return SimpleNamespace(name=name, affiliation=affiliation, role=role)


@pytest.mark.parametrize(
    ("people", "organisation", "wanted"),
    [
        ([], None, ""),
        ([], "City Lab", "City Lab"),
        ([person("Ada", "City Lab")], "City Lab", "Ada, City Lab"),
        ([person("Ada")], "City Lab", "Ada, City Lab"),
        ([person("Ada", "City Lab"), person("Ben", "Town")], None, "Ada (City Lab), Ben (Town)"),
        ([person("Mo", "", SpeakerRole.MODERATOR)], None, "Moderation: Mo"),
    ],
)
def test_people_are_named_with_where_they_come_from(
    people: list[Any], organisation: str | None, wanted: str
) -> None:
    with speaking("en"):
        assert who(people, organisation) == wanted


def parallel(rooms: int) -> list[Any]:
    """Return one item for each of these rooms, all at the same time."""
    return [
        SimpleNamespace(
            slot=SimpleNamespace(room=f"Room {number:02}", room_position=number, track_id=None),
            minutes=30,
            minute=600,
            parallel=True,
            place="",
        )
        for number in range(rooms)
    ]


@pytest.mark.parametrize("rooms", range(2, WIDEST + 1))
def test_every_column_of_a_grid_has_its_place_in_the_style_sheet(rooms: int) -> None:
    items = parallel(rooms)
    grid = grid_of(items, [])
    assert grid is not None
    assert grid.is_wide == (rooms > 4)
    style = (ROOT / "static" / "css" / "eventhub.css").read_text()
    assert f".cols-{len(grid.columns)} {{" in style
    for number, item in enumerate(items, start=1):
        assert item.place.endswith(f" c-{number}")
        assert f".cell.c-{number} {{" in style


def test_more_rooms_than_columns_make_a_list() -> None:
    assert grid_of(parallel(WIDEST + 1), []) is None


@pytest.mark.parametrize(
    ("title", "head", "rest"),
    [
        ("LabCamp #5", "LabCamp #5", ""),
        ("LabCamp #5: The teenage years", "LabCamp #5", "The teenage years"),
        ("Neue Ideen – Fortbildung", "Neue Ideen", "Fortbildung"),
        ("4. „Innovationen: Akteure“", "4. „Innovationen: Akteure“", ""),
        (f"{'x' * 50}: y", f"{'x' * 50}: y", ""),
    ],
)
def test_titles_are_divided_where_something_short_stands_first(title: str, head: str, rest: str) -> None:
    found = title_of(title)
    assert (found.head, found.rest) == (head, rest)
    assert "".join(found) == title


@pytest.mark.parametrize(
    ("language", "start", "end", "wanted"),
    [
        ("de", "15:00", "18:00", "15–18 Uhr"),
        ("de", "15:10", "18:30", "15:10–18:30 Uhr"),
        ("de", "18:00", None, "ab 18 Uhr"),
        ("en", "15:00", "18:00", "3–6 pm"),
        ("en", "09:30", "12:00", "9:30 am–12 pm"),
        ("en", "18:00", None, "from 6 pm"),
    ],
)
def test_hours_on_the_disc_are_short(language: str, start: str, end: str | None, wanted: str) -> None:
    with speaking(language):
        assert short_hours(time.fromisoformat(start), time.fromisoformat(end) if end else None) == wanted


@pytest.mark.parametrize(
    ("size", "current", "first", "last", "near"),
    [
        (4, 2, 1, 4, 4),
        (30, 30, 20, 30, 6),
        (30, 3, 1, 11, 6),
        (30, None, 20, 30, 6),
        (0, None, None, None, 0),
    ],
)
def test_ruler_is_cut_to_what_fits(
    size: int, current: int | None, first: int | None, last: int | None, near: int
) -> None:
    marks = [Mark(number, number, None, "", None, "", True) for number in range(1, size + 1)]
    found = around(marks, current)
    assert [notch.mark.id for notch in (*found[:1], *found[-1:])] == [one for one in (first, last) if one]
    assert sum(notch.near for notch in found) == near
    assert [notch.mark.id for notch in found if notch.current] == ([current] if current else [])


def test_language_is_marked_only_where_it_differs() -> None:
    assert lang_attribute("de", "en") == ' lang="de"'
    assert not lang_attribute("de", "de")
    assert not lang_attribute(None, "de")
    assert lang_attribute('"><b>', "de") == ' lang="&#34;&gt;&lt;b&gt;"'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Borggräfe", "BORGGRAEFE"),
        ("Straße", "strasse"),
        ("Café", "cafe"),
        ("Łódź", "lodz"),
        ("neue", "neue"),
    ],
)
def test_search_compares_without_accents_and_case(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_search_takes_only_so_many_words() -> None:
    assert len(words_of("a " * 100)) == 8
    assert words_of("  ") == []


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "[x](//evil.example)",
        "[x](/\\evil.example)",
        "![x](https://evil.example/x.png)",
        '<img src=x onerror="x">',
        "<javascript:alert(1)>",
    ],
)
def test_markdown_brings_no_script_image_or_odd_link(source: str) -> None:
    html = rich_text(source)
    assert "<script" not in html
    assert "<img" not in html
    for address in html.split('href="')[1:]:
        assert address.startswith(("https://evil.example/x.png", "/%5Cevil")), html


def test_markdown_keeps_what_texts_need() -> None:
    html = rich_text(
        "# A {#top}\n\n## B\n\n*x* **y** [z](https://a.example) <mailto:a@b.example> [w](/privacy/)"
    )
    assert '<h3 id="top">A</h3>' in html
    assert "<h4>B</h4>" in html
    for part in (
        "<em>x</em>",
        "<strong>y</strong>",
        'href="https://a.example"',
        "mailto:a@b.example",
        "/privacy/",
    ):
        assert part in html


def test_plain_text_has_no_marks_and_ends_at_a_word() -> None:
    assert plain_text("*Labs* & [more](https://a.example)\n\n- one") == "Labs & more one"
    assert plain_text("one two three", 9) == "one two …"
