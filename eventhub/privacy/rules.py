"""Rules about how long people are known; none needs a database."""

from __future__ import annotations

from datetime import date, timedelta

from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _

LONGEST = timedelta(days=3650)


def check_day(edition: Edition, day: date | None, today: date) -> None:
    """Raise RuleBroken for a day on which people of an edition can't be forgotten."""
    last = edition.end_date or edition.start_date
    if edition.erased_at is not None:
        raise RuleBroken(_("The people of this meeting are forgotten already."), field="erase_on")
    if last is None:
        raise RuleBroken(_("Enter the day of the meeting first."), field="erase_on")
    if day is None:
        return
    if day <= last:
        raise RuleBroken(_("Choose a day after the meeting"), field="erase_on")
    if day <= today:
        raise RuleBroken(_("Choose a day that is still to come"), field="erase_on")
    if day > last + LONGEST:
        raise RuleBroken(_("Choose a day within ten years of the meeting"), field="erase_on")
