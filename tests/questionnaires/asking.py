"""Questions for the tests."""

from __future__ import annotations

from typing import Any

from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Asked, Definition, Option

OPTIONS = (Option("o1", "Tea"), Option("o2", "Coffee"), Option("o3", "Water", 5))


def ask(kind: Kind = Kind.SHORT_TEXT, key: int = 1, **values: Any) -> Asked:
    if kind in {Kind.ONE_OF, Kind.SEVERAL_OF, Kind.RANKING}:
        values.setdefault("options", OPTIONS)
    return Asked(id=key, kind=kind, label=values.pop("label", f"Question {key}"), **values)


def form_of(*questions: Asked) -> Definition:
    return Definition(1, 1, questions)
