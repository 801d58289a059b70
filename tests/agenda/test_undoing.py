"""Whatever an organiser does in an agenda is taken back step by step, and made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from eventhub.accounts.models import User
from eventhub.agenda import drafts, people, places, service, undoing
from eventhub.agenda.models import AnySlot, Kind, Room, Slot, Speaker, SpeakerRole, slot_table
from eventhub.agenda.service import Person
from eventhub.agenda.steps import Changes, one_step
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.engagements import service as engagements
from eventhub.engagements.models import Engagement, Slides
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.service import plain
from eventhub.invitations import service as invitations
from eventhub.invitations.models import Invitation, Point
from eventhub.invitations.pasted import read_lines
from eventhub.signups import service as signups
from eventhub.signups.models import SlotPlaces
from tests.conftest import FrozenClock
from tests.registration.samples import add_edition

pytestmark = pytest.mark.both_databases

State = dict[str, dict[str, Any]]


@pytest.fixture
def key(app: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Return a published edition with four slots, a room and two people; somebody acts in it."""
    key = add_edition(app, slots=4, published_at=clock.now())
    with app.app_context():
        with transaction():
            one = edition(key)
            places.create_room(one, {"name": "Hall"})
            for name in ("Ada", "Ben"):
                people.create_speaker(one.series, {"name": name})
            user = User(email="mona@example.org", name="Mona")
            db.session.add(user)
            db.session.flush()
            user_id = user.id
        monkeypatch.setattr("eventhub.history.service.author_id", lambda: user_id)
        yield key


def edition(key: int) -> Edition:
    return db.session.get_one(Edition, key)


def slots(key: int) -> list[AnySlot]:
    table = slot_table(edition(key))
    return list(db.session.scalars(select(table).where(table.edition_id == key).order_by(table.id)))


def state(key: int) -> State:
    """Return all that organisers see of the agenda."""
    db.session.rollback()
    return {one.calendar_uid: plain(service.row_of(one)) for one in slots(key)}


def act(key: int, random: Random) -> None:
    """Do something that an organiser can do, whatever it is."""
    one, rows = edition(key), slots(key)
    actions: list[Callable[[], object]] = [lambda: add(one, random), lambda: several(one, random)]
    if rows:
        actions += ways_to_change(random.choice(rows), rows, random)
    try:
        with transaction():
            random.choice(actions)()
    except RuleBroken:
        pass  # such as a part of a part, or no time to split: then it was no step


def add(one: Edition, random: Random) -> AnySlot:
    start = time(random.randrange(8, 20))
    place = {"day": one.start_date, "start_time": start, "end_time": start.replace(minute=40)}
    values = {"title": f"Made {random.randrange(5)}", "kind": Kind.TALK}
    return service.create_slot(one, values | (place if random.random() < 0.7 else {}), anybody(random))


def several(one: Edition, random: Random) -> None:
    with one_step(one):
        for _number in range(3):
            add(one, random)
        for slot in slots(one.id)[:2]:
            service.update_slot(slot, {"level": str(random.random())}, service.people_of(slot))


def anybody(random: Random) -> list[Person]:
    keys = list(db.session.scalars(select(Speaker.id).order_by(Speaker.id)))
    return [Person(key, SpeakerRole.SPEAKER) for key in random.sample(keys, random.randrange(3))]


def ways_to_change(row: AnySlot, rows: list[AnySlot], random: Random) -> list[Callable[[], object]]:
    other, start = random.choice(rows), time(random.randrange(8, 20))
    room = random.choice([None, *db.session.scalars(select(Room.id))])

    def change(**values: Any) -> object:
        return service.update_slot(row, values, anybody(random), shift_later=random.random() < 0.3)

    times = {"day": row.edition.start_date, "start_time": start, "end_time": start.replace(minute=40)}
    return [
        lambda: service.delete_slot(row),
        lambda: service.copy_slot(row),
        lambda: service.split_slot(row, start.replace(minute=20)),
        lambda: service.shift_rest(row.edition, row.day, start, 25) if row.day else None,
        lambda: change(title=f"Renamed {random.random()}", room_id=room),
        lambda: change(end_day=None, **times),
        lambda: change(**dict.fromkeys(service.TIME)),
        lambda: change(parent_id=other.id),
        lambda: change(parent_id=None, cancelled=not row.cancelled),
    ]


