from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.desk.spreadsheets import safe, table
from eventhub.editions.models import Admission, Mode
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import OutboxMessage
from eventhub.numbers.queries import courses
from eventhub.numbers.rules import Day
from eventhub.registration import planning, queries, reconfirmation
from eventhub.registration.models import Attendance, Registration
from eventhub.registration.planning import Plan, RolePlan
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk
from tests.registration.samples import signed_up

LIST = "/manage/labcamp/5/registrations/"
SOON = {"start_date": date(2026, 4, 1), "starts_at": datetime(2026, 4, 1, 13, 0, tzinfo=UTC)}


def fill(desk: Desk, people: int = 3, capacity: int | None = 2) -> list[int]:
    """Publish edition 5 and let people register; return the keys of their registrations."""
    edition_id = desk.publish(5, capacity=capacity, **SOON)
    with desk.app.app_context():
        return [
            signed_up(edition_id, number, organisation=f"Lab {number % 3}").registration.id
            for number in range(people)
        ]


def states(desk: Desk) -> list[str]:
    with desk.app.app_context():
        return [row.state.value for row in db.session.scalars(select(Registration).order_by(Registration.id))]


def kinds(desk: Desk, key: int) -> list[str]:
    with desk.app.app_context():
        found = select(OutboxMessage.kind).where(OutboxMessage.registration_id == key)
        return list(db.session.scalars(found.order_by(OutboxMessage.id)))


def test_everybody_is_listed_with_state_and_position(desk: Desk) -> None:
    desk.publish(4)
    fill(desk, 4)
    page = desk.client.get(LIST, headers={"Accept-Language": "en"}).text
    assert all(f"person{number}@lab.example" in page for number in range(4))
    assert "Waitlist 2" in page
    assert "4 registrations" in page


def test_an_empty_list_says_what_will_be_there(desk: Desk) -> None:
    desk.publish(5)
    page = desk.client.get(LIST, headers={"Accept-Language": "en"}).text
    assert "Nobody yet" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=person1", [1]),
        ("q=Lab+1+person", [1]),
        ("q=%25", []),
        ("state=waitlisted", [2, 3]),
        ("state=nonsense&sort=nonsense&page=99", [0, 1, 2, 3]),
        ("state=confirmed&q=Person+0", [0]),
    ],
)
def test_the_list_can_be_searched_and_filtered(desk: Desk, query: str, found: list[int]) -> None:
    fill(desk, 4)
    page = desk.client.get(f"{LIST}?{query}").text
    assert [number for number in range(4) if f"person{number}@lab.example" in page] == found


def test_the_list_is_sorted_as_wanted(desk: Desk) -> None:
    fill(desk, 4)
    for sort, first in (("name", "person0@"), ("-name", "person3@"), ("-created", "person3@")):
        page = desk.client.get(f"{LIST}?sort={sort}").text
        assert page.index(first) == min(page.index(f"person{number}@") for number in range(4))


def own(statements: list[str]) -> list[str]:
    """Leave out the look at the content revision, which comes once a second."""
    return [statement for statement in statements if "content_revision" not in statement]


def test_the_list_costs_the_same_for_many(desk: Desk) -> None:
    fill(desk, 3, capacity=2)
    with counted_queries(desk.app) as few:
        desk.client.get(LIST)
    with desk.app.app_context():
        edition_id = db.session.scalars(select(Registration.edition_id)).first()
        assert edition_id
        for number in range(10, 80):
            signed_up(edition_id, number)
    with counted_queries(desk.app) as many:
        page = desk.client.get(LIST).text
    assert len(own(few)) == len(own(many))
    assert "page=2" in page


def test_one_registration_shows_its_mails_and_its_history(desk: Desk) -> None:
    key = fill(desk)[2]
    page = desk.client.get(f"{LIST}{key}/", headers={"Accept-Language": "en"}).text
    assert "Person 2" in page
    assert "Place on the waitlist" in page
    assert "A participant" in page
    assert "registered" in page
    assert "/my/" not in page


def test_foreign_registrations_do_not_exist(desk: Desk) -> None:
    key = fill(desk)[0]
    desk.publish(4, **SOON)
    assert desk.client.get(f"/manage/labcamp/4/registrations/{key}/").status_code == 404
    assert desk.client.get(f"/manage/labcamp/4/registrations/{key}/edit").status_code == 404
    for path in ("registrations/", "registrations.csv", f"registrations/{key}/", f"registrations/{key}/edit"):
        assert desk.client.get(f"/manage/other/1/{path}").status_code == 404
        answer = desk.app.test_client().get(f"/manage/labcamp/5/{path}")
        assert answer.status_code in {302, 303, 401}
    data = {"id": str(key), "action": "cancel", "sure": "1"}
    desk.client.post("/manage/labcamp/4/registrations/", data=data)
    assert states(desk)[0] == "confirmed"


