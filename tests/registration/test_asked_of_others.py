"""Colleagues, substitutes and invited people are asked for attendance, role and questions, too."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.invitations import queries as invited
from eventhub.invitations import service as invitations
from eventhub.invitations.pasted import read_lines
from eventhub.invitations.service import Terms
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.queries import answers_of, definition_of
from eventhub.questionnaires.rules import Option
from eventhub.registration import planning, queries
from eventhub.registration.models import Attendance, Quota, QuotaKind, Registration
from eventhub.registration.planning import Plan, RolePlan
from eventhub.web.languages import speaking
from tests.registration.asking import Asking
from tests.registration.browsing import AYLIN, FORM, my_link, once_key, registration_of, send
from tests.registration.samples import signed_up

pytestmark = pytest.mark.both_databases
TOGETHER = "/lab/5/register/together"
ADA, BO = "ada@lab.example", "bo@lab.example"
WORKSHOPS = (Option("o1", "Drawing", 1), Option("o2", "Dancing", 2))
FULL = "“Drawing” is full. Choose something else"


class House:
    """A hybrid edition with visitors and one mentor, who are asked for a workshop and a field."""

    def __init__(self, asking: Asking, on_site: int | None = 2) -> None:
        self.asking, self.client, self.app = asking, asking.client, asking.app
        attendance = {Attendance.ON_SITE: on_site, Attendance.ONLINE: None}
        roles = [RolePlan(None, "Visitor", "", None), RolePlan(None, "Mentor", "", 1)]
        with self.app.app_context(), transaction():
            edition = db.session.get_one(Edition, asking.edition_id)
            planning.carry_out(edition, Plan(None, None, attendance, roles))
        with self.app.app_context():
            edition = db.session.get_one(Edition, asking.edition_id)
            found = {role.title: role for role in queries.roles(edition)}
            self.visitor, self.mentor = (str(found[name].id) for name in ("Visitor", "Mentor"))
            slug = found["Mentor"].slug
        self.workshop = asking.ask("Which workshop?", Kind.ONE_OF, options=WORKSHOPS)
        self.field = asking.ask("Your field?", required=True, roles=(slug,))

    def place(
        self, attendance: str = "on_site", role: str = "", workshop: str = "", field: str = ""
    ) -> dict[str, str]:
        return {
            "attendance": attendance,
            "role": role or self.visitor,
            self.workshop: workshop,
            self.field: field,
        }

    def person(self, name: str, **place: str) -> dict[str, str]:
        return {"name": name, "email": f"{name.lower()}@lab.example", "organisation": ""} | self.place(
            **place
        )

    def taken(self) -> dict[str, int]:
        """Count the places that are taken, by what they are places of."""
        with self.app.app_context(), speaking("en"):
            edition = db.session.get_one(Edition, self.asking.edition_id)
            titles = {str(role.id): role.title for role in queries.roles(edition)}
            return {
                quota.label or titles.get(quota.reference, quota.reference): quota.taken_count
                for quota in queries.quotas(edition)
                if quota.taken_count
            }

    def state(self, email: str) -> str:
        with self.app.app_context():
            return registration_of(email).state.value


@pytest.fixture
def house(asking: Asking) -> House:
    return House(asking)


# colleagues --------------------------------------------------------------------------------------------


def together(house: House, *people: dict[str, Any], **values: str) -> TestResponse:
    key = once_key(house.client.get(TOGETHER))
    sent: dict[str, Any] = {"once_key": key, "consent": "y", **values}
    for at, person in enumerate(people):
        sent |= {f"people-{at}-{name}": value for name, value in person.items()}
    return house.client.post(TOGETHER, data=sent)


def test_each_colleague_says_where_as_what_and_answers(house: House) -> None:
    page = house.client.get(TOGETHER).text
    assert f'name="people-2-{house.workshop}"' in page
    assert f'data-only-if="people-1-role" data-only-value="{house.mentor}"' in page
    ada = house.person("Ada", attendance="online", role=house.mentor, workshop="o1", field="Robots")
    bo = house.person("Bo", workshop="o2", field="forged, as visitors are not asked")
    assert together(house, ada, bo).status_code == 303
    assert house.taken() == {"online": 1, "on_site": 1, "Mentor": 1, "Visitor": 1, "Drawing": 1, "Dancing": 1}
    assert house.asking.answers(ADA) == {"Which workshop?": "Drawing", "Your field?": "Robots"}
    assert house.asking.answers(BO) == {"Which workshop?": "Dancing"}


def test_what_is_wrong_stands_at_the_person_and_nothing_is_lost(house: House) -> None:
    first = house.person("Ada", workshop="o1")
    for second, target, words in (
        (house.person("Bo", workshop="o1"), f"people-1-{house.workshop}-0", FULL),
        (house.person("Bo", role=house.mentor), f"people-1-{house.field}", "Answer “Your field?”"),
        (house.person("Bo") | {"role": ""}, "people-1-role-0", "Choose what you come as"),
        (house.person("Bo") | {"role": "999999"}, "people-1-role-0", "Choose what you come as"),
        (
            house.person("Bo", attendance=""),
            "people-1-attendance-0",
            "Choose whether you come or join online",
        ),
        (house.person("Bo", attendance="moon"), "people-1-attendance-0", "Choose whether you come"),
        (house.person("Bo", workshop="o9"), f"people-1-{house.workshop}-0", "the answers have changed"),
    ):
        refused = together(house, first, second)
        assert refused.status_code == 422, second
        assert f'href="#{target}"' in refused.text, second
        assert words in refused.text
        assert f'href="#{target.replace("people-1", "people-0")}"' not in refused.text
        assert 'value="Bo"' in refused.text
        assert house.asking.number() == 0


def test_colleagues_wait_together_where_one_of_them_has_no_place(house: House) -> None:
    people = [house.person(name) for name in ("Ada", "Bo", "Cem")]
    assert together(house, *people).status_code == 303
    assert [house.state(f"{name}@lab.example") for name in ("ada", "bo", "cem")] == ["waitlisted"] * 3
    flexible = [house.person(name) | {"accepts_online": "y"} for name in ("Di", "Ed", "Flo")]
    assert together(house, *flexible).status_code == 303
    assert house.state("flo@lab.example") == "confirmed"
    assert house.taken()["online"] == 3


def test_a_part_with_choices_but_nobody_is_left_out(house: House) -> None:
    nobody = {"name": "", "email": "", "organisation": "", "attendance": "online", "role": house.visitor}
    assert together(house, house.person("Ada"), nobody, house.person("Bo")).status_code == 303
    assert house.asking.number() == 2
    somebody = nobody | {house.workshop: "o2"}
    answer = together(house, house.person("Cem"), house.person("Di"), somebody)
    assert answer.status_code == 422, "whoever answered is asked for a name"


def test_files_of_colleagues_are_kept(asking: Asking) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    poster = asking.ask("Poster", Kind.FILE, required=True)
    key = once_key(asking.client.get(TOGETHER))
    sent: dict[str, Any] = {"once_key": key, "consent": "y"}
    for at, email in enumerate((ADA, BO)):
        sent |= {f"people-{at}-name": email[:3], f"people-{at}-email": email}
        sent[f"people-{at}-{poster}"] = (io.BytesIO(out.getvalue()), f"{at}.png")
    assert asking.client.post(TOGETHER, data=sent).status_code == 303
    assert (asking.answers(ADA), asking.answers(BO)) == ({"Poster": "0.png"}, {"Poster": "1.png"})


# substitutes -------------------------------------------------------------------------------------------


def hand_over(house: House, of: str, **values: str) -> TestResponse:
    link = f"{my_link(house.app, of)}hand-over"
    key = once_key(house.client.get(link))
    return house.client.post(link, data={"once_key": key, "consent": "y", **values})


def test_a_substitute_is_asked_and_counts_for_what_they_chose(house: House) -> None:
    mentor = house.place(role=house.mentor, workshop="o1", field="Robots")
    assert send(house.client, **mentor).status_code == 303
    form = house.client.get(f"{my_link(house.app)}hand-over").text
    assert "Full" not in form, "what is given back is free for the substitute"
    same = house.person("Ada", role=house.mentor, workshop="o1", field="Bees")
    assert hand_over(house, AYLIN["email"], **same).status_code == 303
    assert house.taken() == {"on_site": 1, "Mentor": 1, "Drawing": 1}
    assert house.asking.answers(ADA) == {"Which workshop?": "Drawing", "Your field?": "Bees"}
    other = house.person("Bo", attendance="online", workshop="o2")
    assert hand_over(house, ADA, **other).status_code == 303
    assert house.taken() == {"online": 1, "Visitor": 1, "Dancing": 1}


def test_a_substitute_gets_nothing_that_is_full(house: House) -> None:
    send(house.client, **house.place(role=house.mentor, workshop="o1", field="Robots"))
    assert send(house.client, **house.person("Ada", attendance="online")).status_code == 303
    refusals = (
        ({"role": house.mentor, "field": "x"}, "role-0", "There is no place left of this kind"),
        ({"workshop": "o1"}, f"{house.workshop}-0", FULL),
        ({"role": house.mentor}, house.field, "Answer “Your field?”"),
    )
    for place, target, words in refusals:
        refused = hand_over(house, ADA, **house.person("Bo", attendance="online", **place))
        assert (refused.status_code, words in refused.text) == (422, True), place
        assert f'href="#{target}"' in refused.text
    send(house.client, **house.person("Cem"))
    refused = hand_over(house, ADA, **house.person("Bo"))
    assert (refused.status_code, 'href="#attendance-0"' in refused.text) == (422, True)
    assert house.state(ADA) == "confirmed"


def test_what_a_substitute_does_not_need_goes_to_the_next_in_line(house: House) -> None:
    send(house.client, **house.person("Ada"))
    send(house.client, **house.person("Bo"))
    send(house.client, **house.person("Cem"))
    assert house.state("cem@lab.example") == "waitlisted"
    assert hand_over(house, ADA, **house.person("Di", attendance="online")).status_code == 303
    assert house.state("cem@lab.example") == "confirmed"


# the next date -----------------------------------------------------------------------------------------


def next_date(house: House) -> None:
    """Let the series have a next date that asks the same of people in the same roles."""
    with house.app.app_context(), transaction():
        source = db.session.get_one(Edition, house.asking.edition_id)
        assert source.start_date
        day = source.start_date + timedelta(days=7)
        made = editions.copy(source, {"number": 6, "start_date": day, "start_time": source.start_time})
        made.state = EditionState.PUBLISHED


def test_whoever_changes_to_the_next_date_is_asked_what_it_asks(house: House) -> None:
    send(house.client, **house.place(role=house.mentor, workshop="o1", field="Robots"))
    next_date(house)
    link = f"{my_link(house.app)}next"
    page = house.client.get(link).text
    with house.app.app_context():
        later = db.session.scalars(select(Edition).filter_by(number=6)).one()
        roles = {role.title: str(role.id) for role in queries.roles(later)}
        definition = definition_of(later.asks)
        assert definition
        workshop, field = (f"q{question.id}" for question in definition.questions)
    for name, value in (("attendance", "on_site"), ("role", roles["Mentor"])):
        assert re.search(rf'checked[^>]*name="{name}"[^>]*value="{value}"', page), name
    promise = re.search(r'name="promise" value="([^"]+)"', page)
    assert promise
    place = {"promise": promise[1], "attendance": "online", "role": roles["Mentor"], workshop: "o1"}
    refused = house.client.post(link, data=place)
    assert (refused.status_code, "Answer “Your field?”" in refused.text) == (422, True)
    assert house.state(AYLIN["email"]) == "confirmed", "nothing has changed"
    assert house.client.post(link, data=place | {field: "Bees"}).status_code == 303
    with house.app.app_context():
        later = db.session.scalars(select(Edition).filter_by(number=6)).one()
        moved = db.session.scalars(select(Registration).filter_by(edition_id=later.id)).one()
        assert moved.attendance is Attendance.ONLINE
        assert [one.value for one in answers_of(moved.id)] == ["o1", "Bees"]
        assert {one.taken_count for one in queries.quotas(later) if one.label == "Drawing"} == {1}
    assert house.taken() == {}


# invited people ----------------------------------------------------------------------------------------


def invite(house: House, email: str, **terms: bool) -> str:
    """Invite somebody and return the address of their invitation."""
    with house.app.app_context(), transaction():
        edition = db.session.get_one(Edition, house.asking.edition_id)
        invitations.invite(edition, read_lines(email), Terms("en", **terms))
    with house.app.app_context():
        edition = db.session.get_one(Edition, house.asking.edition_id)
        found = next(iter(invited.silent(edition)))
        return f"/invitations/{invitations.token_of(found)}/"


def test_invited_people_are_asked_and_count_for_what_they_chose(house: House) -> None:
    link = invite(house, ADA)
    page = house.client.get(link)
    assert f'name="{house.workshop}"' in page.text
    sent = {"once_key": once_key(page), "consent": "y"}
    for place, words in (
        (house.person("Ada", role=house.mentor), "Answer “Your field?”"),
        (house.person("Ada", attendance=""), "Choose whether you come or join online"),
        (house.person("Ada") | {"role": ""}, "Choose what you come as"),
    ):
        refused = house.client.post(f"{link}accept", data=sent | place)
        assert (refused.status_code in {409, 422}, words in refused.text) == (True, True), place
    mentor = house.person("Ada", role=house.mentor, workshop="o1", field="Robots")
    assert house.client.post(f"{link}accept", data=sent | mentor).status_code == 303
    assert house.taken() == {"on_site": 1, "Mentor": 1, "Drawing": 1}
    assert house.asking.answers(ADA) == {"Which workshop?": "Drawing", "Your field?": "Robots"}


def test_a_place_in_any_case_is_one_in_the_house_and_not_in_a_full_workshop(house: House) -> None:
    for name in ("Cem", "Di"):
        send(house.client, **house.person(name, workshop="o2"))
    send(house.client, **house.person("Ed", attendance="online", workshop="o1"))
    link = invite(house, ADA, gets_place=True)
    sent = {"once_key": once_key(house.client.get(link)), "consent": "y"}
    refused = house.client.post(f"{link}accept", data=sent | house.person("Ada", workshop="o1"))
    assert (refused.status_code, FULL in refused.text) == (409, True)
    assert house.client.post(f"{link}accept", data=sent | house.person("Ada")).status_code == 303
    assert house.state(ADA) == "confirmed"
    with house.app.app_context():
        edition = db.session.get_one(Edition, house.asking.edition_id)
        on_site = queries.quota(edition, QuotaKind.ATTENDANCE, "on_site")
        assert isinstance(on_site, Quota)
        assert (on_site.capacity, on_site.taken_count) == (3, 3)


def test_an_edition_that_asks_nothing_asks_nobody(app: Flask, client: FlaskClient) -> None:
    plain = Asking(app, client)
    with app.app_context():
        signed_up(plain.edition_id, 1)
    for address in (FORM, TOGETHER, f"{my_link(app, 'person1@lab.example')}hand-over"):
        page = client.get(address)
        assert page.status_code == 200
        assert 'type="radio"' not in page.text
