"""One change for this edition, the following ones or all, and its way back; planning and its calendar."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select

from eventhub.agenda.models import Slot
from eventhub.database import transaction
from eventhub.editions import service
from eventhub.editions.models import Edition, EditionState, SeriesRule
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.registration import service as registration
from eventhub.tokens import derive
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, fields_of
from tests.editions.making import add_slot
from tests.registration.samples import signed_up

EDIT = "/manage/labcamp/5/edit"
SEVERAL = "/manage/labcamp/several"
AHEAD = "/manage/labcamp/ahead"
OLD = ("15:10", "13:10", "20260407", "2026-04-07", "7.\N{NO-BREAK SPACE}April")


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())


@pytest.fixture
def keys(desk: Desk) -> dict[int, int]:
    """Give the keys of five editions; the first is over, the fourth starts at another time of its own."""
    found = {}
    for number, month in ((4, 2), (5, 4), (6, 5), (7, 6), (8, 7)):
        own = {"start_time": time(14), "own_fields": ["start_time"]} if number == 7 else {}
        found[number] = desk.publish(number, start_date=date(2026, month, 7), **own)
    return found


def starts(desk: Desk, keys: dict[int, int]) -> dict[int, time | None]:
    with desk.app.app_context():
        return {number: desk.edition(key).start_time for number, key in keys.items()}


def change(desk: Desk, scope: str, path: str = EDIT, **values: str) -> str:
    """Send the form and confirm what it asks; returns the question."""
    asked = desk.client.post(path, data=desk.form_of(path) | {"scope": scope} | values)
    assert asked.status_code == 200, asked.status_code
    answer = desk.client.post(path, data=fields_of(asked.text) | {"confirmed": "1"})
    assert answer.status_code == 303
    return asked.text


def test_all_means_all_that_are_to_come_and_own_values_stay(desk: Desk, keys: dict[int, int]) -> None:
    with desk.app.app_context():
        for number in (5, 6, 6, 8):
            signed_up(keys[number], number * 10 + len(db.session.scalars(select(OutboxMessage)).all()))
    page = plain(change(desk, "all", start_time="16:00"))
    assert "3 Ausgaben ändern sich. 4 Personen werden benachrichtigt" in page
    assert "LabCamp #7: Beginn 14 Uhr" in page, "what it keeps is named with its value"
    assert starts(desk, keys) == {4: time(15), 5: time(16), 6: time(16), 7: time(14), 8: time(16)}


def test_what_has_no_day_is_to_come_unless_a_later_one_is_over(desk: Desk, keys: dict[int, int]) -> None:
    nothing = {"start_date": None, "start_time": None, "end_time": None, "takes_registrations": False}
    lost, planned = desk.publish(2, **nothing), desk.publish(9, **nothing)
    change(desk, "all", venue_name="Rathaus")
    with desk.app.app_context():
        assert [desk.edition(key).venue_name for key in (lost, keys[4], keys[8], planned)] == [
            "",
            "",
            "Rathaus",
            "Rathaus",
        ]


def test_this_and_following_leaves_those_before(desk: Desk, keys: dict[int, int]) -> None:
    change(desk, "following", "/manage/labcamp/6/edit", venue_name="Rathaus")
    with desk.app.app_context():
        venues = {number: desk.edition(key).venue_name for number, key in keys.items()}
    assert venues == {4: "", 5: "", 6: "Rathaus", 7: "Rathaus", 8: "Rathaus"}
    assert "Ab hier; bei LabCamp #5: nichts" in plain(desk.client.get("/manage/labcamp/6/edit").text)
    assert "Wie bei LabCamp #6" in plain(desk.client.get("/manage/labcamp/7/edit").text)


def test_each_field_says_where_its_value_comes_from(desk: Desk, keys: dict[int, int]) -> None:
    desk.client.post(EDIT, data=desk.form_of(EDIT) | {"venue_name": "Werkstatt"})
    page = plain(desk.client.get(EDIT).text)
    assert "Hier festgelegt; bei LabCamp #4: nichts" in page
    assert "Wie bei LabCamp #4" in page
    change(desk, "all", capacity="30")
    with desk.app.app_context():
        edition = desk.edition(keys[5])
        assert (edition.own_fields, desk.edition(keys[6]).capacity) == (["venue_name"], 30)
    desk.client.post(EDIT, data=desk.form_of(EDIT) | {"venue_name": ""})
    with desk.app.app_context():
        assert desk.edition(keys[5]).own_fields == [], "the same value again is that of the series"


def test_a_new_day_moves_the_others_by_as_many_days(desk: Desk, keys: dict[int, int]) -> None:
    change(desk, "all", start_date="2026-04-09")
    with desk.app.app_context():
        days = {number: desk.edition(key).start_date for number, key in keys.items()}
    assert days == {
        4: date(2026, 2, 7),
        5: date(2026, 4, 9),
        6: date(2026, 5, 9),
        7: date(2026, 6, 9),
        8: date(2026, 7, 9),
    }


def test_a_value_that_one_of_them_can_not_have_names_it_and_changes_none(
    desk: Desk, keys: dict[int, int]
) -> None:
    with desk.app.app_context():
        for number in range(3):
            signed_up(keys[6], number)
    page = desk.client.post(EDIT, data=desk.form_of(EDIT) | {"scope": "all", "capacity": "2"})
    assert page.status_code == 422
    assert "LabCamp #6: 3 Plätze" in page.text
    assert 'id="capacity-error"' in page.text
    with desk.app.app_context():
        assert desk.edition(keys[8]).capacity is None


def test_a_new_zone_keeps_every_wall_clock_across_the_clock_change(desk: Desk) -> None:
    before = desk.publish(5, start_date=date(2026, 3, 26))
    after = desk.publish(6, start_date=date(2026, 4, 2))
    page = change(desk, "all", zone="Europe/Lisbon")
    assert "2 Ausgaben ändern sich" in page
    with desk.app.app_context():
        found = [desk.edition(key) for key in (before, after)]
        assert [(one.start_time, one.zone, one.sequence) for one in found] == [
            (time(15), "Europe/Lisbon", 1)
        ] * 2
        assert [one.starts_at and one.starts_at.hour for one in found] == [15, 14]


def test_an_hour_that_one_day_lacks_is_refused_for_all(desk: Desk) -> None:
    desk.publish(5, start_date=date(2026, 3, 22), end_time=None)
    key = desk.publish(6, start_date=date(2026, 3, 29), end_time=None)
    page = desk.client.post(EDIT, data=desk.form_of(EDIT) | {"scope": "all", "start_time": "02:30"})
    assert page.status_code == 422
    assert "LabCamp #6: Am Sonntag, 29. März 2026" in plain(page.text)
    assert starts(desk, {6: key}) == {6: time(15)}


def test_who_changes_one_of_them_meanwhile_is_noticed(desk: Desk, keys: dict[int, int]) -> None:
    asked = desk.client.post(EDIT, data=desk.form_of(EDIT) | {"scope": "all", "venue_name": "Rathaus"})
    other = "/manage/labcamp/8/edit"
    desk.client.post(other, data=desk.form_of(other) | {"venue_name": "Werkstatt"})
    again = desk.client.post(EDIT, data=fields_of(asked.text) | {"confirmed": "1"})
    assert again.status_code == 409
    assert "Werkstatt" in plain(again.text), "it keeps what it got meanwhile"
    assert desk.client.post(EDIT, data=fields_of(again.text) | {"confirmed": "1"}).status_code == 303
    with desk.app.app_context():
        assert [desk.edition(keys[number]).venue_name for number in (5, 8)] == ["Rathaus", "Werkstatt"]


def test_undo_brings_everything_back_and_tells_only_those_who_know(
    desk: Desk, keys: dict[int, int], clock: FrozenClock
) -> None:
    with desk.app.app_context():
        for number in range(3):
            signed_up(keys[5], number)
    change(desk, "this", venue_name="Werkstatt")
    clock.set(datetime(2026, 3, 2, 9, 5, tzinfo=UTC))
    change(desk, "all", start_time="16:00")
    told = OutboxMessage.kind == "edition_changed"
    with desk.app.app_context(), transaction():
        first = db.session.scalars(
            select(OutboxMessage).where(told).order_by(OutboxMessage.id.desc())
        ).first()
        assert first is not None
        reader = first.registration_id
        first.state, first.sent_at = MessageState.SENT, datetime(2026, 3, 2, 9, tzinfo=UTC)
        before = db.session.scalars(select(OutboxMessage.id)).all()
    assert "Letzte Änderung rückgängig machen" in desk.client.get("/manage/labcamp/5/").text
    assert desk.client.post("/manage/labcamp/5/undo").status_code == 303
    assert starts(desk, keys) == {4: time(15), 5: time(15), 6: time(15), 7: time(14), 8: time(15)}
    with desk.app.app_context():
        new = db.session.scalars(select(OutboxMessage).where(told, OutboxMessage.id.not_in(before))).all()
        assert [one.registration_id for one in new] == [reader], "who was not told yet hears of neither"
        edition = desk.edition(keys[5])
        assert (edition.venue_name, edition.own_fields) == ("Werkstatt", ["venue_name"])
    assert "rückgängig machen" not in desk.client.get("/manage/labcamp/5/").text


def test_nothing_is_undone_once_somebody_has_changed_one_of_them(desk: Desk, keys: dict[int, int]) -> None:
    change(desk, "all", start_time="16:00")
    with desk.app.app_context(), transaction():
        eighth = db.session.get_one(Edition, keys[8])
        service.update(eighth, {"theme": "Mine"}, eighth.version)
    page = desk.client.post("/manage/labcamp/5/undo")
    assert page.status_code == 409
    assert "LabCamp #8 wurde seitdem geändert" in page.text
    assert starts(desk, keys)[5] == time(16)


def test_what_is_not_remembered_is_not_undone(desk: Desk, keys: dict[int, int]) -> None:
    change(desk, "all", start_time="16:00")
    assert desk.client.post("/manage/labcamp/6/undo").status_code == 409
    assert starts(desk, keys)[5] == time(16)


def test_undo_is_offered_for_an_hour(desk: Desk, keys: dict[int, int], clock: FrozenClock) -> None:
    change(desk, "all", start_time="16:00")
    clock.set(datetime(2026, 3, 2, 10, 30, tzinfo=UTC))
    assert "rückgängig machen" not in desk.client.get("/manage/labcamp/5/").text


def test_a_detached_edition_stays_as_it_is(desk: Desk, keys: dict[int, int]) -> None:
    assert desk.client.post("/manage/labcamp/8/detach").status_code == 303
    assert "Gelöst" in desk.client.get("/manage/labcamp/8/").text
    change(desk, "all", start_time="16:00", start_date="2026-04-09")
    with desk.app.app_context():
        eighth = desk.edition(keys[8])
        assert (eighth.start_date, eighth.start_time) == (date(2026, 7, 7), time(15))
    desk.client.post("/manage/labcamp/8/attach")
    with desk.app.app_context():
        assert desk.edition(keys[8]).own_fields == ["start_time"], "what differs now is its own"


def test_postponed_without_a_day_it_keeps_everything_else(desk: Desk, keys: dict[int, int]) -> None:
    with desk.app.app_context():
        signed_up(keys[5], 1)
        was = desk.edition(keys[5])
        identity = (was.number, was.calendar_uid)
    path = "/manage/labcamp/5/postpone"
    assert "1 Person bekommt eine Mail" in plain(desk.client.get(path).text)
    assert desk.client.post(path, data={"planned": "Herbst 2026"}).status_code == 303
    with desk.app.app_context():
        edition = desk.edition(keys[5])
        assert (edition.start_date, edition.planned, edition.taken_count) == (None, "Herbst 2026", 1)
        assert (edition.number, edition.calendar_uid, edition.sequence) == (*identity, 1)
        assert len(db.session.scalars(select(OutboxMessage).filter_by(kind="edition_changed")).all()) == 1
    assert desk.client.post(path, data={"planned": ""}).status_code == 409
    asked = desk.client.post(
        EDIT, data=desk.form_of(EDIT) | {"start_date": "2026-10-07", "start_time": "15:00"}
    )
    desk.client.post(EDIT, data=fields_of(asked.text) | {"confirmed": "1"})
    with desk.app.app_context():
        assert desk.edition(keys[5]).sequence == 2


def test_a_postponed_agenda_shows_no_old_times(desk: Desk, keys: dict[int, int]) -> None:
    with desk.app.app_context():
        with transaction():
            slot = add_slot(desk.edition(keys[5]), "talk", time(15, 10), time(15, 40))
            slot_id = slot.id
        person = signed_up(keys[5], 1).registration
        with transaction():
            registration.choose_slots(person, [slot_id])
        own = f"/my/{derive('manage', person.token_seed)}/"
    pages = ("/labcamp/5/", "/labcamp/5/slots/talk/", own, f"{own}calendar.ics", "/labcamp/5/calendar.ics")
    anonymous = desk.app.test_client()
    shown = [anonymous.get(page).text for page in pages]
    assert [any(sign in text for sign in OLD) for text in shown] == [True] * 5
    assert desk.client.post("/manage/labcamp/5/postpone", data={"planned": "Herbst 2026"}).status_code == 303
    for page in pages:
        answer = anonymous.get(page)
        assert answer.status_code == 200, page
        assert not any(sign in answer.text for sign in OLD), page
    with desk.app.app_context():
        assert desk.edition(keys[5]).waits_for_day
        assert db.session.get_one(Slot, slot_id).day == date(2026, 4, 7), "organisers move it from there"


def test_more_places_say_that_nobody_who_moves_up_moves_back(desk: Desk, keys: dict[int, int]) -> None:
    change(desk, "all", capacity="1")
    with desk.app.app_context():
        signed_up(keys[6], 1)
    warning = "Wird die Änderung danach rückgängig gemacht, behält den Platz, wer nachgerückt ist."
    ask = desk.form_of(EDIT) | {"scope": "all", "capacity": "2"}
    assert warning not in plain(desk.client.post(EDIT, data=ask).text), "nobody waits"
    with desk.app.app_context():
        signed_up(keys[6], 2)
    assert warning in plain(desk.client.post(EDIT, data=ask).text)
    assert warning not in plain(desk.client.post(EDIT, data=ask | {"capacity": "1", "theme": "Neu"}).text)


def test_one_is_inserted_and_all_others_stay(desk: Desk, keys: dict[int, int]) -> None:
    with desk.app.app_context():
        before = {key: (desk.edition(key).number, desk.edition(key).calendar_uid) for key in keys.values()}
    path = "/manage/labcamp/next?after=5"
    fields = desk.form_of(path)
    assert (fields["number"], fields["slug"]) == ("", "5-b")
    answer = desk.client.post(path, data=fields | {"start_date": "2026-04-20"})
    assert answer.location == "/manage/labcamp/5-b/"
    with desk.app.app_context():
        assert {
            key: (desk.edition(key).number, desk.edition(key).calendar_uid) for key in keys.values()
        } == before
    assert desk.form_of("/manage/labcamp/next?after=8")["number"] == "9"
    assert desk.client.get("/manage/labcamp/next?after=99").status_code == 404


def test_a_rule_shows_holidays_and_the_months_before_anything_is_made(desk: Desk) -> None:
    desk.publish(2, start_date=date(2026, 5, 8))
    fields = desk.form_of(SEVERAL) | {
        "frequency": "weekly",
        "day_of_week": "4",
        "from_day": "2026-04-24",
        "count": "4",
        "holidays_of": "BE",
        "left_out": "15.5.2026",
    }
    page = desk.client.post(SEVERAL, data=fields)
    text = plain(page.text)
    for words in (
        "jede Woche am Freitag",
        "Freitag, 1. Mai 2026: ",
        "selbst ausgenommen",
        "An diesem Tag ist schon",
    ):
        assert words in text, words
    assert page.text.count('<table class="month">') == 2
    assert '<th scope="col" abbr="Montag">Mo</th>' in page.text
    back = fields_of(desk.client.post(SEVERAL, data=fields_of(page.text) | {"back": "1"}).text)
    del fields["csrf_token"]
    assert {name: back[name] for name in fields} == fields, "nothing that was typed is lost"


def test_single_dates_may_have_no_day_yet(desk: Desk) -> None:
    fields = desk.form_of(SEVERAL) | {
        "way": "single",
        "singles-0-day": "2026-05-05",
        "singles-1-planned": "Herbst 2026",
    }
    more = desk.client.post(SEVERAL, data=fields | {"more": "1"})
    assert fields_of(more.text)["singles-1-planned"] == "Herbst 2026"
    assert "singles-4-day" in more.text
    page = desk.client.post(SEVERAL, data=fields)
    assert "Herbst 2026" in page.text
    assert desk.client.post(SEVERAL, data=fields_of(page.text) | {"confirmed": "1"}).status_code == 303
    with desk.app.app_context():
        made = db.session.scalars(
            select(Edition).where(Edition.state == EditionState.DRAFT).order_by(Edition.number)
        ).all()
        assert [(one.number, one.start_date, one.planned) for one in made] == [
            (1, date(2026, 5, 5), ""),
            (2, None, "Herbst 2026"),
        ]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"way": "single"}, "singles-0-day"),
        ({"way": "single", "singles-0-start": "15:00"}, "singles-0-day"),
        ({"way": "single", "singles-0-day": "2026-05-05", "singles-0-end": "18:00"}, "singles-0-start"),
        ({"way": "single", "singles-1-day": "someday"}, "singles-1-day"),
        ({"left_out": "soon"}, "left_out"),
        ({"lasts": "0"}, "lasts"),
    ],
)
def test_planning_says_at_its_field_what_can_not_be(desk: Desk, typed: dict[str, str], field: str) -> None:
    fields = desk.form_of(SEVERAL) | {"from_day": "2026-03-17", "count": "3"} | typed
    page = desk.client.post(SEVERAL, data=fields)
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert "<title>Fehler:" in page.text


def test_a_rule_is_shown_kept_and_stopped(desk: Desk) -> None:
    desk.publish(2, start_date=date(2026, 2, 24))
    fields = desk.form_of(AHEAD) | {"frequency": "weekly", "day_of_week": "1", "from_day": "2026-03-10"}
    page = desk.client.post(AHEAD, data=fields)
    assert "Jetzt würden 3 Ausgaben entstehen" in page.text
    with desk.app.app_context():
        assert not db.session.scalars(select(SeriesRule)).all()
    back = fields_of(desk.client.post(AHEAD, data=fields_of(page.text) | {"back": "1"}).text)
    assert back["from_day"] == "2026-03-10"
    assert desk.client.post(AHEAD, data=fields_of(page.text) | {"confirmed": "1"}).status_code == 303
    with desk.app.app_context():
        made = db.session.scalars(select(Edition.number).where(Edition.state == EditionState.DRAFT)).all()
        assert sorted(number for number in made if number) == [3, 4, 5]
    assert "Termine bis Dienstag, 24. März 2026 sind erledigt" in plain(desk.client.get(AHEAD).text)
    assert (
        "hat Ausgaben nach der Regel der Reihe angelegt" in desk.client.get("/manage/labcamp/history/").text
    )
    stale = desk.client.post(AHEAD, data=fields_of(page.text) | {"confirmed": "1", "ahead": "5"})
    assert stale.status_code == 409
    assert desk.client.post("/manage/labcamp/ahead/stop").status_code == 303
    with desk.app.app_context():
        assert not db.session.scalars(select(SeriesRule)).all()