def test_details_are_changed_in_the_organisers_name(desk: Desk) -> None:
    key = fill(desk)[0]
    page = desk.client.post(f"{LIST}{key}/edit", data={"name": "", "email": "no"})
    assert page.status_code == 422
    data = {"name": "New Name", "email": "new@lab.example", "organisation": "", "note": ""}
    assert desk.client.post(f"{LIST}{key}/edit", data=data).status_code == 303
    with desk.app.app_context():
        assert db.session.get_one(Registration, key).email == "new@lab.example"
        entry = db.session.scalars(select(HistoryEntry).filter_by(action="registration.changed")).one()
        assert entry.user_id is not None
    assert "details_changed" in kinds(desk, key)


def test_a_taken_address_is_refused_in_words(desk: Desk) -> None:
    key = fill(desk)[0]
    data = {"name": "A", "email": "person1@lab.example"}
    page = desk.client.post(f"{LIST}{key}/edit", data=data)
    assert page.status_code == 422
    assert "email-error" in page.text


def test_cancelling_asks_back_and_fills_the_place(desk: Desk) -> None:
    keys = fill(desk, 4)
    data = {"id": [str(keys[0]), str(keys[1])], "action": "cancel"}
    page = desk.client.post(LIST, data=data)
    assert page.status_code == 200
    assert "person0@lab.example" in page.text
    assert states(desk) == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
    assert desk.client.post(LIST, data={**data, "sure": "1"}).status_code == 303
    assert states(desk) == ["cancelled", "cancelled", "confirmed", "confirmed"]
    assert kinds(desk, keys[3]) == ["waitlisted", "promoted"]


def test_mails_go_out_once_more(desk: Desk, clock: FrozenClock) -> None:
    keys = fill(desk)
    clock.advance(timedelta(hours=1))
    desk.client.post(LIST, data={"id": [str(key) for key in keys], "action": "resend"})
    assert [kinds(desk, key)[-1] for key in keys] == ["existing"] * 3


@pytest.mark.parametrize(
    "data", [{}, {"action": "cancel"}, {"id": "x", "action": "cancel"}, {"id": "1", "action": "?"}]
)
def test_nothing_ticked_changes_nothing(desk: Desk, data: dict[str, str]) -> None:
    fill(desk)
    assert desk.client.post(LIST, data=data).status_code == 303
    assert states(desk) == ["confirmed", "confirmed", "waitlisted"]


def test_the_table_opens_in_excel(desk: Desk) -> None:
    edition_id = desk.publish(5, **SOON)
    with desk.app.app_context():
        signed_up(edition_id, 1, name="Jürgen; Müller", note="=1+1\nzweite Zeile")
    answer = desk.client.get("/manage/labcamp/5/registrations.csv")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == 2
    assert "Jürgen; Müller" in rows[1]
    assert "'=1+1\nzweite Zeile" in rows[1]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Anna", "Anna"),
        ("Anna-Lena", "Anna-Lena"),
        ("=1+1", "'=1+1"),
        ("  +49", "'  +49"),
        ("@x", "'@x"),
        ("-1", "'-1"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ("a, -b", "a,' -b"),
        ("a\n=1", "a\n'=1"),
        ("\t1", "'\t1"),
    ],
)
def test_nothing_in_a_table_is_calculated(cell: str, expected: str) -> None:
    assert safe(cell) == expected


@given(st.lists(st.lists(st.text(), min_size=2, max_size=3), max_size=4))
def test_tables_can_be_read_back(rows: list[list[str]]) -> None:
    rows = [[cell.encode("utf-8", "ignore").decode().replace("\0", "") for cell in row] for row in rows]
    text = io.StringIO(table(rows).decode("utf-8-sig"), newline="")
    read = list(csv.reader(text, delimiter=";"))
    assert read == [[safe(cell) for cell in row] for row in rows]
    assert not any(cell.lstrip(" ")[:1] in tuple("=+-@") for row in read for cell in row if cell.strip(" "))


