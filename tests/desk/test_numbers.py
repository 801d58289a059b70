"""The pages of numbers: what they show, to whom, for how much, and what can be taken along."""

from __future__ import annotations

import csv
import io
import re
import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta

import pytest
from defusedxml import ElementTree
from flask import Flask
from sqlalchemy import insert, select, text

from eventhub.accounts.models import User
from eventhub.database import transaction
from eventhub.desk.edition_figures import of_edition
from eventhub.desk.figures import Figure
from eventhub.desk.series_figures import of_series
from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.organisations.models import Role
from eventhub.privacy.jobs import forget_people
from eventhub.questionnaires.models import Kind
from eventhub.registration.models import Attendance, Ending, Registration, RegistrationState
from eventhub.tokens import new_seed
from eventhub.web.languages import speaking
from tests.accounts.signing_in import organiser_of, sign_in
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.desk.hostile import TEXTS
from tests.desk.setting import Desk
from tests.editions.making import add_slot
from tests.numbers.crowd import CITY, STATE_LAB, Person, add_people, ask, know_levels

PAGE, TABLE = "/manage/labcamp/5/numbers/", "/manage/labcamp/5/numbers.csv"
SERIES, SERIES_TABLE = "/manage/labcamp/numbers/", "/manage/labcamp/numbers.csv"
DAY = date(2026, 5, 5)
EVENING = datetime(2026, 5, 5, 20, 0, tzinfo=UTC)
WAITING, CANCELLED = RegistrationState.WAITLISTED, RegistrationState.CANCELLED


def at(day: int) -> datetime:
    return datetime(2026, 3, day, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english(desk: Desk) -> None:
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def held(desk: Desk, clock: FrozenClock) -> int:
    """An edition with a question and a session, and people in several states, on its evening."""
    key = desk.publish(5, capacity=12)
    with desk.app.app_context():
        know_levels()
        drink = ask(key, "Drink?", Kind.SEVERAL_OF)
        with transaction():
            edition = db.session.get_one(Edition, key)
            slot = add_slot(edition, "plenum", time(15), time(16), title="Plenum").id
        came = Person(
            organisation=CITY, answers={drink: '["o1"]'}, at=at(2), present=DAY, slots=[slot], seen_in=[slot]
        )
        stayed = Person(organisation=STATE_LAB, answers={drink: '["o1","o2"]'}, at=at(9), slots=[slot])
        people = [*[came] * 7, *[stayed] * 3, Person(WAITING, at=at(9))]
        people += [Person(CANCELLED, at=at(10), because=Ending.PARTICIPANT)] * 2
        add_people(key, people)
    clock.set(EVENING)
    come_back(desk)
    return key


def come_back(desk: Desk) -> None:
    """Sign in again: by now the session has run out."""
    with desk.app.app_context():
        user = db.session.scalars(select(User).filter_by(email="nadine@lab.example")).one()
        sign_in(desk.client, user)


def figures_of(desk: Desk, key: int, *, everything: bool = True) -> dict[str, Figure]:
    with desk.app.test_request_context(), speaking("en"):
        return {one.key: one for one in of_edition(desk.edition(key), everything=everything)}


def read(answer: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.decode("utf-8-sig"), newline=""), delimiter=";"))


# what an edition shows ----------------------------------------------------------------------------------


def test_an_edition_is_told_in_numbers(desk: Desk, held: int) -> None:
    found = figures_of(desk, held)
    assert list(found) == ["course", "places", "endings", "turnout", "sessions", "level", *list(found)[6:]]
    assert found["course"].rows == [
        (date(2026, 3, 2), 64, 7, 0, 7),
        (date(2026, 3, 9), 57, 4, 0, 11),
        (date(2026, 3, 10), 56, 2, 2, 11),
    ]
    assert found["places"].rows == [("all", 10, 1, 0, 2, 0, 13)]
    assert found["endings"].rows == [("cancelled by themselves", 2, 100)]
    assert found["turnout"].rows == [("all", 10, 7, 3, 30)]
    assert [row[0:1] + row[2:] for row in found["sessions"].rows] == [("Plenum", None, 10, 7)]
    assert found["level"].rows == [("state", 3, 27), ("municipal", 7, 64), ("not known", 1, 9)]
    [drink] = [one for key, one in found.items() if key.startswith("question-")]
    assert (drink.title, drink.rows) == ("Drink?", [("Tea", 10, 100), ("Coffee", 3, 30), ("Water", 0, 0)])


def test_each_figure_has_a_heading_a_sentence_a_picture_and_a_table(desk: Desk, held: int) -> None:
    page = desk.client.get(PAGE).text
    for figure in figures_of(desk, held).values():
        assert f'id="{figure.key}">{figure.title}</h2>' in page
        assert f'id="{figure.key}-says">{figure.says}</p>' in page
        assert figure.bars or figure.lines, figure.key
        assert f'<caption class="vh">{figure.title}</caption>' in page


