"""What an organiser should look at in a programme before others do, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eventhub.agenda import rules
from eventhub.agenda.models import Kind
from eventhub.agenda.queries import PlannedSlot, Programme, programme_in_work
from eventhub.agenda.rules import Booking, Clash, ClashKind, Frame
from eventhub.editions.models import Edition
from eventhub.engagements.queries import Unconfirmed, unconfirmed
from eventhub.signups.queries import Limits, limits_of
from eventhub.web import times
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.times import local

RESTING = frozenset({Kind.BREAK, Kind.EXCURSION, Kind.OPEN_SPACE})
"""Kinds of slots in which people come and go, or move about."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A clash in words, with the slot in which it can be solved."""

    text: str
    slug: str
    silent: int | None = None
    """The speaker who has not answered, and can be reminded on the page of speakers."""


_SENTENCES = {
    (ClashKind.OUTSIDE, False): _l("“%(first)s” on %(day)s lies outside of the days of the edition"),
    (ClashKind.HOURS, False): _l("“%(first)s”, %(when)s, lies outside of the hours of the edition"),
    (ClashKind.ROOM, True): _l("%(name)s is taken twice, %(when)s: “%(first)s” and “%(second)s”"),
    (ClashKind.PERSON, True): _l("%(name)s is needed twice, %(when)s: “%(first)s” and “%(second)s”"),
    (ClashKind.BREAK, True): _l("%(name)s: no break for more than three hours, %(when)s"),
    (ClashKind.BREAK, False): _l("No break for more than three hours, %(when)s"),
    (ClashKind.CAPACITY, True): _l("“%(first)s” has %(places)s places, but %(name)s has %(seats)s seats"),
    (ClashKind.ORDER, False): _l("“%(second)s” begins before “%(first)s” has ended, on which it builds"),
    (ClashKind.UNCONFIRMED, True): _l("“%(first)s”: %(name)s has not said yes yet"),
    (ClashKind.DECLINED, True): _l("“%(first)s”: %(name)s has declined"),
}
_ON_CARDS = {
    ClashKind.OUTSIDE: _l("outside of the days of the edition"),
    ClashKind.HOURS: _l("outside of the hours of the edition"),
    ClashKind.ROOM: _l("%(name)s taken twice"),
    ClashKind.PERSON: _l("%(name)s needed twice"),
    ClashKind.BREAK: _l("no break for three hours"),
    ClashKind.CAPACITY: _l("more places than seats"),
    ClashKind.ORDER: _l("wrong order"),
    ClashKind.UNCONFIRMED: _l("%(name)s has not said yes yet"),
    ClashKind.DECLINED: _l("%(name)s has declined"),
}


def warnings_of(edition: Edition) -> list[Notice]:
    """Return every warning about the programme of an edition."""
    found = programme_in_work(edition)
    return notices(clashes_of(edition, found), found, edition)


def notices(clashes: Sequence[Clash], found: Programme, edition: Edition) -> list[Notice]:
    """Say each clash in words."""
    slots = {slot.id: slot for slot in found.slots}
    return [
        Notice(
            words(clash, slots, edition), slots[clash.other_id or clash.slot_id].slug, _silent(clash, found)
        )
        for clash in clashes
    ]


def _silent(clash: Clash, found: Programme) -> int | None:
    if clash.kind is not ClashKind.UNCONFIRMED:
        return None
    people = found.people[clash.slot_id]
    return next(one.speaker_id for one in people if one.name == clash.name)


def clashes_of(edition: Edition, found: Programme) -> list[Clash]:
    """Return what can't all be true of this programme, or should not be; a cancelled slot needs nothing."""
    limits, answers = _limits(edition, found), unconfirmed(edition)
    bookings = [
        _booking(slot, found, limits.get(slot.id), answers) for slot in found.slots if not slot.cancelled
    ]
    frame = Frame(edition.start_date, edition.end_date, edition.starts_at, edition.ends_at)
    return rules.clashes(bookings, frame)


def _limits(edition: Edition, found: Programme) -> dict[int, Limits]:
    """Return the limits of slots by their keys in this programme, which may be a draft."""
    here = {slot.public_id: slot.id for slot in found.slots}
    return {
        here[key]: replace(one, needs_id=here.get(one.needs_id)) if one.needs_id else one
        for key, one in limits_of(edition.id).items()
        if key in here
    }


def _booking(slot: PlannedSlot, found: Programme, limits: Limits | None, answers: Unconfirmed) -> Booking:
    people = found.people.get(slot.id, ())
    return Booking(
        slot_id=slot.id,
        day=slot.day,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        room=slot.room,
        people=frozenset((one.speaker_id, one.name) for one in people),
        parent_id=slot.parent_id,
        rests=slot.kind in RESTING,
        capacity=limits.capacity if limits else None,
        seats=slot.seats,
        needs_id=limits.needs_id if limits else None,
        unconfirmed=frozenset(one.name for one in people if one.speaker_id in answers.silent),
        declined=frozenset(one.name for one in people if one.speaker_id in answers.declined),
    )


def words(clash: Clash, slots: Mapping[int, PlannedSlot], edition: Edition) -> str:
    """Say in one sentence what is wrong."""
    first = slots[clash.slot_id]
    places, seats = clash.numbers or (0, 0)
    values = {
        "name": clash.name,
        "when": _when(clash, edition.zone),
        "day": times.day(first.day) if first.day else "",
        "first": first.title,
        "second": slots[clash.other_id].title if clash.other_id else "",
        "places": places,
        "seats": seats,
    }
    return str(_SENTENCES[clash.kind, bool(clash.name)]) % values


def _when(clash: Clash, zone: str) -> str:
    if clash.starts_at is None or clash.ends_at is None:
        return ""
    start, end = local(clash.starts_at, zone), local(clash.ends_at, zone)
    return f"{times.day_long(start.date(), False)}, {times.time_range(start, end)}"


def short_words(clash: Clash) -> str:
    """Say on a card what is wrong."""
    return str(_ON_CARDS[clash.kind]) % {"name": clash.name}
