"""Uploaded tables as text: CSV in any usual encoding, and the first sheet of Excel workbooks as CSV."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable

from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _

LARGEST_FILE = 2 * 1024 * 1024
DELIMITER = ";"
LARGEST_UNPACKED = 30 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 5000
MOST_COLUMNS = 30
_MARKED = re.compile(r"(?P<before>^|[;,\t\r\n])'(?P<start>\s*[=+\-@＝＋－＠\t\r])")
WORKBOOK = b"PK\x03\x04"


def text_of(content: bytes) -> str:
    """Return what stands in a file, found out from the content and not from its name; a row is a line.

    Raises RuleBroken, which names no field.
    """
    if len(content) > LARGEST_FILE:
        raise RuleBroken(_("The file is larger than 2 MB. Save only the table that is needed"))
    if content.startswith(WORKBOOK):
        return _lines(_rows(content), lambda words: " ".join(words.split()))
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable()
    return _decoded(content)


def unmarked(cell: str) -> str:
    """Return a cell without the apostrophes that keep a spreadsheet from calculating."""
    return _MARKED.sub(r"\g<before>\g<start>", cell)


def workbook_as_text(content: bytes) -> str:
    """Return the first sheet of a workbook as CSV whose cells keep their lines; raises RuleBroken."""
    return _lines(_rows(content), str.strip)


def _decoded(content: bytes) -> str:
    encodings = (
        ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252", "latin-1")
    )
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable()


def _rows(content: bytes) -> list[tuple[object, ...]]:
    """Read the first sheet, after a look at how large it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
        too_large = len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED
        rows = [] if too_large else _first_sheet(content)
    except Exception as error:  # whatever a broken or hostile workbook does to the library
        raise _unreadable() from error
    if too_large:
        raise RuleBroken(_("Unpacked, the file is too large. Save only the table that is needed"))
    return rows


def _first_sheet(content: bytes) -> list[tuple[object, ...]]:
    from openpyxl import load_workbook  # noqa: PLC0415  # rarely needed, and large

    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    sheet = workbook.worksheets[0]
    return list(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True))


def _lines(rows: Iterable[Iterable[object]], tidy: Callable[[str], str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=DELIMITER, lineterminator="\n")
    for row in rows:
        cells = [tidy(str(cell)) if cell is not None else "" for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        writer.writerow(cells)
    return text.getvalue()


def _unreadable() -> RuleBroken:
    return RuleBroken(_("This is no table that can be read. Save it as CSV or Excel workbook (.xlsx)"))
