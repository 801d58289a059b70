"""Versions of an agenda: kept, compared, and told at once to those concerned."""

from __future__ import annotations

from datetime import time

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from eventhub.agenda import people
from eventhub.agenda import service as agenda
from eventhub.agenda.comparing import differences
from eventhub.agenda.models import Kind, Speaker, SpeakerRole
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.programme_changes import releases
from eventhub.programme_changes.jobs import tell_changes
from eventhub.web.languages import speaking
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
        (second, news), (first, nothing) = releases.changelog(releases.versions_of(edition(edition_id)), {})
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
        "people": st.lists(st.sampled_from([[1, "speaker"], [2, "host"]]), unique_by=str),
        "details": st.sampled_from("ab"),
    }
)
NAMES = {1: "Ada", 2: "Bo"}
STATES = st.dictionaries(st.sampled_from("123"), SNAPSHOTS)


@given(STATES, STATES)
def test_the_comparison_names_what_differs_and_nothing_else(old: dict, new: dict) -> None:
    assert differences(old, old, NAMES) == []
    found = differences(old, new, NAMES)
    changed = [key for key in old.keys() & new.keys() if old[key] != new[key]]
    assert len(found) <= len(old.keys() ^ new.keys()) + len(changed)
    assert len(found) >= len(old.keys() ^ new.keys())
    assert all(one.words for one in found)


def test_people_and_other_details_are_named_but_nobody_who_is_gone() -> None:
    was = {"title": "Talk", "day": None, "start_time": None, "end_day": None, "end_time": None}
    was |= {
        "cancelled": False,
        "room": "",
        "zone": "Europe/Berlin",
        "people": [[1, "speaker"]],
        "details": "a",
    }
    now = was | {"people": [[2, "host"], [3, "speaker"]], "details": "b"}
    with speaking("en"):
        [one] = differences({"1": was}, {"1": now}, NAMES)
    assert one.words == ["People: Bo (Host), until now Ada", "What it is about, or another detail, is new."]


def test_what_an_early_version_did_not_keep_is_no_difference() -> None:
    now = {"title": "Talk", "day": None, "start_time": None, "end_day": None, "end_time": None}
    now |= {"cancelled": False, "room": "", "zone": "Europe/Berlin"}
    assert differences({"1": now}, {"1": now | {"people": [[1, "speaker"]], "details": "a"}}, NAMES) == []


@pytest.mark.both_databases
def test_a_version_tells_who_speaks_and_keeps_no_name(app: Flask, edition_id: int) -> None:
    with app.app_context():
        release(edition_id)
        with transaction():
            one = edition_now(edition_id)
            ada = people.create_speaker(one.series, {"name": "Ada Lovelace"})
            agenda.update_slot(slot("Talk 0"), {}, [Person(ada.id, SpeakerRole.SPEAKER)])
        release(edition_id)
        versions, names = releases.versions_of(edition(edition_id)), releases.names_in(edition(edition_id))
        assert "Ada Lovelace" in str(releases.changelog(versions, names)[0][1])
        assert "Ada" not in str(versions[0].programme)
        with transaction():
            people.delete_speaker(db.session.scalars(select(Speaker)).one())
        versions, names = releases.versions_of(edition(edition_id)), releases.names_in(edition(edition_id))
        assert "Ada" not in str(releases.changelog(versions, names))
