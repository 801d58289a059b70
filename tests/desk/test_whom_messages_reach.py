"""Whom a message goes to: exactly those whom the table of registrations shows for the same filter."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from eventhub import clock as now
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.presence.models import Way
from eventhub.presence.service import note
from eventhub.questionnaires import queries as questionnaires
from eventhub.questionnaires import service
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Given, Wording
from eventhub.registration import planning, queries
from eventhub.registration.models import Registration, SlotChoice
from eventhub.registration.planning import Plan, RolePlan
from tests.conftest import FrozenClock
from tests.desk.setting import Desk
from tests.editions.making import add_slot
from tests.mail.samples import mails_sent
from tests.registration.samples import signed_up

LIST = "/manage/labcamp/5/messages/"
WORDS = {"subject_de": "Bring etwas mit", "body_de": "Hallo {name},\n\nbring **Stifte** mit."}
DRINKS = (Option("o1", "Tee"), Option("o2", "Kaffee"), Option("o12", "Wasser"))
PEOPLE = {
    "Ada Zuse": ("Gast", '["o1","o2"]', True, True),
    "Bo Yıldız": ("Mentorin", '["o12"]', True, False),
    "Cem Ay": ("Mentorin", '["o2"]', False, True),
    "Dana Kurz": ("Gast", "", False, False),
    "Eda Lang": ("Gast", '["o1"]', False, False),
    "Finn Groß": ("Mentorin", '["o1"]', True, False),
}
"""What each of them comes as and drinks, whether they chose the talk, and whether they were there."""
HAVE_A_PLACE, WAIT = tuple(PEOPLE)[:4], tuple(PEOPLE)[4:]


@pytest.fixture
def keys(desk: Desk, clock: FrozenClock) -> dict[str, int]:
    """Let people come who differ in all that a message can ask for; return the keys of these things."""
    edition_id = desk.publish(5, capacity=len(HAVE_A_PLACE), start_date=clock.now().date())
    with desk.app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            edition.questionnaire = service.create()
            wording = Wording("Was trinkst du?", options=DRINKS)
            drink = service.add(edition.questionnaire, Kind.SEVERAL_OF, wording, {}).id
            talk = add_slot(edition, "talk", edition.start_time, edition.end_time).id  # type: ignore[arg-type]
            roles = [RolePlan(None, title, "", None) for title in ("Gast", "Mentorin")]
            planning.carry_out(edition, Plan(len(HAVE_A_PLACE), None, None, roles))
        role_ids = {role.title: role.id for role in queries.roles(db.session.get_one(Edition, edition_id))}
        for name, (role, _drinks, _chose, _came) in PEOPLE.items():
            signed_up(edition_id, name[:2].lower(), name=name, role_id=role_ids[role], asked=True)
        edition = db.session.get_one(Edition, edition_id)
        assert edition.starts_at is not None
        clock.advance(edition.starts_at - now.now() + timedelta(minutes=5))
        with transaction():
            asked = questionnaires.definition_of(edition.asks)
            assert asked
            for one in db.session.scalars(select(Registration)):
                _role, drinks, chose, came = PEOPLE[one.name]
                if drinks:
                    service.record(one.id, Given(asked, {drink: drinks}))
                if chose:
                    db.session.add(SlotChoice(registration_id=one.id, slot_id=talk))
                if came:
                    note(one, edition.start_date or date.min, Way.CHECK_IN)
        return {"drink": drink, "talk": talk, **role_ids}


def table(desk: Desk, address: str) -> list[dict[str, str]]:
    """Return what the table of registrations says."""
    answer = desk.client.get(f"/manage/labcamp/5/registrations.csv{address}")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def written(desk: Desk, **audience: str) -> str:
    form = desk.form_of(f"{LIST}new")
    answer = desk.client.post(f"{LIST}new", data={**form, "state": "", **WORDS, **audience})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def reviewed(desk: Desk, page: str) -> list[str]:
    """Look at every mail before it leaves, one after the other, and return who is greeted in them."""
    greeted: list[str] = []
    address: str | None = page
    while address:
        shown = desk.client.get(address).text
        mail = re.search(r'<pre class="mail-text"[^>]*>(.*?)</pre>', shown, re.DOTALL)
        if mail is None:
            assert "Niemand passt" in shown
            break
        greeted += re.findall(r"Hallo ([^,]+),", mail[1])
        following = re.search(r'href="([^"]*)" rel="next"', shown)
        address = page + following[1] if following else None
    return greeted


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ({}, tuple(PEOPLE)),
        ({"state": "confirmed"}, HAVE_A_PLACE),
        ({"state": "waitlisted"}, WAIT),
        ({"role": "Gast"}, ("Ada Zuse", "Dana Kurz", "Eda Lang")),
        ({"role": "Mentorin", "state": "waitlisted"}, ("Finn Groß",)),
        ({"answer": "o1"}, ("Ada Zuse", "Eda Lang", "Finn Groß")),
        ({"answer": "o12"}, ("Bo Yıldız",)),
        ({"answer": "o2", "state": "confirmed"}, ("Ada Zuse", "Cem Ay")),
        ({"answer": "o12", "role": "Gast"}, ()),
    ],
    ids=lambda value: " ".join(value.values()) or "all" if isinstance(value, dict) else "",
)
def test_a_message_reaches_exactly_those_whom_the_table_shows(
    desk: Desk, keys: dict[str, int], audience: dict[str, str], expected: tuple[str, ...]
) -> None:
    chosen = dict(audience)
    if "role" in chosen:
        chosen["role"] = str(keys[chosen["role"]])
    if "answer" in chosen:
        chosen["answer"] = f"{keys['drink']}:{chosen['answer']}"
    shown = table(desk, "?" + "&".join(f"{name}={value}" for name, value in chosen.items()))
    assert sorted(row["Name"] for row in shown) == sorted(expected)
    assert reviewed(desk, written(desk, **chosen)) == sorted(expected, key=str.lower)


@pytest.mark.parametrize("presence", ["present", "missing"])
def test_those_who_came_are_those_of_whom_the_table_says_so(
    desk: Desk, keys: dict[str, int], presence: str
) -> None:
    seen = {row["Name"]: bool(row["Anwesend"]) for row in table(desk, "")}
    assert {name for name, came in seen.items() if came} == {"Ada Zuse", "Cem Ay"}
    wanted = [name for name in sorted(PEOPLE) if seen[name] is (presence == "present")]
    assert reviewed(desk, written(desk, presence=presence)) == wanted


def test_a_session_reaches_those_who_chose_it(desk: Desk, keys: dict[str, int]) -> None:
    page = written(desk, slot=str(keys["talk"]))
    assert reviewed(desk, page) == ["Ada Zuse", "Bo Yıldız", "Finn Groß"]
    assert "talk" in desk.client.get(page).text


def test_the_filters_narrow_each_other_and_only_those_reviewed_get_a_mail(
    desk: Desk, keys: dict[str, int]
) -> None:
    narrowed = {"role": str(keys["Gast"]), "answer": f"{keys['drink']}:o1", "slot": str(keys["talk"])}
    page = written(desk, state="confirmed", presence="present", **narrowed)
    assert reviewed(desk, page) == ["Ada Zuse"]
    assert desk.client.post(page, data={"do": "send"}).status_code == 303
    with desk.app.app_context():
        assert [row.to_name for row, _mail in mails_sent() if row.kind == "announcement"] == ["Ada Zuse"]
