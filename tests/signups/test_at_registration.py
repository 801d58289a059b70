"""Sessions that people choose while they register: a place in the meeting and in these, or neither."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub import clock as clocks
from eventhub.agenda.models import Kind as AgendaKind
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition
from eventhub.extensions import db
from eventhub.mail.delivery import deliver
from eventhub.mail.models import OutboxMessage
from eventhub.questionnaires import service as questionnaires
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.service import Wording
from eventhub.registration.models import Registration, RegistrationState
from eventhub.signups import cut_off, queries, service
from eventhub.signups.models import Alternatives
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.registration.browsing import AYLIN, FORM, once_key, registration_of, send
from tests.registration.test_own_questions import go_on
from tests.signups.training import (
    add_training,
    check_counts,
    choose,
    come,
    having,
    mails_to,
    slot_of,
    take,
    take_games,
)

HUB, LAB = "Besuch im Impact Hub", "Besuch im Social Impact Lab"


@pytest.fixture
def training(app: Flask, clock: FrozenClock) -> Iterator[int]:
    key = add_training(app)
    with app.app_context():
        take(key, "hub", 1, alternatives="Exkursionen", directions="Treffpunkt: Haupteingang")
        take(key, "lab", 1, alternatives="Exkursionen")
        take_games(key)
        db.session.rollback()
        yield key
        check_counts(key)


def chosen(client: FlaskClient, *titles: str) -> dict[str, list[str]]:
    """Return what a browser sends for these sessions of the form."""
    found: dict[str, list[str]] = {}
    page = client.get(FORM).text
    for title in titles:
        pattern = rf'name="(slot[^"]*)" value="(\w+)"[^>]*><label[^>]*>.{{0,80}}{title}'
        name, value = re.findall(pattern, page)[0]
        found.setdefault(name, []).append(value)
    return found


def take_nothing(edition_id: int) -> None:
    for slug in ("game-2", "game-1", "hub", "lab"):
        with transaction():
            service.take_no_signups(slot_of(edition_id, slug))


def stored() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(Registration.id)).all())


@pytest.mark.both_databases
def test_a_place_and_its_sessions_come_together(training: int, client: FlaskClient) -> None:
    page = client.get(FORM).text
    assert "Programmpunkte mit begrenzten Plätzen" in page
    answer = send(client, **chosen(client, HUB, "Planspiel 1", "Planspiel 2"))
    assert answer.status_code == 303
    person = registration_of()
    assert person.state is RegistrationState.CONFIRMED
    assert having(person.id) == {"hub", "game-1", "game-2"}
    assert mails_to(person.id, "programme") == 1
    assert "in einer zweiten Mail" in client.get("/lab/5/registered").text
    deliver()
    assert not db.session.scalars(select(OutboxMessage).where(OutboxMessage.error != "")).all()


@pytest.mark.both_databases
def test_a_session_that_filled_up_keeps_the_form_and_names_another(
    training: int, client: FlaskClient
) -> None:
    picks = chosen(client, HUB, "Planspiel 1")
    choose(come(training, "Ada"), "hub")
    db.session.rollback()
    answer = send(client, **picks, note="Vegan, bitte")
    assert answer.status_code == 422
    assert "inzwischen voll" in answer.text
    assert "Noch frei: „Besuch im Social Impact Lab“" in answer.text
    assert AYLIN["name"] in answer.text
    assert "Vegan, bitte" in answer.text
    assert len(re.findall(r'name="slot[^"]*" value="\w+" checked', answer.text)) == 2
    assert stored() == 1

    key = slot_of(training, "hub").id
    db.session.rollback()
    of_them = next(name for name in picks if name.startswith("slot-of-"))
    assert send(client, **picks | {of_them: [f"{key}w"]}).status_code == 303
    assert having(registration_of().id) == {"+hub", "game-1"}


def test_a_clash_names_a_free_session_of_the_same_kind_at_another_time(
    training: int, client: FlaskClient
) -> None:
    take(training, "walk", 5, alternatives="Rundgänge")
    picks = chosen(client, HUB, "Rundgang")
    assert "Noch frei" not in send(client, **picks).text
    with transaction():
        later = slot_of(training, "day-1")
        later.kind, later.title = AgendaKind.EXCURSION, "Stadtrundgang"
    take(training, "day-1", 5)
    refused = send(client, **picks)
    assert refused.status_code == 422
    assert "überschneidet sich mit" in refused.text
    assert "Noch frei: „Stadtrundgang“ (13. Apr. 2026, 9 bis 17 Uhr)." in refused.text.replace("\xa0", " ")


def test_an_error_elsewhere_never_turns_a_pick_into_a_wait(training: int, client: FlaskClient) -> None:
    picks = chosen(client, HUB)
    choose(come(training, "Ada"), "hub")
    key = slot_of(training, "hub").id
    db.session.rollback()
    answer = send(client, **picks, consent="")
    assert answer.status_code == 422
    assert f'value="{key}" checked' in answer.text


def test_who_chooses_nothing_registers_as_ever(training: int, client: FlaskClient) -> None:
    assert send(client).status_code == 303
    assert having(registration_of().id) == set()
    assert mails_to(registration_of().id, "programme") == 0


def test_clashes_and_missing_steps_are_refused_in_words(training: int, client: FlaskClient) -> None:
    answer = send(client, **chosen(client, "Planspiel 2"))
    assert answer.status_code == 422
    assert "baut auf „Planspiel 1“" in answer.text
    assert stored() == 0


def test_a_known_address_gets_the_same_answers_and_keeps_its_sessions(
    training: int, client: FlaskClient
) -> None:
    send(client, **chosen(client, LAB))
    free, wrong = chosen(client, HUB), chosen(client, "Planspiel 2")
    assert send(client, **wrong).status_code == 422
    assert send(client, email="new@lab.example", **wrong).status_code == 422
    assert send(client, **free).status_code == 303
    assert having(registration_of().id) == {"lab"}


def test_a_form_that_is_sent_twice_counts_once(training: int, client: FlaskClient) -> None:
    data = {"once_key": once_key(client.get(FORM)), **AYLIN, **chosen(client, HUB)}
    assert [client.post(FORM, data=data).status_code for _time in range(2)] == [303, 303]
    assert having(registration_of().id) == {"hub"}
    assert mails_to(registration_of().id, "programme") == 1


@pytest.mark.both_databases
def test_who_waits_for_the_meeting_chooses_later(training: int, client: FlaskClient) -> None:
    picks = chosen(client, HUB)
    with transaction():
        db.session.get_one(Edition, training).capacity = 1
    come(training, "Ada")
    db.session.rollback()
    page = client.get(FORM).text
    assert "sobald du einen Platz bei der Veranstaltung hast" in page
    assert 'name="slot"' not in page
    assert send(client, **picks).status_code == 303
    assert registration_of().state is RegistrationState.WAITLISTED
    assert having(registration_of().id) == set()
    assert "Die Programmpunkte sind noch nicht gewählt" in client.get("/lab/5/registered").text


@pytest.mark.parametrize("admission", [Admission.APPROVAL, Admission.CONFIRM_ADDRESS])
def test_where_a_place_is_not_certain_the_form_says_when_to_choose(
    admission: Admission, training: int, client: FlaskClient
) -> None:
    with transaction():
        db.session.get_one(Edition, training).admission = admission
    page = client.get(FORM).text
    assert "sobald du einen Platz bei der Veranstaltung hast" in page
    assert 'name="slot"' not in page


def test_ranked_sessions_take_wishes(training: int, client: FlaskClient, clock: FrozenClock) -> None:
    with transaction():
        edition = db.session.get_one(Edition, training)
        cut_off.take_wishes(edition, db.session.scalars(select(Alternatives)).one(), None)
    hub, lab = slot_of(training, "hub").id, slot_of(training, "lab").id
    db.session.rollback()
    twice = send(client, **{f"slot-wish-{hub}": "1", f"slot-wish-{lab}": "1"})
    assert twice.status_code == 422
    assert "Vergib jeden Rang nur einmal" in twice.text
    assert send(client, **{f"slot-wish-{hub}": "2", f"slot-wish-{lab}": "1"}).status_code == 303
    assert queries.wishes_of(registration_of()) == {lab: 1, hub: 2}


@pytest.mark.parametrize("value", ["", "x", "999999999999", "1w2", "w", "-1", "²", "77"])
def test_odd_choices_change_nothing(value: str, training: int, client: FlaskClient) -> None:
    answer = send(client, **{"slot": value, "slot-of-x": value, "slot-wish-x": value, "slot-wish-1": value})
    assert answer.status_code == 303
    assert having(registration_of().id) == set()


def test_what_has_begun_is_offered_to_nobody(training: int, client: FlaskClient, clock: FrozenClock) -> None:
    with transaction():
        for slug in ("hub", "lab", "game-1", "game-2"):
            slot_of(training, slug).starts_at = clocks.now()
    assert "Programmpunkte mit begrenzten Plätzen" not in client.get(FORM).text


def test_people_who_register_together_read_that_each_can_choose_sessions_later(
    training: int, client: FlaskClient
) -> None:
    together = f"{FORM}/together"
    words = "Jede Person kann sie auf ihrer eigenen Seite wählen"
    assert words in client.get(together).text
    take_nothing(training)
    assert words not in client.get(together).text


def test_choices_cost_nothing_where_there_are_none(app: Flask, clock: FrozenClock) -> None:
    add_training(app)
    client = app.test_client()
    send(client)
    key = once_key(client.get(FORM))
    with counted_queries(app) as without:
        client.post(FORM, data={"once_key": key, **AYLIN, "email": "bo@lab.example"})
    assert not [one for one in without if "slot" in one.replace("slots", "")], without


def test_it_can_be_read_in_english(training: int, client: FlaskClient) -> None:
    page = client.get(FORM, headers={"Accept-Language": "en"}).text
    assert "Sessions with limited places" in page
    assert "You get these places together with your place in the meeting." in page


def ask_on_two_pages(edition_id: int) -> None:
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        edition.questionnaire = questionnaires.create()
        for kind in (Kind.SHORT_TEXT, Kind.PAGE, Kind.SHORT_TEXT):
            questionnaires.add(edition.questionnaire, kind, Wording("More"), {})


def test_choices_of_the_last_page_survive_going_back_and_going_on_later(
    training: int, client: FlaskClient
) -> None:
    ask_on_two_pages(training)
    hub, game = slot_of(training, "hub").id, slot_of(training, "game-1").id
    of_them = f"slot-of-{db.session.scalars(select(Alternatives)).one().id}"
    db.session.rollback()
    picks = {of_them: str(hub), "slot": str(game)}
    about = {name: AYLIN[name] for name in ("name", "email", "organisation")}
    first = client.get(FORM)
    assert "begrenzten Plätzen" not in first.text
    last = go_on(client, first, **about, go="next")
    assert "begrenzten Plätzen" in last.text
    back = go_on(client, last, **picks, go="back")
    assert "begrenzten Plätzen" not in back.text
    again = go_on(client, back, **about, go="next")
    assert all(re.search(rf'value="{key}" checked', again.text) for key in (hub, game))
    go_on(client, again, **picks, go="later")
    resumed = client.get(FORM)
    assert all(re.search(rf'value="{key}" checked', resumed.text) for key in (hub, game))

    choose(come(training, "Ada"), "hub")
    db.session.rollback()
    refused = go_on(client, resumed, **picks, consent="y")
    assert refused.status_code == 422
    assert f'<a href="#slot-{hub}">' in refused.text
    assert refused.text.count("Fehler:") == 2, "once in the title, once at the session"
    assert go_on(client, refused, slot=str(game), consent="y").status_code == 303
    assert having(registration_of().id) == {"game-1"}
