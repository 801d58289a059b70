"""Forms that several people may have open: whoever saves second is shown what the first one saved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from wtforms import HiddenField
from wtforms.fields import Field, SelectFieldBase
from wtforms.fields.choices import SelectChoice

from eventhub.errors import RuleBroken
from eventhub.web import times
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _

LONGEST = 200


class Stale(RuleBroken):
    """Somebody else has saved in the meantime; `lines` says what now stands in each field they changed."""

    def __init__(self, lines: list[tuple[str, str]]) -> None:
        super().__init__(_("Somebody else has saved this in the meantime"))
        self.lines = lines


class SeenForm(Form):
    """A form that knows which values it showed: a hidden field carries a digest of each."""

    seen = HiddenField()

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **kwargs: Any) -> None:
        super().process(formdata, obj, data={**(data or {}), "seen": self._digests(data or {})}, **kwargs)

    def require_unchanged(self, stored: Mapping[str, Any]) -> None:
        """Raise Stale, once, where the row is no longer as the form showed it; lock the row before."""
        shown, now = set((self.seen.data or "").split()), self._digests(stored)
        changed = {digest.partition(":")[0] for digest in now.split() if digest not in shown}
        if not changed:
            return
        self.seen.data = now
        raise Stale(
            [
                (str(field.label.text), self.words(field, stored[field.name]))
                for field in self
                if field.name in changed
            ]
        )

    def words(self, field: Field, value: Any) -> str:
        """Return a stored value as the form would show it."""
        if value in (None, "", []):
            return _("nothing")
        if isinstance(field, SelectFieldBase):
            chosen = value if isinstance(value, list) else [value]
            return ", ".join(_label(field, one) for one in chosen)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, date):
            return times.day(value)
        text = " ".join(str(times.time_of_day(value) if isinstance(value, time) else value).split())
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

    def _digests(self, values: Mapping[str, Any]) -> str:
        return " ".join(_digest(name, value) for name, value in values.items() if name in self._fields)


def _digest(name: str, value: Any) -> str:
    return f"{name}:{hashlib.sha256(repr(value).encode()).hexdigest()[:12]}"


def _label(field: Any, value: Any) -> str:
    choices = (one if isinstance(one, SelectChoice) else SelectChoice(*one) for one in field.choices or ())
    return next((str(one.label) for one in choices if str(one.value) == str(value)), str(value))
