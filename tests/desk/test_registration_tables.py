"""Whatever filters and sorts the list of registrations does so in both of its tables."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import fields
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from eventhub import clock
from eventhub.database import transaction
from eventhub.desk.registration_queries import Wanted
from eventhub.editions.models import Mode
from eventhub.extensions import db
from eventhub.questionnaires import queries as questions
from eventhub.questionnaires import service
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Given, Wording
from eventhub.registration import planning, queries
from eventhub.registration.models import Attendance, Registration
from eventhub.registration.planning import Plan, RolePlan
from eventhub.replies.models import Answer, Reply
from tests.desk.setting import Desk
from tests.registration.samples import signed_up

LIST = "/manage/labcamp/5/registrations"
PLACES = (Attendance.ON_SITE, Attendance.ON_SITE, Attendance.ONLINE)
DAYS = ({1}, {2}, {1, 2})
DRINKS = ("o1", "o2", "o1")


@pytest.fixture
def filters(desk: Desk) -> dict[str, tuple[str, list[int]]]:
    """Let three people come who differ in all respects; return which filter finds whom of them, by number."""
    edition_id = desk.publish(5, mode=Mode.HYBRID, capacity=2, end_date=date(2026, 5, 6), choose_days=True)
    with desk.app.app_context():
        with transaction():
            edition = desk.edition(edition_id)
            places = {Attendance.ON_SITE: None, Attendance.ONLINE: None}
            roles = [RolePlan(None, "Guest", "", None), RolePlan(None, "Mentor", "", None)]
            planning.carry_out(edition, Plan(2, None, places, roles))
            edition.questionnaire = service.create()
            options = (Option("o1", "Tea"), Option("o2", "Coffee"))
            drink = service.add(edition.questionnaire, Kind.ONE_OF, Wording("Drink?", options=options), {}).id
        guest, mentor = (role.id for role in queries.roles(desk.edition(edition_id)))
        keys = [
            signed_up(
                edition_id,
                number,
                attendance=PLACES[number],
                role_id=guest if number == 0 else mentor,
                days=frozenset(DAYS[number]),
                asked=True,
            ).registration.id
            for number in range(3)
        ]
        with transaction():
            definition = questions.definition_of(desk.edition(edition_id).asks)
            assert definition
            for key, option in zip(keys, DRINKS, strict=True):
                service.record(key, Given(definition, {drink: option}))
            now = clock.now()
            for key in keys[:2]:
                db.session.get_one(Registration, key).asked_at = now
            db.session.get_one(Registration, keys[1]).reconfirmed_at = now
            when = {"stamped_at": now, "sent_at": now, "noted_at": now}
            db.session.add(Reply(registration_id=keys[1], answer=Answer.ACCEPTED, sequence=99, **when))
    return {
        "q": ("Person 1", [1]),
        "state": ("waitlisted", [2]),
        "attendance": ("on_site", [1, 0]),
        "role": (str(mentor), [2, 1]),
        "answer": (f"{drink}:o1", [2, 0]),
        "day": ("2", [2, 1]),
        "reply": ("accepted", [1]),
        "said": ("nothing", [0]),
        "sort": ("name", [0, 1, 2]),
    }


def both_tables(desk: Desk, query: dict[str, str]) -> tuple[list[list[str]], list[list[str]]]:
    """Download the list as CSV and as a workbook; the cells of both as text."""
    text = desk.client.get(f"{LIST}.csv", query_string=query).data.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(desk.client.get(f"{LIST}.xlsx", query_string=query).data))
    assert book.active is not None
    rows = [[str(cell or "") for cell in row] for row in book.active.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(text), delimiter=";")), rows


def numbers(rows: list[list[str]]) -> list[int]:
    return [int(number) for row in rows for number in re.findall(r"person(\d)@", ";".join(row))]


@pytest.mark.both_databases
def test_positions_in_line_are_those_that_people_read_themselves(desk: Desk) -> None:
    edition_id = desk.publish(5, mode=Mode.HYBRID)
    with desk.app.app_context():
        with transaction():
            places = {Attendance.ON_SITE: 1, Attendance.ONLINE: 1}
            planning.carry_out(desk.edition(edition_id), Plan(None, None, places))
        for number, attendance in enumerate((*Attendance, *Attendance, Attendance.ON_SITE)):
            signed_up(edition_id, number, attendance=attendance, asked=True)
        people = db.session.scalars(select(Registration).order_by(Registration.id)).all()
        own = [str(queries.position(one) or "") for one in people]
    table, _workbook = both_tables(desk, {"sort": "created"})
    assert [row[2] for row in table[1:]] == own == ["", "", "1", "1", "2"]


@pytest.mark.both_databases
def test_each_filter_and_the_order_hold_for_csv_and_workbook_alike(
    desk: Desk, filters: dict[str, tuple[str, list[int]]]
) -> None:
    named = {"q": "words", "answer": "answers"}
    assert {one.name for one in fields(Wanted)} == {"asked", *(named.get(name, name) for name in filters)}, (
        "a filter is not tried here"
    )
    for name, (value, found) in filters.items():
        table, workbook = both_tables(desk, {name: value})
        assert (numbers(table), numbers(workbook)) == (found, found), name
        assert workbook == table, name


def test_filters_add_up_in_both_tables(desk: Desk, filters: dict[str, tuple[str, list[int]]]) -> None:
    chosen = {name: filters[name][0] for name in ("role", "answer", "day")}
    for query, found in ((chosen, [2]), (chosen | {"attendance": "on_site"}, [])):
        table, workbook = both_tables(desk, query)
        assert (numbers(table), numbers(workbook)) == (found, found)
        assert workbook == table
        assert workbook[0][-4:] == ["Nimmt teil", "Kommt am", "Kommt als", "Drink?"]
