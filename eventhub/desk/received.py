"""What came in by mail about an edition: answers of calendars, bounces, words of people; what it did."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from eventhub.database import transaction
from eventhub.desk import registration_queries as reads
from eventhub.desk import words
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.organisations.roles import Capability
from eventhub.replies import queries, service
from eventhub.replies.models import Answer, Outcome, ReceivedMail
from eventhub.replies.reading import MailKind
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to
from eventhub.web.pagination import page_of

KINDS = {
    MailKind.REPLY: _l("Answer of a calendar"),
    MailKind.COUNTER: _l("Wish for another time"),
    MailKind.REFRESH: _l("Asks for the invitation"),
    MailKind.BOUNCE: _l("A mail came back"),
    MailKind.AWAY: _l("Automatic answer"),
    MailKind.COMPLAINT: _l("Complaint about a mail"),
    MailKind.LETTER: _l("Mail from a person"),
    MailKind.UNREADABLE: _l("Unreadable"),
    MailKind.IGNORED: _l("Calendar message that only organisers send"),
}
ANSWERS = {
    Answer.ACCEPTED: _l("Comes"),
    Answer.TENTATIVE: _l("Perhaps"),
    Answer.DECLINED: _l("Does not come"),
}
OUTCOMES = {
    Outcome.NOTED: _l("Noted."),
    Outcome.FREED: _l("The place was given back."),
    Outcome.ASKED: _l("The person was asked by mail whether to give the place back."),
    Outcome.WAY_BACK: _l("Has no place any more. A mail shows the way to register again."),
    Outcome.WISH: _l("The calendar was told that the time stays."),
    Outcome.SENT_AGAIN: _l("The invitation went out once more."),
    Outcome.OLD_DATE: _l("Answers the date before it was moved, so it does not count."),
    Outcome.SUPERSEDED: _l("A later answer was here already."),
    Outcome.NOT_PROVEN: _l("Nothing shows that it comes from this person, so it does not count."),
    Outcome.WRONG_TOKEN: _l("Came to a wrong address, so it does not count."),
    Outcome.SOMEBODY_ELSE: _l("Answers for somebody who is not registered here."),
    Outcome.NOT_TAKING_PLACE: _l("The meeting is cancelled or over, so it changes nothing."),
    Outcome.TOO_MANY: _l("Too many answers of one sender within an hour, so it does not count."),
    Outcome.UNREACHABLE: _l("Nothing more is sent to this address until it is corrected."),
    Outcome.TO_READ: _l("For you to read."),
    Outcome.TOO_LARGE: _l("Too large to be read."),
    Outcome.FAILED: _l("Could not be worked off. The log of eventhub says why."),
    Outcome.NOTHING: _l("Concerns nobody here."),
}
URGENT = frozenset(
    {Outcome.WISH, Outcome.UNREACHABLE, Outcome.TO_READ, Outcome.SOMEBODY_ELSE, Outcome.FAILED}
)


def kind_words(mail: ReceivedMail) -> str:
    """Return what came in, and what it answers."""
    if mail.kind is None:
        return ""
    words = f"{KINDS[mail.kind]}: {ANSWERS[mail.answer]}" if mail.answer else str(KINDS[mail.kind])
    return _("%(answer)s (day %(day)s)", answer=words, day=mail.day) if mail.day > 1 else words


def outcome_words(mail: ReceivedMail) -> str:
    if mail.changed_days:
        return _("The days on which they come follow it.")
    return str(OUTCOMES[mail.outcome]) if mail.outcome else ""


@pages.get("/<series>/<edition>/mails/received/")
@needs(Capability.PEOPLE)
def received(series: str, edition: str) -> ResponseReturnValue:
    """List what came in, the latest first."""
    found = found_edition(series, edition)
    return render_template(
        "desk/received.html",
        edition=found,
        page=page_of(queries.received_by(found), 50),
        kind_words=kind_words,
        outcome_words=outcome_words,
        urgent=URGENT,
        who=words.who,
    )


@pages.post("/<series>/<edition>/registrations/<int:registration>/reachable")
@needs(Capability.PEOPLE)
def try_address_again(series: str, edition: str, registration: int) -> ResponseReturnValue:
    """Send mails to an address again that they came back from."""
    found = found_edition(series, edition)
    one = reads.registration_of(found, registration) or abort(404)
    with transaction():
        sent = service.try_address_again(one)
    flash(
        _("The mail about the registration goes out once more.")
        if sent
        else _("The next mail goes out again."),
        "ok",
    )
    address = {"series": found.series.slug, "edition": found.key, "registration": registration}
    return redirect(path_to("desk.registration", **address), 303)
