"""A checked file into the database: rows that differ are changed, all others are left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from eventhub.agenda.models import SlotSpeaker, Speaker
from eventhub.editions.ahead import rule_of
from eventhub.editions.models import Edition, Series, SeriesOrganisation
from eventhub.exchange import values
from eventhub.exchange.documents import Document
from eventhub.exchange.edition_import import import_edition
from eventhub.exchange.mail_rows import take_mails
from eventhub.exchange.organisation_rows import (
    ORGANISATION,
    PERSON,
    as_seen_by,
    belongs_to,
    plain,
    written_organisation,
    written_person,
)
from eventhub.exchange.reading import Node, fail
from eventhub.exchange.rows import MEMORY, Book, apply, change_of, is_same, memory
from eventhub.exchange.rule_rows import take_rule
from eventhub.exchange.series_rows import ELSEWHERE, SERIES, head_of, slug_of_series, written_head
from eventhub.extensions import db
from eventhub.organisations.models import Organisation


@dataclass
class Report:
    """What an import has done."""

    series: str = ""
    title: str = ""
    file: str = ""
    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def unchanged(self) -> bool:
        return not (self.created or self.changed or self.removed)

    def count(self, what: str, new: bool, changed: Iterable[str]) -> None:
        if new:
            self.created[what] += 1
        elif any(changed):
            self.changed[what] += 1

    def words(self) -> str:
        """Say it in one line."""
        if self.unchanged:
            return f"{self.file}: unchanged"
        done = {"created": self.created, "changed": self.changed, "removed": self.removed}
        parts = [
            f"{', '.join(f'{number} {what}' for what, number in counts.items())} {verb}"
            for verb, counts in done.items()
            if counts
        ]
        return f"{self.file}: {'; '.join(parts)}"


def import_document(document: Document, book: Book, report: Report) -> Series:
    """Bring one series with all that its file says into the database, in the caller's transaction."""
    with db.session.no_autoflush:
        slug = slug_of_series(document.series)
        views = _organisations(document, slug, book, report)
        series = _series(document, slug, views, book, report)
        _speakers(document, series, book, report)
        _editions(document, series, book, report)
        for node in document.related:
            _related(node, series, book, report)
        _forget_speakers(document, series, report)
        db.session.flush()
    report.series, report.title = series.slug, series.title
    return series


# organisations -----------------------------------------------------------------------------------------


def _organisations(document: Document, series: str, book: Book, report: Report) -> dict[str, Any]:
    """Bring in the organisations; return for each how this file sees it where the row says something else."""
    found = select(Organisation).where(Organisation.slug.in_(document.organisations))
    rows = {row.slug: row for row in db.session.scalars(found)}
    known = db.session.scalar(select(Series).where(Series.slug == series))
    before: dict[str, Any] = memory(known).get("organisations", {}) if known else {}
    views: dict[str, Any] = {}
    for slug, node in document.organisations.items():
        values.needed_text(node, "name")
        row = rows.get(slug)
        if row is None or belongs_to(row, series):
            row = _own_organisation(row, slug, node, series, book, report)
            views[slug] = None
        else:
            views[slug] = _foreign_view(row, node, before.get(slug), slug in before, report)
        book.organisations[slug] = row
    return views


def _own_organisation(
    row: Organisation | None, slug: str, node: Node, series: str, book: Book, report: Report
) -> Organisation:
    new = row is None
    row = row or Organisation(slug=slug, extra={})
    change = change_of(row, node, ORGANISATION, book, remember={"from": series})
    changed = apply(row, change, node, {} if new else written_organisation(row))
    db.session.add(row)
    report.count("organisations", new, changed)
    return row


def _foreign_view(
    row: Organisation, node: Node, before: dict[str, Any] | None, known: bool, report: Report
) -> dict[str, Any] | None:
    """Leave the row to the file that brought it; keep this file's words beside it."""
    said = node.plain()
    if known and is_same(plain(as_seen_by(before, row)), said):
        return before
    current = plain(written_organisation(row))
    if current == said:
        return None
    different = [key for key, value in said.items() if value and not is_same(current.get(key), value)]
    if different:
        words = ", ".join(different)
        report.notes.append(f"organisation {row.slug}: kept; this file says something else about {words}")
    return {"file": said, "row": current}


# series ------------------------------------------------------------------------------------------------


def _series(document: Document, slug: str, views: dict[str, Any], book: Book, report: Report) -> Series:
    row = db.session.scalar(select(Series).where(Series.slug == slug))
    new = row is None
    row = row or Series(slug=slug, zone=book.default_zone, extra={})
    values.needed_text(document.series, "title")
    head = head_of(document.series)
    written = {} if new else written_head(row)
    remember = {
        "head": document.head,
        "list": document.list_name,
        "top": document.top,
        "organisations": views,
    }
    change = change_of(row, head, SERIES, book, elsewhere=ELSEWHERE, remember=remember)
    for key, block in (("sources", document.sources), ("conflicts", document.conflicts)):
        change.extra.pop(key, None)
        if block is not None and block.value is not None:
            change.extra[key] = block.plain()
    book.zone = change.columns.get("zone", row.zone)
    values.references(head.value.get("supporters_first_edition"), book.organisations, "organisation")
    if not new and row.zone != book.zone:
        _move_editions(row, book.zone)
    frame = _frame(row.extra), _frame(change.extra, known=bool(memory(row)))
    had = set(memory(row).get("keys", ()))
    changed = apply(row, change, head, written, ELSEWHERE)
    if "extra" not in changed and frame[0] != frame[1]:
        row.extra = change.extra
        changed.add("extra")
    db.session.add(row)
    changed |= _organisers(row, head, book)
    if take_rule(row, None if new else rule_of(row), head.value.get("rule"), "rule" in had):
        changed.add("rule")
    db.session.flush()  # mails refer to the key of the series
    changed |= take_mails(row, head, had)
    report.count("series", new, changed)
    return row


