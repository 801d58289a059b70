"""Handing finished mails to the mail server, over one connection for many."""

from __future__ import annotations

import logging
import smtplib
import ssl
from dataclasses import dataclass, replace
from email.utils import parseaddr
from enum import StrEnum

from flask import current_app
from flask_mail import Connection

from eventhub.mail import reasons
from eventhub.mail.failures import Failure, judged, status_in

TIMEOUT = 20.0
"""Seconds that the server may take for each step."""

logger = logging.getLogger(__name__)


class Answer(StrEnum):
    ACCEPTED = "accepted"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the mail server said to one mail; `reason` is for the people who read the mail log."""

    answer: Answer
    reason: str = ""
    nobody_there: bool = False
    """The address is refused for good, whatever the mail."""


class Unreachable(Exception):
    """The mail server itself does not answer or does not let us in, whatever the mail."""


def envelope_sender() -> str:
    """Return the address that bounces go to."""
    return parseaddr(current_app.config["SETTINGS"].mail_sender)[1]


def sender_name() -> str:
    """Return the name that the operator gave to the sender, or nothing."""
    return parseaddr(current_app.config["SETTINGS"].mail_sender)[0]


class Transport(Connection):
    """Flask-Mail's connection with a timeout and checked certificates; opened when first needed."""

    host: smtplib.SMTP | None

    def __init__(self) -> None:
        super().__init__(current_app.extensions["mail"])
        self._sender = envelope_sender()
        self._used = False
        self._most = current_app.config["SETTINGS"].mail_per_connection
        self._offered = 0

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def configure_host(self) -> smtplib.SMTP:
        """Connect, encrypt and sign in as configured."""
        server, port = self.mail.server, self.mail.port
        if self.mail.use_ssl:
            context = ssl.create_default_context()
            host: smtplib.SMTP = smtplib.SMTP_SSL(server, port, timeout=TIMEOUT, context=context)
        else:
            host = smtplib.SMTP(server, port, timeout=TIMEOUT)
        try:
            self._introduce(host)
        except BaseException:
            host.close()
            raise
        return host

    def _introduce(self, host: smtplib.SMTP) -> None:
        if self.mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        host.ehlo_or_helo_if_needed()

    def hand_over(self, address: str, content: bytes, return_path: str = "") -> Outcome:
        """Offer one mail and return the server's answer; raises Unreachable while there is no server."""
        try:
            host = self._ready_host(return_path or self._sender)
            return self._offer(host, address, content)
        except smtplib.SMTPResponseException as error:
            return self._judge(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(Answer.LATER, reasons.BROKE % {"words": _words(error)})

    def _ready_host(self, sender: str) -> smtplib.SMTP:
        """Return a connection on which the server has taken the sender's address."""
        if self._most is not None and self._offered >= self._most:
            self._close()
        if self._used and self.host is not None:
            try:
                return self._announce(self.host, sender)
            except smtplib.SMTPSenderRefused as refusal:
                if refusal.smtp_code != 421:
                    raise
            except (OSError, smtplib.SMTPServerDisconnected) as error:
                logger.debug("the mail server closed an idle connection: %s", _words(error))
            self._drop()  # servers may close after some mails or while nothing was said
        return self._announce(self.connect(), sender)

    def connect(self) -> smtplib.SMTP:
        """Open a new connection; raises Unreachable with the reason."""
        try:
            self.host = self.configure_host()
            return self.host
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(reasons.OUT_OF_REACH % {"words": _words(error)}) from error

    def _announce(self, host: smtplib.SMTP, sender: str) -> smtplib.SMTP:
        code, reply = host.mail(sender)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, reply, sender)
        return host

    def _offer(self, host: smtplib.SMTP, address: str, content: bytes) -> Outcome:
        self._used = True
        self._offered += 1
        code, reply = host.rcpt(address)
        if code not in (250, 251):
            refused = self._judge(code, reply)
            return replace(refused, nobody_there=_is_nobody(refused))
        code, reply = host.data(content)
        return Outcome(Answer.ACCEPTED) if code == 250 else self._judge(code, reply)

    def _judge(self, code: int, reply: bytes | str) -> Outcome:
        """Read a refusal: 4xx may pass, 5xx will not; the connection starts afresh for the next mail."""
        words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        self._reset(hopeless=code in (-1, 421))
        answer = Answer.REFUSED if 500 <= code < 600 else Answer.LATER
        return Outcome(answer, (reasons.ANSWERED % {"words": f"{code} {' '.join(words.split())}"})[:500])

    def _reset(self, *, hopeless: bool) -> None:
        if self.host is None:
            return
        try:
            if hopeless or self.host.rset()[0] != 250:
                self._drop()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        """Close without a word, since the state of the conversation is not known."""
        if self.host is not None:
            self.host.close()
        self.host, self._used, self._offered = None, False, 0

    def _close(self) -> None:
        try:
            if self.host is not None:
                self.host.quit()
        except (OSError, smtplib.SMTPException) as error:
            logger.info("the mail server did not say goodbye: %s", _words(error))
        self._drop()


def _is_nobody(refused: Outcome) -> bool:
    """Tell whether it is the address that is refused; servers refuse senders and spam at this place, too."""
    reason = refused.reason
    return refused.answer is Answer.REFUSED and judged(status_in(reason), reason) is Failure.HARD


def check_server() -> None:
    """Connect to the mail server and leave again; raises Unreachable with the reason."""
    with Transport() as transport:
        transport.connect()


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError) or "timed out" in str(error):  # smtplib keeps only the words
        return reasons.NO_ANSWER % {"seconds": f"{TIMEOUT:g}"}
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        return f"{error.smtp_code} {' '.join(words.split())}"[:400]
    return (str(error) or type(error).__name__)[:400]
