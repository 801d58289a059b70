"""The life of an edition: made, edited, published, moved, cancelled, copied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from eventhub import clock
from eventhub.database import lock
from eventhub.editions import checks, rules
from eventhub.editions.inheritance import DATES, SHARED, differs
from eventhub.editions.models import (
    TRANSITIONS,
    Admission,
    Edition,
    EditionOrganisation,
    EditionState,
    Part,
    Series,
    new_calendar_uid,
)
from eventhub.editions.naming import renumbered
from eventhub.editions.queries import editions_of, taken_numbers
from eventhub.editions.readiness import reasons_against
from eventhub.errors import NotReady, RuleBroken
from eventhub.extensions import db
from eventhub.facts import (
    CapacityRaised,
    EditionCancelled,
    EditionChanged,
    EditionCopied,
    EditionMoved,
    announce,
)
from eventhub.history import service as history
from eventhub.history.models import HistoryEntry
from eventhub.web.languages import gettext as _

TIME = ("start_date", "start_time", "end_date", "end_time", "zone")
PLACE = ("mode", "venue_name", "venue_address", "venue_city")
JOINING = ("join_url", "join_details", "joining_counts")
CALENDAR_TEXT = ("title", "theme", "description", "venue_directions", "venue_access")
ADMINISTRATIVE = (
    "number",
    "slug",
    "planned",
    "capacity",
    "takes_registrations",
    "choose_days",
    "registration_opens_at",
    "registration_closes_at",
    "reconfirm_days",
    "release_days",
    "admission",
    "visibility",
    "language",
)
EDITABLE = frozenset((*TIME, *PLACE, *JOINING, *CALENDAR_TEXT, *ADMINISTRATIVE))
NAME = ("title",)
"""By which people find a meeting in their calendar; a theme, polished often, comes with later mails."""
TOLD = frozenset((*TIME, *PLACE, *JOINING, *NAME))
"""Fields whose change participants of a published edition are told by mail."""
COPIED = (
    "description",
    "language",
    "zone",
    "mode",
    "venue_name",
    "venue_address",
    "venue_city",
    "venue_directions",
    "venue_access",
    "joining_counts",
    "capacity",
    "takes_registrations",
    "choose_days",
    "reconfirm_days",
    "release_days",
    "admission",
    "visibility",
)

MOST_INSERTED = 500

Changes = dict[str, tuple[Any, Any]]


class Stale(RuleBroken):
    """Somebody else saved the edition in the meantime."""

    def __init__(self, message: str, entries: Sequence[HistoryEntry]) -> None:
        super().__init__(message)
        self.entries = tuple(entries)


@dataclass(frozen=True)
class Impact:
    """What an edit would do, for the question before it is saved."""

    changes: Changes
    people: int
    """How many get a mail; 0 where nobody is registered, or nothing changes that they must know."""


def create(series: Series, values: Mapping[str, Any]) -> Edition:
    """Add a draft."""
    edition = _new_edition(series)
    _assign(edition, values)
    _store(edition)
    note_own_fields(edition, SHARED)
    history.record("edition.created", edition_id=edition.id)
    return edition


def impact(edition: Edition, values: Mapping[str, Any]) -> Impact:
    """Say what an edit would change and how many would be told; raises RuleBroken where it can't be."""
    present = {name: getattr(edition, name) for name in EDITABLE}
    counts = {"taken_count": edition.taken_count, "held_back_count": edition.held_back_count}
    checks.check_edition(Edition(**counts, **(present | dict(values))))
    changes = _changes(edition, values)
    if {"start_date", "end_date"} & changes.keys():
        _require_known_people(edition, values)
    told = edition.state is EditionState.PUBLISHED and bool(TOLD & changes.keys())
    over = rules.is_over(edition, clock.now())
    return Impact(changes, edition.taken_count + edition.waiting_count if told and not over else 0)


def _require_known_people(edition: Edition, values: Mapping[str, Any]) -> None:
    """Refuse a day that would let names be erased at once, and any other day when they are."""
    if edition.erased_at is not None:
        raise RuleBroken(
            _("Who took part is erased, so this meeting stays where it is. Make the next edition instead"),
            field="start_date",
        )
    people = edition.taken_count + edition.waiting_count
    start, end = (values.get(name, getattr(edition, name)) for name in ("start_date", "end_date"))
    day = rules.erasure_day(end or start, edition.erase_on, edition.series.erase_after_days)
    if people and day is not None and day <= clock.now().date():
        raise RuleBroken(
            _("This is so long ago that all names would be erased at once. Is the year right?"),
            field="start_date",
        )


