"""Where people take part and what they come as, as lists and tables of registrations say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from eventhub.editions.models import Edition
from eventhub.registration import queries
from eventhub.registration.choices import attendance_name, days_words, role_title
from eventhub.registration.days import are_chosen
from eventhub.registration.models import Attendance, QuotaKind, Registration
from eventhub.web.languages import gettext as _


@dataclass(frozen=True)
class KindsOfPlace:
    """What an edition tells apart; nothing of it where it asks nobody."""

    attendance: bool = False
    days: bool = False
    roles: Mapping[int, str] = field(default_factory=dict)

    @property
    def offered(self) -> dict[Attendance, str]:
        """Return where people can take part, with its name."""
        return {one: attendance_name(one) for one in Attendance} if self.attendance else {}

    @property
    def heads(self) -> tuple[str, ...]:
        """Return the heads of the columns."""
        where = (_("Takes part"),) if self.attendance else ()
        days = (_("Comes on"),) if self.days else ()
        return where + days + ((_("Comes as"),) if self.roles else ())

    def words(self, registration: Registration) -> tuple[str, ...]:
        """Return what stands below the heads."""
        where = attendance_name(registration.attendance) if registration.attendance else ""
        role = self.roles.get(registration.role_id or 0, "")
        days = (days_words(registration) or _("all days"),) if self.days else ()
        return ((where,) if self.attendance else ()) + days + ((role,) if self.roles else ())


def kinds_of_place(edition: Edition) -> KindsOfPlace:
    """Return what an edition tells apart; one without quotas costs no query."""
    chosen = are_chosen(edition)
    if not edition.quota_count:
        return KindsOfPlace(days=chosen)
    kinds = {quota.kind for quota in queries.quotas(edition)}
    roles = queries.roles(edition) if QuotaKind.ROLE in kinds else ()
    return KindsOfPlace(QuotaKind.ATTENDANCE in kinds, chosen, {role.id: role_title(role) for role in roles})
