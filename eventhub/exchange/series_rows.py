"""Series of a file, apart from their editions."""

from __future__ import annotations

from typing import Any

from eventhub.editions.models import Admission, FormOfAddress, Series
from eventhub.editions.naming import RESERVED_FOR_SERIES
from eventhub.exchange import values
from eventhub.exchange.edition_rows import mode, mode_word
from eventhub.exchange.mail_rows import MAIL_KEYS, written_mails
from eventhub.exchange.organisation_rows import named_organisation
from eventhub.exchange.reading import Node, fail
from eventhub.exchange.rows import Book, Field, Taken, column, memory, shaped, simple, written_row
from eventhub.exchange.rule_rows import written_rule

_CONTACT = {"name", "organisation", "email"}


def slug_of_series(node: Node) -> str:
    """Return the slug of a series, which must leave the addresses of other pages alone."""
    found = values.mapping(node).get("slug")
    slug = values.slug(found)
    if found is None or slug is None:
        fail(found or node, "slug is missing")
    if slug in RESERVED_FOR_SERIES:
        fail(found, f"“{slug}” can’t be the slug of a series: it means something else in addresses")
    return slug


def _read_contact(node: Node | None, book: Book) -> Taken:
    parts = values.mapping(node) if node is not None and node.value is not None else {}
    organisation, words = named_organisation(parts.get("organisation"), book)
    rest = {key: child.plain() for key, child in parts.items() if key not in _CONTACT}
    if words:
        rest["organisation"] = words
    columns = {
        "contact_name": values.text(parts.get("name"), values.room_for(Series.contact_name)),
        "contact_organisation": organisation,
        "contact_email": values.email(parts.get("email")),
    }
    return Taken(columns, rest or None, list(parts) if parts else None)


def _write_contact(row: Series) -> dict[str, Any] | None:
    rest = (row.extra or {}).get("contact", {})
    organisation = row.contact_organisation
    found = {
        "name": row.contact_name or None,
        "organisation": organisation.slug if organisation else rest.get("organisation"),
        "email": row.contact_email or None,
    }
    return shaped(found, memory(row).get("contact", ()), rest) or None


SERIES = (
    Field("slug", lambda _node, _book: Taken({}), lambda row: row.slug),
    Field(
        "title",
        lambda node, _book: Taken({"title": values.text(node, values.room_for(Series.title))}),
        lambda row: row.title,
    ),
    column("subtitle", Series.subtitle),
    column("description", Series.description),
    simple("language", "language", lambda node: values.language(node) or None, "de"),
    Field(
        "timezone",
        lambda node, book: Taken({"zone": values.zone(node, book.default_zone)}),
        lambda row: row.zone,
    ),
    simple(
        "form_of_address", "form_of_address", lambda node: values.word(node, FormOfAddress), FormOfAddress.DU
    ),
    Field("contact", _read_contact, _write_contact),
    simple("brand_hue", "brand_hue", lambda node: values.whole(node, most=360)),
    Field(
        "default_mode",
        lambda node, _book: Taken({"default_mode": mode(node)}),
        lambda row: mode_word(row.default_mode),
    ),
    simple("default_capacity", "default_capacity", lambda node: values.whole(node, least=1)),
    simple("default_closes_hours", "default_closes_hours", lambda node: values.whole(node, most=100_000), 0),
    simple("remind_hours", "remind_hours", lambda node: values.whole(node, most=720), 24),
    simple("gather_minutes", "gather_minutes", lambda node: values.whole(node, most=120), 5),
    simple("erase_after_days", "erase_after_days", lambda node: values.whole(node, least=1, most=3650), 90),
    simple(
        "default_admission",
        "default_admission",
        lambda node: values.word(node, Admission),
        Admission.OPEN,
    ),
    simple("frees_declined", "frees_declined", values.flag, False),
    simple("example", "is_example", values.flag, False),
)
ELSEWHERE = frozenset({"initiators", "rule", *MAIL_KEYS})
_RENAMED = {"sources": "own_sources", "conflicts": "own_conflicts"}
"""Keys that stand at the top of a file too; in `extra` those at the top keep the name."""
_BACK = {own: key for key, own in _RENAMED.items()}


def head_of(node: Node) -> Node:
    """Return the mapping of a series with the names that its keys have in `extra`."""
    parts = values.mapping(node)
    return Node({_RENAMED.get(key, key): child for key, child in parts.items()}, node.line, node.path)


def written_head(row: Series) -> dict[str, Any]:
    """Write a series with the names that its keys have in `extra`."""
    organisers = [link.organisation.slug for link in row.organisation_links]
    more = {"initiators": organisers or None, "rule": written_rule(row), **written_mails(row)}
    found = written_row(row, SERIES, **more)
    return {key: value for key, value in found.items() if key not in _RENAMED}


def written_series(row: Series) -> dict[str, Any]:
    return {_BACK.get(key, key): value for key, value in written_head(row).items()}
