"""From a row of the outbox to the letter: words, calendar message, sender and recipient.

What all participants of an edition share is laid out once and kept until content changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager

from eventhub import clock
from eventhub.calendars import itip, writing
from eventhub.calendars.entries import Entry, Person
from eventhub.database import ContentRevision
from eventhub.editions.entries import day_entries, days_of
from eventhub.editions.letters import contact_of, letter_of, sender_of
from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.mail.composition import Letter, Mailbox
from eventhub.mail.letters import letter_from
from eventhub.mail.models import OutboxMessage
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Sheet, Words, lay_out, mark, spoken_name
from eventhub.registration import joining
from eventhub.registration.mails import ANOTHER_DAY, ASKS_AGAIN, former
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.own_texts import own_text, reworded
from eventhub.registration.passages import LONGEST_PROGRAMME, Occasion, programme
from eventhub.registration.reply_address import reply_address
from eventhub.registration.tickets import has_ticket, picture, text_of
from eventhub.registration.wording import words_for
from eventhub.tokens import derive
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.links import link_to

EXTENSION = "eventhub.letters"
MOST_SHEETS = 200
CANCELLING = frozenset({"cancelled", "address_changed", "edition_cancelled"})
OVER_WITH_EDITION = frozenset(
    {
        *(
            "confirmed",
            "promoted",
            "waitlisted",
            "existing",
            "details_changed",
            "edition_changed",
            *("reconfirm", "reminder", "days_changed"),
        ),
        *("pending", "rejected", "held", "offered", "expired"),
    }
)
"""Mails that say nothing true any more once the edition is cancelled; its own mail follows them."""
OUTLOOK = ("outlook.", "hotmail.", "live.", "msn.")
WITH_TICKET = frozenset({"confirmed", "promoted", "existing", "reminder"})
"""Mails to somebody with a place that say everything they need on the day."""
PER_PERSON = frozenset({"sequence", "position", "until"})

_WANTED = (
    select(Registration)
    .join(Registration.edition)
    .join(Edition.series)
    .where(Registration.id.in_(bindparam("ids", expanding=True)))
    .options(contains_eager(Registration.edition).contains_eager(Edition.series))
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What all readers of one kind of mail about one edition share."""

    sheet: Sheet
    calendar: itip.Template | None
    sender: Mailbox
    reply_to: Mailbox | None


@dataclass(slots=True)
class _Kept:
    """Laid out mails of one application, good for one content revision."""

    revision: int = -1
    prepared: dict[tuple[object, ...], Prepared] = field(default_factory=dict)


def _kept() -> _Kept:
    kept: _Kept = current_app.extensions.setdefault(EXTENSION, _Kept())
    return kept


def forget() -> None:
    """Lay out everything anew from now on."""
    _kept().prepared.clear()


def load_registrations(messages: Sequence[OutboxMessage]) -> object:
    """Read the registrations of a batch at once, and forget laid out mails that content has outdated."""
    # read first, so that what is laid out is never older than it says
    kept, revision = _kept(), db.session.scalar(select(ContentRevision.number)) or 0
    if kept.revision != revision or len(kept.prepared) > MOST_SHEETS:
        kept.revision = revision
        kept.prepared.clear()
    wanted = {message.registration_id for message in messages}
    return db.session.scalars(_WANTED, {"ids": [*wanted]}).all()


@renders(
    *("confirmed", "waitlisted", "promoted", "existing", "cancelled", "details_changed", "address_changed"),
    *("pending", "rejected", "held", "offered", "expired", "edition_changed", "edition_cancelled"),
    *("reconfirm", "reminder", "days_changed", ANOTHER_DAY),
    load=load_registrations,
)
def participant_letter(message: OutboxMessage) -> Letter | None:
    """Write what a participant is told; None where the edition was cancelled before this could be said."""
    registration = db.session.get(Registration, message.registration_id)
    if registration is None or _is_overtaken(_about(message), registration):
        return None
    edition = registration.edition
    with_ticket = message.kind in WITH_TICKET and has_ticket(registration)
    prepared = _prepared(
        message, edition, has_place=_has_place(message, registration), with_ticket=with_ticket
    )
    with speaking(message.language, edition.series.is_formal):
        text, html = prepared.sheet.fill(_values(message, registration))
        calendar = _calendar(prepared, message, registration)
    return Letter(
        sender=organizer(registration) if calendar else prepared.sender,
        recipient=Mailbox(message.to_name, message.to_address),
        subject=prepared.sheet.subject,
        message_id=message.message_id,
        date=clock.now(),
        text=text,
        html=html,
        # calendars answer to the organiser, who is the sender; another Reply-To would confuse them
        reply_to=None if calendar else prepared.reply_to,
        picture=picture(text_of(registration)) if with_ticket else None,
        calendar=calendar,
        method=prepared.calendar.method if calendar and prepared.calendar else None,
        return_path=reply_address(registration),
    )