def update(
    edition: Edition,
    values: Mapping[str, Any],
    seen_version: int,
    *,
    for_several: bool = False,
    undoes: datetime | None = None,
) -> Changes:
    """Save an edit; the agenda moves along, and those who are registered are told what concerns them.

    `for_several` says that the values are not this edition's alone; `undoes` when the change was made that
    this one takes back.
    """
    lock(edition)
    require_version(edition, seen_version)
    changes = _changes(edition, values)
    if not changes:
        return {}
    own_before = list(edition.own_fields)
    people = impact(edition, values).people
    adds_places = more_places(changes)
    _assign(edition, values)
    _touch(edition, changes)
    _store(edition)
    if for_several:
        edition.own_fields = [name for name in edition.own_fields if name not in changes]
    else:
        note_own_fields(edition, changes)
    history.record(
        "edition.changed", edition_id=edition.id, version=edition.version, changes=changes, own=own_before
    )
    _announce_move(edition, changes)
    if people:
        told = {name: changes[name] for name in changes if name in TOLD}
        announce(EditionChanged(edition, told, undoes))
    if adds_places:
        announce(CapacityRaised(edition))
    return changes


def note_own_fields(edition: Edition, names: Iterable[str]) -> None:
    """Note which of these values the edition does not have from its series."""
    editions = editions_of(edition.series)
    own = {
        *(name for name in SHARED if name in names and differs(edition, name, editions)),
        *(name for name in DATES if name in names and len(editions) > 1),
    }
    kept = (name for name in edition.own_fields if name not in names)
    edition.own_fields = sorted({*kept, *own})


def detach(edition: Edition) -> None:
    """Let no change of several editions reach this one."""
    lock(edition)
    edition.own_fields = sorted((*SHARED, *DATES))
    edition.version += 1
    history.record("edition.detached", edition_id=edition.id)


def attach(edition: Edition) -> None:
    """Let changes of several editions reach this one again, except where it differs from its series."""
    lock(edition)
    edition.own_fields = []
    note_own_fields(edition, SHARED)
    edition.version += 1
    history.record("edition.attached", edition_id=edition.id)


def set_organisations(edition: Edition, hosts: Iterable[int], supporters: Iterable[int]) -> bool:
    """Say which organisations host and support; returns whether anything changed."""
    wanted = [(Part.HOST, key) for key in hosts] + [(Part.SUPPORTER, key) for key in supporters]
    present = {(link.part, link.organisation_id) for link in edition.organisation_links}
    if set(wanted) == present:
        return False
    edition.organisation_links.clear()
    db.session.flush()  # the old rows make way for those with the same key
    edition.organisation_links.extend(
        EditionOrganisation(organisation_id=key, part=part, position=position)
        for position, (part, key) in enumerate(wanted)
    )
    db.session.flush()
    return True


def note_organisations(edition: Edition) -> None:
    """Note in the history that hosts or supporters changed."""
    history.record("edition.organisations", edition_id=edition.id)


def publish(edition: Edition) -> None:
    """Show a draft to the public; raises NotReady with every reason against it."""
    lock(edition)
    reasons = reasons_against(edition)
    if reasons:
        raise NotReady(_("The edition is not ready yet."), [str(reason.words) for reason in reasons])
    _step(edition, EditionState.PUBLISHED, EditionState.DRAFT)
    if edition.published_at is not None:
        edition.sequence += 1
    edition.published_at = edition.published_at or clock.now()
    history.record("edition.published", edition_id=edition.id)


def unpublish(edition: Edition) -> None:
    """Make a draft of a published edition again, while nobody is registered."""
    lock(edition)
    if edition.taken_count + edition.waiting_count:
        raise RuleBroken(_("People are registered already. Cancel the edition instead, then they are told."))
    _step(edition, EditionState.DRAFT, EditionState.PUBLISHED)
    history.record("edition.unpublished", edition_id=edition.id)


def cancel(edition: Edition, reason: str) -> None:
    """Call the meeting off; everybody with a place or on the waitlist is told."""
    lock(edition)
    _step(edition, EditionState.CANCELLED, EditionState.PUBLISHED)
    edition.state_reason = reason
    edition.sequence += 1
    history.record("edition.cancelled", edition_id=edition.id, reason=reason)
    announce(EditionCancelled(edition))


