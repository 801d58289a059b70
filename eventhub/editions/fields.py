"""Form fields for dates, times and texts that say in words what they expect."""

from __future__ import annotations

from typing import Any

from wtforms.fields import DateField, DateTimeLocalField, IntegerField, TextAreaField, TimeField
from wtforms.validators import Length, StopValidation

from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l

DAYS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
TIMES = ["%H:%M", "%H:%M:%S", "%H.%M"]
MOMENTS = [f"{day}{between}{time}" for day in DAYS for between in ("T", " ") for time in TIMES]


def stripped(value: Any) -> Any:
    """Return a text without space around it and with one kind of line break."""
    return value.replace("\r\n", "\n").replace("\r", "\n").strip() if isinstance(value, str) else value


def at_most(signs: int) -> Length:
    return Length(max=signs, message=_l("Use at most %(max)d characters"))


class Day(DateField):  # type: ignore[misc]
    """A date; the browser's calendar or German writing."""

    data: Any

    def __init__(self, label: str, validators: Any = None, **rest: Any) -> None:
        super().__init__(label, validators, format=DAYS, **rest)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the date."""
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError:
            raise ValueError(_("Enter the date like 7.12.2026 or 2026-12-07")) from None


class Clock(TimeField):  # type: ignore[misc]
    """A time of day."""

    data: Any

    def __init__(self, label: str, validators: Any = None, **rest: Any) -> None:
        super().__init__(label, validators, format=TIMES, **rest)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time."""
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError:
            raise ValueError(_("Enter the time like 15:00")) from None


class Moment(DateTimeLocalField):  # type: ignore[misc]
    """A date with a time of day, local to the edition."""

    data: Any

    def __init__(self, label: str, validators: Any = None, **rest: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", *MOMENTS], **rest)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read date and time."""
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError:
            raise ValueError(_("Enter date and time like 7.12.2026 15:00")) from None


class Number(IntegerField):  # type: ignore[misc]
    """A whole number; an empty field is None."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            self.data = None
        elif text.isascii() and text.isdecimal() and len(text) < 10:
            self.data = int(text)
        else:
            self.data = None
            raise ValueError(_("Enter a whole number, such as 60"))

    def pre_validate(self, form: Any) -> None:
        """Say one thing at a time: what is no number has no size."""
        super().pre_validate(form)
        if self.process_errors:
            raise StopValidation


class LongText(TextAreaField):  # type: ignore[misc]
    """Several lines of text, kept without space around them."""

    def __init__(self, label: str, most: int = 20_000, rows: int = 3, **rest: Any) -> None:
        super().__init__(
            label, validators=[at_most(most)], filters=[stripped], render_kw={"rows": rows}, **rest
        )
