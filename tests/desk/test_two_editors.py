"""Two people edit the same thing: nobody overwrites what they have not seen."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from eventhub.agenda import people, places, service
from eventhub.agenda.models import Kind, SpeakerRole
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.questionnaires import service as questionnaires
from eventhub.questionnaires.models import Kind as QuestionKind
from eventhub.questionnaires.models import Questionnaire
from eventhub.questionnaires.queries import definition_of
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Wording
from eventhub.signups import service as signups
from eventhub.signups.service import Settings
from tests.desk.setting import Desk, fields_of

pytestmark = pytest.mark.both_databases

PLACES = "/manage/labcamp/5/places/"
SIGNUPS = "/manage/labcamp/5/signups/talk/"
FORMS = {
    "/manage/labcamp/edit": ("subtitle", "Untertitel"),
    "/manage/organisations/lab-nadine/": ("city", "Ort"),
    "/manage/labcamp/speakers/ada-muster/": ("role", "Rolle"),
    "/manage/labcamp/5/agenda/rooms/1": ("description", "Wo das ist"),
    "/manage/labcamp/5/agenda/tracks/1": ("description", "Worum es geht"),
    "/manage/labcamp/5/agenda/?slot=talk": ("abstract", "Worum es geht"),
    "/manage/labcamp/5/questions/1/": ("help", "Hilfe"),
    SIGNUPS: ("directions", "Treffpunkt und Abfahrt"),
}


@pytest.fixture
def furnished(desk: Desk) -> Desk:
    key = desk.publish()
    with desk.app.app_context(), transaction():
        edition = db.session.get_one(Edition, key)
        places.create_room(edition, {"name": "Saal", "description": "", "capacity": None})
        places.create_track(edition, {"name": "Methoden", "description": ""})
        ada = people.create_speaker(
            edition.series, {"name": "Ada Muster", "given_name": "Ada", "family_name": "Muster"}
        )
        values = {"title": "Talk", "kind": Kind.TALK, "day": edition.start_date, "start_time": time(15)}
        talk = service.create_slot(edition, values, [Person(ada.id, SpeakerRole.SPEAKER)])
        signups.take_signups(talk, Settings(capacity=9))
        edition.questionnaire = questionnaires.create()
        questionnaires.add(edition.questionnaire, QuestionKind.SHORT_TEXT, Wording("Why?"), {})
    return desk


@pytest.mark.parametrize("path", FORMS)
def test_who_saves_second_sees_what_the_first_one_saved(furnished: Desk, path: str) -> None:
    field, label = FORMS[path]
    mine = furnished.form_of(path)
    first = furnished.client.post(path, data=mine | {field: "From the other one"})
    assert first.status_code == 303
    page = furnished.client.post(path, data=mine | {field: "From me"})
    assert page.status_code == 409
    for words in ("Nadine S.", label, "From the other one", "From me", "data-focus-first"):
        assert words in page.text, words
    assert furnished.client.post(path, data=fields_of(page.text)).status_code == 303
    assert furnished.form_of(path)[field] == "From me"


@pytest.mark.parametrize("path", FORMS)
def test_a_form_that_nobody_else_touched_is_saved_at_once(furnished: Desk, path: str) -> None:
    for words in ("One", "Two"):
        sent = furnished.form_of(path) | {FORMS[path][0]: words}
        assert furnished.client.post(path, data=sent).status_code == 303


def test_a_page_of_places_that_was_open_meanwhile_brings_no_old_capacity_back(furnished: Desk) -> None:
    role = {"roles-0-title": "Mentorin", "roles-0-capacity": "5"}
    mine = furnished.form_of(PLACES)
    first = furnished.client.post(PLACES, data=mine | {"capacity": "30"} | role)
    assert first.status_code == 303
    page = furnished.client.post(PLACES, data=mine | {"offer_hours": "24"})
    assert page.status_code == 409
    for words in ("Nadine S.", "<strong>Plätze insgesamt:</strong> 30", "Mentorin (5)", "data-focus-first"):
        assert words in page.text, words
    assert furnished.form_of(PLACES)["capacity"] == "30"


def test_options_that_two_people_add_at_once_are_never_taken_for_each_other(furnished: Desk) -> None:
    path = "/manage/labcamp/5/questions/2/"
    with furnished.app.app_context(), transaction():
        questionnaire = db.session.get_one(Questionnaire, 1)
        tea = Wording("Drink?", options=(Option("o1", "Tea"), Option("o2", "Coffee")))
        questionnaires.add(questionnaire, QuestionKind.ONE_OF, tea, {})
    mine = furnished.form_of(path)
    furnished.client.post(path, data=mine | {"options": "Tea\nCoffee\nWater"})
    page = furnished.client.post(path, data=mine | {"options": "Tea\nCoffee\nJuice"})
    assert (page.status_code, "Water" in page.text) == (409, True)
    furnished.client.post(path, data=fields_of(page.text))
    with furnished.app.app_context():
        definition = definition_of(1)
        assert definition
        drink = definition.questions[1]
        assert [(one.key, one.label) for one in (*drink.options, *drink.gone)] == [
            ("o1", "Tea"),
            ("o2", "Coffee"),
            ("o4", "Juice"),
            ("o3", "Water"),
        ]


def test_people_of_a_slot_are_named(furnished: Desk) -> None:
    path = "/manage/labcamp/5/agenda/?slot=talk"
    mine = furnished.form_of(path)
    furnished.client.post(path, data=mine | {"people-0-speaker": ""})
    page = furnished.client.post(path, data=mine | {"title": "Other"})
    assert page.status_code == 409
    assert "<strong>Personen:</strong> niemand" in page.text


@pytest.mark.parametrize("table", ["room", "slot"])
def test_what_another_deletes_while_it_is_saved_ends_in_words(furnished: Desk, table: str) -> None:
    path = {"room": "/manage/labcamp/5/agenda/rooms/1", "slot": "/manage/labcamp/5/agenda/?slot=talk"}[table]
    field, _label = FORMS[path]
    typed = furnished.form_of(path) | {field: "Mine"}

    def delete_first(session: Session, *_: object) -> None:
        for one in ("slot_speaker", table) if table == "slot" else (table,):
            session.connection().execute(text(f"DELETE FROM {one}"))

    event.listen(db.session, "before_flush", delete_first, once=True)
    answer = furnished.client.post(path, data=typed)
    assert answer.status_code == 409
    assert "zur selben Zeit" in answer.text
