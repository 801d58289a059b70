"""The mailbox: what would have been sent, for trying eventhub out on one's own machine.

It shows other people's mails and sign-in links. So it exists only where no mail server is set, the client
sits on this machine, and the pages themselves are addressed as this machine.
"""

from __future__ import annotations

from base64 import b64encode
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import undefer

from eventhub.extensions import db
from eventhub.mail.attachments import CalendarWords, calendar_words
from eventhub.mail.models import OutboxMessage
from eventhub.mail.states import state_words
from eventhub.web.pagination import page_of
from eventhub.web.security import LOOPBACK

pages = Blueprint("mail", __name__, url_prefix="/mailbox")

MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The one page with inline style: mails bring it along, and their pictures. Nothing else may load or run."""


@pages.before_request
def _only_here() -> None:
    """Be a page that does not exist for everybody but the person at this machine."""
    settings = current_app.config["SETTINGS"]
    at_home = settings.host in {host.strip("[]") for host in LOOPBACK}
    if settings.mail_server is not None or not at_home or not _is_loopback(request.remote_addr):
        abort(404)


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


@pages.get("")
def mailbox() -> ResponseReturnValue:
    """List all mails, newest first."""
    page = page_of(select(OutboxMessage).order_by(OutboxMessage.id.desc()))
    return render_template("mail/mailbox.html", page=page, state_words=state_words)


@pages.get("/<int:number>/")
def letter(number: int) -> ResponseReturnValue:
    """Show one mail: its head, its text and what is attached."""
    message = _found(number)
    mail = _parsed(message)
    return render_template(
        "mail/mailbox_letter.html",
        message=message,
        mail=mail,
        text=_text(mail),
        calendar=_calendar(mail),
        state_words=state_words,
    )


@pages.get("/<int:number>/html")
def html(number: int) -> ResponseReturnValue:
    """Show the HTML part as a mail program would, in a page that may do nothing."""
    mail = _parsed(_found(number))
    part = mail.get_body(("html",))
    if part is None:
        abort(404)
    answer = make_response(_with_pictures(mail, part.get_content()))
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    answer.headers["Content-Language"] = ""
    return answer


@pages.get("/<int:number>/source")
def source(number: int) -> ResponseReturnValue:
    """Show the bytes as they would travel."""
    return _plain(_content(_found(number)), "text/plain; charset=utf-8")


@pages.get("/<int:number>/mail.eml")
def download(number: int) -> ResponseReturnValue:
    """Give the mail as a file that mail programs open."""
    answer = _plain(_content(_found(number)), "message/rfc822")
    answer.headers["Content-Disposition"] = f'attachment; filename="mail-{number}.eml"'
    return answer


def _with_pictures(mail: EmailMessage, text: str) -> str:
    """Put the pictures of a mail where its HTML names them: browsers know no `cid:`."""
    for part in mail.walk():
        name = str(part["Content-ID"] or "").strip("<>")
        picture = part.get_payload(decode=True) if part.get_content_maintype() == "image" else None
        if name and isinstance(picture, bytes):
            data = b64encode(picture).decode()
            text = text.replace(f'src="cid:{name}"', f'src="data:{part.get_content_type()};base64,{data}"')
    return text


def _found(number: int) -> OutboxMessage:
    message = db.session.get(OutboxMessage, number, options=[undefer(OutboxMessage.content)])
    return message or abort(404)


def _content(message: OutboxMessage) -> bytes:
    return message.content if message.content is not None else abort(404)


def _parsed(message: OutboxMessage) -> EmailMessage:
    if message.content is None:
        return EmailMessage()
    return message_from_bytes(message.content, policy=policy.default)


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",)) if mail.keys() else None
    return str(part.get_content()) if part is not None else ""


def _calendar(mail: EmailMessage) -> CalendarWords | None:
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            return calendar_words(content) if isinstance(content, bytes) else None
    return None


def _plain(content: bytes, kind: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    return answer