def postpone(edition: Edition, planned: str) -> Changes:
    """Take the day away until a new one is known; who is registered stays so and is told."""
    lock(edition)
    if edition.state not in {EditionState.DRAFT, EditionState.PUBLISHED} or edition.start_date is None:
        raise RuleBroken(_("Only an edition that has a day and is not over can be postponed."))
    if rules.is_over(edition, clock.now()):
        raise RuleBroken(_("Only an edition that has a day and is not over can be postponed."))
    nothing = dict.fromkeys(("start_date", "start_time", "end_date", "end_time"))
    return update(edition, {**nothing, "planned": planned}, edition.version)


def reinstate(edition: Edition) -> None:
    """Let a cancelled meeting take place after all; everybody still registered is told."""
    lock(edition)
    _step(edition, EditionState.PUBLISHED, EditionState.CANCELLED)
    edition.state_reason = ""
    edition.sequence += 1
    history.record("edition.reinstated", edition_id=edition.id)
    announce(EditionChanged(edition, {"state": (EditionState.CANCELLED, EditionState.PUBLISHED)}))


def complete(edition: Edition) -> None:
    """Close a meeting that has taken place."""
    lock(edition)
    now = clock.now()
    begun = edition.starts_at or edition.ends_at
    if not rules.is_over(edition, now) and (begun is None or begun > now):
        raise RuleBroken(_("The edition has not taken place yet."))
    _step(edition, EditionState.COMPLETED, EditionState.PUBLISHED)
    history.record("edition.completed", edition_id=edition.id)


def reopen(edition: Edition) -> None:
    """Take back that a meeting is completed."""
    lock(edition)
    _step(edition, EditionState.PUBLISHED, EditionState.COMPLETED)
    history.record("edition.reopened", edition_id=edition.id)


def delete(edition: Edition) -> None:
    """Delete a draft for which nobody ever registered; the numbers of all others stay."""
    lock(edition)
    if edition.state is not EditionState.DRAFT:
        raise RuleBroken(_("Only drafts can be deleted."))
    history.record("edition.deleted", series_id=edition.series_id, key=edition.key, title=edition.title)
    db.session.delete(edition)
    try:
        db.session.flush()
    except IntegrityError:
        raise RuleBroken(_("People have registered for this edition, so it can’t be deleted.")) from None


def copy(source: Edition, values: Mapping[str, Any], with_agenda: bool = True) -> Edition:
    """Make the next edition as a draft from `source`: what stays the same is there already.

    `values` are what the organiser says about the new one, the given number among them.
    """
    edition = _new_edition(source.series)
    taken = {name: getattr(source, name) for name in COPIED}
    title = renumbered(source.title, source.number, values.get("number"))
    _assign(edition, taken | {"title": title} | dict(values))
    _store(edition)
    note_own_fields(edition, SHARED)
    set_organisations(
        edition,
        [link.organisation_id for link in source.organisation_links if link.part is Part.HOST],
        [link.organisation_id for link in source.organisation_links if link.part is Part.SUPPORTER],
    )
    copied = [name for name in COPIED if getattr(source, name) not in (None, "")]
    copied += ["organisations"] if source.organisation_links else []
    if with_agenda:
        announce(EditionCopied(source, edition, copied))
    history.record("edition.copied", edition_id=edition.id, source=source.key, copied=copied)
    return edition


def next_number(series: Series) -> int:
    """Propose a number: one more than the highest. Only a proposal; numbers are given by people."""
    numbers = db.session.scalars(select(Edition.number).where(Edition.series_id == series.id))
    return max((number for number in numbers if number is not None), default=0) + 1


def number_after(edition: Edition) -> int | None:
    """Propose a number for one that is inserted after an edition: the next, where nobody has it."""
    if edition.number is None or edition.number + 1 in taken_numbers(edition.series):
        return None
    return edition.number + 1


def free_slug(series: Series, wanted: str) -> str:
    """Return the short name, with a letter more as long as another edition of the series has it."""
    taken = {edition.slug for edition in editions_of(series)}
    return next(slug for slug in (wanted + "b" * more for more in range(MOST_INSERTED)) if slug not in taken)


@dataclass(frozen=True)
class Planned:
    """One of several editions that are about to be made."""

    number: int
    day: date | None
    start: time | None
    end: time | None
    end_day: date | None = None
    planned: str = ""
    """Words such as a season, where no day is known."""


def create_several(
    series: Series, planned: Sequence[Planned], template: Edition | None, with_agenda: bool = False
) -> list[Edition]:
    """Make several drafts at once, all or none, each with the constant parts of `template`."""
    return [_create_planned(series, item, template, with_agenda) for item in planned]