def test_pictures_are_well_formed_and_named_or_left_to_the_table(desk: Desk, held: int) -> None:
    for path in (PAGE, SERIES):
        page = desk.client.get(path).text
        pictures = re.findall(r"<svg\b.*?</svg>", page, re.DOTALL)
        assert len(pictures) > 10
        for picture in pictures:
            svg = ElementTree.fromstring(picture.replace("&nbsp;", " "))
            assert svg.get("aria-hidden") == "true" or svg.get("role") == "img", picture
            assert "style" not in {name for one in svg.iter() for name in one.attrib}
        named = re.findall(r'role="img" aria-labelledby="([^"]+)"', page)
        assert named
        for names in named:
            for name in names.split():
                assert page.count(f'id="{name}"') == 1, name


def test_until_the_end_nobody_has_stayed_away(desk: Desk, held: int, clock: FrozenClock) -> None:
    clock.set(EVENING - timedelta(hours=5))
    assert "turnout" not in figures_of(desk, held)


def test_on_site_and_online_stand_apart(desk: Desk, clock: FrozenClock) -> None:
    key = desk.publish(5)
    with desk.app.app_context():
        on_site = Person(attendance=Attendance.ON_SITE, present=DAY)
        add_people(key, [*[on_site] * 3, *[Person(attendance=Attendance.ONLINE)] * 4])
    clock.set(EVENING)
    assert figures_of(desk, key)["turnout"].rows == [("all", 3, 3, 0, 0)]


def test_an_edition_without_people_says_so(desk: Desk) -> None:
    desk.publish(5)
    page = desk.client.get(PAGE).text
    assert "Nothing to count yet" in page
    assert "<svg viewBox" not in page.split("<main")[1].split("Nothing to count yet")[0]
    assert "Nothing to count yet" in desk.client.get(SERIES).text
    assert read(desk.client.get(TABLE).data) == [["Table", "Row", "What is counted", "How many"]]


def test_the_page_speaks_german(desk: Desk, held: int) -> None:
    page = desk.client.get(PAGE, headers={"Accept-Language": "de"}).text
    for words in ("Zahlen", "Anmeldungen im Verlauf", "Verwaltungsebenen", "Kommune"):
        assert words in page


# to whom ------------------------------------------------------------------------------------------------


def test_who_may_not_see_people_reads_nothing_about_few(app: Flask, desk: Desk, held: int) -> None:
    reader = organiser_of(app, "labcamp", email="reader@lab.example", role=Role.READER).client
    owner = read(desk.client.get(f"{TABLE}?table=level").data)
    shown = read(reader.get(f"{TABLE}?table=level").data)
    assert [row[1] for row in owner[1:]] == ["3", "7", "1"]
    assert [row[1] for row in shown[1:]] == ["11"], "3 and 1 would be told by subtracting 7"
    assert read(reader.get(f"{SERIES_TABLE}?table=level").data)[1][1:] == ["11", "11"]
    page = reader.get(PAGE, headers={"Accept-Language": "en"}).text
    assert "What fewer than 5 people have in common is not counted apart." in page


def test_nobody_is_named(app: Flask, desk: Desk, held: int) -> None:
    for path in (PAGE, TABLE, SERIES, SERIES_TABLE):
        text = desk.client.get(path).text
        for trace in ("Person 1", "lab.example", CITY, STATE_LAB):
            assert trace not in text.replace("nadine@lab.example", ""), (path, trace)


def test_the_numbers_are_still_there_when_the_people_are_forgotten(
    desk: Desk, held: int, clock: FrozenClock
) -> None:
    discreet = figures_of(desk, held, everything=False)
    clock.advance(timedelta(days=91))
    with desk.app.app_context():
        forget_people()
    come_back(desk)
    after = figures_of(desk, held)
    assert {key: one.rows for key, one in after.items()} == {key: one.rows for key, one in discreet.items()}
    page = desk.client.get(PAGE).text
    assert "Who took part is forgotten" in page
    assert "others, too rare to stand alone" in page


# across the editions of a series ------------------------------------------------------------------------


def test_a_series_is_told_edition_by_edition(desk: Desk, held: int) -> None:
    later = desk.publish(6, title="LabCamp #6", start_date=date(2026, 6, 2))
    desk.add(7, title="LabCamp #7, empty")
    with desk.app.app_context():
        drink = ask(later, "Drink?", Kind.SEVERAL_OF)
        lab = Person(organisation=CITY, answers={drink: '["o2"]'}, at=datetime(2026, 5, 1, tzinfo=UTC))
        add_people(later, [lab] * 6)
        with desk.app.test_request_context(), speaking("en"):
            found = {one.key: one for one in of_series(desk.edition(held).series, everything=True)}
    assert found["registrations"].rows == [
        ("LabCamp #5", DAY, 12, 10, 1, 0, 2, 0, 13),
        ("LabCamp #6", date(2026, 6, 2), None, 6, 0, 0, 0, 0, 6),
    ]
    assert found["turnout"].rows == [("LabCamp #5", 10, 7, 3, 30)]
    assert found["level"].heads == ("Edition", "municipal", "state", "not known", "People")
    assert found["level"].rows == [("LabCamp #5", 7, 3, 1, 11), ("LabCamp #6", 6, 0, 0, 6)]
    assert (found["question-1"].title, found["question-1"].rows) == (
        "Drink?",
        [("LabCamp #5", 10, 3, 10), ("LabCamp #6", 0, 6, 6)],
    )
    by_day = {row[0]: row[1:] for row in found["courses"].rows}
    assert by_day[60] == (7, None)
    assert by_day[28] == (11, 6)
    assert by_day[0] == (11, None), "the second is still ahead"


