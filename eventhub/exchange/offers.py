"""What a calendar file offers to a series or an agenda; nothing is done before somebody takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeVar

from eventhub.agenda.models import AnySlot
from eventhub.calendars.reading import Meeting, Unread
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _

MOST_AT_ONCE = 150
"""How many can be ticked one by one in a form."""
Row = TypeVar("Row", Edition, AnySlot)


class Standing(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    """It is here, and the file says something else."""
    KNOWN = "known"
    CALLED_OFF = "called_off"
    """The file says that it does not take place."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One meeting of the file beside what is here."""

    meeting: Meeting
    standing: Standing
    values: Mapping[str, Any] = field(default_factory=dict)
    row: Edition | AnySlot | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    people: int = 0
    """How many would get a mail about the change."""

    @property
    def can_be_taken(self) -> bool:
        return self.standing in (Standing.NEW, Standing.CHANGED)

    @property
    def token(self) -> str:
        """Stands for exactly this offer: where somebody saves meanwhile, it is another one."""
        said = sorted((name, repr(value)) for name, value in (self.changes or self.values).items())
        return _digest(f"{self.meeting.key} {self.standing} {said}")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the offers that were chosen."""

    made: int = 0
    changed: int = 0
    missed: int = 0
    """Chosen, but no longer offered like that."""


def matched(
    meetings: Sequence[Meeting], rows: Mapping[str, Row], may_move: Callable[[Row], bool]
) -> dict[str, Row]:
    """Give each meeting the row that it became, also where its whole series has moved to other days since."""
    found = {one.key: rows[one.key] for one in meetings if one.key in rows}
    left = {key: row for key, row in rows.items() if key not in found and may_move(row)}
    for one in meetings:
        former = next((key for key in one.former_keys if key in left), None)
        if one.key not in found and former is not None:
            found[one.key] = left.pop(former)
    return found


def keys_of(meetings: Iterable[Meeting]) -> set[str]:
    """Return all keys under which rows of these meetings may be known."""
    return {key for one in meetings for key in (one.key, *one.former_keys)}


def set_beside(
    meetings: Sequence[Meeting], known: Mapping[str, Row], offer: Callable[[Meeting, Row | None], Offer]
) -> tuple[list[Offer], list[Unread]]:
    """Make an offer of each meeting; what can't be one comes with its reason."""
    offers, unread = [], []
    for meeting in meetings:
        try:
            offers.append(offer(meeting, known.get(meeting.key)))
        except RuleBroken as broken:
            unread.append(Unread(meeting.at, meeting.title, str(broken.message)))
    return offers, unread


def require_few(offers: Iterable[Offer]) -> None:
    if sum(offer.can_be_taken for offer in offers) > MOST_AT_ONCE:
        raise RuleBroken(
            _("More than %(most)s meetings are new or changed. Choose a shorter time", most=MOST_AT_ONCE),
            field="until",
        )


def together(offers: Iterable[Offer], standing: Standing) -> str:
    """Return a token that stands for all offers of this standing, exactly as they are."""
    return _digest(" ".join([standing, *(one.token for one in offers if one.standing == standing)]))


def chosen(offers: Sequence[Offer], tokens: Iterable[str]) -> tuple[list[Offer], int]:
    """Return what was ticked, one by one or all of a standing, and how many ticks mean nothing any more."""
    ticked = set(tokens)
    standings = {one for one in Standing if together(offers, one) in ticked}
    wanted = [
        one for one in offers if one.can_be_taken and (one.token in ticked or one.standing in standings)
    ]
    singly = {one.token for one in wanted} & ticked
    return wanted, len(ticked) - len(singly) - len(standings)


def _digest(words: str) -> str:
    return sha256(words.encode()).hexdigest()[:32]
