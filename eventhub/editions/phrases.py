"""An edition in the words that mails about it share."""

from __future__ import annotations

from eventhub.editions.entries import place
from eventhub.editions.models import Edition, Mode
from eventhub.web import times
from eventhub.web.languages import gettext as _


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
    lines = (times.when_day(edition), times.when_hours(edition, zone=True), where(edition))
    return tuple(line for line in lines if line)


def where(edition: Edition) -> str:
    found = place(edition)
    if edition.mode is Mode.HYBRID and found:
        return _("%(place)s, and online", place=found)
    return _("Online") if edition.mode in {Mode.ONLINE, Mode.HYBRID} else found


def organisers(edition: Edition) -> str:
    names = [one.label for one in edition.hosts or edition.series.organisations] or [edition.series.title]
    if len(names) == 1:
        return names[0]
    return _("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])
