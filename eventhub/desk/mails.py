"""The mail log of an edition: what was sent to whom, what failed and why, and a second try."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import transaction
from eventhub.desk import queries
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.history import service as history
from eventhub.mail.models import MessageState
from eventhub.mail.outbox import send_again
from eventhub.mail.states import state_words
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to
from eventhub.web.pagination import page_of

KINDS = {
    "confirmed": _l("Confirmation"),
    "waitlisted": _l("Place on the waitlist"),
    "existing": _l("Reminder of a registration"),
    "promoted": _l("Moved up from the waitlist"),
    "held": _l("Request to confirm the address"),
    "pending": _l("Registration awaits approval"),
    "rejected": _l("Rejection"),
    "offered": _l("Offer of a place"),
    "expired": _l("Expiry"),
    "cancelled": _l("Cancellation of a registration"),
    "erased": _l("Confirmation that data are erased"),
    "details_changed": _l("Changed data"),
    "edition_changed": _l("Change of the edition"),
    "edition_cancelled": _l("Cancellation of the edition"),
    "reconfirm": _l("Question whether they come"),
    "reminder": _l("Reminder before the start"),
    "another_day": _l("Calendar entry of a further day"),
    "announcement": _l("Message of the organisers"),
    "text_sample": _l("Sample of a mail for an organiser"),
    "days_changed": _l("Other days chosen"),
    "programme": _l("Chosen sessions"),
    "sessions_changed": _l("Changes of chosen sessions"),
    "group": _l("Group"),
    "group_changed": _l("Change of a group"),
    "group_gone": _l("End of a group"),
    "allotted": _l("Result of the wishes"),
    "signup_promoted": _l("Moved up in a session"),
    "reply_declined": _l("Question whether to free the place"),
    "reply_accepted": _l("The way to register again"),
    "reply_counter": _l("Answer to a wish for another time"),
    "organiser_notice": _l("Notice to organisers"),
    "invitation": _l("Invitation"),
    "own_calendar": _l("Address of the calendar of all meetings"),
    "invitation_reminder": _l("Reminder of an invitation"),
    "engagement_asked": _l("Question to a speaker"),
    "engagement_reminder": _l("Reminder of a question to a speaker"),
    "engagement_accepted": _l("Thanks to a speaker"),
    "engagement_entry": _l("Calendar of a speaker"),
    "engagement_changes": _l("Changes of the sessions of a speaker"),
    "sign_in": _l("Sign-in link"),
    "role_offer": _l("Offer of a role"),
    "role_changed": _l("Change of a role"),
    "role_ended": _l("End of a role"),
    "address_changed": _l("Change of an address"),
    "subscription": _l("Question whether somebody wants to hear of the next edition"),
    "next_edition": _l("News of the next edition"),
}
SECRET = re.compile(r"/(feeds|join|my|invitations|speaking|subscriptions)/[A-Za-z0-9_-]{20,}")


@pages.get("/<series>/<edition>/mails/")
@needs(Capability.PEOPLE)
def mails(series: str, edition: str) -> ResponseReturnValue:
    """List the mails, the latest first, by state and words."""
    found = found_edition(series, edition)
    state = next((one for one in MessageState if one.value == request.args.get("state")), None)
    words = request.args.get("q", "")[:100].strip()
    return render_template(
        "desk/mails.html",
        edition=found,
        page=page_of(queries.mails_of(found, state, words), 50),
        counts=queries.mail_states(found),
        states=list(MessageState),
        chosen=state,
        words=words,
        kinds=KINDS,
        state_words=state_words,
    )


@pages.get("/<series>/<edition>/mails/<int:mail>/")
@needs(Capability.PEOPLE)
def mail(series: str, edition: str, mail: int) -> ResponseReturnValue:
    """Show one mail with its content."""
    found = found_edition(series, edition)
    message = queries.mail_of(found, mail) or abort(404)
    parsed = message_from_bytes(message.content or b"", policy=policy.default)
    return render_template(
        "desk/mail.html",
        edition=found,
        message=message,
        text=_part(parsed, "plain"),
        html=_part(parsed, "html"),
        attachments=_attachments(parsed),
        kinds=KINDS,
        state_words=state_words,
        again=message.state in (MessageState.SENT, MessageState.FAILED),
    )


@pages.post("/<series>/<edition>/mails/<int:mail>/again")
@needs(Capability.PEOPLE)
def send_mail_again(series: str, edition: str, mail: int) -> ResponseReturnValue:
    """Send a mail once more, with the same bytes."""
    found = found_edition(series, edition)
    with transaction():
        message = queries.mail_of(found, mail) or abort(404)
        send_again(message)
        history.record("mail.resent", edition_id=found.id, kind=message.kind)
    flash(_("The mail goes out once more."), "ok")
    return redirect(path_to("desk.mail", series=found.series.slug, edition=found.key, mail=mail), 303)


def without_secrets(text: str) -> str:
    """Return the text of a mail without links that are the reader's alone."""
    return SECRET.sub(r"/\1/…", text)


def _part(parsed: EmailMessage, kind: str) -> str:
    """Return a text part; the participant's secret link stays the participant's."""
    part = parsed.get_body((kind,))
    text = str(part.get_content()) if part is not None else ""
    return without_secrets(text)


def _attachments(parsed: EmailMessage) -> list[str]:
    names = [part.get_filename() or part.get_content_type() for part in parsed.iter_attachments()]
    return [str(name) for name in names]
