"""An edition in the words that mails about it share."""

from __future__ import annotations

from eventhub.calendars.entries import Days
from eventhub.editions.entries import days_of, place
from eventhub.editions.models import Edition, Mode
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.times import Dated


def dated(edition: Edition) -> str:
    """Return the title with its date, as subjects name it."""
    if edition.start_date is None:
        return edition.title
    if edition.end_date not in {None, edition.start_date}:
        return f"{edition.title}, {times.when_day(edition)}"
    day = times.day_long(edition.start_date, year=False)
    dated = _("%(title)s on %(day)s", title=edition.title, day=day)
    return f"{dated}, {times.time_of_day(edition.start_time)}" if edition.start_time else dated


def when_and_where(edition: Edition) -> tuple[str, ...]:
    """Return day, hours and place, each in a line."""
    lines = (times.when_day(edition), hours(edition), where(edition))
    return tuple(line for line in lines if line)


def hours(edition: Dated) -> str:
    """Return the hours; of several days those of each, as calendars have them."""
    start, end = edition.start_time, edition.end_time
    if found := times.when_hours(edition, zone=True):
        return found
    if edition.start_date is None or start is None:
        return ""
    if end is not None and start < end:
        return _("each day %(hours)s", hours=times.time_range(start, end, edition.zone))
    begins = times.time_of_day(start, edition.zone)
    if end is None:
        return _("begins at %(start)s", start=begins)
    return _("begins at %(start)s, ends at %(end)s", start=begins, end=times.time_of_day(end))


def on_day(edition: Edition, number: int) -> tuple[str, ...]:
    """Return date, hours and place of one day of several; of the whole edition where it has no such day."""
    found = days_of(edition)
    if number > len(found):
        return when_and_where(edition)
    when = found[number - 1]
    if isinstance(when, Days):
        lines = [times.day(when.starts_on)]
    else:
        start, end = (times.local(moment, edition.zone) for moment in (when.starts_at, when.ends_at))
        lines = [times.day(start), times.time_range(start, end, edition.zone)]
    return tuple(line for line in (*lines, where(edition)) if line)


def where(edition: Edition) -> str:
    found = place(edition)
    if edition.mode is Mode.HYBRID and found:
        return _("%(place)s, and online", place=found)
    return _("Online") if edition.mode in {Mode.ONLINE, Mode.HYBRID} else found


def whom_to_ask(edition: Edition) -> str:
    series = edition.series
    return series.contact_email or series.contact_name or organisers(edition)


def organisers(edition: Edition) -> str:
    names = [one.label for one in edition.hosts or edition.series.organisations] or [edition.series.title]
    if len(names) == 1:
        return names[0]
    return _("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])
