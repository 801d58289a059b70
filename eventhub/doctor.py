"""What an operator would check by hand when something seems wrong."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from eventhub import clock, migrating, tokens
from eventhub.accounts import openid
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.transport import Unreachable, check_server
from eventhub.operation import health, surroundings
from eventhub.operation.surroundings import Finding
from eventhub.registration.models import Registration
from eventhub.replies import mailbox
from eventhub.replies.models import ReceivedMail
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.worker import broker
from eventhub.worker.sightings import last_seen

LATE = timedelta(minutes=10)


def examine() -> Iterator[Finding]:
    """Yield one finding per check, in the language that is spoken now."""
    yield from at_hand()
    yield from far()


def at_hand() -> Iterator[Finding]:
    """Look at what is here and answers at once; the later ones need a database that answers."""
    settings: Settings = current_app.config["SETTINGS"]
    yield from _key(settings)
    yield Finding(True, _("pages are linked as %(address)s", address=f"{settings.base_url}/"))
    if not settings.https and settings.host not in ("127.0.0.1", "localhost"):
        yield Finding(False, _("EVENTHUB_BASE_URL is not https: sign-in links and names travel unprotected"))
    yield surroundings.disk()
    database = _database()
    yield database
    if database.well:
        yield from surroundings.leaps()
        yield surroundings.time_of_day()
        yield _worker()
        yield from _outbox()
        yield from _received()
        yield from _links()
        yield surroundings.latest_copy()


def far() -> Iterator[Finding]:
    """Look at other servers, which may take a while to answer or not to."""
    settings: Settings = current_app.config["SETTINGS"]
    yield _mail_server(settings)
    yield from _answers(settings)
    if settings.openid_issuer:
        yield _provider(settings.openid_issuer)
    if settings.broker_url:
        yield _server("EVENTHUB_BROKER_URL", settings.broker_url)
    if settings.redis_url:
        yield _server("EVENTHUB_REDIS_URL", settings.redis_url)
    if _database().well and last_seen() is not None and health.worker().well:
        yield surroundings.own_address()  # before anything was started nothing could answer there


def _key(settings: Settings) -> Iterator[Finding]:
    path = settings.instance / "secret_key"
    if path.exists():
        private = not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        words = _("%(file)s is private") if private else _("%(file)s is readable by others: chmod 600")
        yield Finding(private, words % {"file": path.name})


def _database() -> Finding:
    try:
        current = migrating.is_current()
    except SQLAlchemyError as error:
        return Finding(False, _("the database does not answer: %(why)s", why=type(error).__name__))
    kind = db.engine.dialect.name
    if current:
        return Finding(True, _("database (%(kind)s) is up to date", kind=kind))
    if migrating.needs_stop():
        words = _("database (%(kind)s) is not up to date: stop all other processes, then eventhub db upgrade")
    else:
        words = _("database (%(kind)s) is not up to date: run eventhub db upgrade")
    return Finding(False, words % {"kind": kind})


def _server(name: str, url: str) -> Finding:
    reason = broker.unreachable(url)
    return Finding(reason is None, f"{name}: {reason or _('answers')}")


def _worker() -> Finding:
    """Without any sign the installation may just not have been started yet."""
    if last_seen() is None:
        return Finding(True, _("no worker was ever seen; eventhub serve or eventhub worker starts one"))
    well = health.worker().well
    words = _("the worker was last seen just now") if well else _("the worker was last seen too long ago")
    return Finding(well, words)


def _mail_server(settings: Settings) -> Finding:
    if settings.mail_server is None:
        return Finding(True, _("no EVENTHUB_MAIL_SERVER: mails are kept for reading at /mailbox"))
    where = f"{settings.mail_server}:{settings.mail_port}"
    try:
        check_server()
    except Unreachable as reason:
        return Finding(False, f"{where}: {reason}")
    return Finding(True, _("mail server %(where)s answers", where=where))


def _provider(issuer: str) -> Finding:
    try:
        openid.check()
    except RuleBroken as broken:
        return Finding(False, f"EVENTHUB_OPENID_ISSUER {issuer}: {broken.message}")
    return Finding(True, _("OpenID provider %(where)s answers", where=issuer))


def _answers(settings: Settings) -> Iterator[Finding]:
    """Look whether answers of calendars and bounces find their way back."""
    if settings.imap_server is None:
        return
    server = f"{settings.imap_server}:{settings.imap_port}"
    where = _("mailbox %(folder)s on %(server)s", folder=settings.imap_folder, server=server)
    try:
        mailbox.check()
    except mailbox.Unreachable as reason:
        yield Finding(False, f"{where}: {reason}")
    else:
        yield Finding(True, _("%(where)s can be read", where=where))
    if settings.reply_address is None:
        yield Finding(
            False, _("EVENTHUB_REPLY_ADDRESS is not set: answers without a token need a click each")
        )


def _outbox() -> Iterator[Finding]:
    count = select(func.count()).select_from(OutboxMessage)
    failed = db.session.scalar(count.where(OutboxMessage.state == MessageState.FAILED)) or 0
    late = db.session.scalar(
        count.where(OutboxMessage.state == MessageState.WAITING, OutboxMessage.due_at < clock.now() - LATE)
    )
    yield Finding(failed == 0, ngettext("%(num)s mail failed", "%(num)s mails failed", failed))
    waits = ngettext(
        "%(num)s mail waits longer than 10 minutes: is a worker running?",
        "%(num)s mails wait longer than 10 minutes: is a worker running?",
        late or 0,
    )
    yield Finding(not late, waits)


def _received() -> Iterator[Finding]:
    late = db.session.scalar(
        select(func.count())
        .select_from(ReceivedMail)
        .where(ReceivedMail.worked_off_at.is_(None), ReceivedMail.received_at < clock.now() - LATE)
    )
    if late:
        words = ngettext(
            "%(num)s mail that came in waits longer than 10 minutes",
            "%(num)s mails that came in wait longer than 10 minutes",
            late,
        )
        yield Finding(False, words)


def _links() -> Iterator[Finding]:
    """Compare a personal link with what the database keeps of it: another secret key would open nothing."""
    newest = db.session.scalar(select(Registration).order_by(Registration.id.desc()).limit(1))
    if newest is not None:
        fits = tokens.fingerprint(tokens.derive("manage", newest.token_seed)) == newest.token_hash
        words = (
            _("personal links fit the secret key") if fits else _("personal links do not fit the secret key")
        )
        yield Finding(fits, words)
