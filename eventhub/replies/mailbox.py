"""A mailbox of its own on an IMAP server, looked at now and then.

What is taken over is deleted there; what is for a person to read is marked as read and left alone.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from imaplib import IMAP4

from flask import current_app
from imap_tools import (
    AND,
    BaseMailBox,
    Header,
    ImapToolsError,
    MailBox,
    MailBoxStartTls,
    MailBoxUnencrypted,
    MailMessageFlags,
)
from sqlalchemy.exc import IntegrityError

from config import Settings
from eventhub.database import transaction
from eventhub.registration.reply_address import is_ours, token_in
from eventhub.replies import rules, service
from eventhub.replies.reading import MailKind, Reading, read

TIMEOUT = 20.0
Stopping = Callable[[], bool]

logger = logging.getLogger(__name__)


class Unreachable(Exception):
    """The IMAP server does not answer or does not let us in; the message is one line for the operator."""


def fetch(stopping: Stopping = lambda: False) -> int:
    """Take over every new mail that is an answer; return how many there were."""
    if _settings().imap_server is None:
        return 0
    taken = 0
    try:
        with _opened() as box:
            for uid in box.uids(AND(seen=False)):
                if stopping():
                    break
                taken += _take(box, uid)
    except Unreachable as reason:
        logger.warning("the mailbox is out of reach: %s", reason)
    return taken


def check() -> None:
    """Sign in and look into the folder; raises Unreachable with the reason."""
    with _opened():
        return


def take_back(message_id: str) -> bool:
    """Delete the mail with this Message-ID where it has arrived; tell whether it had."""
    with _opened() as box:
        found = box.uids(AND(header=Header("Message-ID", f"<{message_id}>")))
        box.delete(found)
    return bool(found)


def _take(box: BaseMailBox, uid: str) -> bool:
    """Store a mail and delete it only then; after a power cut it is found in both places, and stored once."""
    content = _content(box, uid)
    if not _is_answer(read(content)):
        box.flag([uid], MailMessageFlags.SEEN, value=True)
        return False
    try:
        with transaction():
            new = service.receive(content)
    except IntegrityError:
        new = False  # another worker was faster
    box.delete([uid])
    return new


def _content(box: BaseMailBox, uid: str) -> bytes:
    """Return the bytes as they are, without marking the mail as read; a little more than the largest."""
    _status, parts = box.client.uid("fetch", uid, f"(BODY.PEEK[]<0.{rules.LARGEST + 1}>)")
    found = next((part[1] for part in parts or () if isinstance(part, tuple)), b"")
    return bytes(found)


def _is_answer(reading: Reading) -> bool:
    """Tell whether a mail is for us: it came to a token, or to our address and was written by a program."""
    if token_in(reading.recipients):
        return True
    return reading.kind is not MailKind.LETTER and any(is_ours(address) for address in reading.recipients)


@contextmanager
def _opened() -> Iterator[BaseMailBox]:
    """Yield the folder of the mailbox, over a connection with checked certificates."""
    try:
        with _signed_in(_connected()) as box:
            yield box
    except (ImapToolsError, IMAP4.error, OSError) as error:
        raise Unreachable(_said(error)) from error


def _signed_in(box: BaseMailBox) -> BaseMailBox:
    settings = _settings()
    try:
        return box.login(settings.imap_username, settings.imap_password, settings.imap_folder)
    except ImapToolsError:
        box.client.shutdown()
        raise


def _connected() -> BaseMailBox:
    settings = _settings()
    server, port = settings.imap_server or "", settings.imap_port
    if settings.imap_security == "tls":
        return MailBox(server, port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    if settings.imap_security == "starttls":
        return MailBoxStartTls(server, port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    return MailBoxUnencrypted(server, port, timeout=TIMEOUT)


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT:g} seconds"
    return " ".join(str(error).split())[:300] or type(error).__name__


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
