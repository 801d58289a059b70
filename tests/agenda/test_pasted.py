"""Programmes pasted as text."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.agenda.models import SpeakerRole
from eventhub.agenda.pasted import MOST_LINES, read_lines


@pytest.fixture(autouse=True)
def _speak(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.mark.parametrize(
    ("text", "start", "end", "title"),
    [
        ("15:00 Begrüßung", time(15), None, "Begrüßung"),
        ("15:10-15:35 Was bleibt?", time(15, 10), time(15, 35), "Was bleibt?"),
        ("15.10 – 15.35 Uhr: Was bleibt?", time(15, 10), time(15, 35), "Was bleibt?"),
        ("- 9:00 bis 9:30 Uhr Ankommen", time(9), time(9, 30), "Ankommen"),
        ("15 Uhr Begrüßung", time(15), None, "Begrüßung"),
        ("15-16 Uhr Begrüßung", time(15), time(16), "Begrüßung"),
        ("15:00 - 3 Fragen an Mona", time(15), None, "3 Fragen an Mona"),
        ("22:00-24:00 Fest", time(22), time(0), "Fest"),
    ],
)
def test_times_and_titles(text, start, end, title):
    (line,) = read_lines(text, close_gaps=False)
    assert (line.start, line.end, line.title, line.error) == (start, end, title, "")


def test_people_with_their_roles():
    (line,) = read_lines("15:00 Panel | Dr. Eva Wascher, Moderation: Mona Wallraff; Host: Ada, Ada", False)
    assert line.people == (
        ("Dr. Eva Wascher", SpeakerRole.SPEAKER),
        ("Mona Wallraff", SpeakerRole.MODERATOR),
        ("Ada", SpeakerRole.HOST),
    )


def test_open_ends_last_until_the_next_start():
    lines = read_lines("15:00 A\n15:10 B\n15:10 C\n\n16:00 D", close_gaps=True)
    assert [line.end for line in lines] == [time(15, 10), time(16), time(16), None]
    assert [line.number for line in lines] == [1, 2, 3, 5]


def test_only_titles_keep_their_order():
    assert [(line.title, line.error) for line in read_lines("Ankommen\nVortrag", True)] == [
        ("Ankommen", ""),
        ("Vortrag", ""),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("25:00 Nacht", "no such time"),
        ("15:61 Nacht", "no such time"),
        ("15:00-25:00 Nacht", "no such time"),
        ("24:30 Nacht", "no such time"),
        ("16:00-15:00 Rückwärts", "before the start"),
        ("15:00 Uhr -", "title is missing"),
        (f"15:00 {'x' * 10_000}", "too long"),
        (f"15:00 Titel | {'x' * 300}", "name is too long"),
    ],
)
def test_a_line_says_what_is_wrong_with_it(text, words):
    assert words in read_lines(text, close_gaps=True)[0].error


def test_times_are_asked_for_where_others_have_them():
    first, second = read_lines("15:00 A\nB", close_gaps=True)
    assert not first.error
    assert "Start the line with a time" in second.error


def test_not_too_many_at_once():
    lines = read_lines("15:00 A\n" * (MOST_LINES + 1), close_gaps=False)
    assert [bool(line.error) for line in lines] == [False] * MOST_LINES + [True]


@given(st.text(max_size=200))
def test_never_fails(text):
    for line in read_lines(text, close_gaps=True):
        assert line.title or line.error
