"""A changed file updates what it changes; an export shows what was changed on the pages."""

import json
from datetime import date, time, timedelta
from pathlib import Path

import pytest
import yaml
from flask import Flask
from sqlalchemy import select

from eventhub import clock as eventhub_clock
from eventhub.agenda import drafts
from eventhub.agenda.models import DraftSlot, Kind, Slot, SlotSpeaker, Speaker, SpeakerRole, Track
from eventhub.agenda.service import people_of, update_slot
from eventhub.agenda.shift import set_instants
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.errors import InvalidFile, RuleBroken
from eventhub.exchange.cli import series_commands
from eventhub.exchange.service import export_series
from eventhub.extensions import db
from eventhub.facts import CapacityRaised, EditionChanged
from eventhub.history.models import HistoryEntry
from eventhub.organisations.models import Organisation
from eventhub.registration.models import Registration
from eventhub.registration.own_texts import ROLES
from tests.conftest import FrozenClock
from tests.exchange.conftest import Bring
from tests.registration.samples import signed_up

MEETING = """\
series:
  slug: meeting
  title: Meeting
  initiators: [lab]
organisations:
  lab: {name: Lab, city: null}
persons:
  ada: {name: Ada Example, organisation: lab}
  bob: {name: Bob Example, organisation: Somewhere else}
editions:
  - number: 1
    title: First
    state: published
    date: {start: 2026-06-10}
    time: {start: "10:00", end: "12:00"}
    mode: online
    capacity: 10
    agenda:
      - {start: "10:00", end: "10:30", title: Opening, speakers: [ada]}
      - {start: "10:30", end: "11:00", title: Break, kind: Pause}
      - {start: "11:00", end: "12:00", title: Talk, speakers: [bob]}
  - number: 2
    title: Second
"""


@pytest.fixture
def present(clock: FrozenClock) -> FrozenClock:
    return clock


def first() -> Edition:
    return db.session.scalars(select(Edition).where(Edition.number == 1)).one()


def slot(title: str) -> Slot:
    return db.session.scalars(select(Slot).where(Slot.title == title)).one()


def exported() -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(export_series("meeting"))
    return found


def test_mails_to_the_team_come_and_go_with_their_words(bring: Bring) -> None:
    own = {"de": {"subject": "Ins Team von {series}?", "text": "Moin!"}}
    words = dict.fromkeys(ROLES, own)
    bring(MEETING.replace("  initiators:", f"  mail_texts: {json.dumps(words)}\n  initiators:"))
    assert exported()["series"]["mail_texts"] == words  # type: ignore[index]
    wrong = json.dumps({"role_offer": {"de": {"text": "Hallo {name}"}}})
    with pytest.raises(InvalidFile, match="name"):
        bring(MEETING.replace("  initiators:", f"  mail_texts: {wrong}\n  initiators:"))


def test_only_the_changed_row_is_written(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    report = bring(MEETING.replace("title: Second", "title: The second"))
    assert dict(report.changed) == {"editions": 1}
    assert not report.created
    assert not report.removed
    assert report.words() == "meeting.yaml: 1 editions changed"
    entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.details["changed"]) == ("series_imported", {"editions": 1})


