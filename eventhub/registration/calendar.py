"""The personal calendar: the place somebody has, and the slots they chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eventhub.agenda.entries import slot_entry
from eventhub.agenda.models import Slot
from eventhub.calendars.entries import Entry
from eventhub.calendars.files import calendar_file, feed
from eventhub.editions.entries import day_entries, edition_entry, heading
from eventhub.registration import days, joining, queries
from eventhub.registration.models import Registration, RegistrationState
from eventhub.web.languages import gettext as _
from eventhub.web.links import link_to
from eventhub.web.rich_text import plain_text


def personal_calendar(registration: Registration, token: str) -> bytes:
    """Return the feed behind the personal link; it stays readable whatever becomes of the place."""
    edition = registration.edition
    page = link_to("registration.show", token=token)
    return feed(
        entries_of(registration, page),
        name=heading(edition),
        zone=edition.zone,
        url=page,
        source=link_to("registration.calendar", token=token),
        modified_at=max(registration.state_changed_at, edition.changed_at),
    )


def entries_of(registration: Registration, page: str = "") -> list[Entry]:
    """Return the entries of a place and of the chosen slots; they name the personal page if given."""
    place, slots = _place(registration, page), _slots(registration)
    if slots and len(place) > 1 and not registration.days:
        # one day of two may be all that somebody comes for: what they chose, not both days
        place, slots = [], [replace(entry, transparent=False) for entry in slots]
    return [*place, *slots]


def chosen_file(registration: Registration) -> bytes | None:
    """Return the chosen slots as a file to import, cancelled ones included; None where there are none."""
    slots = _slots(registration)
    return calendar_file(slots, name=heading(registration.edition)) if slots else None


def place_entry(registration: Registration, url: str = "") -> Entry | None:
    """Return the entry of somebody's place for the calendars of the web; None while there is no day."""
    edition, values = registration.edition, _values(registration, url)
    chosen = _chosen(registration, day_entries(edition, **values))
    entry = chosen[0] if len(chosen) == 1 else edition_entry(edition, **values)
    if entry is None:
        return None
    return replace(entry, modified_at=max(entry.modified_at, registration.state_changed_at))


def _chosen(registration: Registration, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of those days on which somebody comes."""
    wanted = days.chosen(registration.days, len(entries))
    return [entry for number, entry in enumerate(entries, start=1) if number in wanted]


def _values(registration: Registration, url: str) -> dict[str, Any]:
    """Return everything that belongs to the entry of somebody's place."""
    edition = registration.edition
    join_url = joining.link_of(registration)
    words = [plain_text(edition.theme), *joining.words(edition, join_url), edition.join_details]
    if url:
        words.append(_("Change your details or cancel: %(link)s", link=url))
    return {
        "description": "\n\n".join(part for part in words if part),
        "join_url": join_url,
        "sequence": max(edition.sequence, registration.last_sequence),
        "url": url,
    }


def _place(registration: Registration, page: str) -> Sequence[Entry]:
    """Return the entries of the place, one a day; those given up stay as cancelled, a wish is no entry."""
    edition = registration.edition
    if registration.state is RegistrationState.CONFIRMED:
        found = day_entries(edition, **_values(registration, page))
    elif registration.last_sequence < 0:
        return []
    else:
        sequence = max(edition.sequence, registration.last_sequence)
        found = [replace(one, status="CANCELLED") for one in day_entries(edition, sequence=sequence)]
    changed_at = registration.state_changed_at
    if registration.days_changed_at is not None:
        changed_at = max(changed_at, registration.days_changed_at)
    return [
        replace(one, modified_at=max(one.modified_at, changed_at)) for one in _chosen(registration, found)
    ]


def _slots(registration: Registration) -> Sequence[Entry]:
    if registration.state is not RegistrationState.CONFIRMED or registration.edition.date_inferred:
        return []
    entries = (_slot(slot, registration) for slot in queries.chosen_slots(registration))
    return [entry for entry in entries if entry is not None]


def _slot(slot: Slot, registration: Registration) -> Entry | None:
    return slot_entry(
        slot,
        registration.edition,
        speakers=", ".join(link.speaker.name for link in slot.speaker_links),
        room=slot.room.name if slot.room else "",
        join_url=joining.link_of(registration),
    )
