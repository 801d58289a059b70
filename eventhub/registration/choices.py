"""What people can choose when they register: where they take part and what they come as, with free places."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from eventhub.editions.models import Edition
from eventhub.registration import days, options, queries
from eventhub.registration.forms import ChangeForm, DaysForm, PlaceForm
from eventhub.registration.models import Attendance, ParticipantRole, Quota, QuotaKind, Registration
from eventhub.registration.paging import Page
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language, ngettext


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    hint: str
    """How many places are free, in words; empty where there is no limit."""
    name: str = ""
    """How questions name the role."""


@dataclass(frozen=True, slots=True)
class Offered:
    attendance: Sequence[Choice] = ()
    roles: Sequence[Choice] = ()
    days: Sequence[tuple[int, str]] = ()
    """The days of the edition with their numbers, where people choose among them."""

    @property
    def attendance_hints(self) -> dict[str, str]:
        return {one.value: one.hint for one in self.attendance if one.hint}

    @property
    def role_hints(self) -> dict[str, str]:
        return {one.value: one.hint for one in self.roles if one.hint}


def of(edition: Edition, owner: Registration | None = None) -> Offered:
    """Return what an edition lets people choose; what the owner of a place needs is free for them."""
    if not edition.quota_count:
        return Offered(days=days_to_choose(edition))
    quotas = queries.quotas(edition)
    attendance = [quota for quota in quotas if quota.kind is QuotaKind.ATTENDANCE]
    by_role = {quota.reference: quota for quota in quotas if quota.kind is QuotaKind.ROLE}
    roles = queries.roles(edition) if by_role else []
    own = {claim.quota_id for claim in owner.claims} if owner is not None and owner.takes_place else set()
    return Offered(
        [
            Choice(one.reference, attendance_name(Attendance(one.reference)), left(one, own))
            for one in attendance
        ],
        [
            Choice(str(role.id), role_title(role), left(by_role[str(role.id)], own), role.slug)
            for role in roles
            if str(role.id) in by_role
        ],
        days_to_choose(edition),
    )


def left_by_attendance(edition: Edition) -> dict[str, str]:
    """Return what is left on site and online in words, where both have a limit of their own."""
    if not edition.quota_count:
        return {}
    quotas = [one for one in queries.quotas(edition) if one.kind is QuotaKind.ATTENDANCE]
    if len(quotas) < len(Attendance) or any(one.capacity is None for one in quotas):
        return {}
    return {one.reference: left(one) for one in quotas}


def offer(edition: Edition, *forms: PlaceForm, owner: Registration | None = None) -> Offered:
    """Let forms offer what can be chosen, with what is left of it; the owner may keep what they have."""
    offered = of(edition, owner)
    for form in forms:
        form.attendance.choices = [(one.value, one.label) for one in offered.attendance]
        form.role.choices = [(one.value, one.label) for one in offered.roles]
        offer_days(form, offered.days, owner)
        form.roles = {one.name: (one.value, one.label) for one in offered.roles}
    options.show_left(edition, *forms, owner=owner)
    return offered


def days_to_choose(edition: Edition) -> Sequence[tuple[int, str]]:
    """Return the days among which people choose, with their numbers; none where everybody comes on all."""
    if not days.are_chosen(edition):
        return ()
    return [(number, times.day(day, year=False)) for number, day in days.dates_of(edition)]


def offer_days(form: DaysForm, offered: Sequence[tuple[int, str]], owner: Registration | None = None) -> None:
    """Let a form offer days; as long as nothing was sent, those are ticked on which somebody comes."""
    form.days.choices = list(offered)
    if form.days.raw_data is None:
        form.days.data = sorted(days.chosen(owner.days if owner else days.EVERY, len(offered)))


def days_words(registration: Registration) -> str:
    """Return on which days somebody comes, in words; nothing where it is all of them."""
    edition = registration.edition
    wanted = days.chosen(registration.days, days.number_of(edition))
    dates = [times.day_short(day, year=False) for number, day in days.dates_of(edition) if number in wanted]
    return ", ".join(dates) if len(dates) < days.number_of(edition) else ""


def offer_on(page: Page, edition: Edition, *forms: PlaceForm, owner: Registration | None = None) -> Offered:
    """Do the same on a page of forms; the role is settled on the first."""
    offered = offer(edition, *forms, owner=owner)
    for form in forms:
        form.roles = form.roles if page.is_first else {}
    return offered


def offer_instead(form: ChangeForm, owner: Registration) -> Offered:
    """Let the owner of a place choose another kind of it, where the form asks for it."""
    if form.asks_place:
        return offer(owner.edition, form, owner=owner)
    options.show_left(owner.edition, form, owner=owner)
    return Offered()


def attendance_name(attendance: Attendance) -> str:
    return _("on site") if attendance is Attendance.ON_SITE else _("online")


def role_title(role: ParticipantRole) -> str:
    """Return the title of a role in the language of the reader."""
    return role.title_en if role.title_en and language() == "en" else role.title


def left(quota: Quota, own: Collection[int] = ()) -> str:
    """Say how many places a quota has left."""
    if quota.capacity is None:
        return ""
    free = quota.capacity - quota.taken_count + (quota.id in own)
    if quota.id not in own and (free <= 0 or quota.waiting_count):
        if not quota.waiting_count:
            return _("Sold out, waitlist open")
        return ngettext(
            "Sold out, waitlist open, %(num)s waiting",
            "Sold out, waitlist open, %(num)s waiting",
            quota.waiting_count,
        )
    return ngettext(
        "%(num)s of %(capacity)s places left",
        "%(num)s of %(capacity)s places left",
        free,
        capacity=quota.capacity,
    )
