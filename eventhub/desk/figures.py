"""A figure: a heading, one sentence, a picture, and the numbers behind it as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from eventhub.desk.charts import Bars, Lines, bars
from eventhub.numbers.models import FEWEST
from eventhub.numbers.rules import LEVEL, RARE, UNKNOWN, Cell, Spread, Turnout, discreet
from eventhub.organisations.levels import LEVELS
from eventhub.organisations.models import Level
from eventhub.questionnaires import rules as questions
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Asked
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l

Cells = tuple[str | int | date | None, ...]
"""A row of a table: what it is about, and its numbers."""
MOST_BARS = 40
STATES = (_l("Have a place"), _l("Wait"), _l("Await approval"), _l("Cancelled"), _l("Rejected"))
"""Names of the parts of `numbers.rules.States`, in their order."""


@dataclass(frozen=True)
class Figure:
    """What one section of a page of numbers shows; without rows there is nothing to tell but the sentence."""

    key: str
    title: str
    says: str
    heads: tuple[str, ...] = ()
    rows: Sequence[Cells] = ()
    bars: Bars | None = None
    lines: Lines | None = None
    hint: str = ""

    @property
    def shown(self) -> list[list[str]]:
        """The rows as a page writes them."""
        return [[_shown(cell) for cell in row] for row in self.rows]


def _shown(cell: object) -> str:
    if isinstance(cell, date):
        return times.day_number(cell)
    if isinstance(cell, int):
        return times.number(cell)
    return "–" if cell is None else str(cell)


def table_of(figure: Figure) -> Iterator[Sequence[str]]:
    """Return the numbers of a figure with their heads."""
    yield figure.heads
    for row in figure.rows:
        yield [_text(cell) for cell in row]


def one_table(figures: Iterable[Figure]) -> Iterator[Sequence[str]]:
    """Return the numbers of all figures below each other, each in a row of its own."""
    yield _("Table"), _("Row"), _("What is counted"), _("How many")
    for figure in figures:
        for first, *others in figure.rows:
            for head, cell in zip(figure.heads[1:], others, strict=True):
                yield figure.title, _text(first), head, _text(cell)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def state_names() -> tuple[str, ...]:
    return tuple(str(name) for name in STATES)


def share(number: int, whole: int) -> int:
    """Return a part in per cent."""
    return round(100 * number / whole) if whole else 0


# who came ---------------------------------------------------------------------------------------------


def turnout_heads(first: str) -> tuple[str, ...]:
    return first, _("Expected"), _("Were there"), _("Stayed away"), _("Stayed away, per cent")


def turnout_row(label: str, found: Turnout) -> Cells:
    return label, found.expected, found.present, found.missing, found.share


def turnout_bars(found: Sequence[tuple[str, Turnout]]) -> Bars | None:
    """Draw who came and who stayed away, with the share of the latter beside it."""
    return bars(
        [(label, (one.present, one.missing), per_cent(one.share)) for label, one in found],
        (_("Were there"), _("Stayed away")),
    )


def per_cent(number: int) -> str:
    return _("%(num)s %%", num=number)


# how people are spread ----------------------------------------------------------------------------------


def told(spreads: Iterable[Spread], *, everything: bool) -> list[Spread]:
    """Return what a reader may be told: all of it only where they may see the people anyway."""
    return [one if everything else discreet(one) for one in spreads]


def spread_figure(spread: Spread, *, everything: bool) -> Figure:
    """Show how people are spread over answers or levels."""
    key, title, head = _named(spread)
    if not spread.people:
        return Figure(
            key, title, _("Fewer than %(num)s people said something, so nothing is told.", num=FEWEST)
        )
    lines = [(cell_words(spread, cell), cell.number) for cell in spread.cells]
    return Figure(
        key,
        title,
        _says(spread, lines),
        (head, _("People"), _("Share, per cent")),
        [(label, number, share(number, spread.people)) for label, number in lines],
        bars=bars([(label, (number,), str(number)) for label, number in lines]),
        hint=_hint(spread, everything=everything),
    )


def cell_words(spread: Spread, cell: Cell) -> str:
    """Return what the people of a cell have in common."""
    if cell.value == RARE:
        return _("others, too rare to stand alone")
    if spread.subject == LEVEL:
        return _("not known") if cell.value == UNKNOWN else str(LEVELS[Level(cell.value)])
    if spread.kind in {Kind.YES_NO, Kind.CONSENT}:  # which have no words of the organiser
        return dict(questions.choices(Asked(0, spread.kind, spread.label))).get(cell.value, cell.value)
    return cell.label


def _named(spread: Spread) -> tuple[str, str, str]:
    if spread.subject == LEVEL:
        return spread.subject, _("Levels of government"), _("Level of government")
    return spread.subject.replace(":", "-").replace(".", "-"), spread.label, _("Answer")


def _says(spread: Spread, lines: Sequence[tuple[str, int]]) -> str:
    if spread.subject == LEVEL:
        counted = _("People who have a place or wait: %(num)s.", num=spread.people)
    else:
        counted = _("Answers: %(num)s.", num=spread.people)
    if not any(number for _label, number in lines):
        return counted
    most = max(lines, key=lambda line: line[1])
    return f"{counted} " + _("Most often: %(name)s (%(num)s).", name=most[0], num=most[1])


def _hint(spread: Spread, *, everything: bool) -> str:
    hints = []
    if spread.subject == LEVEL:
        hints.append(_("The level is that of the organisation that people name, where it is known here."))
    if spread.kind is Kind.SEVERAL_OF:
        hints.append(_("People may choose several."))
    if spread.kind is Kind.RANKING:
        hints.append(_("Counted by first choice."))
    if not everything or any(cell.value == RARE for cell in spread.cells):
        hints.append(_("What fewer than %(num)s people have in common is not counted apart.", num=FEWEST))
    return " ".join(hints)
