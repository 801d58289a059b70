"""Tables for Excel: UTF-8 with its mark, and semicolons, as a German Excel opens them by a double click."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

CONTENT_TYPE = "text/csv; charset=utf-8"
_FORMULA = re.compile(r"(?P<before>^|[;,\t\r\n])(?P<start>\s*[=+\-@＝＋－＠])")
_LEADING = re.compile(r"^[\t\r]")


def table(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as a file in which no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def safe(cell: str) -> str:
    """Put an apostrophe before whatever a spreadsheet would calculate, also after a separator inside."""
    marked = _FORMULA.sub(r"\g<before>'\g<start>", cell)
    return f"'{marked}" if _LEADING.match(marked) else marked