def _frame(extra: dict[str, Any] | None, known: bool = True) -> list[Any]:
    """Return what the file says around its series; for one that came from no file only what it must keep."""
    found, said = extra or {}, (extra or {}).get(MEMORY, {})
    views: dict[str, Any] = said.get("organisations", {})
    if not known or not said:
        return [
            found.get("sources"),
            found.get("conflicts"),
            {key: view for key, view in views.items() if view},
            [],
        ]
    return [found.get("sources"), found.get("conflicts"), views, sorted(said.get("top", ()))]


def _move_editions(series: Series, zone: str) -> None:
    """Take along the editions that have no zone of their own."""
    for edition in series.editions:
        if edition.zone == series.zone:
            edition.zone = zone


def _organisers(row: Series, head: Node, book: Book) -> set[str]:
    """Make the initiators those who run the series."""
    if "initiators" not in head.value:
        return set()
    wanted = values.references(head.value["initiators"], book.organisations, "organisation")
    if wanted == [link.organisation.slug for link in row.organisation_links]:
        return set()
    kept = {link.organisation.slug: link for link in row.organisation_links}
    row.organisation_links = [
        kept.get(slug) or SeriesOrganisation(organisation=book.organisations[slug]) for slug in wanted
    ]
    for at, link in enumerate(row.organisation_links):
        link.position = at
    return {"organisers"}


# persons -----------------------------------------------------------------------------------------------


def _speakers(document: Document, series: Series, book: Book, report: Report) -> None:
    rows = {row.slug: row for row in _speaker_rows(series)}
    for slug, node in document.persons.items():
        values.needed_text(node, "name")
        row = rows.get(slug)
        new = row is None
        row = row or Speaker(series=series, slug=slug, extra={})
        change = change_of(row, node, PERSON, book)
        changed = apply(row, change, node, {} if new else written_person(row))
        db.session.add(row)
        report.count("persons", new, changed)
        book.speakers[slug] = row


def _speaker_rows(series: Series) -> list[Speaker]:
    return list(db.session.scalars(select(Speaker).where(Speaker.series_id == series.id)))


def _forget_speakers(document: Document, series: Series, report: Report) -> None:
    """Remove persons that an earlier file has brought, this one has not, and no slot names any more."""
    db.session.flush()
    for row in _speaker_rows(series):
        if row.slug in document.persons or not memory(row) or _is_named(row):
            continue
        db.session.delete(row)
        report.removed["persons"] += 1


def _is_named(row: Speaker) -> bool:
    return db.session.scalar(select(SlotSpeaker.slot_id).where(SlotSpeaker.speaker_id == row.id)) is not None


# editions ----------------------------------------------------------------------------------------------


def _editions(document: Document, series: Series, book: Book, report: Report) -> None:
    known = list(series.editions)
    seen: dict[Any, Node] = {}
    met: list[Edition] = []
    for node in document.editions:
        number, slug = _address(node, seen)
        row = _match(node, known, number, slug)
        row = import_edition(row, node, series, book, report)
        met.append(row)
    for row in known:
        if row not in met and memory(row):
            report.notes.append(f"edition {row.key}: is not in this file any more and was kept")


def _address(node: Node, seen: dict[Any, Node]) -> tuple[int | None, str | None]:
    parts = values.mapping(node)
    number, slug = values.whole(parts.get("number")), values.slug(parts.get("slug"))
    if number is None and slug is None:
        fail(node, "an edition needs a number or a slug")
    for key, value in (("number", number), ("slug", slug)):
        if value is not None and value in seen:
            fail(parts[key], f"{value} is the {key} of another edition, in line {seen[value].line}")
        if value is not None:
            seen[value] = parts[key]
    return number, slug


def _match(node: Node, known: list[Edition], number: int | None, slug: str | None) -> Edition | None:
    by_number = next((row for row in known if number is not None and row.number == number), None)
    by_slug = next((row for row in known if slug is not None and row.slug == slug), None)
    if by_number and by_slug and by_number is not by_slug:
        fail(node, f"number {number} and slug “{slug}” belong to two different editions")
    return by_number or by_slug


def _related(node: Node, series: Series, book: Book, report: Report) -> None:
    """Bring in a meeting beside the series, as a series of its own with one edition."""
    slug = slug_of_series(node)
    title = values.text(values.mapping(node).get("series_title"), 200) or values.needed_text(
        node, "title", 200
    )
    row = db.session.scalar(select(Series).where(Series.slug == slug))
    new = row is None
    if row is not None and row.related_to_id != series.id:
        fail(node.value["slug"], f"“{slug}” is the slug of another series")
    if row is None:
        db.session.flush()  # the new series points at the first one's key
        row = Series(slug=slug, zone=series.zone, language=series.language, related_to_id=series.id, extra={})
    changed = {"title"} if row.title != title else set()
    if changed:
        row.title = title
    db.session.add(row)
    report.count("series", new, changed)
    found = next((edition for edition in row.editions if edition.slug == slug), None)
    import_edition(found, node, row, book, report)
