"""Levels of government in words, and people grouped by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from eventhub.organisations.models import Level
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l

Row = TypeVar("Row")
LEVELS = {
    Level.FEDERAL: _l("federal"),
    Level.STATE: _l("state"),
    Level.MUNICIPAL: _l("municipal"),
    Level.PUBLIC_COMPANY: _l("public company"),
    Level.RESEARCH: _l("research"),
    Level.CIVIL_SOCIETY: _l("civil society"),
    Level.OTHER: _l("other"),
}


def by_level(rows: Iterable[Row], level_of: Callable[[Row], Level | None]) -> list[tuple[str, list[Row]]]:
    """Group rows under the words of their levels, in the order of the levels; those without one come last."""
    groups: dict[Level, list[Row]] = {}
    for row in rows:
        groups.setdefault(level_of(row) or Level.OTHER, []).append(row)
    return [(level_heading(level), groups[level]) for level in Level if level in groups]


def level_heading(level: Level) -> str:
    """Return the word for a level where it stands alone."""
    word = _("Others") if level is Level.OTHER else str(LEVELS[level])
    return word[:1].upper() + word[1:]
