"""Counting, and what of it may be told: plain values, no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from eventhub.numbers.models import FEWEST
from eventhub.organisations.models import Level
from eventhub.questionnaires import rules as questions
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Sense
from eventhub.registration.models import TAKES_PLACE, Attendance, Ending, RegistrationState

LEVEL = "level"
UNKNOWN = "unknown"
"""The level of those whose organisation is not known here, or has none."""
RARE = ""
"""The value of the cell in which all are that are too few to stand alone."""


# how people are spread ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    value: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How people are spread over the answers to a question, or over the levels of government."""

    subject: str
    label: str
    kind: Kind | None
    people: int
    """How many said something."""
    cells: tuple[Cell, ...]

    @property
    def overlaps(self) -> bool:
        """Whether somebody may be in several cells."""
        return self.kind is Kind.SEVERAL_OF


def subject_of(sense: Sense) -> str:
    return f"question:{sense.key}"


def answers(sense: Sense, values: Iterable[tuple[str, int]]) -> Spread:
    """Count how often each option was chosen; of a ranking, how often it came first."""
    question = sense.question
    numbers: Counter[str] = Counter()
    people = 0
    for value, number in values:
        people += number
        keys = questions.chosen(value)
        for key in keys[:1] if question.kind is Kind.RANKING else keys:
            numbers[key] += number
    gone = [(option.key, option.label) for option in question.gone if numbers[option.key]]
    cells = tuple(Cell(key, words, numbers[key]) for key, words in (*questions.choices(question), *gone))
    return Spread(subject_of(sense), question.label, question.kind, people, cells)


def levels(organisations: Iterable[tuple[str, int]], known: Mapping[str, Level]) -> Spread:
    """Count people by the level of government of the organisation that they named, in a plain writing."""
    numbers: Counter[str] = Counter()
    for name, number in organisations:
        numbers[known.get(name, UNKNOWN)] += number
    cells = tuple(Cell(value, "", numbers[value]) for value in (*Level, UNKNOWN) if numbers[value])
    return Spread(LEVEL, "", None, sum(numbers.values()), cells)


def discreet(spread: Spread) -> Spread:
    """Return the same without a number from which one could learn what fewer than FEWEST people said."""
    if spread.people < FEWEST:
        return replace(spread, people=0, cells=())
    if spread.overlaps:
        return replace(spread, cells=tuple(cell for cell in spread.cells if cell.number >= FEWEST))
    return replace(spread, cells=_rare_together(spread.cells))


def _rare_together(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Put the rarest into one cell, until what is left out can't be found by subtracting the others."""
    waiting = sorted((cell for cell in cells if cell.number), key=lambda cell: cell.number)
    rare = 0
    while waiting and (waiting[0].number < FEWEST or 0 < rare < FEWEST):
        rare += waiting.pop(0).number
    alone = tuple(cell for cell in cells if cell in waiting)
    return (*alone, Cell(RARE, "", rare)) if rare >= FEWEST else alone


# states and who came ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """How many registrations of an edition are alike, and how many of these people were there."""

    edition_id: int
    state: RegistrationState
    attendance: Attendance | None
    role_id: int | None
    because: Ending | None
    number: int
    present: int


@dataclass(frozen=True, slots=True)
class States:
    """What became of registrations."""

    place: int = 0
    waiting: int = 0
    pending: int = 0
    cancelled: int = 0
    rejected: int = 0

    @property
    def all(self) -> int:
        return sum(self.each)

    @property
    def each(self) -> tuple[int, ...]:
        return self.place, self.waiting, self.pending, self.cancelled, self.rejected


def states(counts: Iterable[Count]) -> States:
    """Sum up what became of registrations."""
    return summed((count.state, count.number) for count in counts)


def summed(numbers: Iterable[tuple[RegistrationState, int]]) -> States:
    """Sum numbers of states up; who holds a place for a while has one."""
    found: Counter[RegistrationState] = Counter()
    for state, number in numbers:
        found[RegistrationState.CONFIRMED if state in TAKES_PLACE else state] += number
    return States(
        found[RegistrationState.CONFIRMED],
        found[RegistrationState.WAITLISTED],
        found[RegistrationState.PENDING],
        found[RegistrationState.CANCELLED],
        found[RegistrationState.REJECTED],
    )


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many were expected and how many of them came."""

    expected: int
    present: int

    @property
    def missing(self) -> int:
        return max(self.expected - self.present, 0)

    @property
    def share(self) -> int:
        """The part that stayed away, in per cent."""
        return round(100 * self.missing / self.expected) if self.expected else 0


def turnout(counts: Iterable[Count]) -> Turnout | None:
    """Compare who has a place with who was there; None where nobody was noted.

    Where people take part on site and online and only one of both is noted, the others count for nothing.
    """
    confirmed = [count for count in counts if count.state is RegistrationState.CONFIRMED]
    noted = {count.attendance for count in confirmed if count.present}
    compared = [count for count in confirmed if count.attendance in noted]
    if not compared:
        return None
    return Turnout(sum(count.number for count in compared), sum(count.present for count in compared))


# the course ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """How many came and went on a day, and how many were there at its end."""

    day: date
    new: int
    gone: int
    total: int


def course(came: Mapping[date, int], went: Mapping[date, int]) -> list[Day]:
    """Return the days on which something happened, in order."""
    total = 0
    days = []
    for day in sorted({*came, *went}):
        new, gone = came.get(day, 0), went.get(day, 0)
        total += new - gone
        days.append(Day(day, new, gone, total))
    return days


def total_on(days: Sequence[Day], day: date) -> int:
    """Return how many there were at the end of a day."""
    return next((one.total for one in reversed(days) if one.day <= day), 0)


def days_before(days: Sequence[Day], start: date, most: int) -> list[tuple[int, int]]:
    """Return how many there were so many days before the start, from the earliest of these days to it."""
    first = min([(start - one.day).days for one in days[:1]] + [most])
    return [(ahead, total_on(days, start - timedelta(days=ahead))) for ahead in range(max(first, 0), -1, -1)]
