"""The mails of a message: one row for each reader when it leaves, and their letters."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import String, cast, literal

from eventhub import clock
from eventhub.announcements.models import Anchor, Announcement, Texts
from eventhub.announcements.queries import audience_of, mail_states, people
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.composition import Attachment, Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue_all
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Words
from eventhub.questionnaires.files import media_type
from eventhub.registration.letters import load_registrations, plain_letter
from eventhub.registration.models import ENDED, Registration, RegistrationState
from eventhub.registration.own_texts import OwnText
from eventhub.registration.sample_letters import composes
from eventhub.registration.wording import from_organisers


def write_all(announcement: Announcement) -> int:
    """Write a mail to everybody whom the message reaches now; return how many."""
    enqueue_all(
        "announcement",
        people(announcement.edition_id, audience_of(announcement.audience)),
        dedupe_key=literal(f"announcement:{announcement.id}:") + cast(Registration.id, String),
        to_name=Registration.name.expression,
        to_address=Registration.email.expression,
        language=Registration.language.expression,
        facts={"announcement": announcement.id},
        edition_id=literal(announcement.edition_id),
        registration_id=Registration.id.expression,
    )
    return sum(mail_states(announcement).values())


@renders("announcement", load=load_registrations)
def announcement_letter(message: OutboxMessage) -> Letter | None:
    """Write a message to one reader; None where they have given up their place since."""
    registration = db.session.get(Registration, message.registration_id)
    announcement = db.session.get(Announcement, message.facts.get("announcement"))
    if registration is None or announcement is None or registration.state in ENDED:
        return None
    files = tuple(Attachment(file.name, media_type(file.name), file.content) for file in announcement.files)
    return replace(letter_to(message, registration, announcement), attachments=files)


def letter_to(message: OutboxMessage, registration: Registration, texts: Texts) -> Letter:
    """Write the words of a message to one reader."""
    edition = registration.edition
    over = edition.ends_at is not None and edition.ends_at <= clock.now()
    has_place = registration.state is RegistrationState.CONFIRMED and not over
    own = texts.text_for(message.language)
    return plain_letter(message, registration, lambda: from_organisers(edition, own, has_place=has_place))


@composes(Anchor.BEFORE_START)
def words_before_start(edition: Edition, own: OwnText) -> Words:
    """Compose a timed mail to somebody who has a place, and learns how to join."""
    return from_organisers(edition, own, has_place=True)


@composes(Anchor.AFTER_END)
def words_after_end(edition: Edition, own: OwnText) -> Words:
    """Compose a timed mail when there is nothing left to join."""
    return from_organisers(edition, own, has_place=False)


def preview(registration: Registration, announcement: Announcement) -> Letter:
    """Write the mail as this reader will get it."""
    message = OutboxMessage(
        kind="announcement",
        message_id="preview@localhost",
        to_name=registration.name,
        to_address=registration.email,
        language=registration.language,
        facts={},
    )
    return letter_to(message, registration, announcement)
