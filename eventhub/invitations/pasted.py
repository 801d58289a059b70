"""Addresses from pasted text: plain, `Name <address>`, or a column of a table; what is wrong is said."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from eventhub.registration.rules import LONGEST_NAME, has_letters, mail_address, one_line
from eventhub.web.languages import gettext as _
from eventhub.web.security import FORBIDDEN_IN_TEXT

MOST = 1000
"""So many invitations at once; more come in a second go."""
DELIMITERS = ("\t", ";", ",")
FIRST_NAMES = frozenset({"vorname", "first name", "firstname", "given name"})
LAST_NAMES = frozenset({"nachname", "familienname", "last name", "lastname", "surname", "family name"})
NAMES = frozenset({"name", "person", "teilnehmer", "teilnehmende", "full name"})
_ENTRY = re.compile(r'(?:"([^"]*)"|([^<>"@,;]*))\s*<([^<>]*)>|([^\s,;<>"]*@[^\s,;<>"]*)')
"""A name before an address in angle brackets, or an address alone."""
_ADDRESS_COLUMN = re.compile(r"e-?mail|mail-?adress|adresse|address", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One address of the text, or what is wrong with the line."""

    number: int
    text: str
    name: str = ""
    email: str = ""
    error: str = ""


@dataclass(slots=True)
class _Columns:
    """Where the names stand, as the first line of a table says."""

    names: list[int] = field(default_factory=list)


def read_lines(text: str) -> list[Line]:
    """Return every address of the text in its order; empty lines and the head of a table are no lines."""
    found: list[Line] = []
    columns: _Columns | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = one_line(FORBIDDEN_IN_TEXT.sub("", raw.replace("\t", ";"))).strip(" ,;")
        if not line:
            continue
        if not found and columns is None and _is_head(line):
            columns = _columns(_cells(line))
            continue
        found += _read(number, line, columns or _Columns())
    return found


def _read(number: int, line: str, columns: _Columns) -> Iterator[Line]:
    if "@" not in line:
        yield Line(number, line, error=_("there is no email address in it"))
        return
    for name, address in _people(line, columns):
        email = mail_address(address)
        if email is None:
            yield Line(
                number,
                line,
                error=_("“%(address)s” is no address like name@example.org", address=_short(address)),
            )
        else:
            yield Line(number, line, _tidy(name), email)


def _people(line: str, columns: _Columns) -> Sequence[tuple[str, str]]:
    """Return name and address of everybody in a line."""
    if line.count("@") > 1 or "<" in line:
        found = [(quoted or plain, inside or bare) for quoted, plain, inside, bare in _ENTRY.findall(line)]
        return [one for one in found if "@" in one[1]] or [("", line)]
    cells = _cells(line)
    if len(cells) > 1:
        at = next(place for place, cell in enumerate(cells) if "@" in cell)
        return [(_name(cells, at, columns), cells[at])]
    *words, address = line.split()
    return [(" ".join(words), address)] if "@" in address else [("", line)]


def _cells(line: str) -> list[str]:
    delimiter = next((sign for sign in DELIMITERS if sign in line), None)
    if delimiter is None:
        return [line]
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=False), [line])]


def _is_head(line: str) -> bool:
    return "@" not in line and any(_ADDRESS_COLUMN.search(cell) for cell in _cells(line))


def _columns(cells: Sequence[str]) -> _Columns:
    """Find the columns of names: first and last name, or the whole."""
    named = {cell.lower(): place for place, cell in reversed(list(enumerate(cells)))}
    parts = [[place for name, place in named.items() if name in words] for words in (FIRST_NAMES, LAST_NAMES)]
    whole = [place for name, place in named.items() if name in NAMES]
    return _Columns([*parts[0], *parts[1]] or whole)


def _name(cells: Sequence[str], address: int, columns: _Columns) -> str:
    if columns.names:
        return " ".join(cells[place] for place in columns.names if place < len(cells) and place != address)
    others = (cell for place, cell in enumerate(cells) if place != address)
    return next((cell for cell in others if has_letters(cell)), "")


def _tidy(name: str) -> str:
    """Return a name that a form would take, or nothing: whoever accepts gives their own."""
    name = one_line(name).strip("\"' ")[:LONGEST_NAME].strip()
    return name if has_letters(name) and "@" not in name else ""


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