def test_slots_keep_uid_and_address_whatever_moves_around_them(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    before = {one.title: (one.id, one.calendar_uid, one.slug) for one in db.session.scalars(select(Slot))}
    lines = MEETING.splitlines(keepends=True)
    added = '      - {start: "09:30", end: "10:00", title: Arrival}\n'
    moved = "".join([*lines[:18], added, lines[18], *lines[20:]])
    report = bring(moved.replace("title: Talk", "title: A long talk"))
    assert (dict(report.created), dict(report.removed)) == ({"slots": 1}, {"slots": 1})
    after = {one.title: (one.id, one.calendar_uid, one.slug) for one in db.session.scalars(select(Slot))}
    assert set(after) == {"Arrival", "Opening", "A long talk"}
    assert after["Opening"] == before["Opening"]
    assert after["A long talk"] == before["Talk"]
    assert slot("A long talk").sequence == 0
    assert yaml.safe_load(moved.replace("title: Talk", "title: A long talk"))["editions"][0]["agenda"][2] == {
        "start": "11:00",
        "end": "12:00",
        "title": "A long talk",
        "speakers": ["bob"],
    }


def test_a_file_is_not_brought_in_over_what_is_not_released(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    with transaction():
        drafts.begin(first())
    bring(MEETING.replace("title: Talk", "title: A long talk"))
    assert drafts.changes_of(first()) == []
    with transaction():
        prepared = db.session.scalars(select(DraftSlot).where(DraftSlot.title == "A long talk")).one()
        update_slot(prepared, {"title": "Prepared"}, people_of(prepared))
    with pytest.raises(InvalidFile, match="release or discard"):
        bring(MEETING)
    db.session.rollback()
    assert [one.fields for one in drafts.changes_of(first())] == [{"title"}]


def test_a_moved_slot_is_a_new_version_of_its_entry(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    present.advance(timedelta(days=1))
    bring(MEETING.replace('"11:00", end: "12:00"', '"11:10", end: "12:00"'))
    assert slot("Talk").sequence == 1
    assert slot("Talk").changed_at == eventhub_clock.now()
    assert slot("Opening").sequence == 0


def test_others_hear_of_a_move_and_of_more_places(
    present: FrozenClock, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(MEETING)
    heard: list[object] = []
    monkeypatch.setattr("eventhub.exchange.edition_import.announce", heard.append)
    bring(MEETING.replace("start: 2026-06-10", "start: 2026-06-11").replace("capacity: 10", "capacity: 20"))
    one = first()
    assert one.sequence == 1
    assert [type(fact) for fact in heard] == [EditionChanged, CapacityRaised]
    assert isinstance(heard[0], EditionChanged)
    assert heard[0].changes == {"start_date": (date(2026, 6, 10), date(2026, 6, 11))}
    assert {found.day for found in db.session.scalars(select(Slot))} == {date(2026, 6, 11)}


def test_a_preview_names_who_would_move_up_and_the_import_who_does(
    present: FrozenClock, bring: Bring, here: Flask, tmp_path: Path
) -> None:
    bring(MEETING.replace("capacity: 10", "capacity: 1"))
    people = [signed_up(first().id, name).registration.id for name in ("Ada", "Bo", "Cem")]
    more = tmp_path / "more.yaml"
    more.write_text(MEETING.replace("capacity: 10", "capacity: 2"), encoding="utf-8")

    def run(*options: str) -> tuple[str, list[str]]:
        said = here.test_cli_runner().invoke(series_commands, ["import", str(more), *options]).output
        db.session.rollback()
        return said, [db.session.get_one(Registration, key).state.value for key in people]

    said, states = run("--preview")
    assert said.startswith("Nothing is saved.")
    assert "First: 1 move up from the waitlist: Person Bo\n" in said
    assert (first().capacity, states) == (1, ["confirmed", "waitlisted", "waitlisted"])
    said, states = run()
    assert "First: 1 move up from the waitlist: Person Bo\n" in said
    assert (first().capacity, states) == (2, ["confirmed", "confirmed", "waitlisted"])
    assert "move up" not in run()[0]


def test_fewer_places_than_people_are_refused(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    with transaction():
        first().taken_count = 7
    with pytest.raises(InvalidFile, match=r"line 17.*7 people"):
        bring(MEETING.replace("capacity: 10", "capacity: 6"))


def test_a_state_is_changed_on_its_page(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    assert first().published_at == eventhub_clock.now()
    report = bring(MEETING.replace("state: published", "state: cancelled"))
    assert report.unchanged
    assert any("state" in note for note in report.notes)
    assert first().state is EditionState.PUBLISHED


def test_states_follow_from_dates_where_the_file_is_silent(present: FrozenClock, bring: Bring) -> None:
    bring(
        "series: {slug: meeting, title: Meeting}\neditions:\n"
        "  - {number: 1, date: {start: 2026-03-01}}\n"
        "  - {number: 2, date: {start: 2026-03-03}}\n"
        "  - {number: 3}\n"
        "  - {number: 4, date: {month: 2026-02}}\n"
        "  - {number: 5, date: {month: 2026-03}}\n"
        "  - {number: 6, date: {as_published: last week, within: {start: 2026-02-20, end: 2026-02-22}}}\n"
    )
    found = db.session.scalars(select(Edition).order_by(Edition.number))
    assert [(one.state.value, one.takes_registrations) for one in found] == [
        ("completed", False),
        ("draft", True),
        ("published", False),
        ("completed", False),
        ("draft", True),
        ("completed", False),
    ]


def test_keys_that_go_take_their_values_along(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    bring(MEETING.replace("    capacity: 10\n", "").replace("    mode: online\n", ""))
    assert (first().capacity, first().mode) == (None, None)


def test_what_the_file_never_said_stays(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    with transaction():
        first().description = "Bring cake"
    bring(MEETING.replace("title: First", "title: The first"))
    assert (first().title, first().description) == ("The first", "Bring cake")


def test_editions_are_never_deleted(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    report = bring(MEETING.replace("  - number: 2\n    title: Second\n", ""))
    assert any("edition 2" in note for note in report.notes)
    assert len(db.session.scalars(select(Edition)).all()) == 2


def test_persons_go_with_the_last_file_that_names_them(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    text = MEETING.replace("  bob: {name: Bob Example, organisation: Somewhere else}\n", "")
    report = bring(text.replace(", speakers: [bob]", ""))
    assert dict(report.removed) == {"persons": 1}
    assert db.session.scalars(select(Speaker.slug)).all() == ["ada"]


def test_the_first_file_describes_an_organisation(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    other = MEETING.replace("slug: meeting", "slug: other").replace("name: Lab, city: null", "name: Labor")
    report = bring(other)
    assert report.notes == ["organisation lab: kept; this file says something else about name"]
    assert db.session.scalars(select(Organisation.name)).all() == ["Lab"]
    assert yaml.safe_load(export_series("other"))["organisations"] == {"lab": {"name": "Labor"}}
    assert bring(other).unchanged
    bring(MEETING.replace("name: Lab,", "name: Laboratory,"))
    assert db.session.scalars(select(Organisation.name)).all() == ["Laboratory"]
    assert yaml.safe_load(export_series("other"))["organisations"] == {"lab": {"name": "Laboratory"}}


def test_an_export_shows_edits(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    with transaction():
        one = first()
        one.title, one.theme, one.venue_city, one.start_time = "Begin", "Cake", "Ulm", time(9, 45)
        one.starts_at = None
        talk = slot("Talk")
        talk.abstract, talk.kind, talk.cancelled = "About cake", Kind.WORKSHOP, True
        opening = slot("Opening")
        opening.speaker_links[0].role = SpeakerRole.MODERATOR
        series = one.series
        series.subtitle = "With cake"
        db.session.add(Edition(series=series, number=3, title="Third", calendar_uid="x", extra={}))
        db.session.add(Speaker(series=series, slug="eve", name="Eve Example"))
    found = exported()
    edition = found["editions"][0]  # type: ignore[index]
    assert (edition["title"], edition["theme"], edition["city"]) == ("Begin", "Cake", "Ulm")
    assert edition["time"] == {"start": "09:45", "end": "12:00"}
    assert edition["agenda"][2] == {
        "start": "11:00",
        "end": "12:00",
        "title": "Talk",
        "speakers": ["bob"],
        "type": "workshop",
        "summary": "About cake",
        "cancelled": True,
    }
    assert edition["agenda"][0]["moderators"] == ["ada"]
    assert found["series"]["subtitle"] == "With cake"  # type: ignore[index]
    assert found["persons"]["eve"] == {"name": "Eve Example"}  # type: ignore[index]
    assert found["editions"][2]["number"] == 3  # type: ignore[index]


def test_an_export_after_edits_is_nothing_new_to_the_same_database(
    present: FrozenClock, bring: Bring
) -> None:
    bring(MEETING)
    with transaction():
        one = first()
        one.mode, one.theme, one.capacity = None, "Cake", None
        track = Track(edition_id=one.id, slug="side", name="Side", extra={})
        added = Slot(
            edition_id=one.id,
            slug="anything",
            title="Added",
            calendar_uid="y",
            day=one.start_date,
            start_time=time(9),
            track=track,
            extra={},
        )
        ada = db.session.scalars(select(Speaker).where(Speaker.slug == "ada")).one()
        added.speaker_links = [SlotSpeaker(speaker=ada, role=SpeakerRole.HOST)]
        set_instants(added, one.zone)
        db.session.add(added)
        db.session.delete(slot("Break"))
    text = export_series("meeting")
    report = bring(text)
    assert report.unchanged, report
    assert export_series("meeting") == text


def test_slots_added_on_the_pages_survive_an_import(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    with transaction():
        db.session.add(Slot(edition_id=first().id, slug="extra", title="Extra", calendar_uid="z", extra={}))
    bring(MEETING.replace("title: Opening", "title: Welcome"))
    assert slot("Extra").slug == "extra"


def test_a_new_zone_takes_editions_along(present: FrozenClock, bring: Bring) -> None:
    bring(MEETING)
    bring(MEETING.replace("  title: Meeting\n", "  title: Meeting\n  timezone: Europe/London\n"))
    assert first().zone == "Europe/London"
    assert first().starts_at is not None
    assert first().starts_at.hour == 9  # type: ignore[union-attr]


def test_an_unknown_series_has_no_export(here: Flask) -> None:
    with pytest.raises(RuleBroken, match="no series “nothing”"):
        export_series("nothing")


def test_a_series_from_no_file_is_written_in_the_usual_order(here: Flask) -> None:
    with transaction():
        series = Series(slug="plain", title="Plain", extra={})
        one = Edition(series=series, number=1, title="One", calendar_uid="a", extra={})
        one.start_date, one.start_time = date(2030, 5, 6), time(10)
        db.session.add_all([series, one])
    assert yaml.safe_load(export_series("plain")) == {
        "series": {"slug": "plain", "title": "Plain", "timezone": "Europe/Berlin"},
        "editions": [
            {
                "number": 1,
                "title": "One",
                "date": {"start": date(2030, 5, 6)},
                "time": {"start": "10:00"},
            }
        ],
    }
