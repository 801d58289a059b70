"""A mail to ourselves: out through the mail server, and back where a mailbox is set; each step in words."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator

from flask import current_app
from sqlalchemy import exists, select

from config import Settings
from eventhub import clock
from eventhub.extensions import db
from eventhub.mail.composition import Letter, Mailbox, compose
from eventhub.mail.outbox import new_message_id
from eventhub.mail.transport import Answer, Transport, Unreachable, envelope_sender
from eventhub.replies import mailbox
from eventhub.replies.models import ReceivedMail
from eventhub.web.languages import gettext as _

PAUSE = 0.5
Step = tuple[bool, str]


def prove(address: str = "", patience: float = 30.0) -> Iterator[Step]:
    """Send a mail and wait until it is back; without a mailbox it goes to `address`, where somebody looks."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.mail_server is None:
        yield False, _("no mail server is set, so mails reach nobody")
        return
    fetches = settings.imap_server is not None
    to = (settings.reply_address or envelope_sender()) if fetches else address
    if not to:
        yield False, _("no mailbox is set: say where the test mail shall go, and look there")
        return
    message_id = new_message_id()
    step = _sent(to, message_id)
    yield step
    if step[0] and fetches:
        yield _came_back(message_id, to, patience)


def _sent(to: str, message_id: str) -> Step:
    letter = Letter(
        sender=Mailbox("eventhub", envelope_sender()),
        recipient=Mailbox("", to),
        subject=_("eventhub: this mail has arrived"),
        message_id=message_id,
        date=clock.now(),
        text=_("Somebody is testing whether mail works. There is nothing to do."),
    )
    try:
        with Transport() as transport:
            outcome = transport.hand_over(to, compose(letter))
    except Unreachable as reason:
        return False, _("sending: the mail server is out of reach: %(why)s", why=str(reason))
    if outcome.answer is not Answer.ACCEPTED:
        return False, _(
            "sending: the mail server refused %(address)s: %(why)s", address=to, why=outcome.reason
        )
    return True, _("sending: the mail server has taken a test mail to %(address)s", address=to)


def _came_back(message_id: str, to: str, patience: float) -> Step:
    began = time.monotonic()
    while time.monotonic() - began < patience:
        try:
            if mailbox.take_back(message_id) or _was_taken_over(message_id):
                seconds = f"{time.monotonic() - began:.0f}"
                return True, _("coming back: it was in the mailbox after %(seconds)s s", seconds=seconds)
        except mailbox.Unreachable as reason:
            return False, _("coming back: the mailbox can’t be read: %(why)s", why=str(reason))
        time.sleep(PAUSE)
    return False, _(
        "coming back: taken by the mail server, but not in the mailbox within %(seconds)s s. "
        "Does it get mail to %(address)s, or did a filter keep it?",
        seconds=f"{patience:.0f}",
        address=to,
    )


def _was_taken_over(message_id: str) -> bool:
    """Tell whether a worker that looked into the mailbox at the same time was faster."""
    digest = hashlib.sha256(f"<{message_id}>".encode()).digest()
    db.session.rollback()  # what others have committed since
    return bool(db.session.scalar(select(exists().where(ReceivedMail.digest == digest))))
