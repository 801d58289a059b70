"""Fields, values and the history in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from eventhub.agenda.forms import KINDS
from eventhub.editions.forms import ADDRESS_NAMES, ADMISSION_NAMES, MODE_NAMES, VISIBILITY_NAMES
from eventhub.editions.inheritance import SHARED, same, source_of
from eventhub.editions.models import Edition, EditionState
from eventhub.history.models import HistoryEntry
from eventhub.history.service import PARTICIPANT, SPEAKER, SYSTEM
from eventhub.registration.models import Registration
from eventhub.roles.words import ROLE_NAMES
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.languages import ngettext

LONGEST_VALUE = 80
STATE_NAMES = {
    EditionState.DRAFT: _l("Draft"),
    EditionState.PUBLISHED: _l("Published"),
    EditionState.COMPLETED: _l("Completed"),
    EditionState.CANCELLED: _l("Cancelled"),
}
FIELDS = {
    "number": _l("Number"),
    "slug": _l("Short name in the address"),
    "title": _l("Title"),
    "subtitle": _l("Subtitle"),
    "theme": _l("Theme"),
    "description": _l("Description"),
    "language": _l("Language"),
    "zone": _l("Time zone"),
    "start_date": _l("Day"),
    "start_time": _l("Start"),
    "end_date": _l("Last day"),
    "end_time": _l("End"),
    "planned": _l("Planned for"),
    "mode": _l("How people meet"),
    "venue_name": _l("Venue"),
    "venue_address": _l("Address"),
    "venue_city": _l("City"),
    "venue_directions": _l("How to get there"),
    "venue_access": _l("Access"),
    "join_url": _l("Join link"),
    "join_details": _l("Dial-in and further details"),
    "joining_counts": _l("Joining by the link counts as being there"),
    "capacity": _l("Places"),
    "offer_hours": _l("Hours for which a place is offered"),
    "may_change_place": _l("People change themselves how they take part"),
    "takes_registrations": _l("People can register here"),
    "choose_days": _l("People choose on which days they come"),
    "registration_opens_at": _l("Registration opens"),
    "registration_closes_at": _l("Registration ends"),
    "admission": _l("Who gets a place"),
    "on_site": _l("Places on site"),
    "online": _l("Places online"),
    "reconfirm_days": _l("Ask people whether they come"),
    "release_days": _l("Free places without an answer"),
    "visibility": _l("Who finds it"),
    "state": _l("State"),
    "hosts": _l("Hosts and supporters"),
    "organisations": _l("Organisations"),
    "contact_name": _l("Contact person"),
    "contact_email": _l("Contact address"),
    "form_of_address": _l("Form of address in German"),
    "brand_hue": _l("Colour"),
    "day": _l("Day"),
    "end_day": _l("Last day"),
    "kind": _l("Kind"),
    "kind_label": _l("Your own word for the kind"),
    "abstract": _l("What it is about"),
    "room": _l("Room"),
    "track": _l("Track"),
    "parent": _l("Part of"),
    "organisation": _l("Organisation that contributes it"),
    "people": _l("People"),
    "level": _l("Level"),
    "position": _l("Place in the order"),
    "parallel": _l("Stands for several that run at the same time"),
    "cancelled": _l("Does not take place"),
    "default_mode": _l("How people usually meet"),
    "default_capacity": _l("Usual number of places"),
    "default_closes_hours": _l("Registration ends so many hours before the start"),
    "erase_after_days": _l("Names are erased so many days after a meeting"),
    "remind_hours": _l("People are reminded so many hours before the start"),
    "gather_minutes": _l("Changes of sessions are gathered for so many minutes"),
    "erase_on": _l("Names are erased on"),
    "default_admission": _l("Who usually gets a place"),
    "frees_declined": _l("Declining in the calendar gives the place back at once"),
    "notice_text": _l("Words to those who wait for the next edition"),
    "role": _l("Role"),
    "ends_at": _l("Ends"),
    "ends_with_edition": _l("Ends by itself a week after the meeting"),
}
COPIED_NAMES = {
    "description": _l("description"),
    "zone": _l("time zone"),
    "language": _l("language"),
    "mode": _l("how people meet"),
    "venue_name": _l("venue"),
    "venue_address": _l("address"),
    "venue_city": _l("city"),
    "venue_directions": _l("how to get there"),
    "venue_access": _l("notes on access"),
    "joining_counts": _l("whether joining counts as being there"),
    "capacity": _l("number of places"),
    "takes_registrations": _l("registration settings"),
    "choose_days": _l("choice of days"),
    "attendance": _l("places on site and online"),
    "offer_hours": _l("how free places are passed on"),
    "admission": _l("who gets a place"),
    "reconfirm_days": _l("question whether people come"),
    "release_days": _l("freeing of places without an answer"),
    "visibility": _l("who finds it"),
    "organisations": _l("hosts and supporters"),
}
_NAMED: tuple[Mapping[Any, Any], ...] = (
    MODE_NAMES,
    ADMISSION_NAMES,
    VISIBILITY_NAMES,
    STATE_NAMES,
    ADDRESS_NAMES,
    KINDS,
    ROLE_NAMES,
)


def field_name(name: str) -> str:
    return str(FIELDS.get(name, name))


def value_words(name: str, value: Any, zone: str = "UTC") -> str:
    """Return a value of a field as a person would say it; takes values of rows and of the history."""
    if value is None or value in ("", ()):
        return _("nothing")
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    named = next((names[value] for names in _NAMED if value in names), None)
    if named is not None:
        return str(named)
    value = _revived(name, value) if isinstance(value, str) else value
    text = " ".join(_temporal(value, zone).split())
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _temporal(value: Any, zone: str) -> str:
    if isinstance(value, datetime):
        return times.day_and_time(value, zone)
    if isinstance(value, date):
        return times.day(value)
    return times.time_of_day(value) if isinstance(value, time) else str(value)


def _revived(name: str, value: str) -> Any:
    """Return the date or time that the history keeps as text."""
    kind: Callable[[str], Any] = str
    if name.endswith(("_date", "day")):
        kind = date.fromisoformat
    elif name.endswith("_time"):
        kind = time.fromisoformat
    elif name.endswith("_at"):
        kind = datetime.fromisoformat
    try:
        return kind(value)
    except ValueError:
        return value


def origins(edition: Edition, editions: Sequence[Edition]) -> dict[str, str]:
    """Say for each field that editions of a series share whether this one has it from there, in words."""
    found = {}
    for name in SHARED if len(editions) > 1 else ():
        source = source_of(edition, name, editions)
        if source is not None:
            found[name] = _origin(edition, name, source)
    return found


def _origin(edition: Edition, name: str, source: Edition) -> str:
    own = name in edition.own_fields
    if same(getattr(edition, name), getattr(source, name)):
        words = _("Set here, as it is in %(title)s") if own else _("As in %(title)s")
        return words % {"title": source.title}
    value = value_words(name, getattr(source, name), edition.zone)
    words = _("Set here; %(title)s has: %(value)s") if own else _("From here on; %(title)s has: %(value)s")
    return words % {"title": source.title, "value": value}


def change_lines(changes: Mapping[str, Any], zone: str) -> list[tuple[str, str, str]]:
    """Return field, old and new value of each change, in words."""
    return [
        (field_name(name), value_words(name, old, zone), value_words(name, new, zone))
        for name, (old, new) in changes.items()
    ]


def copied_words(copied: list[str]) -> list[str]:
    """Return what was copied, in words, each thing once."""
    found = []
    for code in copied:
        name, _colon, number = code.partition(":")
        if number:
            found.append(_counted(name, int(number)))
        elif name in COPIED_NAMES:
            found.append(str(COPIED_NAMES[name]))
    return list(dict.fromkeys(found))


def _counted(name: str, number: int) -> str:
    words = {
        "rooms": lambda: ngettext("%(num)s room", "%(num)s rooms", number),
        "tracks": lambda: ngettext("%(num)s track", "%(num)s tracks", number),
        "roles": lambda: ngettext("%(num)s role", "%(num)s roles", number),
        "signups": lambda: ngettext("sign-up for %(num)s session", "sign-up for %(num)s sessions", number),
        "groups": lambda: ngettext("%(num)s division into groups", "%(num)s divisions into groups", number),
        "questions": lambda: ngettext(
            "%(num)s question of the form", "%(num)s questions of the form", number
        ),
        "slots": lambda: ngettext(
            "%(num)s agenda slot, without its people", "%(num)s agenda slots, without their people", number
        ),
    }
    return words[name]()


PHRASES = {
    "series.created": _l("created the series"),
    "series.changed": _l("changed the series"),
    "series.mail_text": _l("changed the words of a mail"),
    "series.rule_set": _l("said by which rule the next editions are made"),
    "series.rule_dropped": _l("stopped making editions by a rule"),
    "series.planned": _l("made editions by the rule of the series"),
    "series.date_left_out": _l("left out a date of the rule of the series"),
    "edition.created": _l("created the edition"),
    "edition.copied": _l("created the edition from the one before"),
    "edition.changed": _l("changed the edition"),
    "edition.places": _l("changed the places"),
    "seats.held_back": _l("held seats back"),
    "seats.changed": _l("changed seats that are held back"),
    "seats.released": _l("released seats that were held back"),
    "agenda.shifted": _l("shifted the rest of a day"),
    "agenda.released": _l("released a version of the agenda"),
    "agenda.quiet": _l("began to work quietly on the agenda"),
    "agenda.at_once": _l("let everybody see changes of the agenda at once"),
    "agenda.discarded": _l("discarded what was not released of the agenda"),
    "agenda.undone": _l("took back a change of the agenda"),
    "agenda.redone": _l("made a change of the agenda again"),
    "edition.detached": _l("detached the edition from its series"),
    "edition.attached": _l("let changes of the series reach the edition again"),
    "edition.organisations": _l("changed hosts and supporters"),
    "edition.published": _l("published the edition"),
    "edition.unpublished": _l("made the edition a draft again"),
    "edition.cancelled": _l("cancelled the edition"),
    "edition.reinstated": _l("let the edition take place after all"),
    "edition.completed": _l("marked the edition as completed"),
    "edition.reopened": _l("took back that the edition is completed"),
    "edition.deleted": _l("deleted an edition"),
    "message.written": _l("wrote a message to participants"),
    "message.changed": _l("changed a message to participants"),
    "message.scheduled": _l("scheduled a message to participants"),
    "message.sent": _l("sent a message to participants"),
    "message.stopped": _l("stopped a message to participants"),
    "series.timed_mail": _l("set up a timed mail"),
    "series.timed_mail_dropped": _l("ended a timed mail"),
    "mail.resent": _l("had a mail sent again"),
    "registration.created": _l("registered for the meeting"),
    "registration.renewed": _l("registered for the meeting again"),
    "registration.answered": _l("changed the answers of a registration"),
    "registration.changed": _l("changed the details of a registration"),
    "registration.days": _l("chose other days"),
    "registration.cancelled": _l("cancelled a registration"),
    "registration.reconfirmed": _l("said that they are coming"),
    "edition.asked_to_reconfirm": _l("asked everybody with a place whether they come"),
    "edition.silent_places_freed": _l("freed the places of those who did not answer"),
    "registration.offered": _l("offered a free place to the first on the waitlist"),
    "registration.accepted": _l("accepted the offered place"),
    "registration.address_confirmed": _l("confirmed the address"),
    "registration.approved": _l("approved a registration"),
    "registration.let_in": _l("let somebody in by an invitation or at the door"),
    "registration.rejected": _l("rejected a registration"),
    "registration.unreachable": _l("stopped mails to an address that they came back from"),
    "registration.reachable": _l("had mails sent again to an address that they came back from"),
    "registration.expired": _l("ended a registration whose time was over"),
    "registration.handed_over": _l("passed a place on to somebody else"),
    "registration.moved": _l("changed to another date"),
    "registration.erased": _l("erased their data"),
    "edition.erased": _l("erased who took part, because the time to keep it was over"),
    "registration.promoted": _l("gave a free place to the first on the waitlist"),
    "signup.chosen": _l("chose sessions"),
    "signup.let_in": _l("let somebody into a session at its door"),
    "signup.promoted": _l("gave a free place in a session to the first in line"),
    "signup.removed": _l("took a participant out of a session"),
    "signup.settings": _l("changed the places of a session"),
    "wishes.opened": _l("let participants rank sessions"),
    "wishes.allocated": _l("allocated places by wishes"),
    "signup.ended": _l("opened a session to everybody again"),
    "groups.proposed": _l("divided people into groups"),
    "groups.published": _l("published the groups"),
    "groups.moved": _l("put a participant into another group"),
    "groups.asked": _l("asked for wishes for people, or stopped that"),
    "groups.wished": _l("said with whom somebody would like to be in a group"),
    "groups.changed": _l("changed a group"),
    "groups.deleted": _l("deleted groups"),
    "groups.opened": _l("opened teams"),
    "groups.results": _l("showed or hid the results of teams"),
    "groups.joined": _l("joined a team"),
    "groups.left": _l("left a team"),
    "groups.removed": _l("took a participant out of a team"),
    "groups.founded": _l("founded a team"),
    "groups.mentored": _l("became the mentor of a team"),
    "groups.unmentored": _l("gave a team back"),
    "groups.result": _l("told what came out in a team"),
    "invitation.sent": _l("sent invitations"),
    "invitation.reminded": _l("reminded those who had not answered an invitation"),
    "invitation.revoked": _l("withdrew invitations"),
    "invitation.accepted": _l("accepted an invitation"),
    "invitation.declined": _l("declined an invitation"),
    "engagement.asked": _l("asked speakers whether they take part"),
    "engagement.reminded": _l("reminded speakers who had not answered"),
    "engagement.noted_accepted": _l("noted that a speaker has agreed to take part"),
    "engagement.noted_declined": _l("noted that a speaker has declined to take part"),
    "engagement.note_taken_back": _l("took back a noted answer of a speaker"),
    "engagement.accepted": _l("accepted to take part"),
    "engagement.declined": _l("declined to take part"),
    "engagement.consent": _l("changed what may be published"),
    "engagement.slides": _l("handed in a file"),
    "engagement.slides_removed": _l("took a file back"),
    "member.added": _l("added a member"),
    "member.changed": _l("changed the role of a member"),
    "member.ended": _l("ended a membership"),
    "member.over": _l("ended a membership whose time was over"),
    "role.offered": _l("offered a role"),
    "role.accepted": _l("accepted a role that was offered"),
    "role.declined": _l("declined a role that was offered"),
    "role.withdrawn": _l("withdrew the offer of a role"),
    "role.changed": _l("changed a role"),
    "role.ended": _l("ended a role"),
    "role.over": _l("ended a role whose time was over"),
    "series.given_up": _l("gave the series up"),
    "slot.created": _l("added a slot to the agenda"),
    "slot.changed": _l("changed a slot of the agenda"),
    "slot.deleted": _l("deleted a slot of the agenda"),
    "room.created": _l("added a room"),
    "room.changed": _l("changed a room"),
    "room.deleted": _l("deleted a room"),
    "track.created": _l("added a track"),
    "track.changed": _l("changed a track"),
    "track.deleted": _l("deleted a track"),
    "speaker.created": _l("added a speaker"),
    "speaker.changed": _l("changed a speaker"),
    "speaker.deleted": _l("deleted a speaker"),
    "organisation.changed": _l("changed an organisation"),
    "question.added": _l("added a question to the form"),
    "question.changed": _l("changed a question of the form"),
    "question.removed": _l("removed a question from the form"),
    "questions.copied": _l("copied questions into the form"),
    "series_imported": _l("imported the series from a file"),
    "series_organisation_added": _l("let another organisation run the series, too"),
}
"""What was done, by action; the author stands before it."""


def phrase(entry: HistoryEntry) -> str:
    """Return what an entry tells, without its author; an action of a later version keeps its own name."""
    return str(PHRASES.get(entry.action, entry.action))


def who(registration: Registration, zone: str) -> str:
    """Return the name of a participant, or when it was erased."""
    if registration.erased_at is None:
        return registration.name
    return _("erased on %(day)s", day=times.day_number(times.local(registration.erased_at, zone).date()))


def author(entry: HistoryEntry) -> str:
    """Return who did it."""
    if entry.actor == SYSTEM:
        return _("eventhub")
    if entry.actor == PARTICIPANT:
        return _("A participant")
    if entry.actor == SPEAKER:
        return _("A speaker")
    return entry.actor or _("Somebody")


def subject(entry: HistoryEntry) -> str:
    """Return the name of what was changed, where the entry is about a part of an edition or series."""
    found = (entry.details.get(name) for name in ("title", "name", "room", "track"))
    return next((str(name) for name in found if name), "")
