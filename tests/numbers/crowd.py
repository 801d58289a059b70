"""People of an edition in every state, made directly: registering each would take the tests minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.organisations.models import Level, Organisation
from eventhub.presence.models import Presence, Way
from eventhub.questionnaires import service
from eventhub.questionnaires.models import Answer, Kind
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Wording
from eventhub.registration.models import (
    TAKES_PLACE,
    Attendance,
    Ending,
    Registration,
    RegistrationState,
    SlotChoice,
)
from eventhub.tokens import new_seed

TEA = (Option("o1", "Tea"), Option("o2", "Coffee"), Option("o3", "Water"))
CITY, STATE_LAB = "Stadt Ulm", "Landeslabor"


@dataclass(frozen=True)
class Person:
    """What somebody's registration says."""

    state: RegistrationState = RegistrationState.CONFIRMED
    organisation: str = ""
    answers: Mapping[int, str] = field(default_factory=dict)
    attendance: Attendance | None = None
    because: Ending | None = None
    at: datetime | None = None
    present: date | None = None
    slots: Sequence[int] = ()
    seen_in: Sequence[int] = ()


def add_people(edition_id: int, people: Sequence[Person]) -> list[int]:
    """Add the registrations of these people and return their keys; needs an application context."""
    held_until = clock.now() + timedelta(days=1)
    with transaction():
        rows = [
            Registration(
                edition_id=edition_id,
                code=f"{edition_id}-{number}",
                state=one.state,
                place_in_line=number if one.state is RegistrationState.WAITLISTED else None,
                expires_at=held_until if one.state in ("held", "offered") else None,
                ended_because=one.because,
                attendance=one.attendance,
                name=f"Person {number}",
                email=f"person{number}@lab.example",
                email_key=f"person{number}@lab.example",
                organisation=one.organisation,
                consent_version="1",
                consented_at=clock.now(),
                token_seed=new_seed(),
                token_hash=new_seed(),
                once_key=f"{edition_id} {number}",
                created_at=one.at or clock.now(),
                state_changed_at=one.at or clock.now(),
            )
            for number, one in enumerate(people, 1)
        ]
        db.session.add_all(rows)
        edition = db.session.get_one(Edition, edition_id)
        edition.taken_count += sum(one.state in TAKES_PLACE for one in people)
        edition.waiting_count += sum(one.state is RegistrationState.WAITLISTED for one in people)
        edition.last_in_line += len(people)
        db.session.flush()
        for row, one in zip(rows, people, strict=True):
            _add_rest(row.id, one)
        return [row.id for row in rows]


def _add_rest(key: int, one: Person) -> None:
    db.session.add_all(
        Answer(registration_id=key, question_id=question_id, version=1, value=value)
        for question_id, value in one.answers.items()
    )
    db.session.add_all(SlotChoice(registration_id=key, slot_id=slot) for slot in one.slots)
    if one.present is not None:
        for slot in (None, *one.seen_in):
            db.session.add(Presence(registration_id=key, day=one.present, slot_id=slot, way=Way.CHECK_IN))


def ask(edition_id: int, label: str, kind: Kind = Kind.ONE_OF, keep_days: int | None = None) -> int:
    """Let an edition ask a question and return its key; needs an application context."""
    options = TEA if kind in (Kind.ONE_OF, Kind.SEVERAL_OF, Kind.RANKING) else ()
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        edition.questionnaire = edition.questionnaire or service.create()
        wording = Wording(label, options=options, keep_days=keep_days)
        return service.add(edition.questionnaire, kind, wording, {}).id


def know_levels() -> None:
    """Make a city and a lab of a state known; needs an application context."""
    with transaction():
        db.session.add(Organisation(slug="ulm", name=CITY, short_name="Ulm", level=Level.MUNICIPAL))
        db.session.add(Organisation(slug="landeslabor", name=STATE_LAB, level=Level.STATE))
