"""The life of editions: numbers that stay, moves, copies, cancellations, two editors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventhub import facts
from eventhub.agenda.models import Room, Slot
from eventhub.database import transaction
from eventhub.editions import series as series_service
from eventhub.editions import service
from eventhub.editions.models import Edition, EditionState, Mode, Part, Series
from eventhub.errors import NotReady, RuleBroken
from eventhub.extensions import db
from eventhub.facts import EditionCancelled, EditionChanged
from eventhub.history.models import HistoryEntry
from eventhub.organisations.models import Organisation
from tests.conftest import FrozenClock
from tests.editions.making import add_slot, edition_values, make_edition, make_series
from tests.registration.samples import signed_up

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def context(app: Flask, clock: FrozenClock) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Note the facts that are announced, and let the reactions run."""
    found: list[object] = []

    def note(fact: object) -> None:
        found.append(fact)
        facts.announce(fact)

    monkeypatch.setattr(service, "announce", note)
    return found


def published(number: int = 5, **values: object) -> int:
    with transaction():
        edition = make_edition(make_series(), number, **values)
        service.publish(edition)
        return edition.id


def reload(key: int) -> Edition:
    db.session.rollback()
    return db.session.get_one(Edition, key)


def save(key: int, seen: int | None = None, **values: object) -> service.Changes:
    with transaction():
        edition = db.session.get_one(Edition, key)
        return service.update(edition, values, edition.version if seen is None else seen)


def test_a_published_edition_that_moves_raises_its_sequence(
    announced: list[object], clock: FrozenClock
) -> None:
    key = published()
    signed_up(key, 1)
    clock.advance(timedelta(hours=1))
    changes = save(key, start_time=time(14, 30), end_time=time(17, 30))
    edition = reload(key)
    assert set(changes) == {"start_time", "end_time"}
    assert (edition.sequence, edition.version) == (1, 3)
    assert edition.starts_at == datetime(2026, 5, 5, 12, 30, tzinfo=UTC)
    assert edition.changed_at == clock.now()
    told = [fact for fact in announced if isinstance(fact, EditionChanged)]
    assert [set(fact.changes) for fact in told] == [{"start_time", "end_time"}]


def test_texts_leave_the_sequence(announced: list[object], clock: FrozenClock) -> None:
    key = published()
    signed_up(key, 1)
    clock.advance(timedelta(hours=1))
    save(key, theme="Another theme")
    edition = reload(key)
    assert (edition.sequence, edition.changed_at) == (0, clock.now())
    assert not [fact for fact in announced if isinstance(fact, EditionChanged)]


def test_a_new_join_link_is_told_without_a_new_sequence(announced: list[object]) -> None:
    key = published()
    signed_up(key, 1)
    save(key, join_url="https://meet.example/other")
    assert reload(key).sequence == 0
    assert [fact.changes.keys() for fact in announced if isinstance(fact, EditionChanged)] == [{"join_url"}]


def test_drafts_move_in_silence(announced: list[object]) -> None:
    with transaction():
        key = make_edition(make_series()).id
    save(key, start_date=date(2026, 6, 1))
    assert reload(key).sequence == 0
    assert not [fact for fact in announced if isinstance(fact, EditionChanged)]


def test_nothing_changed_is_no_edit(announced: list[object]) -> None:
    key = published()
    assert save(key, start_time=time(15)) == {}
    assert reload(key).version == 2
    assert not announced


def test_the_impact_says_how_many_are_told() -> None:
    key = published(capacity=1)
    signed_up(key, 1)
    signed_up(key, 2)
    edition = reload(key)
    assert service.impact(edition, {"start_time": time(14)}).people == 2
    assert service.impact(edition, {"theme": "Other"}).people == 0
    assert service.impact(edition, {"start_time": time(15)}).people == 0