@renders("organiser_notice")
def organiser_letter(message: OutboxMessage) -> Letter | None:
    """Write what organisers are told."""
    edition = db.session.get(Edition, message.edition_id)
    if edition is None:
        return None
    with speaking(message.language, edition.series.is_formal):
        occasion = Occasion(
            message.kind, edition, message.facts, has_place=False, invites=False, withdraws=False
        )
        sheet = lay_out(words_for(occasion))
    return letter_from(sender_of(edition.series), message, sheet, {})


def _is_overtaken(kind: str, registration: Registration) -> bool:
    if kind in {"reconfirm", "reminder"} and registration.state is not RegistrationState.CONFIRMED:
        return True  # who has given up the place has answered
    return registration.edition.state is EditionState.CANCELLED and kind in OVER_WITH_EDITION


def _has_place(message: OutboxMessage, registration: Registration) -> bool:
    """Tell whether the reader may see what only confirmed participants see."""
    confirmed = registration.state is RegistrationState.CONFIRMED
    invited = message.facts.get("sequence") is not None or message.kind == "reminder"
    return confirmed and invited and _about(message) not in CANCELLING


# what readers share ------------------------------------------------------------------------------------


def _prepared(message: OutboxMessage, edition: Edition, *, has_place: bool, with_ticket: bool) -> Prepared:
    shared = {name: value for name, value in message.facts.items() if name not in PER_PERSON}
    with_calendar = message.facts.get("sequence") is not None
    # the link for joining is no public content, so its changes raise no content revision
    key = (
        *(message.kind, edition.id, message.language, has_place, with_calendar, with_ticket),
        *(edition.join_url, edition.join_details, edition.joining_counts, json.dumps(shared, sort_keys=True)),
    )
    prepared = _kept().prepared
    if key not in prepared:
        with speaking(message.language, edition.series.is_formal):
            calendar = _template(message, edition, has_place=has_place) if with_calendar else None
            prepared[key] = _prepare(message, edition, calendar, has_place=has_place, with_ticket=with_ticket)
    return prepared[key]


def _prepare(
    message: OutboxMessage,
    edition: Edition,
    calendar: itip.Template | None,
    *,
    has_place: bool,
    with_ticket: bool,
) -> Prepared:
    occasion = Occasion(
        message.kind,
        edition,
        message.facts,
        has_place=has_place,
        invites=calendar is not None and calendar.method == "REQUEST",
        withdraws=calendar is not None and calendar.method == "CANCEL",
        has_ticket=with_ticket,
    )
    return Prepared(
        lay_out(words_for(occasion)), calendar, sender_of(edition.series), contact_of(edition.series)
    )


def _template(message: OutboxMessage, edition: Edition, *, has_place: bool) -> itip.Template | None:
    day = int(message.facts.get("day", 1))
    if _about(message) == "edition_changed" and day > len(days_of(edition)):
        return _withdrawal(edition, message.facts.get("was", {}), day)
    if _about(message) in CANCELLING or message.facts.get("withdraws"):
        entry = _entry(edition, day)
        # a day that is gone by now has to leave calendars too
        return (
            itip.template(entry, "CANCEL")
            if entry
            else _withdrawal(edition, message.facts.get("was", {}), day)
        )
    link = joining.shared_link(edition) if has_place else ""
    lines = [*programme(edition)[: 2 * LONGEST_PROGRAMME]]
    if has_place:
        details = (line for line in edition.join_details.splitlines() if line)
        lines += ["", *joining.words(edition, link), *details]
    lines += ["", link_to("site.edition", series=edition.series.slug, edition=edition.key)]
    entry = _entry(edition, day, description="\n".join(lines).strip(), join_url=link)
    return itip.template(entry, "REQUEST") if entry else None


