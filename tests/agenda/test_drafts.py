"""The draft of an agenda: nobody is touched by it until it is released, and then everything is as it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.agenda import drafts, people, places, service
from eventhub.agenda.models import AnySlot, DraftSlot, Kind, Slot, SpeakerRole
from eventhub.agenda.service import Person
from eventhub.agenda.snapshots import snapshot
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.programme_changes import releases
from eventhub.programme_changes.models import AgendaVersion, PendingChange
from eventhub.registration.models import Registration, SlotChoice
from eventhub.registration.service import choose_slots
from tests.conftest import FrozenClock
from tests.registration.samples import add_edition, signed_up

pytestmark = pytest.mark.both_databases


@pytest.fixture
def key(app: Flask, clock: FrozenClock) -> int:
    """Return a published edition with four slots, whose agenda is worked on quietly."""
    key = add_edition(app, slots=4, published_at=clock.now())
    with app.app_context(), transaction():
        drafts.begin(db.session.get_one(Edition, key))
    return key


def edition(key: int) -> Edition:
    db.session.rollback()
    return db.session.get_one(Edition, key)


def slot(title: str) -> Slot:
    return db.session.scalars(select(Slot).where(Slot.title == title)).one()


def draft(title: str) -> DraftSlot:
    return db.session.scalars(select(DraftSlot).where(DraftSlot.title == title)).one()


def change(which: AnySlot, **values: Any) -> None:
    service.update_slot(which, values, service.people_of(which))


def release(key: int, note: str = "") -> int:
    """Release the draft and return how many participants are told."""
    with transaction():
        return releases.release(db.session.get_one(Edition, key), note)[1]


def hold(key: int, number: int, *titles: str) -> int:
    """Register a person who chooses slots."""
    slots = [slot(title).id for title in titles]
    registration_id = signed_up(key, number).registration.id
    with transaction():
        choose_slots(db.session.get_one(Registration, registration_id), slots)
    return registration_id


def to_tell(key: int) -> int:
    """Return how many participants the page before a release names."""
    one = edition(key)
    return releases.outlook(one, releases.in_work(one), {}).people


def titles(table: type[AnySlot] = Slot) -> list[str]:
    return sorted(db.session.scalars(select(table.title)))


def told() -> dict[str, list[str]]:
    """Return who got a mail about changed sessions, and about which."""
    db.session.rollback()
    found = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "sessions_changed"))
    return {one.to_address: [change["was"]["title"] for change in one.facts["changes"]] for one in found}


def test_a_draft_begins_as_a_copy_and_changes_nothing_that_others_see(app: Flask, key: int) -> None:
    with app.app_context():
        assert drafts.changes_of(edition(key)) == []
        before = releases.state_of(edition(key))
        with transaction():
            change(draft("Talk 0"), title="Another title", start_time=time(14), end_time=time(14, 10))
            service.delete_slot(draft("Talk 1"))
            service.create_slot(db.session.get_one(Edition, key), {"title": "New", "kind": Kind.TALK})
        assert releases.state_of(edition(key)) == before
        assert db.session.scalars(select(PendingChange)).all() == []
        assert titles(DraftSlot) == ["Another title", "New", "Talk 2", "Talk 3"]


def test_a_release_makes_everything_public_as_the_draft_says(
    app: Flask, key: int, clock: FrozenClock
) -> None:
    with app.app_context():
        uids = {one.title: one.calendar_uid for one in db.session.scalars(select(Slot))}
        with transaction():
            one = db.session.get_one(Edition, key)
            hall = places.create_room(one, {"name": "Hall"})
            ada = people.create_speaker(one.series, {"name": "Ada Lovelace"})
            change(draft("Talk 0"), title="Another title", room_id=hall.id)
            service.delete_slot(draft("Talk 1"))
            new = service.create_slot(
                one, {"title": "New", "kind": Kind.WORKSHOP}, [Person(ada.id, SpeakerRole.HOST)]
            )
            change(draft("Talk 2"), parent_id=new.id)
            new.source_key = "k" * 64
        clock.advance(timedelta(hours=1))
        release(key, "Better")
        assert titles() == titles(DraftSlot) == ["Another title", "New", "Talk 2", "Talk 3"]
        assert drafts.changes_of(edition(key)) == []
        first, added, unmoved = slot("Another title"), slot("New"), slot("Talk 3")
        assert (first.room and first.room.name, first.calendar_uid) == ("Hall", uids["Talk 0"])
        assert (first.sequence, first.changed_at) == (1, clock.now())
        assert (unmoved.sequence, unmoved.changed_at < clock.now()) == (0, True)
        assert slot("Talk 2").parent_id == added.id
        assert service.people_of(added) == [Person(ada.id, SpeakerRole.HOST)]
        assert added.source_key == "k" * 64
        assert draft("New").slot_id == added.id
        [version] = db.session.scalars(select(AgendaVersion)).all()
        assert (version.number, version.note) == (1, "Better")


def test_what_somebody_has_chosen_stays_until_the_release_tells_them(app: Flask, key: int) -> None:
    with app.app_context():
        holder = hold(key, 1, "Talk 1")
        hold(key, 2, "Talk 3")
        with transaction():
            service.delete_slot(draft("Talk 1"))
        assert "Talk 1" in titles()
        assert db.session.scalars(select(SlotChoice.registration_id)).all().count(holder) == 1
        assert to_tell(key) == 1
        assert release(key, "Nobody is there to hold it.") == 1
        assert told() == {"person1@lab.example": ["Talk 1"]}
        [mail] = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "sessions_changed"))
        [what] = mail.facts["changes"]
        assert (what["is"]["cancelled"], what["why"]) == (True, "Nobody is there to hold it.")
        assert "Talk 1" not in titles()


def test_a_part_leaves_with_the_whole_and_another_is_kept_by_taking_it_out(app: Flask, key: int) -> None:
    with app.app_context():
        hold(key, 1, "Talk 1", "Talk 2")
        with transaction():
            for title in ("Talk 1", "Talk 2"):
                change(draft(title), parent_id=draft("Talk 0").id)
        release(key)
        with transaction():
            change(draft("Talk 2"), parent_id=None)
            service.delete_slot(draft("Talk 0"))
        assert release(key) == 1
        assert titles() == ["Talk 2", "Talk 3"]
        assert slot("Talk 2").parent_id is None
        assert told() == {"person1@lab.example": ["Talk 1"]}


def test_a_draft_is_discarded_and_ends_only_without_changes(app: Flask, key: int) -> None:
    with app.app_context():
        with transaction():
            change(draft("Talk 0"), title="Other")
        with pytest.raises(RuleBroken, match=r"Release|veröffentlichen"), transaction():
            drafts.end(db.session.get_one(Edition, key))
        with transaction():
            drafts.discard(db.session.get_one(Edition, key))
        assert titles(DraftSlot) == titles()
        with transaction():
            drafts.end(db.session.get_one(Edition, key))
        assert titles(DraftSlot) == []
        with transaction():
            change(slot("Talk 0"), title="At once")
        assert "At once" in titles()


def test_the_draft_moves_along_with_its_edition(app: Flask, key: int) -> None:
    with app.app_context():
        with transaction():
            change(draft("Talk 0"), start_time=time(14), end_time=time(14, 10))
        one = edition(key)
        day = one.start_date
        assert day
        with transaction():
            one = db.session.get_one(Edition, key)
            editions.update(one, {"start_date": day + timedelta(days=7)}, one.version)
        assert slot("Talk 0").day == draft("Talk 0").day == day + timedelta(days=7)
        assert (slot("Talk 0").start_time, draft("Talk 0").start_time) == (time(15), time(14))
        assert [one.fields for one in drafts.changes_of(edition(key))] == [{"start_time", "end_time"}]


def test_what_was_imported_may_be_deleted_and_imported_again_before_the_release(app: Flask, key: int) -> None:
    with app.app_context():
        with transaction():
            slot("Talk 0").source_key = draft("Talk 0").source_key = "k" * 64
        with transaction():
            service.delete_slot(draft("Talk 0"))
            again = service.create_slot(
                db.session.get_one(Edition, key), {"title": "Talk 0", "kind": Kind.TALK}
            )
            again.source_key = "k" * 64
        release(key)
        assert slot("Talk 0").slug == "talk-0"
        assert slot("Talk 0").source_key == "k" * 64


def test_a_room_and_a_person_who_are_gone_are_gone_from_the_draft(app: Flask, key: int) -> None:
    with app.app_context():
        with transaction():
            one = db.session.get_one(Edition, key)
            hall = places.create_room(one, {"name": "Hall"})
            ada = people.create_speaker(one.series, {"name": "Ada"})
            service.update_slot(draft("Talk 0"), {"room_id": hall.id}, [Person(ada.id, SpeakerRole.SPEAKER)])
        with transaction():
            places.delete_room(db.session.get_one(Edition, key), hall)
            people.delete_speaker(ada)
        assert drafts.changes_of(edition(key)) == []


def move_something(random: Random, one: Edition) -> None:
    """Change something in the draft as organisers may."""
    rows = list(db.session.scalars(select(DraftSlot).where(DraftSlot.edition_id == one.id)))
    word = f"{random.random():.6f}"
    actions: list[Callable[[], object]] = [
        lambda: service.create_slot(one, {"title": f"Made {word}", "kind": Kind.TALK}),
        *(ways_to_move(random.choice(rows), word, time(random.randrange(8, 20))) if rows else ()),
    ]
    random.choice(actions)()


def ways_to_move(row: DraftSlot, word: str, start: time) -> list[Callable[[], object]]:
    day = row.edition.start_date
    return [
        lambda: service.delete_slot(row),
        lambda: change(row, title=f"Renamed {word}"),
        lambda: change(row, abstract=f"About {word}"),
        lambda: change(row, cancelled=not row.cancelled),
        lambda: change(row, day=day, start_time=start, end_time=start.replace(minute=30)),
        lambda: change(row, day=None, start_time=None, end_time=None),
        lambda: service.copy_slot(row),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_after_any_release_the_draft_is_what_everybody_sees_and_exactly_the_holders_were_told(
    app: Flask, key: int, seed: int
) -> None:
    random = Random(seed)
    with app.app_context():
        for number in range(4):
            hold(key, number, f"Talk {number}", f"Talk {(number + 1) % 4}")
        before = {one.calendar_uid: (one.id, snapshot(one)) for one in db.session.scalars(select(Slot))}
        choices = db.session.execute(select(SlotChoice.registration_id, SlotChoice.slot_id)).all()
        for _number in range(random.randrange(1, 9)):
            with transaction():
                move_something(random, db.session.get_one(Edition, key))
        wanted = releases.state_of(edition(key), DraftSlot)
        if not wanted or not drafts.changes_of(edition(key)):
            return
        now = {one.calendar_uid: snapshot(one) for one in db.session.scalars(select(DraftSlot))}
        changed = {slot_id for uid, (slot_id, was) in before.items() if now.get(uid) != was}
        expected = {registration for registration, slot_id in choices if slot_id in changed}
        outlook = to_tell(key)
        assert release(key) == len(expected) == outlook
        assert len(told()) == len(expected)
        assert releases.state_of(edition(key)) == wanted
        assert drafts.changes_of(edition(key)) == []
