"""Slots with places as forms offer them: on a participant's page, and at the end of the registration form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventhub import clock
from eventhub.facts import FormShown
from eventhub.registration.wanted import ONE_OF, SLOT, WAITS, WISH, Wanted
from eventhub.signups import queries, words
from eventhub.signups.models import Alternatives, Signup, SignupState
from eventhub.signups.queries import Listed

NOTHING: Mapping[int, Any] = {}
NAMES = {"one": SLOT, "one_of": ONE_OF, "wish": WISH}


@dataclass(frozen=True, slots=True)
class Row:
    """A slot as a form offers it."""

    slot: Listed
    value: str
    ticked: bool
    rank: int | None
    """Which wish it is, where it is ranked."""
    state: SignupState | None
    position: int | None
    disabled: bool
    error: str


Section = tuple[Alternatives | None, list[Row]]


def sections(
    listed: Mapping[int, Listed],
    alternatives: Sequence[Alternatives],
    wanted: Wanted,
    reasons: Mapping[int, str],
    held: Mapping[int, Signup] = NOTHING,
    positions: Mapping[int, int] = NOTHING,
) -> list[Section]:
    """Return the slots in the order of the programme; alternatives stand together where the first stands."""
    named = {one.id: one for one in alternatives}
    found: dict[object, Section] = {}
    for row in _rows(listed, wanted, reasons, held, positions):
        one_of = named.get(row.slot.alternatives_id or 0)
        place = ("one of", one_of.id) if one_of else ("day", row.slot.day)
        found.setdefault(place, (one_of, []))[1].append(row)
    return list(found.values())


def shown(listed: Mapping[int, Listed]) -> dict[str, Any]:
    """Return what `signups/choosing.html` needs besides the sections."""
    return {"listed": listed, "wish_name": words.wish_name, "hours": words.hours, "names": NAMES}


def add_sessions(fact: FormShown) -> None:
    """Let people choose sessions while they register, or say when they can."""
    if not queries.takes_signups(fact.edition.id):
        return
    listed = queries.listed(fact.edition.id)
    now = clock.now()
    if all(slot.session(now).closed for slot in listed.values()):
        return
    if fact.together or not fact.certain:
        fact.parts.append(("signups/later.html", {"together": fact.together}))
        return
    found = sections(
        listed, queries.alternatives_among(fact.edition, listed.values()), fact.wanted, fact.reasons
    )
    fact.parts.append(("signups/at_once.html", {"sections": found, **shown(listed)}))


def _rows(
    listed: Mapping[int, Listed],
    wanted: Wanted,
    reasons: Mapping[int, str],
    held: Mapping[int, Signup],
    positions: Mapping[int, int],
) -> Iterator[Row]:
    sessions = queries.sessions(listed)
    for key, slot in listed.items():
        own = held.get(key)
        yield Row(
            slot=slot,
            value=_value(slot, wanted, reasons, has_it=own is not None),
            ticked=key in wanted.picks,
            rank=wanted.ranks.get(key),
            state=own.state if own else None,
            position=positions.get(key),
            disabled=sessions[key].closed and own is None,
            error=reasons.get(key, ""),
        )


def _value(slot: Listed, wanted: Wanted, reasons: Mapping[int, str], *, has_it: bool) -> str:
    """Return what the form sends for a slot: who was not told that it is full would not wait for it."""
    untold = wanted.picks.get(slot.id) is False and slot.id not in reasons
    return str(slot.id) if slot.free or has_it or untold else f"{slot.id}{WAITS}"
