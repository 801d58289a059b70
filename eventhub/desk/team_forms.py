"""Whom to ask into the team, and to whom something is handed over; syntax only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields import EmailField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from eventhub import clock
from eventhub.accounts.forms import ADDRESS
from eventhub.agenda.forms import line
from eventhub.editions.checks import local_to_utc
from eventhub.editions.fields import Day, stripped
from eventhub.errors import RuleBroken
from eventhub.organisations.models import Grant, Member, Organisation, Role
from eventhub.roles.service import Terms
from eventhub.roles.words import CHECKLIST, ROLE_NAMES
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm
from eventhub.web.times import local

LONGEST_NOTE = 300
_ADDRESS = (
    Length(max=254, message=_l("This address is too long")),
    Regexp(ADDRESS, message=_l("Enter an email address like name@example.org")),
)


_ROLES = [SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()]


class TermsForm(Form):
    """Which role, and until when."""

    role = SelectField(_l("Role"), choices=_ROLES)
    until = Day(_l("Last day"), description=_l("Empty: until somebody ends it"), validators=[Optional()])
    with_edition = BooleanField(_l("Ends by itself a week after the meeting"))

    def terms(self, zone: str, *, of_edition: bool) -> Terms:
        """Return what is offered; raises RuleBroken for a day that can't be."""
        return Terms(
            Role(self.role.data),
            ends_at=_end_of(self.until.data, zone),
            ends_with_edition=of_edition and self.with_edition.data,
        )


class TeamForm(TermsForm):
    """Whom to ask into the team."""

    email = EmailField(
        _l("Email"), filters=[stripped], validators=[InputRequired(_l("Enter an email address")), *_ADDRESS]
    )


class RoleForm(SeenForm, TermsForm):
    """Another role, or another end, for somebody who has one."""

    role = RadioField(_l("Role"), choices=_ROLES)


def terms_of(held: Grant | Member, zone: str) -> dict[str, object]:
    """Return what somebody has now, as the form shows it."""
    return {
        "role": held.role.value,
        "until": local(held.ends_at - timedelta(seconds=1), zone).date() if held.ends_at else None,
        "with_edition": isinstance(held, Grant) and held.ends_with_edition,
    }


class HandOverForm(Form):
    """To which organisation, who answers there, and what both sides have to know."""

    organisation = SelectField(_l("Organisation"), coerce=int)
    new_organisation = line(_l("Name of the new organisation"), 200)
    email = EmailField(
        _l("Who answers for it"),
        description=_l("Email address; only needed while nobody of the organisation is signed up here"),
        filters=[stripped],
        validators=[Optional(), *_ADDRESS],
    )
    giver = SelectField(_l("Your organisation"), coerce=int)
    keeps = RadioField(
        _l("What your organisation is afterwards"),
        choices=[
            SelectChoice("", _l("Joint owner, with the others")),
            SelectChoice(Role.READER.value, _l("Reader, once all who were asked have answered")),
        ],
        validators=[Optional()],
    )
    room = line(CHECKLIST["room"], LONGEST_NOTE)
    moderation = line(CHECKLIST["moderation"], LONGEST_NOTE)
    speakers = line(CHECKLIST["speakers"], LONGEST_NOTE)
    texts = line(CHECKLIST["texts"], LONGEST_NOTE)
    sender = line(CHECKLIST["sender"], LONGEST_NOTE)

    def offer(self, organisations: Iterable[Organisation], own: Iterable[Organisation]) -> None:
        """Set what can be chosen; 0 stands for a new organisation."""
        choices = [SelectChoice(str(one.id), one.name) for one in organisations]
        self.organisation.choices = [SelectChoice("0", _("A new one, named below")), *choices]
        self.giver.choices = [SelectChoice(str(one.id), one.name) for one in own]

    def notes(self) -> dict[str, str]:
        return {key: self[key].data for key in CHECKLIST if self[key].data}


def _end_of(day: date | None, zone: str) -> datetime | None:
    """Return when a last day ends."""
    if day is None:
        return None
    if not 1970 < day.year < 2199:
        raise RuleBroken(_("Choose a year between 1970 and 2199"), field="until")
    end = local_to_utc(zone, day + timedelta(days=1), time(), "until")
    if end <= clock.now():
        raise RuleBroken(_("This day is over. Choose a later one"), field="until")
    return end