def _create_planned(series: Series, item: Planned, template: Edition | None, with_agenda: bool) -> Edition:
    values = {
        "number": item.number,
        "start_date": item.day,
        "start_time": item.start,
        "end_date": item.end_day,
        "end_time": item.end,
        "planned": item.planned,
    }
    if template is not None:
        return copy(template, values, with_agenda)
    return create(series, {"title": f"{series.title} #{item.number}"} | values)


def _new_edition(series: Series) -> Edition:
    return Edition(
        series=series,
        calendar_uid=new_calendar_uid("edition", str(current_app.config["HOST"])),
        sequence=0,
        title=series.title,
        zone=series.zone,
        mode=series.default_mode,
        capacity=series.default_capacity,
        admission=series.default_admission or Admission.OPEN,
        taken_count=0,
        own_fields=[],
        state=EditionState.DRAFT,
        version=1,
    )


def _assign(edition: Edition, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in EDITABLE:
            raise ValueError(f"{name} can't be edited")
        setattr(edition, name, value)
    with db.session.no_autoflush:
        checks.check_edition(edition)


def _store(edition: Edition) -> None:
    """Let the database say whether number and short name are free."""
    db.session.add(edition)
    try:
        db.session.flush()
    except IntegrityError as error:
        field = next((name for name in ("number", "slug") if name in str(error.orig)), None)
        if field is None:
            raise
        raise RuleBroken(_("Another edition of this series is called so already"), field=field) from None


def _changes(edition: Edition, values: Mapping[str, Any]) -> Changes:
    stored = {name: getattr(edition, name) for name in values}
    if "end_date" in stored and edition.end_date == edition.start_date:
        stored["end_date"] = None  # a last day that is the first says nothing
    return {name: (stored[name], value) for name, value in values.items() if not _same(stored[name], value)}


def _same(old: Any, new: Any) -> bool:
    """Compare values; space around a text that came from a file is no difference."""
    return bool(old == new) or (isinstance(old, str) and isinstance(new, str) and old.strip() == new.strip())


def more_places(changes: Changes) -> bool:
    """Tell whether a change adds places, so that people who wait move up."""
    if "capacity" not in changes:
        return False
    old, new = changes["capacity"]
    return old is not None and (new is None or new > old)


def _touch(edition: Edition, changes: Changes) -> None:
    """Note what calendars need to know: SEQUENCE grows with time and place, LAST-MODIFIED also with texts."""
    edition.version += 1
    if "start_date" in changes:
        edition.date_inferred = False
        edition.asked_to_reconfirm_at = edition.answers_until = None  # who said yes meant another day
    moved = not changes.keys().isdisjoint((*TIME, *PLACE))
    if moved and is_known(edition):
        edition.sequence += 1
    if moved or not changes.keys().isdisjoint(CALENDAR_TEXT):
        edition.changed_at = clock.now()


def is_known(edition: Edition) -> bool:
    """Tell whether calendars may have heard of the edition."""
    return edition.state is not EditionState.DRAFT or edition.published_at is not None


def _announce_move(edition: Edition, changes: Changes) -> None:
    if changes.keys().isdisjoint(("start_date", "start_time", "zone")):
        return
    old_date, new_date = changes.get("start_date", (edition.start_date, edition.start_date))
    old_time, new_time = changes.get("start_time", (edition.start_time, edition.start_time))
    days = (new_date - old_date).days if old_date and new_date else None
    one_day = edition.end_date in (None, edition.start_date)
    minutes = _minutes(new_time) - _minutes(old_time) if one_day and old_time and new_time else 0
    announce(EditionMoved(edition, days, minutes))


def _minutes(value: time) -> int:
    return value.hour * 60 + value.minute


def _step(edition: Edition, target: EditionState, only_from: EditionState) -> None:
    """Take a step of an edition's life, as TRANSITIONS allow it."""
    if edition.state is not only_from or target not in TRANSITIONS[edition.state]:
        raise RuleBroken(
            _("Somebody else has changed the state of this edition in the meantime. Have another look.")
        )
    edition.state = target
    edition.version += 1
    edition.changed_at = clock.now()


def require_version(edition: Edition, seen: int) -> None:
    """Raise Stale where somebody has saved the edition since it was shown."""
    if edition.version == seen:
        return
    entries = db.session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.edition_id == edition.id, HistoryEntry.registration_id.is_(None))
        .order_by(HistoryEntry.id.desc())
        .limit(min(max(edition.version - seen, 1), 5))
    ).all()
    raise Stale(_("Somebody else has saved this edition in the meantime."), entries)
