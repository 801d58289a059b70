"""The verbs: take a mail in, and work it off. Nothing of it is believed that is not proven."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import delete, exists, select

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import MailFailed
from eventhub.history.service import record
from eventhub.mail import reach, reasons
from eventhub.mail.failures import Failure
from eventhub.mail.models import OutboxMessage
from eventhub.registration import attending, days
from eventhub.registration import queries as registrations
from eventhub.registration import service as registration_service
from eventhub.registration.mails import organiser_notice
from eventhub.registration.models import ENDED, Registration, RegistrationState
from eventhub.registration.reply_address import is_ours, registration_of, token_in
from eventhub.replies import mails, queries, rules
from eventhub.replies.authentication import verdict
from eventhub.replies.calendar_messages import CalendarMessage, day_in
from eventhub.replies.mime import parse, words_of
from eventhub.replies.models import Answer, Outcome, ReceivedMail, Reply
from eventhub.replies.reading import MailKind, Reading, read, read_head
from eventhub.replies.rules import Place, Said, Standing, Token
from eventhub.web.languages import gettext as _

KEPT_OF_LARGE = 64_000
ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "TENTATIVE": Answer.TENTATIVE, "DECLINED": Answer.DECLINED}
OF_CALENDARS = frozenset({MailKind.REPLY, MailKind.COUNTER, MailKind.REFRESH})


def receive(content: bytes, recipient: str = "") -> bool:
    """Keep a mail until a worker has time for it; False where it is here already."""
    digest = _digest(content)
    if db.session.scalar(select(exists().where(ReceivedMail.digest == digest))):
        return False
    too_large = len(content) > rules.LARGEST
    db.session.add(
        ReceivedMail(
            digest=digest,
            content=content[:KEPT_OF_LARGE] if too_large else content,
            too_large=too_large,
            recipient=recipient[:254],
        )
    )
    return True


def _digest(content: bytes) -> bytes:
    message_id = words_of(parse(content[:KEPT_OF_LARGE]), "Message-ID")
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass") if message_id else content).digest()


def read_received(mail: ReceivedMail) -> Reading:
    """Read a mail that waits; of one that was too large only its head is here."""
    return (read_head if mail.too_large else read)(mail.content or b"")


def work_off(key: int, reading: Reading) -> bool:
    """Do what a mail says, once; False where that is done or being done elsewhere."""
    mail = queries.claimed(key)
    if mail is None:
        return False
    known = _matched(mail, reading)
    _close(mail, reading.kind, Outcome.NOTHING)
    if known.edition is None:
        return True  # nobody is to read it
    mail.sender, mail.edition_id = reading.sender[:254], known.edition.id
    mail.registration_id = known.registration.id if known.registration else None
    mail.answer = ANSWERS.get(reading.answer) if reading.kind is MailKind.REPLY else None
    mail.outcome = _carry_out(mail, reading, known, known.edition)
    return True


def give_up(key: int) -> None:
    """Put a mail aside that can't be worked off, so that it holds up no other."""
    mail = queries.claimed(key)
    if mail is not None:
        _close(mail, MailKind.UNREADABLE, Outcome.FAILED)


def _close(mail: ReceivedMail, kind: MailKind, outcome: Outcome) -> None:
    """Note that a mail is worked off; its bytes are not needed any more."""
    mail.worked_off_at, mail.kind, mail.outcome = clock.now(), kind, outcome
    mail.content, mail.recipient = None, ""


# whose it is -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Match:
    """What a mail is about, and whether it came to an address with a token."""

    token: Token
    registration: Registration | None = None
    edition: Edition | None = None


def _matched(mail: ReceivedMail, reading: Reading) -> _Match:
    token = token_in([mail.recipient, *reading.recipients])
    by_token = registration_of(token) if token else None
    if by_token is not None:
        return _Match(Token.VALID, by_token, by_token.edition)
    state = Token.WRONG if token else Token.MISSING
    if reading.bounce and reading.bounce.original_id:
        by_mail = queries.registration_by_mail(reading.bounce.original_id)
        if by_mail is not None:
            return _Match(Token.VALID, by_mail, by_mail.edition)
    if reading.calendar is None:
        return _Match(state)
    edition = queries.edition_by_uid(reading.calendar.uid)
    if edition is None:
        return _Match(state)
    return _Match(state, registrations.by_address(edition, reading.attendee), edition)