def test_two_editors_notice_each_other() -> None:
    key = published()
    save(key, seen=2, theme="First")
    with pytest.raises(service.Stale) as stale:
        save(key, seen=2, theme="Second")
    assert [entry.action for entry in stale.value.entries] == ["edition.changed"]
    assert stale.value.entries[0].details["changes"] == {"theme": ["", "First"]}
    assert reload(key).theme == "First"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"start_date": date(2026, 3, 29), "start_time": time(2, 30)}, "start_time"),
        (
            {"start_date": date(2026, 3, 28), "end_date": date(2026, 3, 29), "end_time": time(2, 15)},
            "end_time",
        ),
        ({"end_time": time(15)}, "end_time"),
        ({"end_time": time(14)}, "end_time"),
        ({"end_date": date(2026, 5, 4)}, "end_date"),
        ({"start_date": None}, "start_date"),
        ({"start_time": None}, "start_time"),
        ({"start_date": date(1, 1, 1)}, "start_date"),
        ({"end_date": date(9999, 12, 31)}, "end_date"),
        ({"zone": "Europe/Nowhere"}, "zone"),
        ({"number": None}, "number"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"slug": "edit"}, "slug"),
        (
            {
                "registration_opens_at": datetime(2026, 5, 2, tzinfo=UTC),
                "registration_closes_at": datetime(2026, 5, 1, tzinfo=UTC),
            },
            "registration_closes_at",
        ),
    ],
)
def test_what_can_not_be_is_said_at_its_field(values: dict[str, object], field: str) -> None:
    key = published()
    with pytest.raises(RuleBroken) as refused:
        save(key, **values)
    assert refused.value.field == field
    assert reload(key).version == 2


def test_there_are_never_fewer_places_than_people() -> None:
    key = published(capacity=3)
    signed_up(key, 1)
    signed_up(key, 2)
    with pytest.raises(RuleBroken) as refused:
        save(key, capacity=1)
    assert refused.value.field == "capacity"
    save(key, capacity=2)


def test_more_places_move_people_up() -> None:
    key = published(capacity=1)
    signed_up(key, 1)
    signed_up(key, 2)
    save(key, capacity=2)
    edition = reload(key)
    assert (edition.taken_count, edition.waiting_count) == (2, 0)


def test_numbers_are_unique_in_a_series_and_said_at_the_field() -> None:
    with transaction():
        series = make_series()
        make_edition(series, 4)
        key = make_edition(series, 5).id
        make_edition(make_series("other"), 4)
    with pytest.raises(RuleBroken) as refused:
        save(key, number=4)
    assert refused.value.field == "number"


def test_numbers_addresses_and_uids_stay_when_others_go_or_move() -> None:
    with transaction():
        series = make_series()
        for number in (3, 4, 5, 6, 7):
            make_edition(series, number, start_date=date(2026, number, 5))
        test_edition = make_edition(series, None, slug="test", title="Test")

    def identities() -> dict[int, tuple[str, str]]:
        found = db.session.scalars(select(Edition).where(Edition.number.is_not(None)))
        return {edition.id: (edition.key, edition.calendar_uid) for edition in found}

    before = identities()
    with transaction():
        service.delete(test_edition)
    sixth = db.session.scalars(select(Edition.id).where(Edition.number == 6)).one()
    save(sixth, start_date=date(2026, 9, 1))
    assert identities() == before


def test_only_drafts_without_people_can_be_deleted() -> None:
    key = published()
    with pytest.raises(RuleBroken), transaction():
        service.delete(db.session.get_one(Edition, key))
    signed_up(key, 1)
    with transaction():
        db.session.get_one(Edition, key).state = EditionState.DRAFT
    with pytest.raises(RuleBroken), transaction():
        service.delete(db.session.get_one(Edition, key))
    assert reload(key).number == 5


def test_publishing_says_everything_that_is_missing() -> None:
    with transaction():
        series = make_series(contact_email="")
        key = make_edition(series, start_time=None, end_time=None, mode=Mode.ON_SITE).id
    with pytest.raises(NotReady) as refused, transaction():
        service.publish(db.session.get_one(Edition, key))
    assert len(refused.value.reasons) == 3
    assert reload(key).state is EditionState.DRAFT


def test_an_edition_may_be_announced_for_a_month() -> None:
    with transaction():
        edition = make_edition(
            make_series(), start_date=None, start_time=None, end_time=None, mode=None, planned="2026-05"
        )
        service.publish(edition)
        assert edition.state is EditionState.PUBLISHED


