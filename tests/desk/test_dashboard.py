"""The overview: real problems, three numbers, a constant number of queries."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from eventhub import clock as present
from eventhub.database import transaction
from eventhub.desk.problems import Counts, problems
from eventhub.editions.models import Edition, EditionState, Mode, Series, SeriesOrganisation
from eventhub.editions.times import span
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.organisations.models import Organisation
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk
from tests.registration.samples import signed_up

PATHS = {
    "/manage/": 8,
    "/manage/series/": 3,
    "/manage/labcamp/": 5,
    "/manage/labcamp/1/": 9,
    "/manage/labcamp/1/history/": 5,
    "/manage/labcamp/1/mails/": 6,
    "/manage/labcamp/1/edit": 5,
    "/manage/labcamp/next": 11,
}
"""Pages and how many queries each needs, whatever there is to show."""


def planned(days: int = 10, **values: object) -> Edition:
    """Return an edition so many days ahead that is stored nowhere."""
    series = Series(title="LabCamp", contact_email="team@lab.example", default_closes_hours=0)
    series.organisation_links = [SeriesOrganisation(organisation=Organisation(name="Lab"))]
    start = (present.now() + timedelta(days=days)).date()
    found = span("Europe/Berlin", start, time(15), None, time(18))
    fields: dict[str, object] = {
        "id": 1,
        "number": 5,
        "title": "LabCamp #5",
        "zone": "Europe/Berlin",
        "start_date": start,
        "start_time": time(15),
        "end_time": time(18),
        "starts_at": found.starts_at,
        "ends_at": found.ends_at,
        "mode": Mode.ON_SITE,
        "venue_city": "Berlin",
        "state": EditionState.PUBLISHED,
        "takes_registrations": True,
        "taken_count": 0,
        "waiting_count": 0,
    }
    return Edition(series=series, **(fields | values))


def words_of(edition: Edition, counts: Counts | None = None) -> list[str]:
    return [found.endpoint for found in problems([edition], {1: counts or Counts(slots=3)}, present.now())]


def test_where_all_is_well_nothing_is_to_be_done(clock: FrozenClock) -> None:
    assert words_of(planned()) == []
    assert words_of(planned(days=60), Counts()) == []


def test_each_problem_leads_to_the_page_that_mends_it(clock: FrozenClock) -> None:
    assert words_of(planned(state=EditionState.DRAFT)) == ["desk.edition"]
    assert words_of(planned(state=EditionState.DRAFT, days=60)) == []
    assert words_of(planned(state=EditionState.DRAFT, days=-3)) == ["desk.edition"]
    assert words_of(planned(days=-1)) == ["desk.edition"]
    assert words_of(planned(waiting_count=2)) == ["desk.registrations"]
    assert words_of(planned(), Counts(failed_mails=2, slots=1)) == ["desk.mails"]
    assert words_of(planned(), Counts(refused_mails=2, slots=1)) == ["desk.mails"]
    assert words_of(planned(), Counts()) == ["desk.agenda"]
    assert words_of(planned(), Counts(slots=1, declined_speakers=1)) == ["desk.engagements"]
    assert words_of(planned(), Counts(slots=1, silent_speakers=1)) == ["desk.engagements"]
    assert words_of(planned(days=2)) == ["desk.registrations"]
    assert words_of(planned(days=2, mode=Mode.ONLINE)) == ["desk.edit_edition", "desk.registrations"]
    assert words_of(planned(days=2, mode=Mode.ONLINE, join_url="https://meet.example")) == [
        "desk.registrations"
    ]


def test_urgent_things_come_first(clock: FrozenClock) -> None:
    far, near = planned(waiting_count=1), planned(days=20, id=2)
    found = problems([far, near], {1: Counts(slots=1), 2: Counts(failed_mails=1, slots=1)}, present.now())
    assert [problem.urgent for problem in found] == [True, False]


def test_the_overview_shows_what_is_next(desk: Desk, clock: FrozenClock) -> None:
    key = desk.publish(start_date=date(2026, 3, 16), capacity=2)
    desk.add(6, start_date=date(2026, 3, 20), start_time=None, end_time=None)
    with desk.app.app_context():
        for number in range(3):
            signed_up(key, number)
        with transaction():
            mail = enqueue("confirmed", to_address="a@lab.example", dedupe_key="x", edition_id=key)
            db.session.get_one(OutboxMessage, mail).state = MessageState.FAILED
    page = desk.client.get("/manage/").text
    assert "14" in page
    for text in ("LabCamp #5", "2 von 2", "1 Mail", "+3"):
        assert text in page, text
    assert "Foreign" not in page


def test_on_the_day_the_overview_leads_to_the_door_of_a_meeting_on_site(
    desk: Desk, clock: FrozenClock
) -> None:
    desk.publish(5, start_date=date(2026, 3, 16), mode=Mode.ON_SITE)
    desk.publish(6, start_date=date(2026, 3, 20), mode=Mode.ONLINE)
    door = "/check-in/"
    assert door not in desk.client.get("/manage/").text, "it is days away"
    clock.set(datetime(2026, 3, 16, 7, tzinfo=UTC))
    assert f'href="/manage/labcamp/5{door}"' in desk.client.get("/manage/").text
    clock.set(datetime(2026, 3, 20, 7, tzinfo=UTC))
    assert door not in desk.client.get("/manage/").text, "nobody comes to a door"


def test_an_empty_desk_offers_the_first_step(desk: Desk) -> None:
    page = desk.client.get("/manage/")
    assert page.status_code == 200
    assert "/manage/series/new" in page.text


def test_more_editions_need_no_more_queries(desk: Desk) -> None:
    desk.publish(1)
    for path in PATHS:
        desk.client.get(path)  # what is read once and kept
    before = {}
    for path in PATHS:
        with counted_queries(desk.app) as queries:
            desk.client.get(path)
        before[path] = len(queries)
    for number in range(2, 12):
        desk.publish(number, start_date=date(2026, 5, number))
    with desk.app.app_context(), transaction():
        for number in range(5):
            db.session.add(
                OutboxMessage(
                    kind="confirmed",
                    dedupe_key=str(number),
                    message_id=str(number),
                    to_address="a@b.example",
                    edition_id=1,
                )
            )
    for path in PATHS:
        with counted_queries(desk.app) as queries:
            desk.client.get(path)
        assert len(queries) == before[path], path
    assert before == PATHS
