"""The figures of one edition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from eventhub import clock
from eventhub.agenda.queries import PlannedSlot, planned_slots
from eventhub.desk import figures
from eventhub.desk.charts import bars, lines
from eventhub.desk.figures import Figure
from eventhub.desk.kinds_of_place import kinds_of_place
from eventhub.desk.registration_queries import number_by_chosen_day
from eventhub.editions.models import Edition
from eventhub.editions.rules import is_over
from eventhub.numbers import queries, rules
from eventhub.numbers.models import FEWEST
from eventhub.numbers.rules import Count, Day, States, Turnout
from eventhub.presence.queries import number_by_day, number_by_slot
from eventhub.registration import days as chosen_days
from eventhub.registration.models import Ending, RegistrationState
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l

ENDINGS = {
    Ending.PARTICIPANT: _l("cancelled by themselves"),
    Ending.ORGANISER: _l("cancelled by an organiser"),
    Ending.DECLINED: _l("declined in their calendar, or an offered place"),
    Ending.EXPIRED: _l("did not take an offered place in time"),
    Ending.UNCONFIRMED: _l("did not confirm their address"),
    Ending.RELEASED: _l("did not say whether they come"),
    Ending.MOVED: _l("moved to another date"),
    Ending.HANDED_OVER: _l("passed their place on"),
}
Part = tuple[str, Sequence[Count]]


def of_edition(edition: Edition, *, everything: bool) -> list[Figure]:
    """Return all figures that an edition has numbers for; `everything` only to who may see its people."""
    counts = queries.counts([edition.id])
    if not counts:
        return []
    everything = everything and edition.erased_at is None
    parts = _parts(edition, counts, everything=everything)
    spreads = figures.told(queries.spreads([edition.id])[edition.id], everything=everything)
    found = [
        course(edition),
        _daily(edition),
        _places(edition, parts),
        _endings(counts),
        _turnout(edition, parts),
        _sessions(edition),
        *(figures.spread_figure(one, everything=everything) for one in spreads),
    ]
    return [figure for figure in found if figure is not None]


def _parts(edition: Edition, counts: Sequence[Count], *, everything: bool) -> list[Part]:
    """Return all registrations, and then those of each way to take part and of each role, with a name."""
    kinds = kinds_of_place(edition)
    parts = [
        *(
            (name, [count for count in counts if count.attendance is attendance])
            for attendance, name in kinds.offered.items()
        ),
        *(
            (title, [count for count in counts if count.role_id == role])
            for role, title in kinds.roles.items()
        ),
    ]
    few = any(0 < sum(count.number for count in found) < FEWEST for _name, found in parts)
    return [(_("all"), counts), *(parts if everything or not few else ())]


# over time ----------------------------------------------------------------------------------------------


def course(edition: Edition) -> Figure | None:
    """Show how registrations came and went, from the opening to the start."""
    days = queries.courses([edition])[edition.id]
    if not days:
        return None
    first, end = _bounds(edition, days)
    came, gone = sum(day.new for day in days), sum(day.gone for day in days)
    numbers = {"came": came, "gone": gone, "left": came - gone}
    ended = rules.course({day.day: day.gone for day in days if day.gone}, {})
    return Figure(
        "course",
        _("Registrations over time"),
        _(
            "Registrations from %(start)s to %(end)s: %(came)s. Of these ended: %(gone)s. Left: %(left)s.",
            start=times.day_short(first),
            end=times.day_short(end),
            **numbers,
        )
        if end > first
        else _(
            "Registrations on %(day)s: %(came)s. Of these ended: %(gone)s. Left: %(left)s.",
            day=times.day_short(first),
            **numbers,
        ),
        (_("Day"), _("Days before the start"), _("new"), _("ended"), _("left")),
        [(day.day, _days_before(edition, day.day), day.new, day.gone, day.total) for day in days],
        lines=lines(
            [
                (_("Have a place, wait, or await approval"), _steps(days, first, end)),
                *([(_("Ended"), _steps(ended, first, end))] if gone else ()),
            ],
            (times.day_short(first), _end_words(edition, end)),
            edition.capacity,
        ),
        hint=_capacity_words(edition) if end > first else "",
    )


def _bounds(edition: Edition, days: Sequence[Day]) -> tuple[date, date]:
    """Return from the opening, or the first registration, until the start, or today."""
    opening = edition.registration_opens_at
    first = min([days[0].day] + ([times.local(opening, edition.zone).date()] if opening else []))
    today = times.local(clock.now(), edition.zone).date()
    return first, max(min(today, edition.start_date or today), days[-1].day)


def _steps(days: Sequence[Day], first: date, end: date) -> list[tuple[int, int]]:
    inside = {first: rules.total_on(days, first)} | {day.day: day.total for day in days}
    return [(day.toordinal(), total) for day, total in (inside | {end: rules.total_on(days, end)}).items()]


def _end_words(edition: Edition, end: date) -> str:
    day = times.day_short(end)
    return _("%(day)s, the start", day=day) if end == edition.start_date else day


def _days_before(edition: Edition, day: date) -> int | None:
    return max((edition.start_date - day).days, 0) if edition.start_date else None


def _capacity_words(edition: Edition) -> str:
    return "" if edition.capacity is None else _("Dashed: places, %(num)s.", num=edition.capacity)


def _daily(edition: Edition) -> Figure | None:
    """Show places and waitlist as they were at the end of each day that was counted."""
    by_day = queries.states_by_day(edition)
    if len(by_day) < 2:
        return None
    most_place = max(one.place for one in by_day.values())
    most_waiting = max(one.waiting for one in by_day.values())
    place, waiting = figures.state_names()[:2]
    return Figure(
        "days",
        _("Places and waitlist day by day"),
        _(
            "The most at the end of a day: %(place)s with a place, %(waiting)s waiting.",
            place=most_place,
            waiting=most_waiting,
        ),
        (_("Day"), *figures.state_names()),
        [(day, *one.each) for day, one in by_day.items()],
        lines=lines(
            [
                (place, [(day.toordinal(), one.place) for day, one in by_day.items()]),
                (waiting, [(day.toordinal(), one.waiting) for day, one in by_day.items()]),
            ],
            (times.day_short(min(by_day)), times.day_short(max(by_day))),
            edition.capacity,
        ),
        hint=_capacity_words(edition),
    )


# what became of them ------------------------------------------------------------------------------------


def _places(edition: Edition, parts: Sequence[Part]) -> Figure:
    """Show what became of registrations, in all and by way to take part and role."""
    rows = [(name, rules.states(counts)) for name, counts in parts]
    whole = rows[0][1]
    return Figure(
        "places",
        _("What became of registrations"),
        _places_words(edition, whole),
        (_("Registrations"), *figures.state_names(), _("in all")),
        [(name, *one.each, one.all) for name, one in rows],
        bars=bars(
            [(name, one.each, times.number(one.all)) for name, one in rows],
            figures.state_names(),
            [edition.capacity, *[None] * (len(rows) - 1)],
        ),
        hint=_capacity_words(edition),
    )


def _places_words(edition: Edition, whole: States) -> str:
    taken = (
        _("Places taken: %(num)s.", num=whole.place)
        if edition.capacity is None
        else _("Places taken: %(num)s of %(all)s.", num=whole.place, all=edition.capacity)
    )
    ended = _(
        "Waiting: %(waiting)s. Cancelled: %(cancelled)s.", waiting=whole.waiting, cancelled=whole.cancelled
    )
    return f"{taken} {ended}"


def _endings(counts: Sequence[Count]) -> Figure | None:
    """Show why registrations ended."""
    numbers: Counter[str] = Counter()
    for count in counts:
        if count.state is RegistrationState.CANCELLED:
            numbers[str(ENDINGS[count.because]) if count.because else _("for another reason")] += count.number
        elif count.state is RegistrationState.REJECTED:
            numbers[_("rejected by an organiser")] += count.number
    if not numbers:
        return None
    ended = numbers.total()
    rows = numbers.most_common()
    return Figure(
        "endings",
        _("Why registrations ended"),
        _("Ended: %(all)s. Most often: %(name)s (%(num)s).", all=ended, name=rows[0][0], num=rows[0][1]),
        (_("Reason"), _("Registrations"), _("Share, per cent")),
        [(name, number, figures.share(number, ended)) for name, number in rows],
        bars=bars([(name, (number,), str(number)) for name, number in rows]),
    )


# who was there ------------------------------------------------------------------------------------------


def _turnout(edition: Edition, parts: Sequence[Part]) -> Figure | None:
    """Show who came and who stayed away, in all, by part and by day, as soon as the first day is over."""
    days = _days_over(edition)
    if not days:
        return None
    found = [(name, one) for name, counts in parts if (one := rules.turnout(counts)) is not None]
    if not found:
        return None
    whole = found[0][1]
    found += _turnout_by_day(edition, whole, days)
    return Figure(
        "turnout",
        _("Who came, and who stayed away"),
        _(
            "Of %(expected)s people with a place %(present)s were there; %(share)s %% stayed away.",
            expected=whole.expected,
            present=whole.present,
            share=whole.share,
        ),
        figures.turnout_heads(_("Who")),
        [figures.turnout_row(name, one) for name, one in found],
        bars=figures.turnout_bars(found),
        hint=_("Where nobody was checked in, on site or online, those people are left out."),
    )


def _days_over(edition: Edition) -> list[tuple[int, date]]:
    """Return the days that have passed with their numbers: whoever is not there yet has not stayed away."""
    now = clock.now()
    over, today = is_over(edition, now), times.local(now, edition.zone).date()
    return [(number, day) for number, day in chosen_days.dates_of(edition) if over or day < today]


def _turnout_by_day(
    edition: Edition, whole: Turnout, days: Sequence[tuple[int, date]]
) -> list[tuple[str, Turnout]]:
    if chosen_days.number_of(edition) < 2:
        return []
    present, expected = number_by_day(edition), number_by_chosen_day(edition)
    return [
        (times.day(day), Turnout(expected.get(number, whole.expected), present.get(day, 0)))
        for number, day in days
    ]


def _sessions(edition: Edition) -> Figure | None:
    """Show how many chose each session, and how many were in it."""
    found = _chosen_sessions(edition)
    if not found:
        return None
    noted = any(one.present for one in found)
    largest = max(found, key=lambda one: one.most)
    drawn = sorted(found, key=lambda one: one.most, reverse=True)[: figures.MOST_BARS]
    drawn = [one for one in found if one in drawn]
    return Figure(
        "sessions",
        _("Attendance of sessions"),
        _(
            "Largest of %(all)s: %(name)s (%(num)s).",
            all=len(found),
            name=largest.slot.title,
            num=largest.most,
        ),
        (_("Session"), _("Day and time"), _("Places"), _("Chose it"), _("Were there")),
        [
            (one.slot.title, _slot_time(one.slot), one.places, one.chosen, one.present if noted else None)
            for one in found
        ],
        bars=bars(
            [(one.slot.title, one.parts(noted), one.words(noted)) for one in drawn],
            (_("Were there"), _("Chose it and were not there")) if noted else (),
            [one.places for one in drawn],
        ),
        hint=_("Dashed: places of a session.") if any(one.places for one in drawn) else "",
    )


@dataclass(frozen=True)
class _Session:
    """A session that people chose, signed up for, or were seen in."""

    slot: PlannedSlot
    places: int | None
    chosen: int
    present: int

    @property
    def most(self) -> int:
        return max(self.chosen, self.present)

    def parts(self, noted: bool) -> tuple[int, ...]:
        return (self.present, max(self.chosen - self.present, 0)) if noted else (self.chosen,)

    def words(self, noted: bool) -> str:
        if not noted:
            return str(self.chosen)
        return _("%(taken)s of %(all)s", taken=self.present, all=self.chosen)


def _chosen_sessions(edition: Edition) -> list[_Session]:
    slots = planned_slots(edition.id)
    keys = [slot.id for slot in slots]
    chosen, places, present = (
        queries.choices_by_slot(edition),
        queries.places_by_slot(keys),
        number_by_slot(keys),
    )
    known = {*chosen, *places, *present}
    return [
        _Session(slot, places.get(slot.id), chosen.get(slot.id, 0), present.get(slot.id, 0))
        for slot in slots
        if slot.id in known
    ]


def _slot_time(slot: PlannedSlot) -> str:
    day = times.day_number(slot.day) if slot.day else ""
    return ", ".join(part for part in (day, times.clock(slot.start_time) if slot.start_time else "") if part)
