"""The form that takes a calendar; syntax only."""

from __future__ import annotations

import base64
import binascii
import lzma
from datetime import date, timedelta
from typing import Any

from flask_wtf.file import FileField
from wtforms.fields import HiddenField, TextAreaField
from wtforms.validators import InputRequired

from eventhub.calendars.reading import LARGEST, text_of
from eventhub.editions.checks import FIRST_DAY, LAST_DAY
from eventhub.editions.fields import Day, at_most
from eventhub.errors import RuleBroken
from eventhub.exchange.schedules.reading import LARGEST as LARGEST_SCHEDULE
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.tables import WORKBOOK, workbook_as_text

LONGEST_PASTED = 300_000
LONGEST_KEPT = 460_000
MOST_MEMORY = 100_000_000
LONGEST_TIME = timedelta(days=731)


class CalendarForm(Form):
    """A calendar as a file or as text, and the days that matter."""

    largest = LARGEST
    file = FileField(_l("Calendar file"), description=_l("A file that ends in .ics, at most 1 MB"))
    text = TextAreaField(
        _l("Or its text"),
        description=_l("From BEGIN:VCALENDAR to END:VCALENDAR"),
        validators=[at_most(LONGEST_PASTED)],
        render_kw={"rows": 8, "spellcheck": "false"},
    )
    from_day: Any = Day(_l("Meetings from"), validators=[InputRequired(_l("Enter the first day"))])
    until: Any = Day(_l("Until"), validators=[InputRequired(_l("Enter the last day"))])
    kept = HiddenField()
    """The calendar once more, packed, while its preview is shown."""

    def calendar(self) -> str:
        """Return the text of the calendar; raises RuleBroken where there is none."""
        if self.kept.data:
            return unpacked(self.kept.data)
        if self.file.data:
            return self.text_in(self.file.data.stream.read(self.largest + 1))
        if (self.text.data or "").strip():
            return str(self.text.data)
        raise RuleBroken(_("Choose a file, or paste its text"), field="file")

    def text_in(self, content: bytes) -> str:
        """Return what stands in a file; raises RuleBroken where it is too large or can't be read."""
        return text_of(content, self.largest)

    def days(self) -> tuple[date, date]:
        """Return first and last day; raises RuleBroken where they can't be."""
        first, last = self.from_day.data, self.until.data
        if not FIRST_DAY <= first <= LAST_DAY or not FIRST_DAY <= last <= LAST_DAY:
            raise RuleBroken(_("Choose a year between 1970 and 2199"), field="from_day")
        if last < first:
            raise RuleBroken(_("The last day lies before the first"), field="until")
        if last - first > LONGEST_TIME:
            raise RuleBroken(_("Choose at most two years"), field="until")
        return first, last


class ProgrammeForm(CalendarForm):
    """A programme in any format that eventhub reads."""

    largest = LARGEST_SCHEDULE
    file = FileField(
        _l("File with the programme"),
        description=_l(
            "schedule.xml, schedule.json, JSON of pretalx, Sessionize, Indico or Open Event, a table (.csv, "
            ".xlsx), or a calendar (.ics). At most 3 MB"
        ),
    )
    text = TextAreaField(
        _l("Or its text"),
        validators=[at_most(LONGEST_PASTED)],
        render_kw={"rows": 8, "spellcheck": "false"},
    )
    from_day: Any = Day(
        _l("Of a calendar: meetings from"), validators=[InputRequired(_l("Enter the first day"))]
    )

    def text_in(self, content: bytes) -> str:
        """Return what stands in a file; the first sheet of a workbook as CSV."""
        return workbook_as_text(content) if content.startswith(WORKBOOK) else super().text_in(content)


def packed(text: str) -> str:
    """Return a text as short as a hidden field can carry it; raises RuleBroken where that is too long."""
    kept = base64.urlsafe_b64encode(lzma.compress(text.encode("utf-8", "replace"))).decode()
    if len(kept) > LONGEST_KEPT:
        raise RuleBroken(_("The texts in the file are too long for one import. Divide it by days"))
    return kept


def unpacked(kept: str) -> str:
    """Return what was packed, and never more than a file may hold."""
    try:
        reader = lzma.LZMADecompressor(memlimit=MOST_MEMORY)
        content = reader.decompress(base64.b64decode(kept, b"-_", validate=True), 4 * LARGEST)
    except (binascii.Error, ValueError, EOFError, lzma.LZMAError):
        raise RuleBroken(_("Choose the file again"), field="file") from None
    if not reader.eof:
        raise RuleBroken(_("Choose the file again"), field="file")
    return content.decode("utf-8", "replace")
