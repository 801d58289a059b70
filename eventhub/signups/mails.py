"""What participants are told about their sessions: rows of the outbox, in the caller's transaction."""

from __future__ import annotations

from typing import Any

from eventhub.agenda.models import Slot
from eventhub.mail.outbox import enqueue
from eventhub.registration.models import Registration
from eventhub.signups.models import Alternatives


def programme(registration: Registration) -> None:
    """Tell somebody in one mail in which sessions they have a place, and where they wait."""
    _write("programme", registration)


def promoted(registration: Registration, slot: Slot) -> None:
    """Tell somebody that a place in a session is theirs now."""
    _write("signup_promoted", registration, slot=slot.id)


def allotted(registration: Registration, alternatives: Alternatives) -> None:
    """Tell somebody what the allocation of wishes gave them, and why."""
    _write("allotted", registration, alternatives=alternatives.id)


def _write(kind: str, registration: Registration, **facts: Any) -> None:
    registration.version += 1
    enqueue(
        kind,
        to_address=registration.email,
        to_name=registration.name,
        language=registration.language,
        dedupe_key=f"{kind}:{registration.id}:{registration.version}",
        edition_id=registration.edition_id,
        registration_id=registration.id,
        facts=facts,
    )