# what it does ------------------------------------------------------------------------------------------


def _carry_out(mail: ReceivedMail, reading: Reading, known: _Match, edition: Edition) -> Outcome:  # noqa: PLR0911
    if is_ours(reading.sender):
        return Outcome.NOTHING
    if mail.too_large:
        return Outcome.TOO_LARGE
    if reading.kind in OF_CALENDARS:
        return _answered(mail, reading, known, edition)
    if known.token is not Token.VALID or known.registration is None:
        return Outcome.NOT_PROVEN
    if reading.kind is MailKind.BOUNCE:
        return _returned(mail, reading, known.registration)
    if reading.kind in (MailKind.LETTER, MailKind.COMPLAINT, MailKind.UNREADABLE):
        mail.words = "\n\n".join(part for part in (reading.subject, reading.words) if part)
        _tell_organisers(edition)
        return Outcome.TO_READ
    return Outcome.NOTED


def _answered(mail: ReceivedMail, reading: Reading, known: _Match, edition: Edition) -> Outcome:
    """Do what a calendar says about the place of somebody."""
    calendar, registration = reading.calendar, known.registration
    if calendar is None or registration is None:
        _tell_organisers(edition)
        return Outcome.SOMEBODY_ELSE
    if mail.answer is Answer.DECLINED or edition.choose_days:
        lock(edition)  # before the registration, as whoever cancels does
    lock(registration)
    mail.words = calendar.comment
    said = Said(
        kind=reading.kind,
        answer=mail.answer,
        sequence=calendar.sequence,
        stamped_at=calendar.stamp or mail.received_at,
        sent_at=min(reading.sent_at or mail.received_at, mail.received_at),
        day=_day_of(calendar.uid, edition),
    )
    mail.day = said.day
    reply = queries.latest_reply(registration)
    found = rules.effect(said, _standing(mail, reading, known.token, registration, reply))
    if found.shows and mail.answer is not None:
        _show(reply or Reply(registration_id=registration.id), said, mail.answer, calendar.comment)
    if found.changes_day:
        mail.changed_days = _change_day(registration, said.day)
    if found.outcome is Outcome.WISH:
        mail.wished_from, mail.wished_until = calendar.starts, calendar.ends
    return _done(found.outcome, registration, calendar)


def _standing(
    mail: ReceivedMail, reading: Reading, token: Token, registration: Registration, reply: Reply | None
) -> Standing:
    edition, now, address = registration.edition, clock.now(), registration.email.casefold()
    server = current_app.config["SETTINGS"].reply_authserv
    uid = reading.calendar.uid if reading.calendar else ""
    about_this = edition.calendar_uid in (uid, day_in(uid)[0])
    from_them = reading.sender == address
    about_them = reading.attendee == address or (reading.kind is MailKind.REFRESH and not reading.attendee)
    return Standing(
        token=token,
        verdict=verdict(reading.results, server, reading.sender),
        from_them=from_them,
        # programs answer under an alias too, so whoever has the token and the address is who was asked
        about_them=about_this and (about_them or (from_them and token is Token.VALID)),
        place=_place(registration),
        since=registration.state_changed_at,
        takes_place=edition.state is EditionState.PUBLISHED and not is_over(edition, now),
        sequence=registration.last_sequence,
        latest=(reply.sequence, reply.stamped_at, reply.sent_at) if reply else None,
        frees_at_once=edition.series.frees_declined,
        too_many=queries.number_from(mail.sender, now) > rules.MOST_IN_AN_HOUR,
        days=_days_of(registration) if days.are_chosen(edition) else frozenset(),
        # mails say when they were sent in whole seconds
        days_since=registration.days_changed_at and registration.days_changed_at.replace(microsecond=0),
        moved_to=edition.sequence,
    )


def _day_of(uid: str, edition: Edition) -> int:
    return 1 if uid == edition.calendar_uid else day_in(uid)[1]


def _days_of(registration: Registration) -> frozenset[int]:
    return days.chosen(registration.days, days.number_of(registration.edition))


def _place(registration: Registration) -> Place:
    if registration.state is RegistrationState.CONFIRMED:
        return Place.HAS
    return Place.GONE if registration.state in ENDED else Place.WAITS


