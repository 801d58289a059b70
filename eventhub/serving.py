"""Commands that keep eventhub running: web server, worker, and the doctor that says what is wrong."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo, with_appcontext
from sqlalchemy import exists, select
from sqlalchemy.exc import OperationalError

from config import SettingError
from eventhub import migrating
from eventhub.accounts.queries import user_by_email
from eventhub.accounts.service import operator_link
from eventhub.database import transaction
from eventhub.doctor import examine
from eventhub.editions.models import Series
from eventhub.exchange.service import load_samples
from eventhub.extensions import db
from eventhub.history.service import SYSTEM, record
from eventhub.operation import backup
from eventhub.operation.surroundings import COPIED, Finding
from eventhub.organisations.service import FIRST_ORGANISER, first_organiser
from eventhub.replies.round_trip import prove
from eventhub.web.languages import speaking
from eventhub.web.server import collect_seldom, server_for, stay_on_one_core
from eventhub.worker.broker import start_messenger
from eventhub.worker.embedded import start_worker, stop_worker
from eventhub.worker.loop import run_forever

PORTS = click.IntRange(1, 65535)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORTS, envvar="PORT", default=8000, show_default=True, help="Port to listen on.")
@click.pass_context
@with_appcontext
def serve(context: click.Context, host: str, port: int) -> None:
    """Start web server and worker in one process."""
    app = _application(context)
    stay_on_one_core(os.getpid())
    server = _listen(app, host, port)
    _bring_up_to_date()
    _load_samples_once()
    _greet(app)
    db.session.remove()
    collect_seldom()
    _run(app, server)


@click.command()
@click.pass_context
@with_appcontext
def worker(context: click.Context) -> None:
    """Deliver mail and do the other background work in a process of its own."""
    app = _application(context)
    collect_seldom()
    if app.config["SETTINGS"].broker_url:
        from eventhub.worker.celery import run_worker  # noqa: PLC0415 - only installations with a broker have it

        run_worker(app)
        return
    _stop_on_terminate()
    run_forever(app)


@click.command()
@click.pass_context
@with_appcontext
def beat(context: click.Context) -> None:
    """Tell the workers over the broker when to look; runs once beside any number of workers."""
    app = _application(context)
    if not app.config["SETTINGS"].broker_url:
        raise SettingError("EVENTHUB_BROKER_URL is not set: without a broker the workers look by themselves.")
    from eventhub.worker.celery import run_beat  # noqa: PLC0415 - as above

    run_beat(app)


@click.command()
@click.option(
    "--mail",
    is_flag=False,
    flag_value="",
    metavar="[EMAIL]",
    help="Also send a test mail and fetch it back; to EMAIL where no mailbox is set.",
)
@with_appcontext
def doctor(mail: str | None) -> None:
    """Check settings, disk, database, copies, worker, outbox and mail; exit 1 if something is wrong."""
    with speaking("en"):
        findings = list(examine())
        if mail is not None:
            findings += (Finding(*step) for step in prove(mail))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.words}")
    sys.exit(0 if all(finding.well for finding in findings) else 1)


@click.command(name="backup")
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE.tar.gz")
@with_appcontext
def backup_command(target: Path) -> None:
    """Copy database and files to FILE.tar.gz, while everything goes on. The secret key is not in it."""
    with _said_in_one_line():
        rows = backup.make(target)
        with transaction():
            record(COPIED, actor=SYSTEM)
        click.echo(f"{rows} rows copied. Keep the secret key too, at another place.")


@click.command(name="restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True), metavar="FILE.tar.gz")
@with_appcontext
def restore_command(source: Path) -> None:
    """Bring FILE.tar.gz back into an empty database, and check it."""
    with _said_in_one_line():
        click.echo(f"{backup.restore(source)} rows restored and checked. Now: eventhub doctor")


@contextmanager
def _said_in_one_line() -> Iterator[None]:
    try:
        yield
    except backup.Unusable as error:
        raise click.ClickException(str(error)) from None


def _application(context: click.Context) -> Flask:
    return context.ensure_object(ScriptInfo).load_app()


def _load_samples_once() -> None:
    if not db.session.scalar(select(exists().where(Series.id.is_not(None)))):
        with transaction():
            samples = load_samples()
            first_organiser(organisation for series in samples for organisation in series.organisations)


def _greet(app: Flask) -> None:
    """Print the three lines that a newcomer needs: where it is, how to get in, where mail goes."""
    settings = app.config["SETTINGS"]
    with transaction():
        user = user_by_email(FIRST_ORGANISER)
        link = operator_link(user) if user else "eventhub accounts create EMAIL --organisation SLUG"
    sent_to = settings.mail_server or f"nowhere: read it at {settings.base_url}/mailbox"
    click.echo(f"eventhub   {settings.base_url}/")
    click.echo(f"organiser  {link}")
    click.echo(f"mail       {sent_to}")
    if not settings.rate_limits:
        click.echo("WARNING: rate limits are off; that is for load tests only.", err=True)


def _listen(app: Flask, host: str, port: int) -> Any:
    """Take the port before anything else is touched: another eventhub may be running on the same data."""
    settings = app.config["SETTINGS"]
    try:
        return server_for(
            app,
            host,
            port,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
            clear_untrusted_proxy_headers=settings.proxy_hops == 0,
        )
    except OSError as error:
        raise SettingError(f"PORT {port} can not be used: {error.strerror}. Another one: PORT=…") from None


def _bring_up_to_date() -> None:
    try:
        migrating.bring_up_to_date()
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise SettingError(f"EVENTHUB_DATABASE_URL: the database does not answer: {reason}") from None


def _run(app: Flask, server: Any) -> None:
    if app.config["SETTINGS"].embedded_worker:
        start_worker(app, lambda: server.is_answering)
    else:
        start_messenger(app)
    _stop_on_terminate()
    try:
        server.run()
    except SystemExit:
        server.close()
    finally:
        stop_worker(app)


def _stop_on_terminate() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
