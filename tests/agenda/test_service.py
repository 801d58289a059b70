"""Slots, rooms, tracks and speakers in the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.agenda import people, places, service
from eventhub.agenda.models import Kind, Room, Slot, SpeakerRole, Track
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from tests.conftest import FrozenClock
from tests.editions.making import make_edition, make_series

DAY = date(2026, 5, 5)


@pytest.fixture
def edition(app: Flask, clock: FrozenClock) -> Iterator[Edition]:
    """A published edition; the application's context stays open."""
    with app.test_request_context(headers={"Accept-Language": "en"}):
        with transaction():
            found = make_edition(make_series(), 5, state=EditionState.PUBLISHED)
            found.published_at = clock.now()
        yield found


def add(
    edition: Edition, title: str, start: str | None = None, end: str | None = None, **values: Any
) -> Slot:
    """Add a slot on the edition's day."""
    people_ = values.pop("people", ())
    when = {"start_time": _time(start), "end_time": _time(end), "day": DAY}
    with transaction():
        return service.create_slot(edition, {"title": title, "kind": Kind.TALK} | when | values, people_)


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def update(slot: Slot, shift_later: bool = False, **values: Any) -> service.Saved:
    people_ = values.pop("people", None)
    kept = [Person(link.speaker_id, link.role) for link in slot.speaker_links]
    with transaction():
        return service.update_slot(slot, values, kept if people_ is None else people_, shift_later)


def refused(edition: Edition, **values: Any) -> tuple[str | None, str]:
    with pytest.raises(RuleBroken) as caught, transaction():
        service.create_slot(edition, {"title": "Talk", "kind": Kind.TALK} | values)
    return caught.value.field, str(caught.value.message)


def hours(*slots: Slot) -> list[str]:
    db.session.rollback()
    return [f"{slot.start_time:%H:%M}-{slot.end_time:%H:%M}" for slot in slots]


def test_a_slot_gets_its_instants_address_place_and_uid_once(edition: Edition) -> None:
    first, second = add(edition, "Grüße", "15:00", "15:10"), add(edition, "Grüße", "15:10", "15:40")
    assert [slot.slug for slot in (first, second)] == ["gruesse", "gruesse-2"]
    assert [slot.position for slot in (first, second)] == [1, 2]
    assert first.starts_at is not None
    assert first.starts_at.isoformat() == "2026-05-05T13:00:00+00:00"
    uid = first.calendar_uid
    assert uid != second.calendar_uid
    update(first, title="Willkommen")
    assert (first.slug, first.calendar_uid, first.sequence) == ("gruesse", uid, 0)


def test_in_a_draft_the_address_follows_the_title(edition: Edition) -> None:
    with transaction():
        edition.published_at = None
    slot = add(edition, "Anfang")
    update(slot, title="Begrüßung")
    assert slot.slug == "begruessung"


def test_a_title_without_letters_still_has_an_address(edition: Edition) -> None:
    assert add(edition, "🎉🎉").slug == "talk"


@pytest.mark.parametrize(
    ("values", "sequence", "touched"),
    [
        ({"start_time": time(16)}, 1, True),
        ({"day": date(2026, 5, 6)}, 1, True),
        ({"cancelled": True}, 1, True),
        ({"abstract": "New words"}, 0, True),
        ({"level": "beginners"}, 0, False),
        ({}, 0, False),
    ],
)
def test_calendars_hear_of_changes_as_they_need(
    edition: Edition, clock: FrozenClock, values: dict[str, Any], sequence: int, touched: bool
) -> None:
    slot = add(edition, "Talk", "15:00", "17:00")
    before = slot.changed_at
    clock.advance(timedelta(hours=1))
    update(slot, **values)
    assert slot.sequence == sequence
    assert (slot.changed_at > before) is touched
    assert (edition.changed_at == clock.now()) is touched