@pytest.mark.both_databases
def test_the_course_counts_days_as_the_edition_does(desk: Desk, clock: FrozenClock) -> None:
    edition_id = desk.publish(5, zone="Pacific/Auckland", capacity=9, **SOON)
    for number, hour in enumerate((10, 11)):  # midnight in Auckland lies between the two
        clock.set(datetime(2026, 3, 2, hour, 30, tzinfo=UTC))
        with desk.app.app_context():
            signed_up(edition_id, number)
    with desk.app.app_context():
        [days] = courses([desk.edition(edition_id)]).values()
    assert days == [Day(date(2026, 3, 2), 1, 0, 1), Day(date(2026, 3, 3), 1, 0, 2)]


def test_the_list_shows_the_course_and_leads_to_all_numbers(desk: Desk) -> None:
    fill(desk)
    page = desk.client.get(LIST).text
    assert 'id="course"' in page
    assert 'href="/manage/labcamp/5/numbers/">' in page


def wait_for_approval(desk: Desk, people: int = 3, capacity: int | None = 2) -> list[int]:
    edition_id = desk.publish(5, capacity=capacity, admission=Admission.APPROVAL, **SOON)
    with desk.app.app_context():
        return [signed_up(edition_id, number).registration.id for number in range(people)]


def test_registrations_are_approved_together_with_words_of_ones_own(desk: Desk) -> None:
    keys = wait_for_approval(desk)
    assert "warten auf deine Entscheidung" in desk.client.get(LIST).text
    asked = desk.client.post(LIST, data={"id": keys, "action": "approve"})
    assert "Diese 3 Anmeldungen annehmen?" in asked.text
    assert states(desk) == ["pending"] * 3
    desk.client.post(LIST, data={"id": keys, "action": "approve", "sure": "1", "words": "Bring your laptop"})
    assert states(desk) == ["confirmed", "confirmed", "waitlisted"]
    with desk.app.app_context():
        facts = db.session.scalars(select(OutboxMessage.facts).where(OutboxMessage.kind == "confirmed")).all()
    assert [one["words"] for one in facts] == ["Bring your laptop"] * 2


def test_one_registration_is_rejected_and_approved_after_all(desk: Desk) -> None:
    (key,) = wait_for_approval(desk, people=1)
    desk.client.post(LIST, data={"id": key, "action": "reject", "sure": "1", "words": ""})
    assert states(desk) == ["rejected"]
    assert "Annehmen" in desk.client.get(f"{LIST}{key}/").text
    desk.client.post(LIST, data={"id": key, "action": "approve", "sure": "1", "words": ""})
    assert states(desk) == ["confirmed"]


def test_words_that_are_too_long_come_back(desk: Desk) -> None:
    (key,) = wait_for_approval(desk, people=1)
    page = desk.client.post(LIST, data={"id": key, "action": "reject", "sure": "1", "words": "x" * 1001})
    assert page.status_code == 422
    assert "x" * 1001 in page.text
    assert states(desk) == ["pending"]


def test_there_is_nothing_to_decide_about_a_place(desk: Desk) -> None:
    key = fill(desk, 1)[0]
    desk.client.post(LIST, data={"id": key, "action": "reject", "sure": "1"})
    assert states(desk) == ["confirmed"]


def test_lists_and_tables_say_where_people_take_part_and_as_what(desk: Desk) -> None:
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    edition_id = desk.publish(5, mode=Mode.HYBRID, **SOON)
    with desk.app.app_context(), transaction():
        roles = [RolePlan(None, "Gast", "Visitor", None), RolePlan(None, "Mentorin", "=Mentor", 2)]
        places = {Attendance.ON_SITE: 5, Attendance.ONLINE: None}
        planning.carry_out(desk.edition(edition_id), Plan(None, None, places, roles))
    with desk.app.app_context():
        mentor = queries.roles(desk.edition(edition_id))[1].id
        key = signed_up(edition_id, 1, attendance=Attendance.ONLINE, role_id=mentor).registration.id
    rows = list(
        csv.reader(io.StringIO(desk.client.get(f"{LIST[:-1]}.csv").data.decode("utf-8-sig")), delimiter=";")
    )
    assert rows[0][-2:] == ["Takes part", "Comes as"]
    assert rows[1][-2:] == ["online", "'=Mentor"]
    assert desk.client.get(f"{LIST[:-1]}.xlsx").status_code == 200
    for path in (LIST, f"{LIST}{key}/"):
        page = desk.client.get(path).text
        assert "Takes part" in page
        assert "<bdi>=Mentor</bdi>" in page


