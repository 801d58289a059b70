"""Addresses that mails came back from for good: nothing more is sent there until they are corrected."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from eventhub.extensions import db
from eventhub.facts import RegistrationsErased
from eventhub.mail.models import OutboxMessage, UnreachableAddress

LONGEST_REASON = 300


def mark_unreachable(registration_id: int, address: str, reason: str) -> None:
    """Send this registration nothing more at this address."""
    mark_reachable(registration_id)
    row = UnreachableAddress(
        registration_id=registration_id, address=address.lower(), reason=reason[:LONGEST_REASON]
    )
    db.session.add(row)


def mark_reachable(registration_id: int) -> None:
    """Try again whatever address the registration has."""
    db.session.execute(
        delete(UnreachableAddress).where(UnreachableAddress.registration_id == registration_id)
    )


def unreachable(registration_id: int, address: str) -> UnreachableAddress | None:
    """Return what is known against an address; what was known against a former one does not count."""
    found = db.session.get(UnreachableAddress, registration_id)
    return found if found is not None and found.address == address.lower() else None


def unreachable_among(messages: Iterable[OutboxMessage]) -> set[int]:
    """Return the keys of the mails that would come back."""
    personal = [message for message in messages if message.registration_id is not None]
    if not personal:
        return set()
    rows = db.session.execute(
        select(UnreachableAddress.registration_id, UnreachableAddress.address).where(
            UnreachableAddress.registration_id.in_({message.registration_id for message in personal})
        )
    )
    known = {(key, address) for key, address in rows}
    return {one.id for one in personal if (one.registration_id, one.to_address.lower()) in known}


def forget_addresses(fact: RegistrationsErased) -> None:
    """Forget the addresses of these people."""
    db.session.execute(
        delete(UnreachableAddress).where(UnreachableAddress.registration_id.in_(fact.registration_ids))
    )
