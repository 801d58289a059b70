"""The history and its values in words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from eventhub.desk import mails, words
from eventhub.editions import service
from eventhub.history.models import HistoryEntry
from eventhub.web.languages import speaking

CODE = Path(words.__file__).parent.parent


def recorded_actions() -> set[str]:
    """Find every action that any service writes into the history."""
    found = set()
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_every_recorded_action_has_a_phrase() -> None:
    assert len(recorded_actions()) > 12
    assert recorded_actions() - words.PHRASES.keys() == set()


def test_every_editable_field_has_a_name() -> None:
    assert service.EDITABLE - words.FIELDS.keys() == set()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("start_date", "2026-05-05", "Dienstag, 5. Mai 2026"),
        ("start_time", "14:30:00", "14:30 Uhr"),
        ("registration_opens_at", "2026-05-05T12:30:00+00:00", "5. Mai 2026, 14:30 Uhr"),
        ("mode", "online", "online"),
        ("takes_registrations", False, "nein"),
        ("capacity", None, "nichts"),
        ("title", "x" * 200, "x" * 79 + "…"),
        ("start_date", "no date", "no date"),
    ],
)
def test_values_are_said_as_a_person_would(name: str, value: object, said: str) -> None:
    with speaking("de"):
        assert words.value_words(name, value, "Europe/Berlin").replace("\u00a0", " ") == said


def test_who_did_it() -> None:
    with speaking("en"):
        actors = [words.author(HistoryEntry(actor=name)) for name in ("system", "participant", "Nadine", "")]
    assert actors == ["eventhub", "A participant", "Nadine", "Somebody"]


def test_what_was_copied_is_said_once() -> None:
    with speaking("en"):
        assert words.copied_words(["venue_name", "venue_name", "rooms:2", "slots:1", "unknown"]) == [
            "venue",
            "2 rooms",
            "1 agenda slot, without its people",
        ]


def test_every_kind_of_mail_has_a_word() -> None:
    written = {
        argument.value
        for path in CODE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "renders"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }
    assert len(written) > 20
    assert written - set(mails.KINDS) == set()
