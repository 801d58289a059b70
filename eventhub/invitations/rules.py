"""Rules about invitations that need no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from eventhub.invitations.models import Invitation
from eventhub.invitations.pasted import Line
from eventhub.registration.rules import address_key

MOST_MAILS = 4
"""An invitation and three reminders; then somebody who is silent stays silent."""
BETWEEN_MAILS = timedelta(hours=20)
"""A reminder a day at most, and one at the usual hour of the next day is possible."""


@dataclass(slots=True)
class Sorted:
    """The lines of a list by what becomes of them."""

    good: list[Line] = field(default_factory=list)
    malformed: list[Line] = field(default_factory=list)
    repeated: list[tuple[Line, int]] = field(default_factory=list)
    """With the line on which the address stands first."""
    invited: list[Line] = field(default_factory=list)
    registered: list[Line] = field(default_factory=list)


def sort_out(lines: Iterable[Line], invited: Collection[str], registered: Collection[str]) -> Sorted:
    """Part the lines into those to invite and those not; `invited` and `registered` are address keys."""
    found = Sorted()
    first: dict[str, int] = {}
    for line in lines:
        key = address_key(line.email)
        if line.error:
            found.malformed.append(line)
        elif key in first:
            found.repeated.append((line, first[key]))
        elif key in registered:
            found.registered.append(line)
        elif key in invited:
            found.invited.append(line)
        else:
            found.good.append(line)
        first.setdefault(key, line.number)
    return found


def may_remind(invitation: Invitation, now: datetime) -> bool:
    """Decide whether a silent person may get one more mail."""
    rested = now - invitation.mailed_at >= BETWEEN_MAILS
    return invitation.is_silent and invitation.mails < MOST_MAILS and rested


def is_a_look(destination: str, purpose: str) -> bool:
    """Tell whether a person probably looks at a page, by what browsers say they fetch it for."""
    return destination in ("", "document") and "prefetch" not in purpose and "preview" not in purpose
