"""One mapping of a file against one row: what goes to columns, what is kept beside them, what comes back.

Keys without a column stay in the row's `extra` as they are in the file, for pages to show. `extra["_file"]`
remembers which keys the file had, also the empty ones, so that an export gives the same mapping back.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import InstrumentedAttribute

from eventhub.exchange import values
from eventhub.exchange.reading import Node
from eventhub.exchange.writing import with_days
from eventhub.organisations.models import Organisation

MEMORY = "_file"


@dataclass
class Book:
    """What the rows of one file share."""

    today: date
    host: str
    default_zone: str
    samples: bool = False
    zone: str = ""
    organisations: dict[str, Organisation] = field(default_factory=dict)
    speakers: dict[str, Any] = field(default_factory=dict)


class Taken(NamedTuple):
    """What one key of a mapping says: columns, what has no column, and what to remember of its form."""

    columns: dict[str, Any]
    rest: Any = None
    form: Any = None


class Field(NamedTuple):
    """A key of the format: how it is read (None: the key is gone) and written (None: nothing to say)."""

    key: str
    read: Callable[[Node | None, Book], Taken]
    write: Callable[[Any], Any]
    usual: Any = None
    """What goes without saying: it is written only where the file said it."""


class Change(NamedTuple):
    """What a mapping of the file makes of a row."""

    columns: dict[str, Any]
    extra: dict[str, Any]


def memory(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = (row.extra or {}).get(MEMORY, {})
    return found


def column(key: str, attribute: InstrumentedAttribute[Any]) -> Field:
    """Return the field of a plain text column."""
    limit = values.room_for(attribute)
    name = attribute.key
    return Field(
        key,
        lambda node, _book: Taken({name: values.text(node, limit)}),
        lambda row: getattr(row, name) or None,
    )


def simple(key: str, name: str, read: Callable[[Node | None], Any], empty: Any = None) -> Field:
    """Return the field of a column whose value is checked by `read`; `empty` is what null means."""

    def taken(node: Node | None, _book: Book) -> Taken:
        value = read(node)
        return Taken({name: empty if value is None else value})

    def written(row: Any) -> Any:
        value = getattr(row, name)
        return getattr(value, "value", value)

    return Field(key, taken, written, getattr(empty, "value", empty))


def change_of(
    row: Any,
    node: Node,
    fields: Iterable[Field],
    book: Book,
    *,
    elsewhere: Iterable[str] = (),
    remember: Mapping[str, Any] | None = None,
) -> Change:
    """Read a mapping for a row. Keys in `elsewhere` are handled by the caller."""
    known = {one.key: one for one in fields}
    present = values.mapping(node)
    kept = memory(row).get("keys", ())
    columns: dict[str, Any] = {}
    for key in kept:
        if key in known and key not in present:
            columns |= known[key].read(None, book).columns
    extra = {key: value for key, value in (row.extra or {}).items() if key not in {*kept, MEMORY}}
    form: dict[str, Any] = {"keys": list(present), **(remember or {})}
    for key, child in present.items():
        if key in known:
            taken = known[key].read(child, book)
            columns |= taken.columns
            _keep(extra, key, taken.rest)
            _keep(form, key, taken.form)
        elif key not in elsewhere:
            _keep(extra, key, child.plain())
    return Change(columns, extra | {MEMORY: form})


def _keep(found: dict[str, Any], key: str, value: Any) -> None:
    found.pop(key, None)
    if value is not None:
        found[key] = value


def apply(
    row: Any, change: Change, node: Node, written: Mapping[str, Any], elsewhere: Container[str] = ()
) -> set[str]:
    """Set what differs and return the names of the columns.

    `written` is the row as an export writes it; keys in `elsewhere` are compared by the caller.
    """
    changed = {name for name, value in change.columns.items() if getattr(row, name) != value}
    if not changed and (row.extra == change.extra or says_the_same(row, written, node, elsewhere)):
        return changed
    for name in changed:
        setattr(row, name, change.columns[name])
    if row.extra != change.extra:
        row.extra = change.extra
        changed.add("extra")
    return changed


def says_the_same(row: Any, written: Mapping[str, Any], node: Node, elsewhere: Container[str]) -> bool:
    """Tell whether a row already holds all that a mapping of the file says."""
    plain: dict[str, Any] = node.plain()
    same = all(is_same(written.get(key), value) for key, value in plain.items() if key not in elsewhere)
    return same and set(memory(row).get("keys", ())) <= set(plain)


def is_same(one: Any, other: Any) -> bool:
    """Compare written data with data of a file; null, empty and not there mean the same."""
    one = one.isoformat() if isinstance(one, date) else one
    if is_nothing(one) and is_nothing(other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(is_same(one.get(key), other.get(key)) for key in {*one, *other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return type(one) is type(other) and bool(one == other)


def is_nothing(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def written_row(row: Any, fields: Iterable[Field], **more: Any) -> dict[str, Any]:
    """Write a row as a mapping: first the keys that its file had, in their order, then what came later."""
    keys = memory(row).get("keys", ())
    found: dict[str, Any] = {}
    for one in fields:
        value = one.write(row)
        found[one.key] = None if value == one.usual and one.key not in keys else value
    return shaped(found | more, keys, row.extra or {})


def shaped(found: Mapping[str, Any], keys: Iterable[str], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Bring values into the form that their mapping had in the file."""
    rest = {key: with_days(value) for key, value in extra.items() if key != MEMORY}
    shape = {key: found[key] if key in found else rest.get(key) for key in keys}
    shape |= {key: value for key, value in found.items() if key not in shape and not is_nothing(value)}
    return shape | {key: value for key, value in rest.items() if key not in shape and key not in found}