# to take along ------------------------------------------------------------------------------------------


def test_a_table_is_a_file_of_its_own_and_all_are_one(desk: Desk, held: int) -> None:
    answer = desk.client.get(f"{TABLE}?table=turnout")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].endswith('numbers-turnout-2026-05-05.csv"')
    assert read(answer.data) == [
        ["Who", "Expected", "Were there", "Stayed away", "Stayed away, per cent"],
        ["all", "10", "7", "3", "30"],
    ]
    everything = read(desk.client.get(TABLE).data)
    assert ["Levels of government", "municipal", "People", "7"] in everything
    assert {row[0] for row in everything[1:]} == {one.title for one in figures_of(desk, held).values()}
    assert {len(row) for row in everything} == {4}
    assert read(desk.client.get(f"{SERIES_TABLE}?table=registrations").data)[1][0] == "LabCamp #5"


@pytest.mark.parametrize("table", ["nothing", "course'", "Course", *filter(None, TEXTS)])
def test_a_table_that_is_not_there_is_a_missing_page(desk: Desk, held: int, table: str) -> None:
    for path in (TABLE, SERIES_TABLE):
        assert desk.client.get(path, query_string={"table": table}).status_code in {400, 404}


def test_no_cell_is_taken_for_a_formula(desk: Desk) -> None:
    key = desk.publish(5, title="=cmd|' /C calc'!A0")
    with desk.app.app_context():
        question = ask(key, "+1;=2")
        add_people(key, [Person(answers={question: "o1"})] * 6)
    for path in (TABLE, SERIES_TABLE):
        cells = [cell for row in read(desk.client.get(path).data) for cell in row]
        assert any("=" in cell for cell in cells)
        assert not any(cell.lstrip()[:1] in tuple("=+-@") for cell in cells if cell.strip())
        assert not any(re.search(r";\s*[=+\-@]", cell) for cell in cells)


# for how much -------------------------------------------------------------------------------------------


def test_the_pages_ask_no_more_for_more_people_and_editions(desk: Desk, held: int) -> None:
    def costs() -> list[int]:
        found = []
        for path in (PAGE, TABLE, SERIES, SERIES_TABLE):
            with counted_queries(desk.app) as statements:
                assert desk.client.get(path).status_code == 200
            found.append(len(statements))
        return found

    before = costs()
    with desk.app.app_context():
        for number in range(6, 12):
            key = desk.add(number, state=EditionState.COMPLETED)
            question = ask(key, "Drink?")
            add_people(key, [Person(organisation=f"Lab {n}", answers={question: "o1"}) for n in range(9)])
        ask(held, "Best?")
    assert costs() == before
    assert max(before) <= 30


@pytest.mark.slow
@pytest.mark.both_databases
def test_the_numbers_of_43000_people_are_there_at_once(desk: Desk) -> None:
    key = desk.publish(5)
    with desk.app.app_context():
        know_levels()
        drink = ask(key, "Drink?", Kind.SEVERAL_OF)
        now = datetime(2026, 3, 2, tzinfo=UTC)
        with transaction():
            rows = [
                {
                    "edition_id": key,
                    "code": str(number),
                    "state": [*RegistrationState][0 if number % 5 else 2],
                    "name": "",
                    "email": "",
                    "email_key": f"{number}@lab.example",
                    "organisation": f"Lab {number % 3000}" if number % 2 else CITY,
                    "consent_version": "1",
                    "consented_at": now,
                    "token_seed": b"",
                    "token_hash": new_seed(),
                    "once_key": str(number),
                    "created_at": now - timedelta(minutes=number),
                    "state_changed_at": now,
                }
                for number in range(43_000)
            ]
            db.session.execute(insert(Registration), rows)
            db.session.execute(
                text(
                    "insert into answer (registration_id, question_id, version, value, answered_at)"
                    ' select id, :question, 1, \'["o1","o2"]\', created_at from registration'
                ),
                {"question": drink},
            )
    desk.client.get(PAGE)
    for path in (PAGE, SERIES):
        began = stopwatch.monotonic()
        assert desk.client.get(path).status_code == 200
        assert stopwatch.monotonic() - began < 3, path
