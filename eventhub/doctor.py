"""What an operator would check by hand when something seems wrong."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from eventhub import clock, migrating, tokens
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.transport import Unreachable, check_server
from eventhub.operation import health
from eventhub.registration.models import Registration
from eventhub.replies import mailbox
from eventhub.replies.models import ReceivedMail
from eventhub.worker import broker
from eventhub.worker.sightings import last_seen

LATE = timedelta(minutes=10)


class Finding(NamedTuple):
    well: bool
    words: str


def examine() -> Iterator[Finding]:
    """Yield one finding per check; the later ones need a database that answers."""
    settings: Settings = current_app.config["SETTINGS"]
    yield from _key(settings)
    yield Finding(True, f"pages are linked as {settings.base_url}/")
    if not settings.https and settings.host not in ("127.0.0.1", "localhost"):
        yield Finding(False, "EVENTHUB_BASE_URL is not https: sign-in links and names travel unprotected")
    yield _mail_server(settings)
    yield from _answers(settings)
    if settings.broker_url:
        yield _server("EVENTHUB_BROKER_URL", settings.broker_url)
    if settings.redis_url:
        yield _server("EVENTHUB_REDIS_URL", settings.redis_url)
    database = _database()
    yield database
    if database.well:
        yield _worker()
        yield from _outbox()
        yield from _received()
        yield from _links()


def _key(settings: Settings) -> Iterator[Finding]:
    path = settings.instance / "secret_key"
    if path.exists():
        private = not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        yield Finding(private, f"{path.name} is {'private' if private else 'readable by others: chmod 600'}")


def _database() -> Finding:
    try:
        current = migrating.is_current()
    except SQLAlchemyError as error:
        return Finding(False, f"the database does not answer: {type(error).__name__}")
    if current:
        return Finding(True, f"database ({db.engine.dialect.name}) is up to date")
    how = "stop all other processes, then" if migrating.needs_stop() else "run"
    return Finding(False, f"database ({db.engine.dialect.name}) is not up to date: {how} eventhub db upgrade")


def _server(name: str, url: str) -> Finding:
    reason = broker.unreachable(url)
    return Finding(reason is None, f"{name}: {reason or 'answers'}")


def _worker() -> Finding:
    """Without any sign the installation may just not have been started yet."""
    if last_seen() is None:
        return Finding(True, "no worker was ever seen; eventhub serve or eventhub worker starts one")
    seen = health.worker()
    return Finding(seen.well, f"the worker {seen.words}")


def _mail_server(settings: Settings) -> Finding:
    if settings.mail_server is None:
        return Finding(True, "no EVENTHUB_MAIL_SERVER: mails are kept for reading at /mailbox")
    try:
        check_server()
    except Unreachable as reason:
        return Finding(False, f"{settings.mail_server}:{settings.mail_port}: {reason}")
    return Finding(True, f"mail server {settings.mail_server}:{settings.mail_port} answers")


def _answers(settings: Settings) -> Iterator[Finding]:
    """Look whether answers of calendars and bounces find their way back."""
    if settings.imap_server is None:
        return
    where = f"mailbox {settings.imap_folder} on {settings.imap_server}:{settings.imap_port}"
    try:
        mailbox.check()
    except mailbox.Unreachable as reason:
        yield Finding(False, f"{where}: {reason}")
    else:
        yield Finding(True, f"{where} can be read")
    if settings.reply_address is None:
        yield Finding(False, "EVENTHUB_REPLY_ADDRESS is not set: answers without a token need a click each")


def _outbox() -> Iterator[Finding]:
    count = select(func.count()).select_from(OutboxMessage)
    failed = db.session.scalar(count.where(OutboxMessage.state == MessageState.FAILED)) or 0
    late = db.session.scalar(
        count.where(OutboxMessage.state == MessageState.WAITING, OutboxMessage.due_at < clock.now() - LATE)
    )
    yield Finding(failed == 0, f"{failed} mails failed")
    yield Finding(
        not late, f"{late or 0} mails wait longer than {LATE.seconds // 60} minutes: is a worker running?"
    )


def _received() -> Iterator[Finding]:
    late = db.session.scalar(
        select(func.count())
        .select_from(ReceivedMail)
        .where(ReceivedMail.worked_off_at.is_(None), ReceivedMail.received_at < clock.now() - LATE)
    )
    if late:
        yield Finding(False, f"{late} mails that came in wait longer than {LATE.seconds // 60} minutes")


def _links() -> Iterator[Finding]:
    """Compare a personal link with what the database keeps of it: another secret key would open nothing."""
    newest = db.session.scalar(select(Registration).order_by(Registration.id.desc()).limit(1))
    if newest is not None:
        fits = tokens.fingerprint(tokens.derive("manage", newest.token_seed)) == newest.token_hash
        yield Finding(fits, f"personal links {'fit' if fits else 'do not fit'} the secret key")
