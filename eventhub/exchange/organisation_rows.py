"""Organisations and persons of a file."""

from __future__ import annotations

from typing import Any

from eventhub.agenda.models import Speaker
from eventhub.editions.naming import SLUG
from eventhub.exchange import values
from eventhub.exchange.reading import Node, fail
from eventhub.exchange.rows import Book, Field, Taken, column, memory, simple, written_row
from eventhub.exchange.writing import with_days
from eventhub.organisations.models import Level, Organisation


def _name(attribute: Any) -> Field:
    return Field(
        "name",
        lambda node, _book: Taken({"name": values.text(node, values.room_for(attribute))}),
        lambda row: row.name,
    )


ORGANISATION = (
    _name(Organisation.name),
    column("short_name", Organisation.short_name),
    simple("level", "level", lambda node: values.word(node, Level)),
    column("kind", Organisation.kind),
    column("city", Organisation.city),
    column("address", Organisation.address),
    simple("url", "url", lambda node: values.web_address(node, 500), ""),
)


def named_organisation(
    node: Node | None, book: Book, limit: int | None = None
) -> tuple[Organisation | None, str]:
    """Return the organisation that a key stands for, or the words where it is written out."""
    words = values.text(node, limit)
    if node is None or not words or words in book.organisations:
        return book.organisations.get(words), ""
    if SLUG.match(words):
        fail(node, f"there is no organisation “{words}” in this file")
    return None, words


def _affiliation(node: Node | None, book: Book) -> Taken:
    organisation, words = named_organisation(node, book, values.room_for(Speaker.organisation_name))
    return Taken({"organisation": organisation, "organisation_name": words})


PERSON = (
    _name(Speaker.name),
    column("title", Speaker.title),
    column("given", Speaker.given_name),
    column("family", Speaker.family_name),
    Field(
        "organisation",
        _affiliation,
        lambda row: row.organisation.slug if row.organisation else row.organisation_name or None,
    ),
    column("role", Speaker.role),
    column("about", Speaker.about),
    column("photo_alt", Speaker.photo_alt),
)


def written_person(row: Speaker) -> dict[str, Any]:
    return written_row(row, PERSON)


def written_organisation(row: Organisation) -> dict[str, Any]:
    return written_row(row, ORGANISATION)


def as_seen_by(view: dict[str, Any] | None, row: Organisation) -> dict[str, Any]:
    """Write an organisation as a series' file has it: another file may have been first to describe it.

    `view` holds the file's words and the row as it was then; what has changed in the row since comes through.
    """
    from_row = written_organisation(row)
    if not view:
        return from_row
    then, now = view["row"], plain(from_row)
    changed = {key: from_row.get(key) for key in {**now, **then} if now.get(key) != then.get(key)}
    return {**with_days(view["file"]), **changed}


def plain(value: Any) -> Any:
    """Return written data as JSON holds it."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def belongs_to(row: Organisation, series_slug: str) -> bool:
    """Tell whether the organisation came with this series' file, so that the file may change it."""
    return bool(memory(row).get("from") == series_slug)
