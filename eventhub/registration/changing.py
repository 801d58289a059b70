"""Taking part in another way, or under another address: what somebody needs then instead of what they had.

Whoever has a place keeps it, so nobody who waits is passed over in the house. A place on site, online or of
a role is only theirs if one is left after all who wait have theirs. Whoever waits themselves, and changes to
what others wait for, goes to the end of the line. All of this needs the lock of the edition.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal

from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.registration import queries, rules
from eventhub.registration.models import (
    Attendance,
    ParticipantRole,
    QuotaKind,
    Registration,
    RegistrationState,
)
from eventhub.registration.needs import (
    FIELDS,
    Quotas,
    Wish,
    attendance_key,
    claimed_by,
    needs_of,
    quotas_of,
    require_places,
    right_of,
    role_key,
    wish_of,
)
from eventhub.registration.places import claim_instead, to_the_end
from eventhub.registration.rules import HOUSE
from eventhub.web.languages import gettext as _

if TYPE_CHECKING:
    from eventhub.registration.applicants import Place

By = Literal["participant", "organiser"]
News = Mapping[str, object]
"""What is new, as mails say it: `attendance`, `role` by its titles, `accepts_online`."""


def take_part(registration: Registration, place: Place) -> News:
    """Let somebody take part in another way; what they do not name stays. Return what is new."""
    edition = registration.edition
    quotas = quotas_of(edition)
    before = (registration.attendance, registration.role_id, registration.accepts_online)
    wish = wish_of(quotas, registration)
    wanted = _keys(quotas, registration, place)
    if wanted != wish.keys:
        _claim(edition, quotas, registration, Wish(wanted, wish.reserve))
    chosen = {quotas[key].kind: quotas[key].reference for key in wanted}
    if QuotaKind.ATTENDANCE in chosen:
        registration.attendance = Attendance(chosen[QuotaKind.ATTENDANCE])
    if place["attendance"] is not None and not registration.takes_place:
        registration.accepts_online = place["accepts_online"]
    if QuotaKind.ROLE in chosen:
        registration.role_id = int(chosen[QuotaKind.ROLE])
    return _news(registration, *before)


def follow_address(registration: Registration, email: str, by: By) -> bool:
    """Let seats held back for mail domains follow a new address; return whether it brings a right to one.

    Whoever waits gains the right to one, or loses it. Whoever has a place keeps it; one held back for a
    domain only goes along to an address of that domain, or becomes one of the house if that has a free one.
    """
    edition = registration.edition
    quotas = quotas_of(edition)
    wish = wish_of(quotas, registration)
    if wish.reserve is not None:
        domains = quotas[wish.reserve].domains.split()
        if rules.is_from(email, domains) or not rules.is_from(registration.email, domains):
            return False  # it fits, or was never by the address: who had the link keeps what it gave
        if registration.takes_place and by == "organiser":
            return False
    reserve = None if registration.takes_place else right_of(quotas, email)
    if reserve == wish.reserve:
        return False
    try:
        _claim(edition, quotas, registration, Wish(wish.keys, reserve))
    except RuleBroken:
        raise RuleBroken(_held_back_for(quotas, wish), field="email") from None
    return reserve is not None


def _held_back_for(quotas: Quotas, wish: Wish) -> str:
    seats = quotas[wish.reserve or 0]
    return _(
        "This seat is held back for “%(label)s”. Enter an address at %(domains)s",
        label=seats.label,
        domains=", ".join(seats.domains.split()),
    )


def _keys(quotas: Quotas, registration: Registration, place: Place) -> frozenset[int]:
    """Return what somebody needs then, seats held back apart."""
    wanted = {key for key in wish_of(quotas, registration).keys if quotas[key].kind not in FIELDS}
    present = {quotas[key].kind: key for key in claimed_by(registration, quotas)}
    attendance, role = place["attendance"], place["role_id"]
    found = {
        QuotaKind.ATTENDANCE: attendance_key(quotas, attendance) if attendance else None,
        QuotaKind.ROLE: role_key(quotas, role) if role is not None else None,
    }
    if role is not None and found[QuotaKind.ROLE] is None:
        raise RuleBroken(_("Choose what you come as"), field="role")
    for kind, key in found.items():
        chosen = key or present.get(kind)
        if chosen is not None:
            wanted.add(chosen)
    return frozenset(wanted)


def _claim(edition: Edition, quotas: Quotas, registration: Registration, wish: Wish) -> None:
    before = claimed_by(registration, quotas)
    added = needs_of(quotas, [wish.claims]) - needs_of(quotas, [before])
    if registration.takes_place:
        require_places(edition, quotas, added.keys())
    overtakes = registration.state is RegistrationState.WAITLISTED and _overtakes(
        quotas, registration, added.keys() - {HOUSE}
    )
    claim_instead(edition, quotas, registration, wish.claims)
    if overtakes:
        to_the_end(edition, quotas, registration)


def _overtakes(quotas: Quotas, registration: Registration, added: Collection[int]) -> bool:
    """Tell whether people who are later in line wait for an attendance or a role that is new here."""
    limited = {key for key in added if quotas[key].kind in FIELDS and quotas[key].capacity is not None}
    return bool(limited) and not limited.isdisjoint(
        queries.awaited_quotas(registration.edition, behind=registration)
    )


def _news(
    registration: Registration, attendance: Attendance | None, role_id: int | None, accepts_online: bool
) -> News:
    news: dict[str, object] = {}
    if registration.attendance is not attendance:
        news["attendance"] = registration.attendance
    if registration.role_id != role_id:
        role = db.session.get_one(ParticipantRole, registration.role_id)
        news["role"] = [role.title, role.title_en]
    if registration.accepts_online is not accepts_online:
        news["accepts_online"] = registration.accepts_online
    return news