def _show(reply: Reply, said: Said, answer: Answer, comment: str) -> None:
    """Let the organisers see an answer with the registration."""
    reply.answer, reply.comment = answer, comment
    reply.sequence, reply.stamped_at, reply.sent_at = said.moment
    reply.noted_at = clock.now()
    db.session.add(reply)


def _done(outcome: Outcome, registration: Registration, calendar: CalendarMessage) -> Outcome:
    """Carry out what the rules decided; return what became of it."""
    if outcome is Outcome.FREED:
        return outcome if _free(registration) else Outcome.NOTED
    if outcome is Outcome.ASKED:
        mails.ask_whether_declined(registration)
    elif outcome is Outcome.WAY_BACK:
        mails.show_way_back(registration)
    elif outcome is Outcome.SENT_AGAIN:
        return outcome if registration_service.resend(registration) else Outcome.NOTED
    elif outcome is Outcome.WISH:
        mails.decline_counter(registration, calendar)
        _tell_organisers(registration.edition)
    return outcome


def _change_day(registration: Registration, day: int) -> bool:
    """Let somebody come on a day that they left out, or no longer on one that they had."""
    try:
        return attending.change(registration, _days_of(registration) ^ {day}, by="participant")
    except RuleBroken:  # the meeting ended this minute
        return False


def _free(registration: Registration) -> bool:
    try:
        return registration_service.cancel(registration, "participant")
    except RuleBroken:  # the meeting ended this minute
        return False


def _returned(mail: ReceivedMail, reading: Reading, registration: Registration) -> Outcome:
    """Stop mails to an address that nobody is at, unless it was corrected since."""
    bounce = reading.bounce
    if bounce is None:
        return Outcome.NOTHING
    mail.words = bounce.status
    hit = not bounce.addresses or registration.email.casefold() in bounce.addresses
    if bounce.failure is not Failure.HARD or not hit or registration.erased_at is not None:
        return Outcome.NOTED
    _stop_mails(registration, reasons.RETURNED % {"words": bounce.status} if bounce.status else "")
    return Outcome.UNREACHABLE


def follow_failure(fact: MailFailed) -> None:
    """Stop mails to an address that the mail server does not know, as where one came back."""
    message = db.session.get(OutboxMessage, fact.message_id) if fact.nobody_there else None
    if message is None or message.registration_id is None:
        return
    registration = db.session.get_one(Registration, message.registration_id)
    if registration.erased_at is None and registration.email.casefold() == message.to_address.casefold():
        _stop_mails(registration, message.error)


def _stop_mails(registration: Registration, reason: str) -> None:
    reach.mark_unreachable(registration.id, registration.email, reason)
    record("registration.unreachable", edition_id=registration.edition_id, registration_id=registration.id)
    occasion = f"{registration.id}:{clock.now().date().isoformat()}"
    organiser_notice(registration.edition, "unreachable", occasion, registration=registration.id)


def _tell_organisers(edition: Edition) -> None:
    """Say at most once a day that something is to be read."""
    organiser_notice(edition, "mail_came", clock.now().date().isoformat())


# what people do ----------------------------------------------------------------------------------------


def come_after_all(registration: Registration) -> None:
    """Keep the place although the calendar said no."""
    lock(registration)
    if registration.state is not RegistrationState.CONFIRMED:
        raise RuleBroken(_("You have no place any more, so there is nothing to confirm."))
    reply = queries.latest_reply(registration)
    if reply is not None:
        reply.answer, reply.sequence = Answer.ACCEPTED, registration.last_sequence
        reply.sent_at = reply.noted_at = clock.now()


def try_address_again(registration: Registration) -> bool:
    """Send mails to an address again that they came back from; False where the organiser has to wait."""
    lock(registration)
    reach.mark_reachable(registration.id)
    record("registration.reachable", edition_id=registration.edition_id, registration_id=registration.id)
    return registration_service.resend(registration)


def forget_old() -> None:
    """Forget mails that concerned no meeting."""
    old = clock.now() - rules.KEPT_FOR
    db.session.execute(
        delete(ReceivedMail).where(ReceivedMail.edition_id.is_(None), ReceivedMail.worked_off_at < old)
    )