def test_cancelling_and_reinstating_raise_the_sequence(announced: list[object]) -> None:
    key = published()
    signed_up(key, 1)
    with transaction():
        service.cancel(db.session.get_one(Edition, key), "The speaker is ill")
    edition = reload(key)
    assert (edition.state, edition.sequence, edition.state_reason) == (
        EditionState.CANCELLED,
        1,
        "The speaker is ill",
    )
    with transaction():
        service.reinstate(db.session.get_one(Edition, key))
    edition = reload(key)
    assert (edition.state, edition.sequence, edition.state_reason) == (EditionState.PUBLISHED, 2, "")
    assert [type(fact) for fact in announced] == [EditionCancelled, EditionChanged]


def test_steps_are_taken_only_from_where_they_start(clock: FrozenClock) -> None:
    key = published()
    for step in (service.publish, service.reinstate, service.reopen):
        with pytest.raises(RuleBroken), transaction():
            step(db.session.get_one(Edition, key))
    with pytest.raises(RuleBroken), transaction():
        service.complete(db.session.get_one(Edition, key))
    clock.set(datetime(2026, 5, 6, tzinfo=UTC))
    with transaction():
        service.complete(db.session.get_one(Edition, key))
    with transaction():
        service.reopen(db.session.get_one(Edition, key))
    assert reload(key).state is EditionState.PUBLISHED


def test_a_draft_again_only_without_people() -> None:
    key = published()
    with transaction():
        service.unpublish(db.session.get_one(Edition, key))
    with transaction():
        service.publish(db.session.get_one(Edition, key))
    assert reload(key).sequence == 1, "whoever subscribed may have seen it before"
    signed_up(key, 1)
    with pytest.raises(RuleBroken), transaction():
        service.unpublish(db.session.get_one(Edition, key))


def slots_of(key: int) -> dict[str, Slot]:
    db.session.rollback()
    return {slot.slug: slot for slot in db.session.scalars(select(Slot).where(Slot.edition_id == key))}


def test_slots_move_along_with_their_edition() -> None:
    key = published()
    with transaction():
        edition = db.session.get_one(Edition, key)
        add_slot(edition, "first", time(15), time(16))
        add_slot(edition, "open", time(0), time(1), day=None, start_time=None, end_time=None)
    save(key, start_date=date(2026, 5, 6), start_time=time(14, 30), end_time=time(17, 30))
    slots = slots_of(key)
    assert (slots["first"].day, slots["first"].start_time, slots["first"].end_time) == (
        date(2026, 5, 6),
        time(14, 30),
        time(15, 30),
    )
    assert slots["first"].starts_at == datetime(2026, 5, 6, 12, 30, tzinfo=UTC)
    assert (slots["first"].sequence, slots["open"].sequence) == (1, 0)
    assert slots["open"].day is None


def test_another_zone_keeps_the_wall_clock_of_slots() -> None:
    key = published()
    with transaction():
        add_slot(db.session.get_one(Edition, key), "first", time(15), time(16))
    save(key, zone="Europe/London")
    slot = slots_of(key)["first"]
    assert (slot.start_time, slot.starts_at) == (time(15), datetime(2026, 5, 5, 14, tzinfo=UTC))


def test_a_slot_in_the_hour_that_does_not_exist_stops_the_move() -> None:
    with transaction():
        edition = make_edition(make_series(), start_time=time(1), end_time=time(6))
        add_slot(edition, "night", time(2, 30), time(3, 30))
        key = edition.id
    with pytest.raises(RuleBroken):
        save(key, start_date=date(2026, 3, 29))
    assert reload(key).start_date == date(2026, 5, 5)


def make_source() -> int:
    with transaction():
        series = make_series()
        source = make_edition(
            series,
            4,
            description="What LabCamp is",
            theme="Life cycles",
            join_url="https://meet.example/4",
            capacity=60,
            venue_name="Stadtlabor",
            mode=Mode.HYBRID,
        )
        host = Organisation(slug="soest", name="Stadtlabor Soest")
        db.session.add(host)
        db.session.flush()
        service.set_organisations(source, [host.id], [])
        room = Room(edition_id=source.id, name="Hall")
        db.session.add(room)
        db.session.flush()
        talk = add_slot(source, "talk", time(15, 30), time(16), room_id=room.id)
        add_slot(source, "part", time(15, 30), time(15, 40), parent_id=talk.id)
        return source.id