def by_kind_of_place(desk: Desk) -> tuple[int, int]:
    """Let a guest come, a mentor come and another one join online; return the keys of guest and mentor."""
    edition_id = desk.publish(5, mode=Mode.HYBRID, **SOON)
    with desk.app.app_context():
        with transaction():
            places = {Attendance.ON_SITE: None, Attendance.ONLINE: None}
            roles = [RolePlan(None, "Guest", "", None), RolePlan(None, "Mentor", "", None)]
            planning.carry_out(desk.edition(edition_id), Plan(None, None, places, roles))
        guest, mentor = (role.id for role in queries.roles(desk.edition(edition_id)))
        signed_up(edition_id, 0, attendance=Attendance.ON_SITE, role_id=guest)
        signed_up(edition_id, 1, attendance=Attendance.ON_SITE, role_id=mentor)
        signed_up(edition_id, 2, attendance=Attendance.ONLINE, role_id=mentor)
    return guest, mentor


@pytest.mark.both_databases
def test_the_list_and_its_tables_are_filtered_by_role_and_attendance(desk: Desk) -> None:
    guest, mentor = by_kind_of_place(desk)
    for query, found in (
        ("attendance=on_site", [0, 1]),
        (f"role={mentor}", [1, 2]),
        (f"role={mentor}&attendance=online", [2]),
        (f"role={guest}&attendance=online", []),
        ("role=999999&attendance=nowhere", [0, 1, 2]),
        (f"role={'9' * 30}", [0, 1, 2]),
        ("role=٣", [0, 1, 2]),
    ):
        for address in (LIST, f"{LIST[:-1]}.csv"):
            text = desk.client.get(f"{address}?{query}").get_data().decode("utf-8-sig")
            assert [number for number in range(3) if f"person{number}@" in text] == found, (address, query)
    page = desk.client.get(f"{LIST}?role={mentor}&attendance=online&sort=name").text
    assert f"registrations.xlsx?attendance=online&amp;role={mentor}&amp;sort=name" in page
    assert f'<option value="{mentor}" selected>' in page


@pytest.mark.both_databases
def test_who_is_expected_stands_there_by_role_and_attendance_and_the_silent_are_listed(desk: Desk) -> None:
    _guest, mentor = by_kind_of_place(desk)
    before = desk.client.get(LIST, headers={"Accept-Language": "en"}).text
    assert 'name="said"' not in before
    desk.client.post(f"{LIST}ask")
    with desk.app.app_context(), transaction():
        reconfirmation.come(db.session.scalars(select(Registration).filter_by(name="Person 1")).one())
    page = desk.client.get(LIST, headers={"Accept-Language": "en"}).text
    assert "1 person is expected" in page
    (table,) = re.findall(r"Who is expected, by kind of place.*?</table>", page, re.DOTALL)
    rows = re.findall(r"<bdi>(.*?)</bdi>.*?>(\d+)</td>.*?>(\d+)<", table)
    assert rows == [("Guest", "0", "1"), ("Mentor", "1", "1"), ("on site", "1", "1"), ("online", "0", "1")]
    for query, found in (
        ("said=nothing", [0, 2]),
        ("said=yes", [1]),
        (f"said=nothing&role={mentor}", [2]),
        ("said=nothing&attendance=on_site", [0]),
        ("said=nonsense", [0, 1, 2]),
    ):
        for address in (LIST, f"{LIST[:-1]}.csv"):
            text = desk.client.get(f"{address}?{query}").get_data().decode("utf-8-sig")
            assert [number for number in range(3) if f"person{number}@" in text] == found, (address, query)
    links = [unescape(link) for link in re.findall(r'href="([^"]*said=nothing[^"]*)"', table)]
    assert f"{LIST}?said=nothing&role={mentor}" in links
    assert all(desk.client.get(link).status_code == 200 for link in links)


def test_the_filter_is_still_there_after_something_was_done(desk: Desk) -> None:
    _guest, mentor = by_kind_of_place(desk)
    filtered = f"{LIST}?attendance=on_site&role={mentor}"
    with desk.app.app_context():
        key = db.session.scalars(select(Registration.id).where(Registration.name == "Person 1")).one()
    asked = desk.client.post(filtered, data={"id": key, "action": "cancel"})
    assert f"?attendance=on_site&amp;role={mentor}" in asked.text
    done = desk.client.post(filtered, data={"id": key, "action": "cancel", "sure": "1"})
    assert done.location.endswith(filtered)
