"""What a file says about the day of an edition: a day, a conclusion, a month, words, or nothing."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from eventhub.editions.models import Edition
from eventhub.exchange import values
from eventhub.exchange.reading import Node, fail
from eventhub.exchange.rows import Book, Field, Taken, memory, shaped

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_OWN = frozenset({"as_published", "start", "end", "month", "inferred", "planned", "starts_in_days"})
_UNKNOWN: dict[str, Any] = {
    "start_date": None,
    "end_date": None,
    "date_inferred": False,
    "date_as_published": "",
    "planned": "",
}


def is_month(text: str) -> bool:
    return bool(_MONTH.fullmatch(text))


def _read_date(node: Node | None, book: Book) -> Taken:
    if node is None or node.value is None:
        return Taken(dict(_UNKNOWN))
    if not isinstance(node.value, dict):
        return Taken(_UNKNOWN | {"start_date": values.day(node)}, form="day")
    return _from_mapping(node, book)


def _from_mapping(node: Node, book: Book) -> Taken:
    parts = values.mapping(node)
    start, inferred = _start(parts, book), values.day(parts.get("inferred"))
    first, end = start or inferred, values.day(parts.get("end"))
    _check_order(node, first, end)
    month, as_published = _month(parts.get("month")), values.text(parts.get("as_published"), 200)
    planned = (
        values.text(parts["planned"], 200) if "planned" in parts else "" if first else month or as_published
    )
    rest = {key: child.plain() for key, child in parts.items() if key not in _OWN and child.value is not None}
    if start and inferred:
        rest["inferred"] = inferred.isoformat()
    if month and (first or "planned" in parts):
        rest["month"] = month
    columns = {
        "start_date": first,
        "end_date": end,
        "date_inferred": start is None and inferred is not None,
        "date_as_published": as_published,
        "planned": planned,
    }
    return Taken(columns, rest or None, [key for key in parts if key != "starts_in_days"])


def _start(parts: dict[str, Node], book: Book) -> date | None:
    ahead = parts.get("starts_in_days")
    if ahead is None:
        return values.day(parts.get("start"))
    if not book.samples:
        fail(ahead, "belongs to samples only; say the day")
    return tuesday_after(book.today + timedelta(days=values.whole(ahead, 0, 3650) or 0))


def tuesday_after(day: date) -> date:
    """Return the day itself or the next Tuesday."""
    return day + timedelta(days=(1 - day.weekday()) % 7)


def _check_order(node: Node, start: date | None, end: date | None) -> None:
    parts = values.mapping(node)
    if end and not start:
        fail(parts["end"], "needs a start as well")
    if start and end and end < start:
        fail(parts["end"], f"lies before the start, {start.isoformat()}")


def _month(node: Node | None) -> str:
    month = values.text(node)
    if node is not None and month and not is_month(month):
        fail(node, "must be a month such as 2020-05")
    return month


def _write_date(row: Edition) -> Any:
    if _stands_alone(row):
        return None
    form, rest = memory(row).get("date"), (row.extra or {}).get("date", {})
    found = _found(row, rest)
    if form == "day" and all(value is None for key, value in found.items() if key != "start"):
        return row.start_date
    keys = list(form) if isinstance(form, list) else []
    if row.planned != _usual_plan(row):
        keys.append("planned")
        found["planned"] = row.planned or None
    mapping = shaped(found, dict.fromkeys(keys), rest)
    return mapping if form is not None or any(mapping.values()) else None


def _found(row: Edition, rest: dict[str, Any]) -> dict[str, Any]:
    known = row.start_date
    plan = row.planned if row.planned == _usual_plan(row) and is_month(row.planned) else None
    return {
        "as_published": row.date_as_published or None,
        "start": None if row.date_inferred else known,
        "end": row.end_date,
        "precision": _precision(row, rest.get("precision")),
        "month": plan or rest.get("month"),
        "inferred": known if row.date_inferred else rest.get("inferred"),
    }


def _usual_plan(row: Edition) -> str:
    """Return what `planned` is as long as the file has no such key."""
    if row.start_date:
        return ""
    return row.planned if is_month(row.planned) else row.date_as_published


def _precision(row: Edition, said: str | None) -> str | None:
    """Return what the file said, or what is true now where the organiser has changed the day since."""
    kinds = {
        "month": row.start_date is None and is_month(row.planned),
        "day": row.start_date is not None and not row.date_inferred,
        "day-without-year": row.start_date is not None and row.date_inferred,
    }
    if said is None or kinds.get(said, True):
        return said
    return next((kind for kind, true in kinds.items() if true), None)


def _stands_alone(row: Edition) -> bool:
    """Tell whether `start` and `end` stand in the edition itself and say everything."""
    keys = memory(row).get("keys", ())
    return (
        "date" not in keys
        and ("start" in keys or "end" in keys)
        and not (row.date_inferred or row.date_as_published or row.planned)
    )


def _bare(key: str, name: str) -> Field:
    def read(node: Node | None, _book: Book) -> Taken:
        return Taken({name: values.day(node)})

    def write(row: Edition) -> Any:
        return getattr(row, name) if _stands_alone(row) else None

    return Field(key, read, write)


def _read_time(node: Node | None, _book: Book) -> Taken:
    if node is None or node.value is None:
        return Taken({"start_time": None, "end_time": None})
    parts = values.mapping(node)
    rest = {key: child.plain() for key, child in parts.items() if key not in {"start", "end"}}
    columns = {
        "start_time": values.clock_time(parts.get("start")),
        "end_time": values.clock_time(parts.get("end")),
    }
    return Taken(columns, rest or None, list(parts))


def _write_time(row: Edition) -> Any:
    form, rest = memory(row).get("time"), (row.extra or {}).get("time", {})
    found = {"start": values.written_time(row.start_time), "end": values.written_time(row.end_time)}
    mapping = shaped(found, form or (), rest)
    return mapping if form is not None or mapping else None


DATES = (
    Field("date", _read_date, _write_date),
    _bare("start", "start_date"),
    _bare("end", "end_date"),
    Field("time", _read_time, _write_time),
)
