"""On which days of an edition somebody comes; pure, except for the same in SQL.

A registration keeps them as bits, day 1 being the lowest; 0 says every day, also those that are added later.
Days have numbers, not dates, so a choice stays when the edition moves, as each day's calendar entry does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import reduce
from operator import or_

from sqlalchemy import ColumnElement, and_, case, literal, true

from eventhub.editions.entries import days_of
from eventhub.editions.models import Edition
from eventhub.registration.models import Registration

MOST = 14
"""Days of an edition among which people may choose; of a longer one everybody comes on all."""
EVERY = 0


def every(number: int) -> frozenset[int]:
    """Return all days of an edition that has so many."""
    return frozenset(range(1, number + 1))


def chosen(bits: int, number: int) -> frozenset[int]:
    """Return the days on which somebody comes; all where an edition has lost every day that they chose."""
    if not bits or number > MOST:
        return every(number)
    return frozenset(day for day in every(number) if bits & _bit(day)) or every(number)


def kept_as(days: Iterable[int], number: int) -> int:
    """Return how a choice is kept; who chose every day comes on each that is added, too."""
    wanted = every(number).intersection(days)
    return EVERY if wanted == every(number) or number > MOST else reduce(or_, map(_bit, wanted), EVERY)


def changes(before: Iterable[int], after: Iterable[int]) -> tuple[list[int], list[int]]:
    """Return the days that came in, and those that are left out, each in order."""
    old, new = frozenset(before), frozenset(after)
    return sorted(new - old), sorted(old - new)


def _bit(day: int) -> int:
    return 1 << (day - 1)


def number_of(edition: Edition) -> int:
    """Return how many days an edition has; 0 while its day is not known."""
    return len(days_of(edition))


def are_chosen(edition: Edition) -> bool:
    """Tell whether people say on which days they come."""
    return edition.choose_days and 1 < number_of(edition) <= MOST


def dates_of(edition: Edition) -> list[tuple[int, date]]:
    """Return the days with their numbers."""
    first = edition.start_date
    if first is None:
        return []
    return [(number, first + timedelta(days=number - 1)) for number in sorted(every(number_of(edition)))]


def number_on(edition: Edition, day: date) -> int | None:
    """Return which day of an edition that is; None where people don't choose, or it is none of its days."""
    if not are_chosen(edition):
        return None
    return next((number for number, one in dates_of(edition) if one == day), None)


def away_on(edition: Edition, day: date) -> Callable[[Registration], bool]:
    """Return what tells who has chosen other days than this one."""
    number, of = number_on(edition, day), number_of(edition)
    return lambda one: number is not None and number not in chosen(one.days, of)


# the same for a whole edition ---------------------------------------------------------------------------


def comes_on(day: int, number: int) -> ColumnElement[bool]:
    """Select those who come on a day of an edition with so many."""
    return true() if number > MOST else _bits(number).op("&")(_bit(day)) != 0


def comes_before(day: int, number: int) -> ColumnElement[bool]:
    """Select those who come on one of the days before this one."""
    if day == 1 or number > MOST:
        return literal(day > 1)
    return _bits(number).op("&")(_bit(day) - 1) != 0


def first_day(number: int) -> ColumnElement[int]:
    """Return the first day on which each person comes."""
    if number > MOST or number < 2:  # of one day there is nothing to choose
        return literal(1)
    bits = _bits(number)
    return case(*((bits.op("&")(_bit(day)) != 0, day) for day in range(1, number)), else_=number)


def also_on(day: int, number: int) -> ColumnElement[bool]:
    """Select those who come on a day that is not their first."""
    return and_(comes_on(day, number), comes_before(day, number))


def _bits(number: int) -> ColumnElement[int]:
    all_bits = (1 << number) - 1
    known = Registration.days.op("&")(all_bits)
    return case((known == 0, all_bits), else_=known)
