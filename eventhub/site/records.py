"""What is documented of a meeting beyond its plan: who came, what came of it, where that is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventhub.editions.models import Edition, Series

SCHEMES = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Work:
    """A document: material of a meeting, or a source of what is said about it."""

    title: str
    url: str
    kind: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """The documented part of an edition; everything may be empty."""

    attendance: str = ""
    audience: str = ""
    fee: str = ""
    hosts: str = ""
    part_of: str = ""
    mode_note: str = ""
    date_basis: str = ""
    agenda_note: str = ""
    learnings: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    materials: list[Work] = field(default_factory=list)
    sources: list[Work] = field(default_factory=list)

    @property
    def has_review(self) -> bool:
        """Whether there is something to read about how it went."""
        return bool(self.learnings or self.outcomes or self.questions)

    @property
    def has_background(self) -> bool:
        """Whether there is something about how all this is known."""
        return bool(self.notes or self.sources)


def records_of(edition: Edition) -> Records:
    """Read what was documented of an edition."""
    extra = edition.extra
    capacity = _mapping(extra.get("capacity"))
    return Records(
        attendance=_words(extra.get("attendance")),
        audience=_words(extra.get("audience")),
        fee=_words(extra.get("fee")),
        hosts=_words(extra.get("hosts_text")),
        part_of=_part_of(extra.get("part_of")),
        mode_note=_words(extra.get("mode_note")),
        date_basis=_words(extra.get("date_basis") or _mapping(extra.get("date")).get("basis")),
        agenda_note=_words(extra.get("agenda_note")),
        learnings=_list(extra.get("learnings")),
        outcomes=_list(extra.get("outcomes")),
        questions=_list(extra.get("questions")),
        notes=[
            *_list(extra.get("notes")),
            *_list(capacity.get("note")),
            *_list(_mapping(extra.get("date")).get("note")),
            *(_conflict(entry) for entry in _mappings(extra.get("conflicts"))),
        ],
        materials=[_work(entry) for entry in _mappings(extra.get("materials"))],
        sources=_sources(extra.get("sources"), edition.series),
    )


def _words(value: Any) -> str:
    """Return what a value says: a text, the text inside, or a list in one line."""
    if isinstance(value, Mapping):
        return _words(value.get("text") or value.get("title"))
    if isinstance(value, str):
        return value
    return ", ".join(_list(value))


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [_line(entry) for entry in value if entry] if isinstance(value, Sequence) else []


def _line(entry: Any) -> str:
    """Return an entry of a list as text; `voneinander lernen: Beteiligung` is a mapping for YAML."""
    if isinstance(entry, Mapping):
        return ", ".join(f"{name}: {value}" for name, value in entry.items())
    return str(entry)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    return (entry for entry in value if isinstance(entry, Mapping)) if isinstance(value, list) else iter(())


def _part_of(value: Any) -> str:
    known = _mapping(value)
    if not known:
        return _words(value)
    return " · ".join(str(known[name]) for name in ("title", "organiser") if known.get(name))


def _conflict(entry: Mapping[str, Any]) -> str:
    values = " / ".join(_list(entry.get("values"))) or _words(entry.get("note"))
    return f"{entry.get('topic', '')}: {values}"


def _work(entry: Mapping[str, Any]) -> Work:
    detail = [entry.get("note"), entry.get("filename")]
    return Work(
        title=str(entry.get("title") or entry.get("filename") or ""),
        url=_link(entry.get("url")),
        kind=str(entry.get("kind") or ""),
        detail=" · ".join(str(part) for part in detail if part),
    )


def _sources(names: Any, series: Series) -> list[Work]:
    known = _mapping(series.extra.get("sources"))
    entries = [_mapping(known.get(name)) for name in _list(names)]
    return [
        Work(
            title=str(entry.get("title") or ""),
            url=_link(entry.get("url")),
            detail=str(entry.get("publisher") or ""),
        )
        for entry in entries
        if entry.get("title")
    ]


def _link(value: Any) -> str:
    """Return an address only if it leads to the web."""
    return value if isinstance(value, str) and value.startswith(SCHEMES) else ""


@dataclass(frozen=True, slots=True)
class SeriesRecords:
    """The documented part of a series; everything may be empty."""

    cadence: str = ""
    scope: str = ""
    future: str = ""
    attendance: str = ""
    aims: list[str] = field(default_factory=list)
    audience: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sources: list[Work] = field(default_factory=list)


def series_records(series: Series) -> SeriesRecords:
    """Read what was documented of a series."""
    extra = series.extra
    return SeriesRecords(
        cadence=_words(extra.get("cadence")),
        scope=_words(extra.get("audience_scope")),
        future=_words(extra.get("future")),
        attendance=_usual(_mapping(extra.get("usual_attendance"))),
        aims=_list(extra.get("aims")),
        audience=_list(extra.get("audience")),
        notes=[_conflict(entry) for entry in _mappings(extra.get("conflicts"))],
        sources=_sources(extra.get("series_sources") or list(_mapping(extra.get("sources"))), series),
    )


def _usual(value: Mapping[str, Any]) -> str:
    """Return "30–35, from everywhere" where the usual number of people is known."""
    numbers = "–".join(str(value[name]) for name in ("min", "max") if value.get(name))
    return ", ".join(part for part in (numbers, str(value.get("note") or "")) if part)
