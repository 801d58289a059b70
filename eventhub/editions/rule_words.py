"""A rule in words."""

from __future__ import annotations

from datetime import date

from eventhub.editions.recurrence import Frequency, Recurrence
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext


def weekday_name(number: int) -> str:
    """Return the name of a weekday; Monday is 0."""
    return times.weekday(date(2024, 1, 1 + number))  # a Monday


def weeks_of_month() -> dict[int, str]:
    """Return the words for the first, second … last weekday of a month, as a sentence needs them."""
    return {
        1: _("on the first %(weekday)s"),
        2: _("on the second %(weekday)s"),
        3: _("on the third %(weekday)s"),
        4: _("on the fourth %(weekday)s"),
        5: _("on the fifth %(weekday)s, where there is one"),
        -1: _("on the last %(weekday)s"),
    }


def rule_words(rule: Recurrence) -> str:
    """Return a rule as a person would say it, without its ends."""
    if rule.frequency is Frequency.WEEKLY:
        return _every_weeks(rule)
    monthly = rule.frequency in {Frequency.MONTHLY, Frequency.MONTHLY_BY_DATE}
    every = (
        ngettext("every month", "every %(num)s months", rule.interval)
        if monthly
        else ngettext("every year", "every %(num)s years", rule.interval)
    )
    return f"{every} {_on_which_day(rule)}"


def _every_weeks(rule: Recurrence) -> str:
    return ngettext(
        "every week on %(weekday)s",
        "every %(num)s weeks on %(weekday)s",
        rule.interval,
        weekday=weekday_name(rule.day_of_week),
    )


def _on_which_day(rule: Recurrence) -> str:
    start = rule.start
    if rule.frequency is Frequency.MONTHLY_BY_DATE:
        if start.day <= 28:
            return _("on day %(day)s", day=start.day)
        return _("on day %(day)s, or the last day of a shorter month", day=start.day)
    if rule.frequency is Frequency.YEARLY_BY_DATE:
        day = times.day_long(start, year=False)
        if (start.month, start.day) == (2, 29):
            return _("on %(day)s, in years without it on the day before", day=day)
        return _("on %(day)s", day=day)
    on_weekday = weeks_of_month()[rule.week] % {"weekday": weekday_name(rule.day_of_week)}
    if rule.frequency is Frequency.MONTHLY:
        return on_weekday
    month = times.month(start).split(times.NB)[0]
    return _("%(on_weekday)s in %(month)s", on_weekday=on_weekday, month=month)
