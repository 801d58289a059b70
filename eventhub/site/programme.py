"""The programme as pages show it: by day, by part, as a list or as a grid of parallel rooms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from markupsafe import Markup

from eventhub.agenda.models import Kind, Slot, SpeakerRole
from eventhub.agenda.queries import Appearance, PlannedSlot, PlannedTrack, Programme
from eventhub.editions.models import Edition
from eventhub.site.grids import Grid, grid_of
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language
from eventhub.web.links import path_to
from eventhub.web.rich_text import rich_text

AnySlot = TypeVar("AnySlot", bound=PlannedSlot)
STYLES = {
    Kind.TALK: "input",
    Kind.PLENARY: "talk",
    Kind.WORKSHOP: "work",
    Kind.DISCUSSION: "talk",
    Kind.EXCURSION: "trip",
    Kind.GAME: "work",
    Kind.BREAK: "break",
    Kind.OPEN_SPACE: "work",
    Kind.OTHER: "talk",
}


@dataclass(slots=True)
class Item:
    """One slot with everything said in words, so that the template only places it."""

    slot: PlannedSlot
    style: str
    lang: Markup
    kind: str
    clock: str
    machine: str
    minutes: int | None
    length: str
    who: str
    text: Markup
    url: str
    ics: str
    parts: list[Item] = field(default_factory=list)
    parallel: bool = False
    with_next: bool = False
    order_open: bool = False
    place: str = ""

    @property
    def css(self) -> str:
        """The classes of the slot: its kind, its place in a grid, whether the next runs beside it."""
        found = f"k-{self.style} {self.place}" if self.place else f"k-{self.style}"
        return f"{found} is-with" if self.with_next and self.place else found

    @property
    def minute(self) -> int:
        """When the slot starts, in minutes from midnight."""
        start = self.slot.start_time
        return start.hour * 60 + start.minute if start else 0

    @property
    def is_break(self) -> bool:
        return self.slot.kind is Kind.BREAK


@dataclass(slots=True)
class Section:
    """A part of a day with its own agenda; the whole day where it has no such parts."""

    track: PlannedTrack | None
    items: list[Item]


@dataclass(slots=True)
class Day:
    date: date | None
    anchor: str
    sections: list[Section]
    grid: Grid | None = None

    @property
    def items(self) -> list[Item]:
        return [item for section in self.sections for item in section.items]


@dataclass(slots=True)
class Agenda:
    """The programme of an edition after filters, and what can be filtered."""

    days: list[Day]
    all_days: list[date]
    tracks: Sequence[PlannedTrack]
    track_names: dict[int, str]
    has_times: bool
    chosen_day: date | None = None
    chosen_track: str | None = None

    @property
    def has_grid(self) -> bool:
        return any(day.grid for day in self.days)

    @property
    def mixed(self) -> bool:
        """Whether slots of several tracks stand together, so that each names its own."""
        return len(self.tracks) > 1 and not self.chosen_track and self.days_are_mixed

    @property
    def days_are_mixed(self) -> bool:
        return any(section.track is None for day in self.days for section in day.sections)


def agenda_of(
    edition: Edition,
    programme: Programme,
    *,
    day: str | None = None,
    track: str | None = None,
    as_list: bool = False,
    with_texts: bool = True,
) -> Agenda:
    """Arrange the programme; a day or track that does not exist filters nothing."""
    if edition.waits_for_day:
        programme = replace(programme, slots=[_without_time(slot) for slot in programme.slots])
    tops = [slot for slot in programme.slots if slot.parent_id is None]
    all_days = sorted({slot.day for slot in tops if slot.day is not None})
    chosen_day = next((one for one in all_days if one.isoformat() == day), None)
    chosen_track = next((one for one in programme.tracks if one.slug == track), None)
    wanted = [
        slot
        for slot in tops
        if (chosen_day is None or slot.day == chosen_day)
        and (chosen_track is None or slot.track_id == chosen_track.id)
    ]
    writer = _Writer(edition, programme, with_texts)
    agenda = Agenda(
        days=[],
        all_days=all_days,
        tracks=programme.tracks,
        track_names={one.id: one.name for one in programme.tracks},
        has_times=any(slot.start_time for slot in tops),
        chosen_day=chosen_day,
        chosen_track=chosen_track.slug if chosen_track else None,
    )
    for number, (when, slots) in enumerate(_by_day(wanted), start=1):
        items = [writer.item(slot) for slot in in_order(slots)]
        _mark_neighbours(items)
        grid = None if as_list or chosen_track else grid_of(items, agenda.tracks)
        sections = [Section(None, items)] if grid else _sections(items, programme.tracks)
        agenda.days.append(Day(when, f"day-{number}", sections, grid))
    return agenda


def _without_time(slot: PlannedSlot) -> PlannedSlot:
    return replace(slot, day=None, start_time=None, end_day=None, end_time=None, starts_at=None, ends_at=None)


def _by_day(slots: Iterable[PlannedSlot]) -> list[tuple[date | None, list[PlannedSlot]]]:
    found: dict[date | None, list[PlannedSlot]] = {}
    for slot in slots:
        found.setdefault(slot.day, []).append(slot)
    return sorted(found.items(), key=lambda pair: pair[0] or date.max)


def in_order(slots: Sequence[AnySlot]) -> list[AnySlot]:
    """Sort by the clock; a slot without a time stays behind the one that its position follows."""
    latest = time.min
    keys: list[tuple[time, int]] = []
    untimed_last = sorted(slots, key=lambda slot: (slot.position, slot.start_time or time.max))
    for at, slot in enumerate(untimed_last):
        latest = slot.start_time or latest
        keys.append((latest, at))
    return [untimed_last[at] for _latest, at in sorted(keys)]


def _mark_neighbours(items: list[Item]) -> None:
    """Tell each item, in their order, whether others run at the same time, and whether the order is open."""
    running: list[Item] = []
    for item in items:
        start, end = item.slot.starts_at, item.slot.ends_at
        if start is None or end is None:
            continue
        running = [other for other in running if other.slot.ends_at and other.slot.ends_at > start]
        if running:
            running[-1].with_next = True
            for one in (item, *running):
                one.parallel = True
        running.append(item)
    places = Counter(item.slot.position for item in items if item.slot.start_time is None)
    for item in items:
        item.order_open = (
            item.slot.start_time is None and item.slot.position > 0 and places[item.slot.position] > 1
        )


def _sections(items: list[Item], tracks: Sequence[PlannedTrack]) -> list[Section]:
    """Divide a day into its parts where each track runs on its own, else keep it whole."""
    used = {item.slot.track_id for item in items}
    if len(used) < 2 or None in used or any(item.parallel and not item.is_break for item in items):
        only = next((track for track in tracks if {track.id} == used), None)
        return [Section(only, items)]
    return [
        Section(track, [item for item in items if item.slot.track_id == track.id])
        for track in tracks
        if track.id in used
    ]


class _Writer:
    """Writes the items of one edition in the language of the page."""

    def __init__(self, edition: Edition, programme: Programme, with_texts: bool) -> None:
        self.programme, self.with_texts = programme, with_texts
        self.zone = ZoneInfo(edition.zone)
        self.own = edition.language or edition.series.language
        self.spoken = language()
        self.names = kind_names()
        series, key = edition.series.slug, edition.key
        self.base = path_to("site.slot", series=series, edition=key, slot="-").removesuffix("-/")
        self.parts: dict[int, list[PlannedSlot]] = {}
        for slot in programme.slots:
            if slot.parent_id is not None:
                self.parts.setdefault(slot.parent_id, []).append(slot)

    def item(self, slot: PlannedSlot) -> Item:
        """Say everything about a slot and its parts in words."""
        minutes = length_of(slot)
        slug = _quoted(slot.slug)
        return Item(
            slot=slot,
            style=STYLES[slot.kind],
            lang=lang_attribute(slot.language or self.own, self.spoken),
            kind=self._kind(slot),
            clock=times.clock(slot.start_time) if slot.start_time else "",
            machine=self._machine(slot),
            minutes=minutes,
            length=times.duration(minutes) if minutes else "",
            who=who(self.programme.people.get(slot.id, ()), slot.organisation),
            text=rich_text(slot.abstract) if slot.abstract and self.with_texts else Markup(""),
            url=f"{self.base}{slug}/",
            ics=f"{self.base}{slug}.ics",
            parts=[self.item(part) for part in in_order(self.parts.get(slot.id, []))],
        )

    def _kind(self, slot: PlannedSlot) -> str:
        if slot.kind is Kind.BREAK:
            return ""
        words = slot.kind_label or self.names[slot.kind]
        return "" if words == slot.title else words

    def _machine(self, slot: PlannedSlot) -> str:
        if slot.starts_at is None:
            return ""
        return slot.starts_at.astimezone(self.zone).isoformat("T", "minutes")


_quoted = lru_cache(maxsize=4096)(quote)


def length_of(slot: PlannedSlot | Slot) -> int | None:
    """Return how many minutes a slot lasts, where its end is known."""
    if slot.starts_at is None or slot.ends_at is None:
        return None
    return int((slot.ends_at - slot.starts_at).total_seconds() // 60)


@lru_cache(maxsize=64)
def lang_attribute(own: str | None, spoken: str) -> Markup:
    """Return ` lang="…"` where a text is in another language than the page."""
    return Markup(' lang="{}"').format(own) if own and own != spoken else Markup("")


def kind_names() -> dict[Kind, str]:
    """Return our words for the kinds of slots."""
    return {
        Kind.TALK: _("Talk"),
        Kind.PLENARY: _("Plenary"),
        Kind.WORKSHOP: _("Workshop"),
        Kind.DISCUSSION: _("Discussion"),
        Kind.EXCURSION: _("Excursion"),
        Kind.GAME: _("Simulation game"),
        Kind.BREAK: _("Break"),
        Kind.OPEN_SPACE: _("Open space"),
        Kind.OTHER: _("Session"),
    }


def who(people: Sequence[Appearance], organisation: str | None) -> str:
    """Name the people of a slot with where they come from; its organisation where nobody stands for it."""
    speakers = [person for person in people if person.role is not SpeakerRole.MODERATOR]
    moderators = [person for person in people if person.role is SpeakerRole.MODERATOR]
    named = _named(speakers)
    if organisation and all(person.affiliation != organisation for person in people):
        named = f"{named}, {organisation}" if named else organisation
    if moderators:
        hosted = _("Moderation: %(names)s", names=_named(moderators))
        named = f"{named} · {hosted}" if named else hosted
    return named


def _named(people: Sequence[Appearance]) -> str:
    if len(people) == 1:
        person = people[0]
        return f"{person.name}, {person.affiliation}" if person.affiliation else person.name
    return ", ".join(
        f"{person.name} ({person.affiliation})" if person.affiliation else person.name for person in people
    )


def moment(value: datetime, zone: str) -> str:
    """Return the machine's form of a moment with the offset of its zone."""
    return value.astimezone(ZoneInfo(zone)).isoformat("T", "minutes")
