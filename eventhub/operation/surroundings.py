"""What an installation stands on: its clock, its disk, its copies, and the address where people find it."""

from __future__ import annotations

import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from flask import current_app
from sqlalchemy import func, select

from config import Settings
from eventhub import clock
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.worker.watch import LEAPT

COPIED = "backup.made"
"""What the history calls a copy that `eventhub backup` has made."""
OLD = timedelta(days=7)
REMEMBERED = timedelta(days=1)
APART = timedelta(seconds=5)
A_DAY = timedelta(days=1)
LEAST_FREE = 500_000_000
PATIENCE = 5.0


class Finding(NamedTuple):
    well: bool
    words: str


def disk() -> Finding:
    """Look whether the folder of the instance takes files, and how much room there is."""
    wanted: Path = current_app.config["SETTINGS"].instance.resolve()
    folder = next(path for path in (wanted, *wanted.parents) if path.exists())  # it is made when needed
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(False, _("%(folder)s takes no files: %(why)s", folder=folder, why=error.strerror))
    room = f"{free / 1e9:.1f}"
    return Finding(free >= LEAST_FREE, _("%(gigabytes)s GB are free on the disk", gigabytes=room))


def leaps() -> Iterator[Finding]:
    """Say whether our clock leapt lately."""
    leapt = db.session.scalar(select(func.max(HistoryEntry.id)).where(HistoryEntry.action == LEAPT))
    entry = db.session.get(HistoryEntry, leapt) if leapt else None
    if entry is not None and abs(clock.now() - entry.at) < REMEMBERED:
        minutes = round(entry.details["seconds"] / 60)
        words = _("our clock leapt %(minutes)s minutes ahead; for a while nothing was ended or erased")
        yield Finding(False, words % {"minutes": minutes})


def time_of_day() -> Finding:
    """Compare our clock with that of the database; a file has none, but it says when things happened."""
    if db.engine.dialect.name == "sqlite":
        return _plausible(clock.now())
    there = db.session.scalar(select(func.clock_timestamp())) or clock.now()
    apart = abs(clock.now() - there.astimezone(UTC))
    words = _(
        "our clock and that of the database are %(seconds)s s apart", seconds=round(apart.total_seconds())
    )
    return Finding(apart <= APART, words)


def _plausible(now: datetime) -> Finding:
    """Look whether our clock is behind what has happened for certain."""
    shown = f"{now:%Y-%m-%d %H:%M} UTC"
    installed = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if now < installed - A_DAY:
        day = f"{installed:%Y-%m-%d}"
        return Finding(
            False, _("our clock shows %(now)s, but this version came on %(day)s", now=shown, day=day)
        )
    noted = _latest_note()
    if noted is not None and noted > now + APART:
        words = _(
            "our clock shows %(now)s, but something was noted at %(noted)s: it is slow now, or was fast then",
            now=shown,
            noted=f"{noted:%Y-%m-%d %H:%M} UTC",
        )
        return Finding(False, words)
    return Finding(True, _("our clock shows %(now)s, and nothing here speaks against it", now=shown))


def _latest_note() -> datetime | None:
    """Return when the latest of the things happened that are written down all the time."""
    columns = (HistoryEntry.at, Registration.created_at, OutboxMessage.created_at)
    found = [db.session.scalar(select(func.max(column))) for column in columns]
    return max((one for one in found if one is not None), default=None)


def latest_copy() -> Finding:
    """Say how old the latest copy is; whoever has no people yet has nothing to lose."""
    made = db.session.scalar(select(func.max(HistoryEntry.at)).where(HistoryEntry.action == COPIED))
    if made is None:
        first = db.session.scalar(select(func.min(Registration.created_at)))
        at_risk = first is not None and clock.now() - first > OLD
        return Finding(not at_risk, _("no copy was ever made: eventhub backup FILE"))
    days = (clock.now() - made).days
    words = ngettext("the latest copy is %(num)s day old", "the latest copy is %(num)s days old", days)
    return Finding(clock.now() - made <= OLD, words)


def own_address() -> Finding:
    """Look whether our pages answer where links to them lead."""
    settings: Settings = current_app.config["SETTINGS"]
    address = f"{settings.base_url}/healthz"
    try:
        # the address is the operator's own setting, http or https
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310
            well = answer.status == 200
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        return Finding(False, _("%(address)s does not answer from here: %(why)s", address=address, why=why))
    return Finding(well, _("%(address)s answers", address=address))
