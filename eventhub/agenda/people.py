"""Speakers of a series: people on a programme, without an account."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from sqlalchemy import func, select, update

from eventhub import clock
from eventhub.agenda.models import Slot, SlotSpeaker, Speaker
from eventhub.agenda.service import free_slug
from eventhub.database import content_changed
from eventhub.editions.models import Series
from eventhub.editions.naming import slug_of
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import SpeakerLeaving, announce
from eventhub.history import service as history
from eventhub.organisations.models import Organisation
from eventhub.web.languages import gettext as _

EDITABLE = frozenset(
    (
        "name",
        "title",
        "given_name",
        "family_name",
        "role",
        "organisation_id",
        "organisation_name",
        "about",
        "photo",
        "photo_alt",
    )
)


def full_name(title: str, given_name: str, family_name: str) -> str:
    """Return a name as it is shown, with title."""
    return " ".join(part for part in (title, given_name, family_name) if part)


def parts_of_name(name: str) -> tuple[str, str, str]:
    """Guess title, given and family name; put together again they are the same name."""
    words = name.split()
    titles = list(takewhile(lambda word: "." in word and len(word) > 2, words[:-1]))
    *given, family = words[len(titles) :] or [""]
    return " ".join(titles), " ".join(given), family


def create_speaker(series: Series, values: Mapping[str, Any]) -> Speaker:
    """Add a speaker to the series."""
    speaker = Speaker(series_id=series.id, extra={})
    _assign(speaker, values)
    plain = " ".join(part for part in (speaker.given_name, speaker.family_name) if part)
    wanted = slug_of(plain or speaker.name) or "person"
    like = select(Speaker.slug).where(
        Speaker.series_id == series.id, Speaker.slug.startswith(wanted, autoescape=True)
    )
    speaker.slug = free_slug(wanted, set(db.session.scalars(like)))
    db.session.add(speaker)
    db.session.flush()
    history.record("speaker.created", series_id=series.id, speaker=speaker.slug, name=speaker.name)
    return speaker


def update_speaker(speaker: Speaker, values: Mapping[str, Any], actor: str | None = None) -> None:
    """Save an edit; the address of the person's page stays, and calendar entries say the new name."""
    shown = speaker.name, speaker.affiliation
    changed = sorted(name for name, value in values.items() if getattr(speaker, name) != value)
    if not changed:
        return
    _assign(speaker, values)
    db.session.flush()
    if shown != (speaker.name, speaker.affiliation):
        _touch_slots(speaker)
    history.record(
        "speaker.changed",
        series_id=speaker.series_id,
        actor=actor,
        speaker=speaker.slug,
        name=speaker.name,
        changed=changed,
    )


def delete_speaker(speaker: Speaker) -> None:
    """Remove a person from the series and from all its programmes."""
    announce(SpeakerLeaving(speaker))
    _touch_slots(speaker)
    history.record("speaker.deleted", series_id=speaker.series_id, speaker=speaker.slug, name=speaker.name)
    db.session.delete(speaker)
    db.session.flush()


def appearances(series: Series) -> dict[int, int]:
    """Return in how many slots each speaker of the series stands."""
    rows = db.session.execute(
        select(SlotSpeaker.speaker_id, func.count())
        .join(SlotSpeaker.speaker)
        .where(Speaker.series_id == series.id)
        .group_by(SlotSpeaker.speaker_id)
    )
    return {row[0]: row[1] for row in rows}


def _assign(speaker: Speaker, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in EDITABLE:
            raise ValueError(f"{name} can't be edited")
        setattr(speaker, name, value)
    if not speaker.name:
        raise RuleBroken(_("Enter a name"), field="family_name")
    key = speaker.organisation_id
    with db.session.no_autoflush:
        if key is not None and db.session.get(Organisation, key) is None:
            raise RuleBroken(_("Choose one from the list"), field="organisation_id")


def _touch_slots(speaker: Speaker) -> None:
    mine = select(SlotSpeaker.slot_id).where(SlotSpeaker.speaker_id == speaker.id)
    db.session.execute(
        update(Slot)
        .where(Slot.id.in_(mine))
        .values(changed_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )
    content_changed()
