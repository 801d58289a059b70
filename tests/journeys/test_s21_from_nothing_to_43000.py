"""S21 in small: four roles with places of their own, a rush of people, mails at the pace of a provider."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.extensions import db
from eventhub.mail import pace
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.registration.models import ParticipantRole, Quota, QuotaKind, Registration, RegistrationState
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of
from tests.journeys.letters_of import arrived
from tests.mail.post_office import PostOffice
from tests.registration.browsing import my_link

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]

PLACES = "/manage/labcamp/5/places/"
MAILS = "/manage/labcamp/5/mails/"
FORM = "/labcamp/5/register"
HOUSE = 38
ROLES = {"Teilnehmerin": 30, "Mentorin": 5, "Aufgabengeber": 4, "Presse": 3}
COMING = {"Teilnehmerin": 60, "Mentorin": 12, "Aufgabengeber": 3, "Presse": 9}
THREADS = 6
PER_MINUTE = 60


def test_many_come_in_four_roles_at_once(
    app: Flask, clock: FrozenClock, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(app)
    desk.publish(5, capacity=HOUSE)
    keys = open_in_four_roles(desk)
    people = [(role, number) for role, many in COMING.items() for number in range(many)]
    people.sort(key=lambda one: one[1])  # all roles are in the rush from its beginning

    at_once(app, people, lambda client, one: register(client, keys, *one))
    assert_nobody_has_a_place_too_much(app)
    before = line_of(app)
    assert len(before) == len(people) - HOUSE, "whoever has no place waits, and nobody is lost"
    notices = 1  # to the organisers, as the house is full
    assert waiting_mails(desk) == len(people) + notices, "the organiser sees that no mail has left yet"

    gone = [one for one in people if has_place(app, *one)][::4]
    at_once(app, gone, lambda client, one: client.post(f"{my_link(app, address(*one))}cancel").status_code)
    assert_nobody_has_a_place_too_much(app)
    assert_nobody_overtakes(app, before)

    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_per_minute=PER_MINUTE)
    monkeypatch.setattr(pace, "sleep", lambda seconds: clock.advance(timedelta(seconds=seconds)))
    written = waiting_mails(desk)
    assert len(arrived(app, post_office)) == written
    assert waiting_mails(desk) == 0
    assert_the_pace_was_kept(app)
    assert_each_got_their_mails_once_and_in_order(app, post_office)


# what people do ------------------------------------------------------------------------------------------


def open_in_four_roles(desk: Desk) -> dict[str, int]:
    """Let the organiser say what people come as, and return the keys of the roles."""
    sent = desk.form_of(PLACES)
    for at, (title, capacity) in enumerate(ROLES.items()):
        sent |= {f"roles-{at}-title": title, f"roles-{at}-capacity": str(capacity)}
    assert desk.client.post(PLACES, data=sent).status_code == 303
    page = desk.client.get(FORM).text
    assert all(f"Noch {capacity} von {capacity} Plätzen" in page for capacity in ROLES.values())
    with desk.app.app_context():
        return {role.title: role.id for role in db.session.scalars(select(ParticipantRole))}


def register(client: object, keys: dict[str, int], role: str, number: int) -> int:
    """Send the form, as some do twice because they are in a hurry."""
    sent = {
        "name": f"{role} {number}",
        "email": address(role, number),
        "role": str(keys[role]),
        "consent": "y",
        "once_key": f"form of {role} {number}",
    }
    for _ in range(2 if number % 3 == 0 else 1):
        status = int(client.post(FORM, data=sent).status_code)  # type: ignore[attr-defined]
    return status


def address(role: str, number: int) -> str:
    return f"{role.lower()}{number}@lab.example"


def at_once(app: Flask, people: list[tuple[str, int]], act: Callable[[object, tuple[str, int]], int]) -> None:
    """Let several browsers act at the same time, each for its share of the people."""
    statuses: list[int] = []

    def browse(at: int) -> None:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{at + 1}"
        for one in people[at::THREADS]:
            statuses.append(act(client, one))  # noqa: PERF401  # others add theirs meanwhile

    threads = [threading.Thread(target=browse, args=(at,)) for at in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(statuses) == {303: len(people)}


# what holds ----------------------------------------------------------------------------------------------


def registrations(app: Flask) -> list[Registration]:
    with app.app_context():
        return list(db.session.scalars(select(Registration).order_by(Registration.id)))


def has_place(app: Flask, role: str, number: int) -> bool:
    return any(one.takes_place and one.name == f"{role} {number}" for one in registrations(app))


def role_of(one: Registration) -> str:
    return one.name.partition(" ")[0]


def assert_nobody_has_a_place_too_much(app: Flask) -> None:
    rows = registrations(app)
    assert len({one.email_key for one in rows}) == len(rows) == sum(COMING.values())
    placed = Counter(role_of(one) for one in rows if one.takes_place)
    assert placed.total() == HOUSE, "no place is empty while somebody waits for one"
    assert all(placed[role] <= capacity for role, capacity in ROLES.items())
    with app.app_context():
        titles = {str(role.id): role.title for role in db.session.scalars(select(ParticipantRole))}
        quotas = db.session.scalars(select(Quota).where(Quota.kind == QuotaKind.ROLE))
        assert {titles[one.reference]: one.taken_count for one in quotas} == placed


def line_of(app: Flask) -> list[str]:
    """Return the names of those who wait, in their order."""
    waiting = [one for one in registrations(app) if one.state is RegistrationState.WAITLISTED]
    return [one.name for one in sorted(waiting, key=lambda one: one.place_in_line or 0)]


def assert_nobody_overtakes(app: Flask, before: list[str]) -> None:
    """In each role, those who moved up are the first of its line."""
    after = set(line_of(app))
    for role in ROLES:
        line = [name for name in before if name.startswith(f"{role} ")]
        left = [name for name in line if name in after]
        assert line[len(line) - len(left) :] == left, role


def waiting_mails(desk: Desk) -> int:
    """Return how many mails wait to be sent, as the organiser's page says."""
    page = desk.client.get(MAILS, headers={"Accept-Language": "en"}).text
    found = re.search(r'value="waiting"[^>]*>[^(]*\((\d+)\)', page)
    assert found
    return int(found[1])


def assert_the_pace_was_kept(app: Flask) -> None:
    with app.app_context():
        times = sorted(db.session.scalars(select(OutboxMessage.sent_at)))
        states = set(db.session.scalars(select(OutboxMessage.state)))
    assert states == {MessageState.SENT}
    for start in times:
        assert sum(start <= one < start + timedelta(minutes=1) for one in times) <= PER_MINUTE


def assert_each_got_their_mails_once_and_in_order(app: Flask, office: PostOffice) -> None:
    with app.app_context():
        rows = db.session.execute(
            select(OutboxMessage.to_address, OutboxMessage.message_id).order_by(OutboxMessage.id)
        ).all()
    came = [(one.recipient, str(one.mail["Message-ID"]).strip("<>")) for one in office.delivered()]
    assert by_recipient(came) == by_recipient((to, key.strip("<>")) for to, key in rows)


def by_recipient(mails: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for recipient, key in mails:
        found.setdefault(recipient, []).append(key)
    return found
