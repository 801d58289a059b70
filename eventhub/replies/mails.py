"""What participants are told about an answer of their calendar; always to the registered address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eventhub import clock
from eventhub.calendars import itip
from eventhub.calendars.entries import Person
from eventhub.editions.entries import day_entries, heading
from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue, is_enqueued
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Words, mark
from eventhub.registration.letters import organizer, plain_letter
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.own_texts import OwnText, reworded
from eventhub.registration.passages import own_link
from eventhub.registration.sample_letters import composes
from eventhub.registration.wording import about_sessions
from eventhub.replies.calendar_messages import CalendarMessage, day_in
from eventhub.web.languages import gettext as _
from eventhub.web.links import link_to


def ask_whether_declined(registration: Registration) -> bool:
    """Ask once for each invitation whether the place shall be given back; False where it was asked before."""
    return _write("reply_declined", registration, str(registration.last_sequence))


def show_way_back(registration: Registration) -> bool:
    """Tell somebody without a place how to register again, once for each time that they lost one."""
    return _write("reply_accepted", registration, str(registration.version))


def decline_counter(registration: Registration, wish: CalendarMessage) -> bool:
    """Tell a calendar that the time stays; the same wish is answered once."""
    occasion = f"{wish.sequence}:{day_in(wish.uid)[1]}:{wish.starts.isoformat() if wish.starts else ''}"
    return _write("reply_counter", registration, occasion, sequence=wish.sequence, uid=wish.uid)


def _write(kind: str, registration: Registration, occasion: str, **facts: Any) -> bool:
    key = f"{kind}:{registration.id}:{occasion}"[:120]
    if registration.erased_at is not None or is_enqueued(key):
        return False
    enqueue(
        kind,
        to_address=registration.email,
        to_name=registration.name,
        language=registration.language,
        dedupe_key=key,
        edition_id=registration.edition_id,
        registration_id=registration.id,
        facts=facts,
    )
    return True


@renders("reply_declined", "reply_accepted", "reply_counter")
def reply_letter(message: OutboxMessage) -> Letter | None:
    """Write the mail; None where it is settled by now."""
    registration = db.session.get(Registration, message.registration_id)
    if registration is None or registration.edition.state is EditionState.CANCELLED:
        return None
    has_place = registration.state is RegistrationState.CONFIRMED
    if message.kind == "reply_accepted":
        if registration.state is not RegistrationState.CANCELLED:
            return None
        return plain_letter(message, registration, lambda: _way_back(registration.edition))
    if not has_place:
        return None
    if message.kind == "reply_declined":
        return plain_letter(message, registration, lambda: _ask(registration.edition))
    return _counter_letter(message, registration)


def _counter_letter(message: OutboxMessage, registration: Registration) -> Letter | None:
    letter = plain_letter(message, registration, lambda: _time_stays(registration.edition))
    asked, sender = message.facts["uid"], organizer(registration)
    entry = next((one for one in day_entries(registration.edition) if one.uid == asked), None)
    if entry is None or sender.address.casefold() == message.to_address.casefold():
        return letter
    calendar = itip.decline_counter(
        entry,
        itip.Copy(
            organizer=Person(sender.name, sender.address),
            attendee=Person(message.to_name, message.to_address),
            stamp=clock.now(),
            sequence=int(message.facts["sequence"]),
        ),
    )
    return replace(letter, sender=sender, reply_to=None, calendar=calendar, method="DECLINECOUNTER")


@composes("reply_declined")
def declined_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the question reads whether the place shall be freed."""
    return reworded(_ask(edition), own, edition)


@composes("reply_accepted")
def accepted_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail about the way back reads."""
    return reworded(_way_back(edition), own, edition)


@composes("reply_counter")
def counter_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the answer to a wish for another time reads."""
    return reworded(_time_stays(edition), own, edition)


def _ask(edition: Edition) -> Words:
    return about_sessions(
        edition,
        subject=_("Question about your place"),
        title=_("Shall we free your place%(name)s?", name=mark("comma_name")),
        lead=(
            _("Your calendar has told us that you do not come to “%(edition)s”.", edition=heading(edition)),
        ),
        fixed=(
            _("You keep your place until you give it back with one click. Somebody else may be glad of it."),
        ),
        button=Link(_("Answer now"), link_to("replies.declined", token=mark("token"))),
    )


def _way_back(edition: Edition) -> Words:
    return about_sessions(
        edition,
        subject=_("You have no place any more"),
        title=_("You have no place any more%(name)s", name=mark("comma_name")),
        lead=(_("Your calendar has told us that you come to “%(edition)s”.", edition=heading(edition)),),
        fixed=(
            _(
                "Your place was given back before, so please register again. "
                "If all are taken, you wait in line."
            ),
        ),
        button=Link(_("Register again"), own_link()),
    )


def _time_stays(edition: Edition) -> Words:
    return about_sessions(
        edition,
        subject=_("The time stays as it is"),
        title=_("The time stays as it is%(name)s", name=mark("comma_name")),
        lead=(_("Your calendar has proposed another time for “%(edition)s”.", edition=heading(edition)),),
        fixed=(_("The organisers see your wish. As many people come, the time stays as it is for now."),),
    )
