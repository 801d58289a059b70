"""The history of editions and series, in words."""

from __future__ import annotations

from datetime import time

from eventhub.agenda import people, places, service
from eventhub.agenda.models import Kind, SpeakerRole
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from tests.desk.setting import Desk


def test_a_change_of_a_slot_is_told_with_names_instead_of_keys(desk: Desk) -> None:
    key = desk.publish()
    with desk.app.app_context(), transaction():
        edition = db.session.get_one(Edition, key)
        room = places.create_room(edition, {"name": "Saal", "description": "", "capacity": None})
        ada = people.create_speaker(edition.series, {"name": "Ada Muster", "family_name": "Muster"})
        known = {"title": "Impuls", "kind": Kind.TALK, "day": edition.start_date, "start_time": time(15)}
        slot = service.create_slot(edition, known)
        changed = {"room_id": room.id, "kind": Kind.GAME, "cancelled": True}
        service.update_slot(slot, changed, [Person(ada.id, SpeakerRole.HOST)])
    page = desk.client.get("/manage/labcamp/5/history/").text
    for words in (
        "hat einen Programmpunkt geändert: Impuls",
        "Raum: nichts → Saal",
        "Art: Vortrag → Planspiel",
        "Personen: nichts → Ada Muster",
        "Fällt aus: nein → ja",
        "hat einen Raum angelegt: Saal",
    ):
        assert words in page, words


def test_a_series_has_a_history_of_its_own(desk: Desk) -> None:
    path = "/manage/labcamp/edit"
    desk.client.post(path, data=desk.form_of(path) | {"subtitle": "Labore lernen"})
    path = "/manage/organisations/lab-nadine/"
    desk.client.post(path, data=desk.form_of(path) | {"city": "Soest"})
    assert "/manage/labcamp/history/" in desk.client.get("/manage/labcamp/").text
    page = desk.client.get("/manage/labcamp/history/").text
    for words in (
        "Nadine S.",
        "hat die Reihe geändert",
        "→ Labore lernen",
        "hat eine Organisation geändert: Example Lab",
    ):
        assert words in page, words
    assert desk.client.get("/manage/other/history/").status_code == 404