def copy(key: int, **values: object) -> Edition:
    with transaction():
        source = db.session.get_one(Edition, key)
        made = service.copy(source, {"number": 5} | values).id
    return reload(made)


def test_the_next_edition_takes_over_what_stays() -> None:
    made = copy(make_source(), start_date=date(2026, 12, 7), start_time=time(16), end_time=time(19))
    assert (made.title, made.number, made.state) == ("LabCamp #5", 5, EditionState.DRAFT)
    assert (made.description, made.capacity, made.venue_name) == ("What LabCamp is", 60, "Stadtlabor")
    assert (made.theme, made.join_url, made.taken_count) == ("", "", 0)
    assert [host.slug for host in made.hosts] == ["soest"]
    slots = slots_of(made.id)
    assert (slots["talk"].day, slots["talk"].start_time) == (date(2026, 12, 7), time(16, 30))
    assert slots["part"].parent_id == slots["talk"].id
    room = slots["talk"].room
    assert room is not None
    assert room.edition_id == made.id
    uids = db.session.scalars(select(Slot.calendar_uid)).all()
    assert len(set(uids)) == 4
    entry = db.session.scalars(select(HistoryEntry).filter_by(action="edition.copied")).one()
    assert {"rooms:1", "slots:2", "organisations", "description"} <= set(entry.details["copied"])


def test_without_a_date_the_copied_agenda_has_none() -> None:
    made = copy(make_source())
    assert made.start_date is None
    assert {(slot.day, slot.start_time) for slot in slots_of(made.id).values()} == {(None, None)}


def test_a_proposed_number_is_only_a_proposal() -> None:
    key = make_source()
    series = reload(key).series
    assert service.next_number(series) == 5
    made = copy(key, number=12)
    assert (made.number, made.title) == (12, "LabCamp #12")
    assert service.next_number(reload(key).series) == 13


def test_several_are_made_all_or_none() -> None:
    with transaction():
        series_id = make_series().id
    items = [service.Planned(number, date(2026, number, 1), time(15), time(18)) for number in (1, 2, 2)]
    with pytest.raises(RuleBroken), transaction():
        service.create_several(db.session.get_one(Series, series_id), items, None)
    assert db.session.scalar(select(func.count(Edition.id))) == 0
    with transaction():
        service.create_several(db.session.get_one(Series, series_id), items[:2], None)
    made = db.session.scalars(select(Edition).order_by(Edition.number)).all()
    assert [(edition.title, edition.state) for edition in made] == [
        ("LabCamp #1", EditionState.DRAFT),
        ("LabCamp #2", EditionState.DRAFT),
    ]


def test_only_what_forms_offer_can_be_edited() -> None:
    key = published()
    with pytest.raises(ValueError, match="state can't be edited"):
        save(key, state=EditionState.COMPLETED)


def test_hosts_and_supporters_change_only_when_they_differ() -> None:
    key = make_source()
    with transaction():
        edition = db.session.get_one(Edition, key)
        host = edition.hosts[0].id
        assert not service.set_organisations(edition, [host], [])
        assert service.set_organisations(edition, [], [host])
    assert [link.part for link in reload(key).organisation_links] == [Part.SUPPORTER]


def test_a_series_with_editions_stays() -> None:
    key = published()
    series = reload(key).series
    with pytest.raises(RuleBroken), transaction():
        series_service.delete(series)
    with transaction():
        empty = make_series("empty")
    with transaction():
        series_service.delete(empty)
    assert db.session.scalars(select(Series.slug)).all() == ["labcamp"]


def test_short_names_of_series_are_unique() -> None:
    with transaction():
        make_series()
        other = make_series("other")
    organisations = [link.organisation_id for link in other.organisation_links]
    with pytest.raises(RuleBroken) as refused, transaction():
        series_service.update(other, {"slug": "labcamp"}, organisations)
    assert refused.value.field == "slug"


def test_values_of_the_sample_fit_the_form() -> None:
    assert set(edition_values()) <= service.EDITABLE


def test_a_last_day_that_is_the_first_says_nothing(announced: list[object]) -> None:
    key = published(end_date=date(2026, 5, 5))
    signed_up(key, 1)
    assert save(key, end_date=None) == {}
    save(key, start_date=date(2026, 5, 6), end_date=None)
    assert reload(key).start_date == date(2026, 5, 6)
