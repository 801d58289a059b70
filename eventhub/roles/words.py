"""Roles, and the checklist of a hand-over, in words."""

from __future__ import annotations

from eventhub.organisations.models import Role
from eventhub.roles.models import RoleOffer
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l

ROLE_NAMES = {
    Role.OWNER: _l("Owner"),
    Role.ORGANISER: _l("Organiser"),
    Role.AGENDA_EDITOR: _l("Agenda editor"),
    Role.REGISTRATION_DESK: _l("Registration desk"),
    Role.READER: _l("Reader"),
}
ROLE_HINTS = {
    Role.OWNER: _l("everything, and who is in the team"),
    Role.ORGANISER: _l("everything but the team"),
    Role.AGENDA_EDITOR: _l("agenda and speakers; sees no participants"),
    Role.REGISTRATION_DESK: _l("participants, groups and mails to them"),
    Role.READER: _l("looks only; sees no participants"),
}
CHECKLIST = {
    "room": _l("Room or link"),
    "moderation": _l("Moderation"),
    "speakers": _l("Speakers"),
    "texts": _l("Texts"),
    "sender": _l("Sender address"),
}


def title_of(offer: RoleOffer) -> str:
    """Return the name of what the role is in."""
    found = offer.edition.title if offer.edition else offer.series.title if offer.series else None
    if found is not None:
        return found
    return offer.organisation.name if offer.organisation else ""


def what_is_offered(offer: RoleOffer) -> str:
    """Say in a sentence what whoever accepts becomes."""
    title = title_of(offer)
    if offer.is_hand_over and offer.organisation:
        name = offer.organisation.name
        if offer.edition:
            return _("%(organisation)s is asked to host %(title)s", organisation=name, title=title)
        return _("%(organisation)s is asked to run %(title)s", organisation=name, title=title)
    return _(
        "The role in the team of %(title)s: %(role)s (%(hint)s)",
        title=title,
        role=ROLE_NAMES[offer.role],
        hint=ROLE_HINTS[offer.role],
    )
