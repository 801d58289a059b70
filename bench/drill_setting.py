"""What the drill registers for: one edition, four roles, six questions, sessions with limited places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from flask import Flask

from bench.seed import ZONE, add_edition, add_series, days_ahead
from eventhub import migrating
from eventhub.agenda.models import Kind, Slot
from eventhub.database import transaction
from eventhub.editions.models import Edition, new_calendar_uid
from eventhub.editions.times import span
from eventhub.extensions import db
from eventhub.organisations.models import Organisation
from eventhub.questionnaires import service as questionnaires
from eventhub.questionnaires.models import Kind as Asks
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Wording
from eventhub.registration import planning, queries
from eventhub.registration.planning import RolePlan
from eventhub.signups import service as signups

CAPACITY, PEOPLE = 27_000, 42_968
ROLES = {
    "Teilnehmende": ("Participants", None, 0.92),
    "Mentorinnen und Mentoren": ("Mentors", 2_000, 0.04),
    "Aufgabengebende": ("Challenge givers", 1_000, 0.02),
    "Presse": ("Press", 400, 0.02),
}
"""German title: English title, places of 42,968 people, share of those who come."""
SESSIONS, SESSION_PLACES = 12, 900
TRACKS_AT_ONCE = 3
QUESTIONS: tuple[tuple[Asks, str, list[str]], ...] = (
    (Asks.ONE_OF, "Wo arbeitest du?", ["Bund", "Land", "Kommune", "Zivilgesellschaft"]),
    (Asks.SEVERAL_OF, "Was interessiert dich?", ["Daten", "Design", "Recht", "Technik"]),
    (Asks.YES_NO, "Bist du zum ersten Mal dabei?", []),
    (Asks.SHORT_TEXT, "In welcher Stadt?", []),
    (Asks.NUMBER, "Wie viele Jahre Erfahrung?", []),
    (Asks.LONG_TEXT, "Was bringst du mit?", []),
)


@dataclass(frozen=True)
class Setting:
    """What the load generator has to know: keys that stand in the forms."""

    edition_id: int
    roles: dict[int, float]
    """Each role and the share of people who come in it."""
    questions: list[tuple[int, str, list[str]]]
    """Key, kind and keys of the options."""
    sessions: list[list[int]]
    """Keys of sessions, those of the same time together."""


def furnish(app: Flask, people: int) -> Setting:
    """Fill an empty database; the numbers of places shrink with the number of people."""

    def scaled(places_of_all: int) -> int:
        return max(1, places_of_all * people // PEOPLE)

    with app.app_context():
        migrating.bring_up_to_date()
        with transaction():
            lab = Organisation(slug="lab", name="Beispiellabor", city="Berlin")
            db.session.add(lab)
            edition = add_edition(
                add_series("drill", "Großer Hackathon", lab), 1, days_ahead(30), capacity=scaled(CAPACITY)
            )
            db.session.flush()
            keys = _ask(edition)
            sessions = [_add_session(edition, number, scaled(SESSION_PLACES)) for number in range(SESSIONS)]
        with transaction():
            _add_roles(edition, scaled)
            shares = [share for _english, _places, share in ROLES.values()]
            roles = dict(zip([role.id for role in queries.roles(edition)], shares, strict=True))
        at_once = [sessions[at : at + TRACKS_AT_ONCE] for at in range(0, SESSIONS, TRACKS_AT_ONCE)]
        return Setting(edition.id, roles, keys, at_once)


def _add_roles(edition: Edition, scaled: Callable[[int], int]) -> None:
    wanted = [
        RolePlan(None, german, english, None if limit is None else scaled(limit))
        for german, (english, limit, _share) in ROLES.items()
    ]
    planning.carry_out(edition, replace(planning.plan_of(edition), roles=wanted))


def _ask(edition: Edition) -> list[tuple[int, str, list[str]]]:
    edition.questionnaire = questionnaires.create()
    found = []
    for kind, label, options in QUESTIONS:
        offered = tuple(Option(f"o{at}", name) for at, name in enumerate(options, start=1))
        wording = Wording(label, required=kind is Asks.ONE_OF, options=offered)
        question = questionnaires.add(edition.questionnaire, kind, wording, {"edition_id": edition.id})
        found.append((question.id, kind.value, [one.key for one in wording.options]))
    return found


def _add_session(edition: Edition, number: int, capacity: int) -> int:
    assert edition.start_date is not None
    start = datetime.combine(edition.start_date, time(10)) + timedelta(hours=number // TRACKS_AT_ONCE)
    end = start + timedelta(minutes=45)
    times = span(ZONE, start.date(), start.time(), end.date(), end.time())
    slot = Slot(
        edition=edition,
        slug=f"werkstatt-{number}",
        title=f"Werkstatt {number}",
        kind=Kind.WORKSHOP,
        day=start.date(),
        start_time=start.time(),
        end_time=end.time(),
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        calendar_uid=new_calendar_uid("slot", "bench.example.org"),
    )
    db.session.add(slot)
    db.session.flush()
    signups.take_signups(slot, signups.Settings(capacity=capacity))
    return slot.id