def test_a_room_is_a_place_and_its_name_a_text(edition: Edition) -> None:
    with transaction():
        room = places.create_room(edition, {"name": "Saal", "description": "", "capacity": None})
    slot = add(edition, "Talk", "15:00", "16:00")
    update(slot, room_id=room.id)
    assert slot.sequence == 1
    before = slot.changed_at
    with transaction():
        places.update_room(edition, room, {"name": "Großer Saal"})
    assert (slot.sequence, slot.changed_at >= before) == (1, True)
    with transaction():
        places.delete_room(edition, room)
    assert (slot.room_id, slot.sequence) == (None, 2)


def test_names_of_rooms_and_tracks_are_unique_in_an_edition(edition: Edition) -> None:
    for create in (places.create_room, places.create_track):
        with transaction():
            create(edition, {"name": "A"})
        with pytest.raises(RuleBroken) as caught, transaction():
            create(edition, {"name": "A"})
        assert caught.value.field == "name"
    assert len(db.session.scalars(select(Room)).all()) == len(db.session.scalars(select(Track)).all()) == 1


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"day": DAY, "start_time": time(15), "end_time": time(15)}, "end_time", "before the start"),
        ({"day": DAY, "start_time": time(15), "end_time": time(14)}, "end_time", "after midnight"),
        ({"day": DAY, "end_time": time(14)}, "start_time", "starts"),
        ({"start_time": time(14)}, "day", "day"),
        ({"day": date(2026, 3, 29), "start_time": time(2, 30)}, "start_time", "clocks go forward"),
        (
            {"day": date(2026, 3, 29), "start_time": time(1), "end_time": time(2, 30)},
            "end_time",
            "clocks go forward",
        ),
        ({"day": DAY, "start_time": time(15), "end_day": date(2026, 5, 6)}, "end_time", "ends on that day"),
        (
            {"day": DAY, "start_time": time(15), "end_day": date(2026, 5, 4), "end_time": time(3)},
            "end_day",
            "before it starts",
        ),
        ({"day": date(1, 1, 1)}, "day", "1970"),
        ({"room_id": 99}, "room_id", "list"),
        ({"track_id": 99}, "track_id", "list"),
        ({"parent_id": 99}, "parent_id", "list"),
    ],
)
def test_impossible_values_are_refused_at_their_field(
    edition: Edition, values: dict[str, Any], field: str, words: str
) -> None:
    found = refused(edition, **values)
    assert found[0] == field
    assert words in found[1]
    assert db.session.scalars(select(Slot)).all() == []


def test_rooms_tracks_and_people_of_others_cannot_be_chosen(edition: Edition) -> None:
    with transaction():
        other = make_edition(make_series("other"), 5)
        room = places.create_room(other, {"name": "Theirs"})
        stranger = people.create_speaker(other.series, {"name": "Theirs"})
    assert refused(edition, room_id=room.id)[0] == "room_id"
    with pytest.raises(RuleBroken) as caught, transaction():
        service.create_slot(edition, {"title": "T"}, [Person(stranger.id, SpeakerRole.SPEAKER)])
    assert caught.value.field == "people"


def test_a_party_ends_after_midnight(edition: Edition) -> None:
    slot = add(edition, "Party", "22:00", "01:00", end_day=date(2026, 5, 6))
    assert slot.starts_at is not None
    assert slot.ends_at is not None
    assert slot.ends_at - slot.starts_at == timedelta(hours=3)


def test_later_slots_move_along_on_request(edition: Edition) -> None:
    first = add(edition, "First", "15:00", "15:30")
    second = add(edition, "Second", "15:30", "16:00")
    part = add(edition, "Part of the second", "15:30", "15:40", parent_id=second.id)
    before_ = add(edition, "Before", "14:00", "15:00")
    tomorrow = add(edition, "Tomorrow", "16:00", "17:00", day=date(2026, 5, 6))
    saved = update(first, shift_later=True, end_time=time(15, 45))
    assert hours(first, second, part, before_, tomorrow) == [
        "15:00-15:45",
        "15:45-16:15",
        "15:45-15:55",
        "14:00-15:00",
        "16:00-17:00",
    ]
    assert saved.shifted == 2
    assert (second.sequence, before_.sequence) == (1, 0)


