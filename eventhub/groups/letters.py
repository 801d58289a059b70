"""From a row of the outbox to the letter about somebody's group, as it stands when it is written."""

from __future__ import annotations

from eventhub.editions.entries import heading
from eventhub.editions.models import EditionState
from eventhub.extensions import db
from eventhub.groups import queries
from eventhub.groups.queries import Place
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Words, mark
from eventhub.registration.letters import plain_letter
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.wording import about_sessions
from eventhub.web.languages import gettext as _


@renders("group", "group_changed", "group_gone")
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


def _words(message: OutboxMessage, registration: Registration, place: Place | None) -> Words:
    edition = registration.edition
    title = str(message.facts["title"])
    if place is None:
        return about_sessions(
            edition,
            subject=_("%(title)s: no group any more", title=title),
            title=_("Your group has changed%(name)s", name=mark("comma_name")),
            lead=(_("You are in no group of “%(title)s” at the moment.", title=title),),
        )
    lead = _("For “%(title)s” at “%(edition)s” you are in this group.", title=title, edition=heading(edition))
    if message.kind == "group_changed":
        lead = _("Something about your group for “%(title)s” is new. This is how it stands now.", title=title)
    return about_sessions(
        edition,
        subject=_("%(title)s: %(group)s", title=title, group=place.group.name),
        title=_("Your group%(name)s", name=mark("comma_name")),
        lead=(lead,),
        sections=(Section(place.group.name, items=_where(place), link=_join(place)),),
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
