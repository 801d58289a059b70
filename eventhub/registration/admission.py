"""What people become who come now: places in the best way there is, the waitlist, or approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventhub.editions.models import Admission, Edition
from eventhub.registration import needs, places, rules
from eventhub.registration.models import RegistrationState

if TYPE_CHECKING:
    from eventhub.registration.applicants import Applicant, Way


@dataclass(frozen=True, slots=True)
class Decision:
    """What newcomers become; `missing` is what has no place for them."""

    state: RegistrationState
    missing: int | None
    claimed: needs.Claimed
    unconfirmed: bool = False
    """Their address has to be confirmed first."""


def decide(
    edition: Edition,
    quotas: needs.Quotas,
    applicants: Sequence[Applicant],
    wishes: Sequence[needs.Wish],
    way: Way,
) -> Decision:
    """Decide what people become who come now, all in the same way."""
    claimed, missing = find_places(edition, quotas, wishes, all(one.accepts_online for one in applicants))
    if way.beyond:
        claimed, missing = claimed or [wish.keys for wish in wishes], None
    if edition.admission is Admission.APPROVAL and not way.approved:
        return Decision(RegistrationState.PENDING, missing, [wish.claims for wish in wishes])
    unconfirmed = edition.admission is Admission.CONFIRM_ADDRESS and not way.address_confirmed
    if claimed is None:
        waiting = [wish.claims for wish in wishes]
        return Decision(RegistrationState.WAITLISTED, missing, waiting, unconfirmed=unconfirmed)
    if places.asks_for_proof(edition) and not way.address_confirmed:
        unconfirmed = any(
            needs.is_unproven(quotas, one.email, keys, way.code)
            for one, keys in zip(applicants, claimed, strict=True)
        )
    state = RegistrationState.HELD if unconfirmed else RegistrationState.CONFIRMED
    return Decision(state, None, claimed, unconfirmed=unconfirmed)


def find_places(
    edition: Edition, quotas: needs.Quotas, wishes: Sequence[needs.Wish], online: bool
) -> tuple[needs.Claimed | None, int | None]:
    """Return what people get who come now; None and what they have to wait for where there is no place."""
    limits = needs.limits_of(edition, quotas)
    for claimed in needs.ways(quotas, wishes, online=online):
        if rules.admission(limits, needs.needs_of(quotas, claimed)) is None:
            return claimed, None
    return None, rules.admission(limits, needs.needs_of(quotas, [wish.keys for wish in wishes]))
