"""Problems, times and places of slots in words."""

from __future__ import annotations

from collections.abc import Mapping

from eventhub.signups import rules
from eventhub.signups.models import Alternatives, SignupState
from eventhub.signups.queries import Listed, sessions
from eventhub.signups.rules import Problem, Why
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext

Rows = Mapping[int, Listed]


def problem_words(problem: Problem, rows: Rows) -> str:
    """Say why a slot can't be chosen, and what to do instead."""
    reason = _reason(problem, rows)
    if problem.instead_id is None:
        return reason
    refused, free = rows[problem.id], rows[problem.instead_id]
    instead = _("Free instead: %(slot)s.", slot=named(free, with_day=free.day != refused.day))
    return f"{reason} {instead}"


def _reason(problem: Problem, rows: Rows) -> str:
    slot = named(rows[problem.id])
    other = named(rows[problem.other_id]) if problem.other_id is not None else ""
    return {
        Why.CLOSED: lambda: _("%(slot)s has begun or does not take place.", slot=slot),
        Why.SECOND: lambda: _(
            "Choose %(slot)s or %(other)s: there is one place for each person.", slot=slot, other=other
        ),
        Why.CLASH: lambda: _(
            "%(slot)s overlaps with %(other)s. Choose one of the two.", slot=slot, other=other
        ),
        Why.NEEDS: lambda: _(
            "%(slot)s builds on %(other)s. Choose %(other)s too, or leave out both.", slot=slot, other=other
        ),
        Why.NEEDS_PLACE: lambda: _(
            "%(slot)s builds on %(other)s, where you would be on the waitlist. "
            "You can choose it as soon as you have a place there.",
            slot=slot,
            other=other,
        ),
        Why.FULL: lambda: _(
            "%(slot)s has filled up in the meantime. "
            "Choose another one, or leave it ticked to join its waitlist.",
            slot=slot,
        ),
    }[problem.why]()


def named(slot: Listed, *, with_day: bool = False) -> str:
    """Return the title in quotation marks with its time, and its day where that is another one."""
    when = ", ".join(_when(slot)) if with_day else hours(slot)
    title = _("“%(title)s”", title=slot.title)
    return _("%(title)s (%(when)s)", title=title, when=when) if when else title


def hours(slot: Listed) -> str:
    """Return from when to when a slot takes place, without its day."""
    if slot.start_time is None:
        return ""
    return times.time_range(slot.start_time, slot.end_time)


def line(slot: Listed) -> str:
    """Return day, hours, title, room and directions of a slot in one line, for mails."""
    found = ", ".join(part for part in (*_when(slot), slot.title, slot.room or "") if part)
    directions = " ".join(slot.directions.split())
    return f"{found}. {directions}" if directions else found


def _when(slot: Listed) -> list[str]:
    at = [times.day_short(slot.day)] if slot.day else []
    return at + ([hours(slot)] if slot.start_time else [])


def wish_name(rank: int) -> str:
    """Return "1st wish" and so on."""
    return _("%(nth)s wish", nth=times.ordinal(rank))


def wishes_for(alternatives: Alternatives, wishes: Mapping[int, int], rows: Rows) -> dict[int, int]:
    """Return those of the wishes that are about these alternatives."""
    own = {key for key, row in rows.items() if row.alternatives_id == alternatives.id}
    return {key: rank for key, rank in wishes.items() if key in own}


def explanation(
    rank: int | None,
    alternatives: Alternatives,
    wishes: Mapping[int, int],
    rows: Rows,
    held: Mapping[int, SignupState],
) -> list[str]:
    """Say in sentences what the allocation gave somebody, and why.

    `wishes` maps slots to their ranks, `held` maps those that somebody has by now to their states.
    """
    dearest_first = sorted(wishes, key=lambda key: wishes[key])
    got = next((key for key in dearest_first if wishes[key] == rank), None)
    if rank is None:
        found = _no_wish(wishes, rows, held)
    elif got is None:  # it takes no wishes any more
        found = [_("You got your %(wish)s.", wish=wish_name(rank))]
    else:
        found = [_("You have your %(wish)s: “%(slot)s”.", wish=wish_name(rank), slot=rows[got].title)]
    for key in (key for key in dearest_first if rank is None or wishes[key] < rank):
        demand = (alternatives.demand or {}).get(str(key))
        if demand:
            found.append(
                ngettext(
                    "“%(slot)s” (places: %(places)s) was the 1st wish of %(num)s person.",
                    "“%(slot)s” (places: %(places)s) was the 1st wish of %(num)s people.",
                    demand["first"],
                    slot=rows[key].title,
                    places=demand["places"],
                )
            )
    found.append(
        _(
            "As many people as possible got one of their wishes, and these as high up as possible; "
            "among equals the lot decided. It was drawn before anybody had a wish: number %(seed)s.",
            seed=alternatives.seed,
        )
    )
    return found


def _no_wish(wishes: Mapping[int, int], rows: Rows, held: Mapping[int, SignupState]) -> list[str]:
    own = [held[key] for key in wishes if key in held]
    if SignupState.WAITLISTED in own:
        return [_("None of your wishes could be fulfilled, so you stand on the waitlist of one of them.")]
    found = [_("None of your wishes could be fulfilled.")]
    if own:
        return found
    against = rules.against_wishes(sessions(rows), held, dict.fromkeys(held, True), wishes)
    return found + [problem_words(problem, rows) for problem in against]