def test_without_the_request_only_the_slot_moves(edition: Edition) -> None:
    first, second = add(edition, "First", "15:00", "15:30"), add(edition, "Second", "15:30", "16:00")
    update(first, start_time=time(15, 10), end_time=time(15, 40))
    assert hours(second) == ["15:30-16:00"]


def test_a_slot_in_a_room_moves_only_that_room(edition: Edition) -> None:
    with transaction():
        a, b = (places.create_room(edition, {"name": name}) for name in "AB")
    first = add(edition, "First", "15:00", "15:30", room_id=a.id)
    same, other = (add(edition, r.name, "15:30", "16:00", room_id=r.id) for r in (a, b))
    update(first, shift_later=True, end_time=time(15, 40))
    assert hours(same, other) == ["15:40-16:10", "15:30-16:00"]


def test_parts_move_with_the_whole_and_have_no_parts_of_their_own(edition: Edition) -> None:
    whole = add(edition, "Whole", "15:00", "16:00")
    part = add(edition, "Part", "15:15", "15:30", parent_id=whole.id)
    update(whole, day=date(2026, 5, 6), start_time=time(10), end_time=time(11))
    assert (part.day, hours(part)) == (date(2026, 5, 6), ["10:15-10:30"])
    assert refused(edition, parent_id=part.id)[0] == "parent_id"
    with pytest.raises(RuleBroken), transaction():
        service.update_slot(whole, {"parent_id": whole.id}, [])


def test_moving_into_the_missing_hour_changes_nothing(edition: Edition) -> None:
    night = date(2026, 3, 29)
    first = add(edition, "First", "00:30", "01:00", day=night)
    second = add(edition, "Second", "01:30", "01:45", day=night)
    with pytest.raises(RuleBroken):
        update(first, shift_later=True, end_time=time(1, 45))
    assert hours(first, second) == ["00:30-01:00", "01:30-01:45"]


def test_people_keep_their_order_and_roles(edition: Edition) -> None:
    with transaction():
        eva, mona = (people.create_speaker(edition.series, {"name": name}) for name in ("Eva", "Mona"))
    slot = add(edition, "Talk", people=[Person(mona.id, SpeakerRole.MODERATOR)])
    update(slot, people=[Person(eva.id, SpeakerRole.SPEAKER), Person(mona.id, SpeakerRole.HOST)])
    assert [(link.speaker.name, link.role) for link in slot.speaker_links] == [
        ("Eva", SpeakerRole.SPEAKER),
        ("Mona", SpeakerRole.HOST),
    ]
    assert (slot.sequence, update(slot).changes) == (0, {})
    with transaction():
        people.delete_speaker(eva)
    assert [link.speaker.name for link in slot.speaker_links] == ["Mona"]


def test_deleting_takes_the_parts_along_and_is_written_down(edition: Edition) -> None:
    whole = add(edition, "Whole")
    add(edition, "Part", parent_id=whole.id)
    with transaction():
        service.delete_slot(whole)
    assert db.session.scalars(select(Slot)).all() == []
    actions = db.session.scalars(select(HistoryEntry.action).order_by(HistoryEntry.id)).all()
    assert [action for action in actions if action.startswith("slot.")] == [
        "slot.created",
        "slot.created",
        "slot.deleted",
        "slot.deleted",
    ]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Prof. Dr.-Ing. Oscar Reutter", ("Prof. Dr.-Ing.", "Oscar", "Reutter")),
        ("Dr. Stephanie Bock", ("Dr.", "Stephanie", "Bock")),
        ("Mona Wallraff", ("", "Mona", "Wallraff")),
        ("Cher", ("", "", "Cher")),
        ("", ("", "", "")),
    ],
)
def test_a_name_taken_apart_is_the_same_put_together(name: str, parts: tuple[str, str, str]) -> None:
    assert people.parts_of_name(name) == parts
    assert people.full_name(*parts) == name