def take_all(take: Callable[[Edition], str | None], key: int) -> list[State]:
    """Take every step, and return what the agenda is after each."""
    found = []
    while True:
        try:
            with transaction():
                assert take(edition(key)) is not None
        except RuleBroken:
            return found
        found.append(state(key))


@pytest.mark.parametrize("quiet", [False, True], ids=["at once", "quietly"])
@pytest.mark.parametrize("seed", range(3))
def test_any_sequence_of_changes_is_undone_and_redone_step_by_step(
    key: int, seed: int, *, quiet: bool
) -> None:
    random = Random(seed)
    if quiet:
        with transaction():
            drafts.begin(edition(key))
    states = [state(key)]
    for _number in range(14):
        act(key, random)
        if state(key) != states[-1]:
            states.append(state(key))
    assert len(states) > 5
    assert take_all(undoing.undo, key) == states[-2::-1]
    assert take_all(undoing.redo, key) == states[1:]
    assert take_all(undoing.undo, key)[-1] == states[0]


def test_a_deleted_slot_comes_back_as_a_new_version_of_itself(key: int) -> None:
    with transaction():
        signups.take_signups(slot("Talk 0"), signups.Settings(capacity=7, directions="At the gate"))
        signups.take_signups(slot("Talk 1"), signups.Settings(capacity=5, needs_id=slot("Talk 0").id))
    uid, slug, sequence = slot("Talk 0").calendar_uid, slot("Talk 0").slug, slot("Talk 0").sequence
    with transaction():
        service.delete_slot(slot("Talk 0"))
    with transaction():
        undoing.undo(edition(key))
    back = slot("Talk 0")
    assert (back.calendar_uid, back.slug, back.takes_signups) == (uid, slug, True)
    assert back.sequence > sequence
    own = db.session.get_one(SlotPlaces, back.id)
    assert (own.capacity, own.directions) == (7, "At the gate")
    assert db.session.get_one(SlotPlaces, slot("Talk 1").id).needs_id == back.id
    higher = back.sequence
    with transaction():
        undoing.redo(edition(key))
    with transaction():
        undoing.undo(edition(key))
    assert slot("Talk 0").sequence > higher


def with_slides_and_points(key: int) -> tuple[Slides, Point]:
    """Let a speaker hand in a file, and an invited person add a point, to the first slot."""
    with transaction():
        one, first = edition(key), slot("Talk 0")
        ada = db.session.scalars(select(Speaker).filter_by(name="Ada")).one()
        engagements.note_answer(one, ada, takes_part=True)
        invitations.invite(one, read_lines("bo@lab.example"), invitations.Terms("en", ""))
        engagement = db.session.scalars(select(Engagement)).one()
        invited = db.session.scalars(select(Invitation)).one()
        slides = Slides(slot_id=first.id, engagement_id=engagement.id, name="a.pdf", content=b"%PDF-1.4")
        point = Point(slot_id=first.id, invitation_id=invited.id, text="Which aims?")
        db.session.add_all([slides, point])
    return slides, point


def test_files_and_points_of_a_deleted_slot_come_back_with_it(key: int) -> None:
    slides, point = with_slides_and_points(key)
    with transaction():
        service.delete_slot(slot("Talk 0"))
    db.session.expire_all()
    assert (slides.slot_id, point.slot_id) == (None, None), "they belong to nothing, and are still there"
    with transaction():
        undoing.undo(edition(key))
    db.session.expire_all()
    assert slides.slot_id == point.slot_id == slot("Talk 0").id
    assert slides.content == b"%PDF-1.4"
    with transaction():
        undoing.redo(edition(key))
    with transaction():
        undoing.undo(edition(key))
    db.session.expire_all()
    assert slides.slot_id == point.slot_id == slot("Talk 0").id


