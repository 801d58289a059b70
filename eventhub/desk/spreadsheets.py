"""Tables for Excel: CSV as a German Excel opens it by a double click, and workbooks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from flask import Response

CONTENT_TYPE = "text/csv; charset=utf-8"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
_FORMULA = re.compile(r"(?P<before>^|[;,\t\r\n])(?P<start>\s*[=+\-@＝＋－＠])")
_LEADING = re.compile(r"^[\t\r]")


def table(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as a file in which no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def workbook(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as a workbook: every cell is text, and none is taken for a formula once copied."""
    # loaded here only: it takes memory that a process needs for exports alone
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", safe(cell))[:LONGEST_CELL] for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def download(name: str, content: bytes, kind: str = CONTENT_TYPE) -> Response:
    """Answer with a file to keep, which no cache keeps."""
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def safe(cell: str) -> str:
    """Put an apostrophe before whatever a spreadsheet would calculate, also after a separator inside."""
    marked = _FORMULA.sub(r"\g<before>'\g<start>", cell)
    return f"'{marked}" if _LEADING.match(marked) else marked
