"""The figures of a series, edition by edition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import exists, select

from eventhub import clock
from eventhub.desk import figures
from eventhub.desk.charts import KINDS, bars, lines
from eventhub.desk.figures import Cells, Figure
from eventhub.editions.models import Edition, Series
from eventhub.editions.rules import is_over
from eventhub.extensions import db
from eventhub.numbers import queries, rules
from eventhub.numbers.rules import Count, Spread
from eventhub.registration.models import Registration
from eventhub.web import times
from eventhub.web.languages import gettext as _

MOST_DRAWN = 12
"""So many of the latest editions are drawn; tables have all."""
MOST_COURSES = 5
LONGEST_COURSE = 120
DAYS_BEFORE = (120, 90, 60, 42, 28, 21, 14, 7, 3, 2, 1, 0)


def of_series(series: Series, *, everything: bool) -> list[Figure]:
    """Return all figures that a series has numbers for; `everything` only to who may see its people."""
    editions = _peopled(series)
    keys = [edition.id for edition in editions]
    if not keys:
        return []
    counts: dict[int, list[Count]] = defaultdict(list)
    for count in queries.counts(keys):
        counts[count.edition_id].append(count)
    spreads = {
        key: figures.told(found, everything=everything) for key, found in queries.spreads(keys).items()
    }
    found = [
        _registrations(editions, counts),
        _courses(editions),
        _turnout(editions, counts),
        _spread(rules.LEVEL, _("Levels of government"), _("People"), editions, _levels(spreads)),
        *(
            _spread(f"question-{number}", label, _("Answers"), editions, by_edition)
            for number, (label, by_edition) in enumerate(_asked_again(spreads).items(), 1)
        ),
    ]
    return [figure for figure in found if figure is not None]


def _peopled(series: Series) -> Sequence[Edition]:
    """Return the editions for which anybody ever registered, by date."""
    registered = exists().where(Registration.edition_id == Edition.id)
    return db.session.scalars(
        select(Edition)
        .where(Edition.series_id == series.id, registered)
        .order_by(Edition.start_date.is_(None), Edition.start_date, Edition.number, Edition.id)
    ).all()


def _registrations(editions: Sequence[Edition], counts: Mapping[int, Sequence[Count]]) -> Figure:
    rows = [(edition, rules.states(counts[edition.id])) for edition in editions]
    drawn = rows[-MOST_DRAWN:]
    largest, most = max(rows, key=lambda row: row[1].all)
    return Figure(
        "registrations",
        _("Registrations by edition"),
        _(
            "Editions: %(all)s. Most registrations: %(name)s (%(num)s).",
            all=len(rows),
            name=largest.title,
            num=most.all,
        ),
        (_("Edition"), _("Day"), _("Places"), *figures.state_names(), _("in all")),
        [(one.title, one.start_date, one.capacity, *found.each, found.all) for one, found in rows],
        bars=bars(
            [(one.title, found.each, times.number(found.all)) for one, found in drawn],
            figures.state_names(),
            [one.capacity for one, _found in drawn],
        ),
        hint=_("Dashed: places of an edition.") if any(one.capacity for one, _found in drawn) else "",
    )


def _courses(editions: Sequence[Edition]) -> Figure | None:
    """Compare how registrations rose in the days before each start, as far as they have passed."""
    latest = [edition for edition in editions if edition.start_date is not None][-MOST_COURSES:]
    found = queries.courses(latest)
    courses = {
        edition.id: [
            (ahead, total)
            for ahead, total in rules.days_before(found[edition.id], edition.start_date, LONGEST_COURSE)
            if ahead >= _days_left(edition)
        ]
        for edition in latest
        if edition.start_date is not None
    }
    latest = [edition for edition in latest if courses[edition.id]]
    if not latest:
        return None
    earliest = max(ahead for course in courses.values() for ahead, _total in course)
    drawn = [(edition.title, [(-ahead, total) for ahead, total in courses[edition.id]]) for edition in latest]
    by_day = {edition.id: dict(courses[edition.id]) for edition in latest}
    rows: list[Cells] = [
        (ahead, *(by_day[edition.id].get(ahead) for edition in latest))
        for ahead in DAYS_BEFORE
        if ahead <= earliest
    ]
    return Figure(
        "courses",
        _("Registrations before the start"),
        _("Who had a place or waited so many days before the start, in the latest editions."),
        (_("Days before the start"), *(edition.title for edition in latest)),
        rows,
        lines=lines(drawn, (_("%(num)s days before", num=earliest), _("Start"))),
    )


def _days_left(edition: Edition) -> int:
    today = times.local(clock.now(), edition.zone).date()
    return max((edition.start_date - today).days, 0) if edition.start_date else 0


def _turnout(editions: Sequence[Edition], counts: Mapping[int, Sequence[Count]]) -> Figure | None:
    now = clock.now()
    found = [
        (edition.title, one)
        for edition in editions
        if is_over(edition, now) and (one := rules.turnout(counts[edition.id])) is not None
    ]
    if not found:
        return None
    expected = sum(one.expected for _title, one in found)
    missing = sum(one.missing for _title, one in found)
    return Figure(
        "turnout",
        _("Who came, and who stayed away"),
        _(
            "Of %(expected)s people with a place in all editions, %(share)s %% stayed away.",
            expected=expected,
            share=figures.share(missing, expected),
        ),
        figures.turnout_heads(_("Edition")),
        [figures.turnout_row(title, one) for title, one in found],
        bars=figures.turnout_bars(found[-MOST_DRAWN:]),
    )


# how people are spread ----------------------------------------------------------------------------------


def _levels(spreads: Mapping[int, Sequence[Spread]]) -> dict[int, Spread]:
    return {key: one for key, found in spreads.items() for one in found if one.subject == rules.LEVEL}


def _asked_again(spreads: Mapping[int, Sequence[Spread]]) -> dict[str, dict[int, Spread]]:
    """Return by their words the questions that several editions have asked, with the answers in each."""
    by_label: dict[str, dict[int, Spread]] = defaultdict(dict)
    for key, found in spreads.items():
        for one in found:
            if one.subject != rules.LEVEL:
                by_label[one.label][key] = one
    return {label: by_edition for label, by_edition in by_label.items() if len(by_edition) > 1}


def _spread(
    key: str, title: str, head: str, editions: Sequence[Edition], spreads: Mapping[int, Spread]
) -> Figure | None:
    """Show how people are spread over the same answers or levels in each edition."""
    found = [
        (edition.title, spreads[edition.id])
        for edition in editions
        if edition.id in spreads and spreads[edition.id].people
    ]
    if not found:
        return None
    numbers = [
        (edition, one.people, {figures.cell_words(one, cell): cell.number for cell in one.cells})
        for edition, one in found
    ]
    names = _by_frequency([by_name for _edition, _people, by_name in numbers])
    drawn = names if len(names) <= KINDS else [*names[: KINDS - 1], _("others")]
    return Figure(
        key,
        title,
        _("Most often in all editions: %(name)s.", name=names[0]) if names else _("Nothing is told apart."),
        (_("Edition"), *names, head),
        [(edition, *(by_name.get(one, 0) for one in names), people) for edition, people, by_name in numbers],
        bars=bars(
            [
                (edition, _merged(by_name, names, len(drawn)), times.number(people))
                for edition, people, by_name in numbers[-MOST_DRAWN:]
            ],
            drawn,
        ),
        hint=_("People may choose several.") if any(one.overlaps for _edition, one in found) else "",
    )


def _by_frequency(numbers: Sequence[Mapping[str, int]]) -> list[str]:
    sums: dict[str, int] = defaultdict(int)
    for by_name in numbers:
        for name, number in by_name.items():
            sums[name] += number
    return sorted((name for name in sums if sums[name]), key=lambda name: -sums[name])


def _merged(by_name: Mapping[str, int], names: Sequence[str], most: int) -> list[int]:
    """Return the numbers in order, the last of so many standing for all that follow."""
    numbers = [by_name.get(name, 0) for name in names]
    return [*numbers[: most - 1], sum(numbers[most - 1 :])]
