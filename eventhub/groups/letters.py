"""From a row of the outbox to the letter about somebody's group, as it stands when it is written."""

from __future__ import annotations

from eventhub.editions.entries import heading
from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.groups import queries
from eventhub.groups.queries import Place
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Words, mark
from eventhub.registration.letters import load_registrations, plain_letter
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.own_texts import OwnText, reworded
from eventhub.registration.sample_letters import UNKNOWN, composes
from eventhub.registration.wording import about_sessions
from eventhub.web.languages import gettext as _


@renders("group", "group_changed", "group_gone", load=load_registrations)
def group_letter(message: OutboxMessage) -> Letter | None:
    """Write about somebody's group; None where they or the edition are out of it by now."""
    registration = db.session.get(Registration, message.registration_id)
    if registration is None or registration.state is not RegistrationState.CONFIRMED:
        return None
    if registration.edition.state is EditionState.CANCELLED:
        return None
    places = {place.grouping.id: place for place in queries.places_of(registration)}
    place = places.get(int(message.facts["grouping"]))
    return plain_letter(message, registration, lambda: _words(message, registration, place))


@composes("group")
def group_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail about a group reads."""
    return reworded(_group(edition, UNKNOWN, Section(UNKNOWN), changed=False), own, edition)


@composes("group_changed")
def changed_group_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail about a change of a group reads."""
    return reworded(_group(edition, UNKNOWN, Section(UNKNOWN), changed=True), own, edition)


@composes("group_gone")
def gone_group_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail about the end of a group reads."""
    return reworded(_no_group(edition, UNKNOWN), own, edition)


def _words(message: OutboxMessage, registration: Registration, place: Place | None) -> Words:
    edition, title = registration.edition, str(message.facts["title"])
    if place is None:
        return _no_group(edition, title)
    section = Section(place.group.name, items=_where(place), link=_join(place))
    return _group(edition, title, section, changed=message.kind == "group_changed")


def _no_group(edition: Edition, title: str) -> Words:
    return about_sessions(
        edition,
        subject=_("%(title)s: no group any more", title=title),
        title=_("Your group has changed%(name)s", name=mark("comma_name")),
        fixed=(_("You are in no group of “%(title)s” at the moment.", title=title),),
    )


def _group(edition: Edition, title: str, section: Section, *, changed: bool) -> Words:
    lead = _("For “%(title)s” at “%(edition)s” you are in this group.", title=title, edition=heading(edition))
    if changed:
        lead = _("Something about your group for “%(title)s” is new. This is how it stands now.", title=title)
    return about_sessions(
        edition,
        subject=_("%(title)s: %(group)s", title=title, group=section.title),
        title=_("Your group%(name)s", name=mark("comma_name")),
        lead=(lead,),
        sections=(section,),
    )


def _where(place: Place) -> tuple[str, ...]:
    group, room = place.group, place.group.room
    found = [_("Challenge: %(challenge)s", challenge=group.topic)] if group.topic else []
    found += [_("Room: %(room)s", room=room.name)] if room else []
    found += [room.description] if room and room.description else []
    found += [_("With %(names)s", names=", ".join(place.fellows))] if place.fellows else []
    found += [_("Mentor: %(name)s", name=group.mentor.name)] if group.mentor else []
    return tuple(found) or (_("Where it meets stands on your page as soon as it is known."),)


def _join(place: Place) -> Link | None:
    return Link(_("Join the group online"), place.group.link) if place.group.link else None