def _about(message: OutboxMessage) -> str:
    """Return the kind of mail, or of the mail before about the first day."""
    return str(message.facts["about"]) if message.kind == ANOTHER_DAY else message.kind


def _withdrawal(edition: Edition, was: Mapping[str, Any], day: int) -> itip.Template | None:
    """Return the CANCEL for a day that an edition has lost: it names the time that calendars know."""
    if not was.get("start_date"):
        return None
    page = link_to("site.edition", series=edition.series.slug, edition=edition.key)
    entry = _entry(former(edition, was), day, url=page)
    return itip.template(entry, "CANCEL") if entry else None


def _entry(edition: Edition, day: int, **values: Any) -> Entry | None:
    """Return the entry of one day of an edition, the first being 1."""
    return dict(enumerate(day_entries(edition, **values), start=1)).get(day)


def organizer(registration: Registration) -> Mailbox:
    """Return the sender of calendar messages, who is their ORGANIZER: one address for life."""
    return Mailbox(registration.edition.series.title, reply_address(registration))


# what is each reader's own -----------------------------------------------------------------------------


def _values(message: OutboxMessage, registration: Registration) -> dict[str, str]:
    name = spoken_name(registration.name)
    return {
        "comma_name": f", {name}" if name else "",
        "spaced_name": f" {name}" if name else "",
        "name": name,
        "token": _token(registration),
        "code": registration.code,
        "moment": times.day_and_time(registration.created_at, registration.edition.zone),
        "position": str(message.facts.get("position") or ""),
        "until": _until(message, registration),
        "join": joining.token_of(registration),
    }


def _until(message: OutboxMessage, registration: Registration) -> str:
    until = message.facts.get("until")
    return times.day_and_time(datetime.fromisoformat(until), registration.edition.zone) if until else ""


def _token(registration: Registration) -> str:
    return derive("manage", registration.token_seed)


def _calendar(prepared: Prepared, message: OutboxMessage, registration: Registration) -> bytes | None:
    """Return the calendar message of this reader, or None where there is nothing to send to a calendar."""
    template, sender = prepared.calendar, organizer(registration)
    if template is None or sender.address.casefold() == message.to_address.casefold():
        return None
    note = ""
    if template.method == "REQUEST":
        own = link_to("registration.show", token=_token(registration))
        note = _("Your registration: %(link)s", link=own)
    asked = template.method == "REQUEST" and _is_asked(message)
    content = template.fill(
        itip.Copy(
            organizer=Person(sender.name, sender.address),
            attendee=Person(message.to_name, message.to_address),
            stamp=clock.now(),
            partstat="NEEDS-ACTION" if asked else "ACCEPTED",
            rsvp=asked,
            sequence=int(message.facts["sequence"]),
            note=note,
        )
    )
    if not joining.counts(registration.edition):
        return content
    return writing.exchanged(content, mark("join").encode(), joining.token_of(registration).encode())


def _is_asked(message: OutboxMessage) -> bool:
    """Tell whether a calendar shall ask for an answer: who registered has given it, unless the date moved.

    Outlook on the web throws away the mail of an invitation that is accepted already, so it always asks.
    """
    if _about(message) == "edition_changed" and not ASKS_AGAIN.isdisjoint(message.facts.get("changes", ())):
        return True
    domain = message.to_address.rpartition("@")[2].lower()
    return domain.startswith(OUTLOOK)


# mails of higher features ------------------------------------------------------------------------------


def plain_letter(
    message: OutboxMessage,
    registration: Registration,
    compose: Callable[[], Words],
    calendar: bytes | None = None,
) -> Letter:
    """Write a mail to one participant that changes nothing about their place in the edition.

    `calendar` is a file to import: it invites to nothing, so it may hold several entries.
    """
    edition = registration.edition
    with speaking(message.language, edition.series.is_formal):
        sheet = lay_out(reworded(compose(), own_text(edition.series_id, message.kind), edition))
        letter = letter_of(edition.series, message, sheet, _values(message, registration))
    return replace(letter, calendar=calendar, return_path=reply_address(registration))
