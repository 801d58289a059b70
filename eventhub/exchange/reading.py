"""YAML text into a tree in which every value knows its line and its field.

Only what the format needs is read: mappings, lists, texts, numbers, true, false, null and days. Anchors and
aliases (with which a short file unfolds into gigabytes) and tags (which call code) are refused, and `no`,
`15:00` and `01067` stay texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NoReturn

import yaml

from eventhub.errors import InvalidFile

LARGEST = 1_000_000
"""Bytes; ten years of a busy series take a tenth of it."""
DEEPEST = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]*([eE][-+][0-9]{1,2})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

Scalar = str | int | float | bool | date | None
Value = Any
"""`Scalar`, `list[Node]` or `dict[str, Node]`."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file and where it stands."""

    value: Value
    line: int
    path: str

    def plain(self) -> Any:
        """Return the value as JSON can hold it; days become texts."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value.isoformat() if isinstance(self.value, date) else self.value

    def walk(self) -> Iterator[tuple[str, Node]]:
        """Yield every value below this one with the key under which it stands."""
        if isinstance(self.value, dict):
            for key, child in self.value.items():
                yield key, child
                yield from child.walk()
        elif isinstance(self.value, list):
            for child in self.value:
                yield from child.walk()


def fail(node: Node, sentence: str) -> NoReturn:
    """Say that this value of the file is wrong."""
    raise InvalidFile(sentence, place={"line": node.line, "field": node.path})


def is_day(text: str) -> bool:
    """Tell whether a text is a day that exists, such as 2024-02-26."""
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def read(source: bytes) -> Node:
    """Return the tree of a file; raises InvalidFile with line and field."""
    if len(source) > LARGEST:
        _broken(1, f"the file is larger than {LARGEST // 1_000_000} MB")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _broken(source.count(b"\n", 0, error.start) + 1, "the file is not UTF-8 text")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(part for part in (error.context, error.problem) if part)
        _broken(mark.line + 1 if mark else 1, f"this is not YAML: {words}", builder.path)
    except yaml.YAMLError as error:
        _broken(_line_of_unreadable(text), f"this is not YAML: {str(error).splitlines()[0]}")
    if builder.root is None:
        _broken(1, "the file is empty")
    return builder.root


def _line_of_unreadable(text: str) -> int:
    found = _UNSAFE.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _broken(line: int, sentence: str, path: str = "") -> NoReturn:
    raise InvalidFile(sentence, place={"line": line, "field": path})


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet."""

    node: Node
    key: str | None = None

    def next_path(self) -> str:
        if isinstance(self.node.value, list):
            return f"{self.node.path}[{len(self.node.value) + 1}]"
        return f"{self.node.path}.{self.key}" if self.node.path else str(self.key)


@dataclass(slots=True)
class _Builder:
    """Makes nodes from the parser's events, without recursion."""

    root: Node | None = None
    stack: list[_Open] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.stack[-1].next_path() if self.stack and self.stack[-1].key != "" else ""

    def take(self, event: yaml.Event) -> None:
        line = (event.start_mark.line if event.start_mark else 0) + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _broken(
                line, "anchors and aliases (& and *) are not allowed here; write the value out", self.path
            )
        if isinstance(event, yaml.CollectionStartEvent | yaml.ScalarEvent):
            self._check(event, line)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open({}, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open([], line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()

    def _check(self, event: yaml.CollectionStartEvent | yaml.ScalarEvent, line: int) -> None:
        if not self.stack and self.root is not None:
            _broken(line, "the file holds a second document; one series has one file")
        if event.tag is not None:
            _broken(line, f"the tag {event.tag} is not allowed here", self.path)

    def _open(self, value: Value, line: int) -> None:
        if len(self.stack) >= DEEPEST:
            _broken(line, f"values are nested deeper than {DEEPEST} levels", self.path)
        if self._expects_key():
            _broken(line, "a key must be a text", self.stack[-1].node.path)
        self.stack.append(_Open(self._place(value, line)))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if _UNSAFE.search(event.value):
            _broken(line, "the text holds a control character", self.path)
        if self._expects_key():
            self._take_key(event.value, line)
        else:
            self._place(self._resolved(event, line), line)

    def _expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].node.value, dict) and self.stack[-1].key is None

    def _take_key(self, key: str, line: int) -> None:
        parent = self.stack[-1]
        if not key or key == "<<" or key.startswith("_"):
            _broken(line, f"“{key}” can’t be a key", parent.node.path)
        if key in parent.node.value:
            first = parent.node.value[key].line
            _broken(line, f"“{key}” stands here twice; the first is in line {first}", parent.node.path)
        parent.key = key

    def _place(self, value: Value, line: int) -> Node:
        if not self.stack:
            self.root = Node(value, line, "")
            return self.root
        parent = self.stack[-1]
        node = Node(value, line, parent.next_path())
        if isinstance(parent.node.value, list):
            parent.node.value.append(node)
        else:
            parent.node.value[parent.key] = node
            parent.key = None
        return node

    def _resolved(self, event: yaml.ScalarEvent, line: int) -> Scalar:
        text: str = event.value
        if not event.implicit[0]:
            return text
        key = self.stack[-1].key if self.stack else None
        if not text and key and " " in key:
            _broken(line, "has no value; a text with a comma must stand between quotes", self.path)
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        if _DAY.fullmatch(text):
            if not is_day(text):
                _broken(line, f"{text} is not a day of the calendar", self.path)
            return date.fromisoformat(text)
        return text
