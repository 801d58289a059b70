"""A place is passed on: to a colleague, or to the next date of the series."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventhub.agenda.models import Slot
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition, Mode
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import (
    Attendance,
    Ending,
    QuotaKind,
    Registration,
    RegistrationState,
    SlotChoice,
)
from tests.conftest import FrozenClock
from tests.desk.setting import fields_of
from tests.editions.making import make_edition
from tests.registration.browsing import my_link, once_key, registration_of
from tests.registration.samples import add_edition, add_quota, signed_up

ADA, BO = "person1@lab.example", "bo@lab.example"

pytestmark = pytest.mark.both_databases


@pytest.fixture
def edition_id(app: Flask, clock: FrozenClock) -> int:
    """One place, which Ada has; somebody else waits for it."""
    key = add_edition(app, capacity=1)
    with app.app_context():
        signed_up(key, 1)
        signed_up(key, 2)
    return key


@pytest.fixture
def mine(app: Flask, edition_id: int) -> str:
    return my_link(app, ADA)


def hand_over(client: FlaskClient, link: str, **values: str) -> TestResponse:
    key = once_key(client.get(f"{link}hand-over"))
    bo = {"name": "Bo Beispiel", "email": BO, "organisation": "Hafenlabor", "consent": "y"}
    return client.post(f"{link}hand-over", data={"once_key": key, **bo, **values})


def mails(app: Flask) -> list[tuple[str, str, bool]]:
    """Return kind and recipient of what was written, and whether a calendar hears of it."""
    with app.app_context():
        rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        return [(row.kind, row.to_address, row.facts.get("sequence") is not None) for row in rows]


def test_a_colleague_gets_the_place_and_nobody_else_moves_up(app: Flask, mine: str) -> None:
    browser = app.test_client()
    page = hand_over(browser, mine)
    assert page.status_code == 303
    assert mails(app)[-2:] == [("cancelled", ADA, True), ("confirmed", BO, True)]
    with app.app_context():
        old, new, waiting = registration_of(ADA), registration_of(BO), registration_of("person2@lab.example")
        assert (old.state, old.ended_because) == (RegistrationState.CANCELLED, Ending.HANDED_OVER)
        assert new.state is RegistrationState.CONFIRMED
        assert waiting.state is RegistrationState.WAITLISTED
        assert new.edition.taken_count == 1
    assert "meet.example" in browser.get(my_link(app, BO)).text


def test_the_old_link_only_says_that_the_place_is_gone(app: Flask, mine: str) -> None:
    browser = app.test_client()
    hand_over(browser, mine)
    page = browser.get(mine).text
    assert "gehört jetzt jemand anderem" in page
    assert "meet.example" not in page
    assert "STATUS:CANCELLED" in browser.get(f"{mine}calendar.ics").text
    assert "keinen Platz" in browser.get(f"{mine}hand-over", follow_redirects=True).text


def test_a_form_sent_twice_passes_the_place_on_once(app: Flask, mine: str) -> None:
    browser = app.test_client()
    key = once_key(browser.get(f"{mine}hand-over"))
    data = {"once_key": key, "name": "Bo", "email": BO, "consent": "y"}
    for _twice in range(2):
        page = browser.post(f"{mine}hand-over", data=data, follow_redirects=True).text
        assert "Dein Platz ist weitergegeben" in page
    other = data | {"email": "cem@lab.example"}
    page = browser.post(f"{mine}hand-over", data=other, follow_redirects=True).text
    assert "keinen Platz" in page
    with app.app_context():
        assert len(db.session.scalars(select(Registration)).all()) == 3
    assert [kind for kind, to, _calendar in mails(app) if to == BO] == ["confirmed"]


def test_an_address_that_is_registered_can_not_take_the_place(app: Flask, mine: str) -> None:
    page = hand_over(app.test_client(), mine, email="person2@lab.example")
    assert page.status_code == 422
    assert "lässt sich hier nicht verwenden" in page.text
    assert "Bo Beispiel" in page.text


def test_somebody_who_cancelled_before_can_take_the_place(app: Flask, edition_id: int, mine: str) -> None:
    browser = app.test_client()
    browser.post(f"{my_link(app, 'person2@lab.example')}cancel")
    hand_over(browser, mine, email="person2@lab.example")
    with app.app_context():
        assert registration_of("person2@lab.example").state is RegistrationState.CONFIRMED


@pytest.mark.parametrize("values", [{"name": ""}, {"email": "nothing"}, {"consent": ""}])
def test_missing_details_are_asked_for(app: Flask, mine: str, values: dict[str, str]) -> None:
    page = hand_over(app.test_client(), mine, **values)
    assert page.status_code == 422
    with app.app_context():
        assert registration_of(ADA).state is RegistrationState.CONFIRMED


def test_who_was_chosen_can_not_choose_somebody_else(app: Flask, edition_id: int, mine: str) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Edition, edition_id).admission = Admission.APPROVAL
    page = app.test_client().get(f"{mine}hand-over", follow_redirects=True).text
    assert "wählen aus, wer kommt" in page


def add_later(app: Flask, edition_id: int, **values: Any) -> None:
    """Publish a sixth edition 90 days later."""
    with app.app_context(), transaction():
        here = db.session.get_one(Edition, edition_id)
        make_edition(
            here.series,
            6,
            title="LabCamp #6",
            state=here.state,
            start_date=here.start_date + timedelta(days=90),
            starts_at=here.starts_at + timedelta(days=90),
            **values,
        )


def change(browser: FlaskClient, link: str, page: str) -> TestResponse:
    """Send the form as the page showed it."""
    return browser.post(f"{link}next", data=fields_of(page), follow_redirects=True)


def test_one_page_says_what_changes_with_the_next_date(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, capacity=1, slots=2)
    with app.app_context():
        key = signed_up(edition_id, 1).registration.id
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            slots = db.session.scalars(select(Slot.id).filter_by(edition_id=edition.id)).all()
            db.session.add_all(SlotChoice(registration_id=key, slot_id=slot) for slot in slots)
    add_later(app, edition_id, mode=Mode.ON_SITE, venue_name="Haus der Ideen", venue_city="Ulm")
    link, browser = my_link(app, ADA), app.test_client()
    page = browser.get(f"{link}next", headers={"Accept-Language": "en"}).text
    before, _, after = page.partition("Instead")
    assert ("LabCamp #5" in before, "online" in before) == (True, True)
    for words in ("LabCamp #6", "on site", "Haus der Ideen, Ulm"):
        assert words in after
    assert "The 2 sessions that you have chosen here do not come along." in page
    assert browser.post(f"{link}cancel").status_code == 303
    gone = browser.get(f"{link}next", headers={"Accept-Language": "en"}, follow_redirects=True).text
    assert "You have no place that you could pass on." in gone


def test_a_place_moves_to_the_next_date(app: Flask, edition_id: int, mine: str) -> None:
    add_later(app, edition_id)
    browser = app.test_client()
    assert "Lieber zu LabCamp #6 kommen" in browser.get(mine).text
    page = browser.get(f"{mine}next").text
    assert "LabCamp #6" in page
    assert "zu „LabCamp #6“ gewechselt" in change(browser, mine, page).text
    with app.app_context():
        old, new = db.session.scalars(
            select(Registration).where(Registration.email_key == ADA).order_by(Registration.id)
        )
        assert (old.state, old.ended_because) == (RegistrationState.CANCELLED, Ending.MOVED)
        assert new.state is RegistrationState.CONFIRMED
        assert registration_of("person2@lab.example").state is RegistrationState.CONFIRMED


def test_a_firm_place_is_not_changed_for_the_waitlist_unless_the_page_said_so(
    app: Flask, edition_id: int, mine: str
) -> None:
    add_later(app, edition_id, capacity=1)
    browser = app.test_client()
    page = browser.get(f"{mine}next").text
    assert "Auf diesen Termin wechseln" in page
    with app.app_context():
        later = db.session.scalars(select(Edition.id).filter_by(number=6)).one()
        signed_up(later, 7)
    refused = change(browser, mine, page)
    assert refused.status_code == 422
    assert "Dort ist kein Platz mehr für dich frei, du hast also weiter den hier." in refused.text
    with app.app_context():
        assert registration_of(ADA).state is RegistrationState.CONFIRMED
    assert "Dort auf die Warteliste" in refused.text
    assert "Du stehst jetzt auf der Warteliste von „LabCamp #6“" in change(browser, mine, refused.text).text
    with app.app_context():
        states = select(Registration.state).where(Registration.email_key == ADA).order_by(Registration.id)
        assert list(db.session.scalars(states)) == [RegistrationState.CANCELLED, RegistrationState.WAITLISTED]


def test_a_role_that_is_full_there_is_named_before_a_place_is_given_up(
    app: Flask, edition_id: int, mine: str
) -> None:
    add_later(app, edition_id)
    with app.app_context():
        later = db.session.scalars(select(Edition.id).filter_by(number=6)).one()
        add_quota(later, QuotaKind.ATTENDANCE, "online", 1)
        signed_up(later, 7, attendance=Attendance.ONLINE)
        with transaction():
            registration_of(ADA).attendance = Attendance.ONLINE
    assert "Dort auf die Warteliste" in app.test_client().get(f"{mine}next").text


def test_another_date_than_the_page_showed_is_shown_first(app: Flask, edition_id: int, mine: str) -> None:
    add_later(app, edition_id)
    refused = app.test_client().post(f"{mine}next", data={"promise": "1 place"})
    assert refused.status_code == 422
    assert "noch einmal an" in refused.text


def test_without_a_later_date_there_is_nothing_to_change_to(app: Flask, mine: str) -> None:
    browser = app.test_client()
    assert "Lieber zu" not in browser.get(mine).text
    assert "keinen späteren Termin" in browser.get(f"{mine}next", follow_redirects=True).text
