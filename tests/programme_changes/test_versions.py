"""Versions of an agenda: kept, compared, and told at once to those concerned."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from eventhub.agenda import service as agenda
from eventhub.agenda.models import Kind
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.programme_changes import releases
from eventhub.programme_changes.comparing import differences
from eventhub.programme_changes.jobs import tell_changes
from tests.conftest import FrozenClock
from tests.programme_changes.test_changes import change, edition_id, slot

__all__ = ["edition_id"]


def edition(key: int) -> Edition:
    db.session.rollback()
    return db.session.get_one(Edition, key)


def release(key: int, note: str = "") -> int:
    """Release a version and return how many people are told."""
    with transaction():
        return releases.release(db.session.get_one(Edition, key), note)[1]


def mails() -> list[str]:
    found = select(OutboxMessage.to_address).where(OutboxMessage.kind == "sessions_changed")
    return list(db.session.scalars(found))


@pytest.mark.both_databases
def test_versions_are_numbered_and_say_what_changed(app: Flask, edition_id: int) -> None:
    with app.app_context():
        release(edition_id, "First")
        with pytest.raises(RuleBroken, match="1"):
            release(edition_id)
        change("Talk 0", title="Talk zero")
        with transaction():
            agenda.delete_slot(slot("Talk 2"))
            agenda.create_slot(edition_now(edition_id), {"title": "New", "kind": Kind.TALK})
        release(edition_id, "Second")
        (second, news), (first, nothing) = releases.changelog(releases.versions_of(edition(edition_id)))
        assert [(second.number, second.note), (first.number, first.note)] == [(2, "Second"), (1, "First")]
        assert {one.title for one in news} == {"Talk zero", "New", "Talk 2"}
        assert nothing == []


def edition_now(key: int) -> Edition:
    return db.session.get_one(Edition, key)


@pytest.mark.both_databases
def test_a_version_tells_exactly_who_is_concerned_with_one_mail(app: Flask, edition_id: int) -> None:
    with app.app_context():
        release(edition_id)
        change("Talk 0", start_time=time(8), end_time=time(8, 30))
        change("Talk 1", cancelled=True)
        assert release(edition_id) == 1
        assert len(mails()) == 1
        assert tell_changes() == 0


@pytest.mark.both_databases
def test_mails_wait_for_the_next_version(app: Flask, edition_id: int, clock: FrozenClock) -> None:
    with app.app_context():
        with transaction():
            releases.hold(edition_now(edition_id))
        change("Talk 0", title="Other")
        clock.advance(timedelta(days=1))
        assert tell_changes() == 0
        assert release(edition_id) == 1
        change("Other", title="Once more")
        with transaction():
            releases.let_go(edition_now(edition_id))
        clock.advance(timedelta(days=1))
        assert tell_changes() == 1


def test_an_agenda_without_slots_has_no_version(app: Flask, edition_id: int) -> None:
    with app.app_context():
        for title in ("Talk 0", "Talk 1", "Talk 2"):
            with transaction():
                db.session.delete(slot(title))
        with pytest.raises(RuleBroken):
            release(edition_id)


SNAPSHOTS = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["A", "B"]),
        "day": st.sampled_from([None, "2027-03-16"]),
        "start_time": st.none(),
        "end_day": st.none(),
        "end_time": st.none(),
        "cancelled": st.booleans(),
        "room": st.sampled_from(["", "Hall"]),
        "zone": st.just("Europe/Berlin"),
    }
)
STATES = st.dictionaries(st.sampled_from("123"), SNAPSHOTS)


@given(STATES, STATES)
def test_the_comparison_names_what_differs_and_nothing_else(old: dict, new: dict) -> None:
    assert differences(old, old) == []
    found = differences(old, new)
    changed = [key for key in old.keys() & new.keys() if old[key] != new[key]]
    assert len(found) <= len(old.keys() ^ new.keys()) + len(changed)
    assert len(found) >= len(old.keys() ^ new.keys())
    assert all(one.words for one in found)
