"""Wishes for people: named without learning who takes part, and looked up only when people are divided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from eventhub import tokens
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.groups import queries, rules, service, wishes
from eventhub.groups.models import Balance, CompanionWish, Grouping
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import OutboxMessage
from eventhub.privacy.service import erase_own
from eventhub.registration import service as registrations
from eventhub.registration.download import personal_data
from eventhub.registration.models import ParticipantRole, Registration
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.groups.workshop import add_workshop, divide, groups_of

pytestmark = pytest.mark.both_databases


class Workshop:
    """People who may name whom they would like to be in a group with."""

    def __init__(self, app: Flask, client: FlaskClient, people: int = 4) -> None:
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.app, self.client = app, client
        self.edition_id = add_workshop(app, people)
        with app.app_context(), speaking("en"):
            self.grouping_id = divide(self.edition_id, asks_companions=True).id

    @property
    def grouping(self) -> Grouping:
        return db.session.get_one(Grouping, self.grouping_id)

    def person(self, number: int) -> Registration:
        key = f"person{number}@lab.example"
        found = select(Registration).filter_by(edition_id=self.edition_id, email_key=key)
        return db.session.scalars(found).one()

    def home(self, number: int) -> str:
        with self.app.app_context():
            return f"/my/{tokens.derive('manage', self.person(number).token_seed)}/"

    def page(self, number: int) -> str:
        return f"{self.home(number)}groups/{self.grouping_id}/"

    def name(self, number: int, *sought: str) -> TestResponse:
        """Send the form as a browser fills it in."""
        shown = self.client.get(self.page(number)).text
        values = dict(zip(wishes.FIELDS, (*sought, "", "", ""), strict=False))
        return self.client.post(self.page(number), data=values | {"seen": seen_in(shown)})

    def named_by(self, number: int) -> list[str]:
        with self.app.app_context():
            return queries.own_companions(self.person(number), self.grouping)

    def set(self, **values: object) -> None:
        with self.app.app_context(), transaction():
            for name, value in values.items():
                setattr(self.grouping, name, value)

    def propose(self) -> rules.Met:
        with self.app.app_context():
            with transaction():
                service.propose(self.grouping)
            persons = queries.persons(self.grouping, queries.candidates(self.grouping))
            groups = {key: one.group_id for key, one in queries.memberships(self.grouping).items()}
            return rules.met(persons, groups)


def seen_in(page: str) -> str:
    return page.split('name="seen"')[1].split('value="')[1].split('"', maxsplit=1)[0]


@pytest.fixture
def workshop(app: Flask, client: FlaskClient, clock: FrozenClock) -> Workshop:
    return Workshop(app, client)


@pytest.fixture
def context(workshop: Workshop) -> Iterator[Workshop]:
    with workshop.app.app_context(), speaking("en"):
        yield workshop


# on the personal page ----------------------------------------------------------------------------------


def test_the_personal_page_asks_whom_somebody_would_like_to_be_with(workshop: Workshop) -> None:
    home = workshop.client.get(workshop.home(0)).text
    assert "With whom would you like to be in a group?" in home
    assert f'href="{workshop.page(0)}"' in home
    assert "Werkstatt" in home
    with workshop.app.app_context():
        code = workshop.person(2).code
    saved = workshop.name(0, "Person1@Lab.Example", code.lower().replace("-", " "))
    assert (saved.status_code, saved.location) == (303, workshop.home(0))
    assert workshop.named_by(0) == ["person1@lab.example", code]
    home = workshop.client.get(workshop.home(0)).text
    assert "Your wishes are saved. Only the organisers see them." in home
    assert "person1@lab.example" in home
    again = workshop.client.get(workshop.page(0))
    assert 'value="person1@lab.example"' in again.text
    assert again.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_nothing_tells_whether_somebody_is_registered(workshop: Workshop) -> None:
    pages = []
    for one in ("person1@lab.example", "nobody@lab.example"):
        saved = workshop.name(0, one)
        texts = [workshop.client.get(address).text for address in (workshop.home(0), workshop.page(0))]
        pages.append((saved.status_code, saved.location, [text.replace(one, "…") for text in texts]))
    (status, to, known), (other_status, other_to, unknown) = pages
    assert (status, to) == (other_status, other_to)
    for one, other in zip(known, unknown, strict=True):
        assert without_what_is_random(one) == without_what_is_random(other)


def without_what_is_random(page: str) -> str:
    """Return a page without its nonces, its token against forgery, and the digest of what was shown."""
    return " ".join(
        word for word in page.split() if not word.startswith(("nonce=", "value=", 'content="', "<script"))
    )


@pytest.mark.parametrize(
    ("sought", "words"),
    [
        (("Aylin",), "Enter an email address, or a registration number like 7K4M-2QXR"),
        (("a" * 300,), "Use at most 254 characters"),
        (("", "person0@lab.example"), "Name somebody else here"),
    ],
)
def test_what_names_nobody_else_is_refused_at_its_field_and_stays(
    workshop: Workshop, sought: tuple[str, ...], words: str
) -> None:
    refused = workshop.name(0, *sought)
    assert refused.status_code == 422
    assert words in refused.text
    assert f'value="{sought[-1]}"' in refused.text
    field = refused.text.index(f'id="{wishes.FIELDS[len(sought) - 1]}-error"')
    assert words in refused.text[field : field + 300]
    assert workshop.named_by(0) == []


def test_naming_somebody_twice_is_naming_them_once(workshop: Workshop) -> None:
    workshop.name(0, "person1@lab.example", "", "PERSON1@lab.example")
    assert workshop.named_by(0) == ["person1@lab.example"]
    workshop.name(0)
    assert workshop.named_by(0) == []


def test_what_an_organiser_entered_meanwhile_is_shown_first(workshop: Workshop) -> None:
    shown = workshop.client.get(workshop.page(0)).text
    with workshop.app.app_context(), transaction():
        wishes.enter(workshop.person(0), workshop.grouping, ["person2@lab.example"])
    values = {"first": "person1@lab.example", "seen": seen_in(shown)}
    stale = workshop.client.post(workshop.page(0), data=values)
    assert stale.status_code == 409
    assert "person2@lab.example" in stale.text
    values["seen"] = seen_in(stale.text)
    assert workshop.client.post(workshop.page(0), data=values).status_code == 303
    assert workshop.named_by(0) == ["person1@lab.example"]


def test_nobody_is_asked_once_the_groups_are_made(workshop: Workshop, clock: FrozenClock) -> None:
    shown = workshop.client.get(workshop.page(0)).text
    with workshop.app.app_context(), transaction():
        service.publish(workshop.grouping)
    late = workshop.client.post(
        workshop.page(0), data={"first": "person1@lab.example", "seen": seen_in(shown)}
    )
    assert (late.status_code, late.location) == (303, workshop.home(0))
    home = workshop.client.get(workshop.home(0)).text
    assert "The groups are made by now" in home
    assert "With whom would you like" not in home
    assert workshop.named_by(0) == []


def test_only_those_who_are_divided_are_asked(workshop: Workshop, clock: FrozenClock) -> None:
    def asked(number: int) -> bool:
        return "With whom would you like" in workshop.client.get(workshop.home(number)).text

    assert asked(0)
    with workshop.app.app_context(), transaction():
        role = ParticipantRole(edition_id=workshop.edition_id, slug="mentor", title="Mentor:in")
        db.session.add(role)
        db.session.flush()
        workshop.person(1).role_id = workshop.grouping.role_id = role.id
    assert (asked(0), asked(1)) == (False, True)
    workshop.set(role_id=None, asks_companions=False)
    assert not asked(0)
    workshop.set(asks_companions=True)
    with workshop.app.app_context(), transaction():
        db.session.get_one(Edition, workshop.edition_id).state = EditionState.CANCELLED
    assert not asked(0)
    with workshop.app.app_context(), transaction():
        db.session.get_one(Edition, workshop.edition_id).state = EditionState.PUBLISHED
    clock.advance(timedelta(days=60))
    assert not asked(0)
    assert workshop.client.get(f"{workshop.home(0)}groups/999/").status_code == 404
    assert workshop.client.get("/my/nothing/groups/1/").status_code == 404


# dividing ----------------------------------------------------------------------------------------------


def test_a_proposal_takes_wishes_in_by_address_and_by_number(workshop: Workshop) -> None:
    with workshop.app.app_context():
        code = workshop.person(0).code
    workshop.name(0, "person3@lab.example")
    workshop.name(3, code)
    workshop.name(1, "nobody@lab.example", "person1@gone.example")
    for _again in range(5):
        assert workshop.propose() == rules.Met(1, 1, 0, 0)
        with workshop.app.app_context():
            pair = {workshop.person(0).id, workshop.person(3).id}
            assert any(pair == members for members in groups_of(workshop.grouping).values())


def test_wishes_stay_within_what_is_mixed(workshop: Workshop) -> None:
    workshop.set(balance=Balance.ORGANISATION)
    with workshop.app.app_context(), transaction():
        for number in (0, 3):
            workshop.person(number).organisation = "Bund"
    workshop.name(0, "person3@lab.example")
    workshop.name(3, "person0@lab.example")
    assert workshop.propose() == rules.Met(0, 1, 0, 0)


# forgetting --------------------------------------------------------------------------------------------


def number_of_wishes() -> int:
    return db.session.scalar(select(func.count()).select_from(CompanionWish)) or 0


def test_whoever_cancels_wishes_nothing_any_more(workshop: Workshop) -> None:
    workshop.name(0, "person1@lab.example")
    workshop.name(1, "person0@lab.example")
    with workshop.app.app_context():
        with transaction():
            registrations.cancel(workshop.person(0), "participant")
        assert number_of_wishes() == 1, "that of the other one stays, and finds nobody"
    assert workshop.propose() == rules.Met(0, 0, 0, 0)


def test_whoever_is_erased_is_named_nowhere_any_more(workshop: Workshop) -> None:
    with workshop.app.app_context():
        code = workshop.person(0).code
    workshop.name(0, "person1@lab.example")
    workshop.name(1, "person0@lab.example", "person2@lab.example")
    workshop.name(2, code)
    with workshop.app.app_context():
        with transaction():
            erase_own(workshop.person(0))
        assert list(db.session.scalars(select(CompanionWish.sought))) == ["person2@lab.example"]


def test_ones_own_data_holds_ones_own_wishes_alone(context: Workshop) -> None:
    context.name(0, "person1@lab.example")
    named = [{"division": "Werkstatt", "named": "person1@lab.example"}]
    assert personal_data(context.person(0))["companions"] == named
    assert personal_data(context.person(1))["companions"] == []


def test_the_history_says_that_somebody_wished_but_not_for_whom(context: Workshop) -> None:
    context.name(0, "person1@lab.example")
    entry = db.session.scalars(select(HistoryEntry).filter_by(action="groups.wished")).one()
    assert entry.registration_id == context.person(0).id
    assert "person1" not in repr(entry.details)
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage).filter_by(kind="group")) == 0


def test_organisers_enter_wishes_only_for_a_proposal(context: Workshop) -> None:
    with transaction():
        wishes.ask(context.grouping, whether=False)
        assert wishes.enter(context.person(0), context.grouping, ["person1@lab.example"])
        assert not wishes.enter(context.person(0), context.grouping, ["person1@lab.example"])
        service.publish(context.grouping)
    with pytest.raises(RuleBroken, match="made by now"), transaction():
        wishes.enter(context.person(0), context.grouping, [])
    with pytest.raises(RuleBroken, match="made by now"), transaction():
        wishes.ask(context.grouping, whether=True)
