"""Invitations from the list to the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.invitations import jobs, queries, service
from eventhub.invitations.models import Invitation, InvitationState
from eventhub.invitations.pasted import read_lines
from eventhub.invitations.service import Terms
from eventhub.mail.models import OutboxMessage
from eventhub.registration import own_texts
from eventhub.registration.models import Registration
from eventhub.registration.own_texts import OwnText
from eventhub.registration.service import cancel, reject
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.mail.samples import mails_sent, text_of
from tests.registration.samples import add_edition, signed_up

pytestmark = pytest.mark.both_databases

ADA = {"name": "Ada Lovelace", "email": "ada@lab.example", "consent": "y", "once_key": "one"}


@pytest.fixture(autouse=True)
def frozen(clock: FrozenClock) -> None:
    """Let time stand still."""


def by_invitation(app: Flask, **values: Any) -> int:
    return add_edition(app, **{"admission": Admission.INVITATION, **values})


def invite(
    app: Flask,
    text: str = "Ada Lovelace <ada@lab.example>",
    words: str = "",
    language: str = "de",
    **grants: bool,
) -> int:
    with app.app_context(), transaction():
        edition = db.session.scalars(select(Edition)).one()
        return service.invite(edition, read_lines(text), Terms(language, words, **grants))


def link(app: Flask, email: str = "ada@lab.example") -> str:
    with app.app_context():
        found = db.session.scalars(select(Invitation).filter_by(email_key=email)).one()
        return f"/invitations/{service.token_of(found)}/"


def state(app: Flask, email: str = "ada@lab.example") -> str:
    with app.app_context():
        return db.session.scalars(select(Invitation).filter_by(email_key=email)).one().state.value


def kinds(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def test_only_a_look_at_the_page_counts_as_opened(app: Flask, client: FlaskClient) -> None:
    by_invitation(app)
    invite(app)
    page = link(app)
    with app.app_context():
        [(_row, mail)] = mails_sent()
        assert f"http://localhost{page}" in text_of(mail)
        assert "<img" not in str(mail)
    assert state(app) == "sent"
    client.head(page)
    client.get(page, headers={"Sec-Purpose": "prefetch"})
    client.get(page, headers={"Sec-Fetch-Dest": "empty"})
    assert state(app) == "sent"
    shown = client.get(page)
    assert 'value="Ada Lovelace"' in shown.text
    assert 'value="ada@lab.example"' in shown.text
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["Cache-Control"] == "no-store"
    assert "noindex" in shown.headers["X-Robots-Tag"]
    assert state(app) == "opened"


def test_accepting_registers_where_nobody_else_can(app: Flask, client: FlaskClient) -> None:
    by_invitation(app)
    invite(app)
    assert client.post("/lab/5/register", data=ADA).status_code == 409
    for _twice in range(2):
        answer = client.post(f"{link(app)}accept", data=ADA, follow_redirects=True)
        assert "Du hast zugesagt" in answer.text
    assert state(app) == "accepted"
    with app.app_context():
        one = db.session.scalars(select(Registration)).one()
        assert (one.state.value, one.name) == ("confirmed", "Ada Lovelace")
        assert db.session.scalars(select(Invitation.registration_id)).one() == one.id
    assert kinds(app) == ["invitation", "confirmed"]
    again = client.post(f"{link(app)}accept", data={**ADA, "email": "other@lab.example", "once_key": "two"})
    assert again.status_code == 303
    assert kinds(app) == ["invitation", "confirmed"], "one invitation is one registration"


def test_whoever_registers_by_the_form_for_all_is_not_reminded(app: Flask, clock: FrozenClock) -> None:
    edition_id = by_invitation(app, admission=Admission.OPEN)
    invite(app, "ada@lab.example\nbo@lab.example")
    with app.app_context():
        signed_up(edition_id, 1, email="Ada@lab.example")
        signed_up(edition_id, 2, email="bo@lab.example")
        with transaction():
            cancel(
                db.session.scalars(select(Registration).filter_by(email_key="bo@lab.example")).one(),
                "organiser",
            )
    assert (state(app), state(app, "bo@lab.example")) == ("registered", "sent")
    clock.advance(timedelta(days=1))
    with app.app_context():
        edition = db.session.get_one(Edition, edition_id)
        assert [one.email for one in queries.silent(edition)] == ["bo@lab.example"]
        assert queries.numbers(edition)[InvitationState.REGISTERED] == 1
        assert [
            one.email
            for one in db.session.scalars(queries.invitations_of(edition, InvitationState.REGISTERED))
        ] == ["ada@lab.example"]
        with transaction():
            everybody = db.session.scalars(select(Invitation)).all()
            assert service.remind(edition, everybody) == 1


def test_declining_is_one_click_and_can_be_taken_back(app: Flask, client: FlaskClient) -> None:
    by_invitation(app)
    invite(app)
    client.get(f"{link(app)}decline")
    assert state(app) == "sent"
    shown = client.post(f"{link(app)}decline", follow_redirects=True)
    assert "Du hast abgesagt" in shown.text
    assert state(app) == "declined"
    client.post(f"{link(app)}accept", data=ADA)
    assert state(app) == "accepted"
    refused = client.post(f"{link(app)}decline", follow_redirects=True)
    assert "schon zugesagt" in refused.text
    assert state(app) == "accepted"


def test_a_full_house_is_full_for_the_invited_too_and_the_page_says_so(
    app: Flask, client: FlaskClient
) -> None:
    edition_id = by_invitation(app, capacity=1, admission=Admission.OPEN)
    with app.app_context():
        signed_up(edition_id, 1)
    invite(app)
    assert "Zurzeit sind alle Plätze vergeben" in client.get(link(app)).text
    with app.app_context(), transaction():
        db.session.get_one(Edition, edition_id).offer_hours = 6
    assert "per Mail angeboten und hat 6 Stunden Zeit" in client.get(link(app)).text
    client.post(f"{link(app)}accept", data=ADA)
    assert kinds(app)[-1] == "waitlisted"


def test_missing_fields_are_named_and_typed_values_stay(app: Flask, client: FlaskClient) -> None:
    by_invitation(app)
    invite(app)
    answer = client.post(f"{link(app)}accept", data={"name": "Ada L.", "email": "ada"})
    assert answer.status_code == 422
    assert 'value="Ada L."' in answer.text
    assert "Fehler:" in answer.text


def test_known_people_are_left_out(app: Flask) -> None:
    edition_id = by_invitation(app, admission=Admission.OPEN)
    with app.app_context():
        signed_up(edition_id, 1)
    assert invite(app, "ada@lab.example\nADA@lab.example\nperson1@lab.example\nbroken\nbo@lab.example") == 2
    assert invite(app, "bo@lab.example\ncem@lab.example") == 1
    with app.app_context():
        emails = db.session.scalars(select(Invitation.email).order_by(Invitation.id)).all()
    assert emails == ["ada@lab.example", "bo@lab.example", "cem@lab.example"]


def test_the_silent_are_reminded_once_a_day_and_four_mails_at_most(app: Flask, clock: FrozenClock) -> None:
    by_invitation(app)
    invite(app, "ada@lab.example\nbo@lab.example")
    app.test_client().post(f"{link(app, 'bo@lab.example')}decline")

    def remind() -> int:
        with app.app_context(), transaction():
            edition = db.session.scalars(select(Edition)).one()
            return service.remind(edition, db.session.scalars(select(Invitation)).all())

    assert remind() == 0, "the invitation itself has just left"
    reminded = []
    for _day in range(5):
        clock.advance(timedelta(days=1))
        reminded.append(remind())
    assert reminded == [1, 1, 1, 0, 0]
    assert kinds(app).count("invitation_reminder") == 3
    with app.app_context():
        words = text_of(mails_sent()[-1][1])
    assert words.startswith("Bist du dabei?")


def test_a_withdrawn_invitation_opens_nothing_but_its_page(app: Flask, client: FlaskClient) -> None:
    by_invitation(app)
    invite(app)
    old = link(app)
    with app.app_context(), transaction():
        edition = db.session.scalars(select(Edition)).one()
        assert service.revoke(edition, db.session.scalars(select(Invitation)).all()) == 1
    assert "zurückgezogen" in client.get(old).text
    assert client.post(f"{old}accept", data=ADA).status_code == 409
    assert state(app) == "revoked"
    with app.app_context():
        assert [row.state.value for row, _mail in mails_sent()] == [], "what had not left yet stays here"
    assert invite(app) == 1, "inviting again makes a new link"
    assert link(app) != old
    assert client.get(old).status_code == 404
    assert state(app) == "sent"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": EditionState.DRAFT}, "Veröffentliche die Ausgabe zuerst"),
        ({"state": EditionState.CANCELLED}, "fällt aus"),
        ({"takes_registrations": False}, "hier keine Anmeldung"),
    ],
)
def test_nobody_is_invited_to_what_they_can_not_join(app: Flask, values: dict[str, Any], words: str) -> None:
    by_invitation(app, **values)
    with pytest.raises(RuleBroken, match=words):
        invite(app)


def test_hostile_tokens_open_nothing(client: FlaskClient, app: Flask) -> None:
    by_invitation(app)
    for token in ("x", "a" * 43, "%F0%9F%8E%89", "a%27b"):
        assert client.get(f"/invitations/{token}/").status_code == 404
        assert client.post(f"/invitations/{token}/accept", data=ADA).status_code in (404, 405)
        assert client.post(f"/invitations/{token}/decline").status_code in (404, 405)


def test_names_and_words_are_escaped_and_never_become_links(app: Flask, client: FlaskClient) -> None:
    by_invitation(app)
    invite(app, '"<b>Bobby</b>" <ada@lab.example>', words="Kommt <i>alle</i>.\n\nUnd bringt Kuchen mit.")
    with app.app_context():
        [(_row, mail)] = mails_sent()
        html = str(mail.get_body(("html",)).get_content())  # type: ignore[union-attr]
    page = client.get(link(app)).text
    for shown in (html, page):
        assert "Kommt &lt;i&gt;alle&lt;/i&gt;." in shown
        assert "<b>Bobby" not in shown


def test_invitations_are_forgotten_a_month_after_the_meeting(app: Flask, clock: FrozenClock) -> None:
    by_invitation(app)
    invite(app)
    with app.app_context():
        for days, left in ((59, 1), (2, 0)):
            clock.advance(timedelta(days=days))
            jobs.forget_past()
            assert len(db.session.scalars(select(Invitation)).all()) == left
        assert db.session.scalars(select(OutboxMessage)).all() == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_mail_speaks_the_chosen_language(app: Flask, language: str) -> None:
    by_invitation(app, series={"title": "LabCamp", "contact_email": "team@lab.example"})
    invite(app, language=language)
    with app.app_context():
        [(row, mail)] = mails_sent()
    assert row.edition_id is not None
    assert mail["Subject"].startswith(
        {"de": "Einladung: LabCamp #5", "en": "Invitation: LabCamp #5"}[language]
    )
    assert text_of(mail).startswith({"de": "Du bist eingeladen, Ada", "en": "You are invited, Ada"}[language])
    assert mail["Reply-To"] is not None
    assert "List-Unsubscribe" not in mail


def test_inviting_three_hundred_asks_no_more_than_inviting_three(app: Flask) -> None:
    by_invitation(app)
    counts = []
    for start, number in ((0, 3), (1000, 300)):
        text = "\n".join(f"p{key}@lab.example" for key in range(start, start + number))
        with counted_queries(app) as statements:
            assert invite(app, text) == number
        counts.append(len([one for one in statements if not one.startswith("INSERT INTO invitation")]))
    assert counts[0] == counts[1]


def test_who_cancelled_may_come_back_with_the_same_link(app: Flask, client: FlaskClient) -> None:
    by_invitation(app)
    invite(app)
    client.post(f"{link(app)}accept", data=ADA)
    with app.app_context(), transaction():
        cancel(db.session.scalars(select(Registration)).one(), "participant")
    assert "Verbindlich zusagen" in client.get(link(app)).text
    client.post(f"{link(app)}accept", data={**ADA, "once_key": "again"})
    with app.app_context():
        assert db.session.scalars(select(Registration.state)).all() == ["confirmed"]


def test_a_place_in_any_case_makes_the_house_grow_for_all_to_see(app: Flask, client: FlaskClient) -> None:
    edition_id = by_invitation(app, capacity=1, admission=Admission.OPEN)
    with app.app_context():
        signed_up(edition_id, 1)
        signed_up(edition_id, 2)
    invite(app, "ada@lab.example\nbo@lab.example", gets_place=True)
    assert "Ein Platz ist dir sicher" in client.get(link(app)).text
    for number, name in enumerate(("ada", "bo"), start=2):
        person = {**ADA, "email": f"{name}@lab.example", "once_key": name}
        client.post(f"{link(app, f'{name}@lab.example')}accept", data=person)
        with app.app_context():
            edition = db.session.get_one(Edition, edition_id)
            assert (edition.capacity, edition.taken_count, edition.waiting_count) == (number, number, 1)
            entries = db.session.scalars(select(HistoryEntry).filter_by(action="edition.places")).all()
            assert entries[-1].details["changes"] == {"capacity": [number - 1, number]}
    with app.app_context():
        states = db.session.scalars(select(Registration.state).order_by(Registration.id)).all()
    assert states == ["confirmed", "waitlisted", "confirmed", "confirmed"]


def test_a_place_in_any_case_takes_a_free_one_first(app: Flask, client: FlaskClient) -> None:
    edition_id = by_invitation(app, capacity=5)
    invite(app, gets_place=True)
    client.post(f"{link(app)}accept", data=ADA)
    with app.app_context():
        edition = db.session.get_one(Edition, edition_id)
        assert (edition.capacity, edition.taken_count) == (5, 1)


@pytest.mark.parametrize(("skips", "state"), [(True, "confirmed"), (False, "pending")])
def test_approval_is_skipped_only_where_the_organiser_said_so(
    app: Flask, client: FlaskClient, skips: bool, state: str
) -> None:
    by_invitation(app, admission=Admission.APPROVAL)
    invite(app, skips_approval=skips)
    client.post(f"{link(app)}accept", data=ADA)
    with app.app_context():
        assert db.session.scalars(select(Registration.state)).one() == state


def test_who_was_rejected_and_is_then_invited_is_asked_about_again(app: Flask, client: FlaskClient) -> None:
    edition_id = by_invitation(app, admission=Admission.APPROVAL)
    invite(app)
    client.post(f"{link(app)}accept", data=ADA)
    for time in (1, 2):
        with app.app_context():
            with transaction():
                reject(db.session.scalars(select(Registration)).one(), "Not this time.")
            assert kinds(app)[-1] == "rejected"
        old = link(app)
        answer = client.post(f"{old}accept", data=ADA | {"once_key": f"old {time}"}, follow_redirects=True)
        assert "Du hast zugesagt" in answer.text
        with app.app_context():
            assert db.session.scalars(select(Registration.state)).one() == "rejected", "not by the old link"
        assert invite(app) == 1
        sent = {**ADA, "once_key": f"new {time}", "note": f"Try {time}"}
        assert client.post(f"{link(app)}accept", data=sent).status_code == 303
        with app.app_context():
            one = db.session.scalars(select(Registration)).one()
            assert (one.edition_id, one.state, one.note) == (edition_id, "pending", f"Try {time}")
        assert (state(app), kinds(app)[-2:]) == ("accepted", ["invitation", "pending"])
    assert client.get(old).status_code == 404


@pytest.mark.parametrize(("email", "state"), [("ada@lab.example", "confirmed"), ("else@lab.example", "held")])
def test_the_link_proves_the_address_that_it_was_sent_to(
    app: Flask, client: FlaskClient, email: str, state: str
) -> None:
    by_invitation(app, admission=Admission.CONFIRM_ADDRESS)
    invite(app)
    client.post(f"{link(app)}accept", data={**ADA, "email": email})
    with app.app_context():
        assert db.session.scalars(select(Registration.state)).one() == state


@pytest.mark.parametrize("words", ["", "Kommt bitte!"])
def test_a_series_words_invitations_where_nothing_was_written_for_a_list(app: Flask, words: str) -> None:
    by_invitation(app)
    with app.app_context(), transaction():
        series = db.session.scalars(select(Edition)).one().series
        own_texts.save(
            series, "invitation", {"de": OwnText("Komm zu {edition}", "Moin {name}, bist du dabei?")}
        )
    invite(app, words=words)
    with app.app_context():
        [(_row, mail)] = mails_sent()
    assert mail["Subject"].startswith("Komm zu LabCamp")
    assert ("Moin Ada Lovelace, bist du dabei?" in text_of(mail)) is not bool(words)
    assert words in text_of(mail)


def test_nobody_invited_has_a_number_to_write_about(app: Flask) -> None:
    assert "code" not in own_texts.allowed("invitation")
    assert "name" in own_texts.allowed("invitation")
    assert "name" not in own_texts.allowed("next_edition")
