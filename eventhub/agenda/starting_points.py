"""Agendas to start from, for a draft that has none: the usual frames, with their breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from eventhub.agenda.models import Kind, slot_table
from eventhub.agenda.service import create_slot
from eventhub.agenda.steps import one_step
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.languages import speaking


class StartingPoint(StrEnum):
    HALF_DAY = "half_day"
    BARCAMP = "barcamp"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Item:
    """One slot of a frame: how long it lasts after the one before it."""

    title: Any
    minutes: int
    kind: Kind
    parallel: bool = False


_PAUSE = Item(_l("Break"), 15, Kind.BREAK)
_COFFEE = Item(_l("Coffee break"), 30, Kind.BREAK)
_LUNCH = Item(_l("Lunch break"), 60, Kind.BREAK)


def _sessions(number: int) -> Item:
    return Item(_l("Sessions, round %(number)s", number=number), 45, Kind.OPEN_SPACE, parallel=True)


FRAMES: dict[StartingPoint, tuple[time, tuple[tuple[Item, ...], ...]]] = {
    StartingPoint.HALF_DAY: (
        time(9),
        (
            (
                Item(_l("Arriving and testing the technology"), 15, Kind.OTHER),
                Item(_l("Welcome"), 15, Kind.PLENARY),
                Item(_l("Talk and questions"), 45, Kind.TALK),
                _PAUSE,
                Item(_l("Work in small groups"), 60, Kind.WORKSHOP),
                _PAUSE,
                Item(_l("Results of the groups"), 30, Kind.DISCUSSION),
                Item(_l("What comes next"), 15, Kind.PLENARY),
            ),
        ),
    ),
    StartingPoint.BARCAMP: (
        time(9),
        (
            (
                Item(_l("Arriving with coffee"), 30, Kind.BREAK),
                Item(_l("Welcome and getting to know each other"), 30, Kind.PLENARY),
                Item(_l("Planning of the sessions"), 45, Kind.PLENARY),
                _PAUSE,
                _sessions(1),
                _PAUSE,
                _sessions(2),
                _LUNCH,
                _sessions(3),
                _PAUSE,
                _sessions(4),
                _COFFEE,
                Item(_l("What we take with us"), 45, Kind.PLENARY),
            ),
        ),
    ),
    StartingPoint.TRAINING: (
        time(9),
        (
            (
                Item(_l("Welcome and expectations"), 45, Kind.PLENARY),
                Item(_l("Basics"), 60, Kind.TALK),
                _COFFEE,
                Item(_l("Exercise in groups"), 75, Kind.WORKSHOP),
                _LUNCH,
                Item(_l("Going deeper"), 90, Kind.WORKSHOP),
                _COFFEE,
                Item(_l("Looking back on the day"), 45, Kind.DISCUSSION),
            ),
            (
                Item(_l("Good morning: what stayed"), 30, Kind.PLENARY),
                Item(_l("Own cases"), 90, Kind.WORKSHOP),
                _COFFEE,
                Item(_l("Exercise in groups"), 60, Kind.WORKSHOP),
                _LUNCH,
                Item(_l("Into one’s own work"), 75, Kind.WORKSHOP),
                _COFFEE,
                Item(_l("Feedback and goodbye"), 45, Kind.PLENARY),
            ),
        ),
    ),
}
"""Each frame with its usual start, and its days."""


def offered(first: date | None, last: date | None) -> list[StartingPoint]:
    """Return what fits the days of an edition; where they are not known, everything does."""
    days = (last - first).days + 1 if first and last else 1 if first else None
    return [point for point, (_start, plan) in FRAMES.items() if days is None or len(plan) <= days]


def slots_of(point: StartingPoint, first: date | None, start: time | None) -> Iterator[dict[str, Any]]:
    """Yield the values of its slots in their order; where the day is not known, without times."""
    usual, plan = FRAMES[point]
    position = 0
    for number, items in enumerate(plan):
        at = datetime.combine(first or date(2000, 1, 1), start or usual) + timedelta(days=number)
        for item in items:
            position += 1
            end = at + timedelta(minutes=item.minutes)
            values = {"title": str(item.title), "kind": item.kind, "parallel": item.parallel}
            yield values | ({"position": position} if first is None else _times(at, end))
            at = end


def start_with(edition: Edition, point: StartingPoint) -> int:
    """Fill the empty agenda of a draft, in its own language; returns how many slots it has then."""
    lock(edition)
    if edition.state is not EditionState.DRAFT:
        raise RuleBroken(_("The edition is public, so everybody would see these slots at once"))
    table = slot_table(edition)
    if db.session.scalar(select(table.id).where(table.edition_id == edition.id).limit(1)) is not None:
        raise RuleBroken(_("There is an agenda already"))
    if point not in offered(edition.start_date, edition.end_date):
        raise RuleBroken(_("This needs more days than the edition has"))
    with speaking(edition.language or edition.series.language):
        found = list(slots_of(point, edition.start_date, edition.start_time))
    with one_step(edition):
        for values in found:
            create_slot(edition, values)
    return len(found)


def _times(at: datetime, end: datetime) -> dict[str, Any]:
    other_day = end.date() if end.date() != at.date() else None
    return {"day": at.date(), "start_time": at.time(), "end_day": other_day, "end_time": end.time()}