def test_what_was_removed_since_does_not_come_back_with_the_slot(key: int) -> None:
    slides, point = with_slides_and_points(key)
    with transaction():
        service.delete_slot(slot("Talk 0"))
    with transaction():
        db.session.delete(slides)
        point.slot_id = slot("Talk 1").id
    with transaction():
        undoing.undo(edition(key))
    assert db.session.scalars(select(Slides)).all() == []
    db.session.expire_all()
    assert point.slot_id == slot("Talk 1").id, "what belongs elsewhere by now stays there"


def slot(title: str) -> Slot:
    return db.session.scalars(select(Slot).where(Slot.title == title)).one()


def test_what_others_did_with_a_new_slot_is_not_lost_by_taking_it_back(key: int) -> None:
    with transaction():
        made = add(edition(key), Random(0))
    part = {"title": "Somebody else’s", "kind": Kind.TALK, "parent_id": made.id}
    made_id = made.id
    with pytest.MonkeyPatch.context() as patch, transaction():
        patch.setattr("eventhub.history.service.author_id", lambda: None)
        service.create_slot(edition(key), part)
    with transaction():
        assert undoing.undo(edition(key)) is None
    assert db.session.get(Slot, made_id) is not None


def test_a_slot_comes_back_without_the_room_and_people_who_are_gone(key: int) -> None:
    with transaction():
        hall, ada = db.session.scalars(select(Room)).one(), db.session.scalars(select(Speaker)).first()
        assert ada
        values = {"title": "Full", "kind": Kind.TALK, "room_id": hall.id}
        service.create_slot(edition(key), values, [Person(ada.id, SpeakerRole.HOST)])
    with transaction():
        service.delete_slot(slot("Full"))
    with transaction():
        places.delete_room(edition(key), hall)
        people.delete_speaker(ada)
    with transaction():
        assert undoing.undo(edition(key)) == "Full"
    assert (slot("Full").room_id, slot("Full").speaker_links) == (None, [])


def test_a_step_that_an_earlier_version_kept_is_passed_over(key: int) -> None:
    with transaction():
        service.update_slot(slot("Talk 0"), {"level": "1"}, [])
    with transaction():
        service.update_slot(slot("Talk 0"), {"level": "2"}, [])
        step = undoing.next_step(edition(key), undone=False)
        assert step
        step.changes = {str(slot("Talk 0").id): {"level": ["1", "2"]}}
    with transaction():
        assert undoing.undo(edition(key)) is None


FULL = st.none() | st.fixed_dictionaries(dict.fromkeys("abc", st.integers(0, 3)))


@given(history=st.lists(FULL, min_size=2, max_size=6))
def test_several_changes_of_a_slot_lead_from_the_first_state_to_the_last(
    history: list[dict[str, int] | None],
) -> None:
    changes = Changes()
    for was, now in pairwise(history):
        changes.add("uid", "Slot", *differing(was, now))
    kept = changes.rows.get("uid", {"was": {}, "is": {}})
    first, last = history[0], history[-1]
    assert (last or {}) | (kept["was"] or {}) == (first or {}) or first is None
    assert (first or {}) | (kept["is"] or {}) == (last or {}) or last is None
    if changes.rows:
        assert (kept["was"] is None, kept["is"] is None) == (first is None, last is None)


def differing(was: dict[str, int] | None, now: dict[str, int] | None) -> list[dict[str, int] | None]:
    """Return both as a step keeps them: whole where the slot came or left."""
    if was is None or now is None:
        return [was, now]
    names = [name for name in was if was[name] != now[name]]
    return [{name: row[name] for name in names} for row in (was, now)]
