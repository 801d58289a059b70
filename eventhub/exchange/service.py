"""Whole series from files and back."""

from __future__ import annotations

from pathlib import Path

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from eventhub import clock
from eventhub.editions.models import Edition, Series, SeriesOrganisation
from eventhub.errors import InvalidFile, RuleBroken
from eventhub.exchange.documents import document_of
from eventhub.exchange.edition_rows import today_in
from eventhub.exchange.exporting import document_for
from eventhub.exchange.importing import Report, import_document
from eventhub.exchange.reading import LARGEST, read
from eventhub.exchange.rows import Book
from eventhub.exchange.writing import yaml_text
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.organisations.models import Organisation
from eventhub.registration.moved_up import last_entry, moved_up_since

SAMPLES = Path(__file__).with_name("samples")


def import_file(path: Path, *, samples: bool = False) -> Report:
    """Bring a file's series into the database, in the caller's transaction.

    Raises InvalidFile, whose message names file, line and field. A file that says nothing new writes nothing.
    """
    try:
        return _import(path, samples)
    except InvalidFile as error:
        line, field = error.place.get("line", 1), error.place.get("field")
        where = f"{path.name}, line {line}" + (f", {field}" if field else "")
        raise InvalidFile(f"{where}: {error.message}", place={"file": path.name, **error.place}) from error


def _import(path: Path, samples: bool) -> Report:
    document = document_of(read(_source(path)))
    zone: str = current_app.config["BABEL_DEFAULT_TIMEZONE"]
    book = Book(today_in(zone, clock.now()), current_app.config["HOST"], zone, samples)
    report = Report(file=path.name)
    before = last_entry()
    try:
        series = import_document(document, book, report)
    except IntegrityError as error:
        place = {"line": document.series.line, "field": document.head}
        raise InvalidFile(f"the database refuses it: {error.orig}", place=place) from error
    report.notes += _moved_up(before, series)
    if not report.unchanged:
        history.record(
            "series_imported",
            series_id=series.id,
            file=path.name,
            created=dict(report.created),
            changed=dict(report.changed),
            removed=dict(report.removed),
        )
    return report


def _moved_up(entry: int, series: Series) -> list[str]:
    """Say who has moved up in a series, and in those beside it, since an entry of the history."""
    own = Edition.series.has(or_(Series.id == series.id, Series.related_to_id == series.id))
    found: dict[str, list[str]] = {}
    for one in moved_up_since(entry, db.session.scalars(select(Edition).where(own)).all()):
        found.setdefault(one.where, []).append(one.name)
    return [
        f"{where}: {len(names)} move up from the waitlist: {', '.join(names)}"
        for where, names in found.items()
    ]


def _source(path: Path) -> bytes:
    """Return the bytes of a file, and one more than is allowed where it is larger."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise InvalidFile(f"can’t be read: {error.strerror}", place={"line": 1}) from error


def put_in_charge(series_slug: str, organisation_slug: str) -> bool:
    """Let the members of an organisation manage a series; tell whether that is new."""
    series = db.session.scalars(select(Series).where(Series.slug == series_slug)).one()
    row = db.session.scalar(select(Organisation).where(Organisation.slug == organisation_slug))
    if row is None:
        raise RuleBroken(f"There is no organisation “{organisation_slug}”.")
    if row in [link.organisation for link in series.organisation_links]:
        return False
    series.organisation_links.append(
        SeriesOrganisation(organisation=row, position=len(series.organisation_links))
    )
    history.record("series_organisation_added", series_id=series.id, organisation=row.slug)
    return True


def export_series(slug: str) -> str:
    """Return a series as the text of a file that an import reads."""
    series = db.session.scalar(select(Series).where(Series.slug == slug))
    if series is None:
        raise RuleBroken(f"There is no series “{slug}”.")
    return yaml_text(document_for(series))


def load_samples() -> list[Series]:
    """Bring in the series that ship with eventhub, in the caller's transaction."""
    reports = [import_file(path, samples=True) for path in sorted(SAMPLES.glob("*.yaml"))]
    slugs = [report.series for report in reports]
    return list(db.session.scalars(select(Series).where(Series.slug.in_(slugs)).order_by(Series.id)))
