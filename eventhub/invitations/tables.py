"""Uploaded tables as lines of text: CSV in any usual encoding, and Excel workbooks, each row one line."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable

from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _

LARGEST_FILE = 2 * 1024 * 1024
LARGEST_UNPACKED = 30 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 5000
MOST_COLUMNS = 30
WORKBOOK = b"PK\x03\x04"
FIELD = "upload"


def text_of(content: bytes) -> str:
    """Return what stands in a file, found out from the content and not from its name."""
    if len(content) > LARGEST_FILE:
        raise RuleBroken(
            _("The file is larger than 2 MB. Save only the table with the addresses"), field=FIELD
        )
    if content.startswith(WORKBOOK):
        return _lines(_rows(content))
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable()
    return _decoded(content)


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
        raise RuleBroken(
            _("Unpacked, the file is too large. Save only the table with the addresses"), field=FIELD
        )
    return rows


def _first_sheet(content: bytes) -> list[tuple[object, ...]]:
    from openpyxl import load_workbook  # noqa: PLC0415  # rarely needed, and large

    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    sheet = workbook.worksheets[0]
    return list(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True))


def _lines(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    for row in rows:
        cells = [" ".join(str(cell).split()) if cell is not None else "" for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        writer.writerow(cells)
    return text.getvalue()


def _unreadable() -> RuleBroken:
    return RuleBroken(
        _("This is no table that can be read. Save it as CSV or Excel workbook (.xlsx)"), field=FIELD
    )
