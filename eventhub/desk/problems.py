"""What needs an organiser now: found in real states, pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from eventhub.editions import rules
from eventhub.editions.models import Edition, EditionState, Mode
from eventhub.editions.readiness import reasons_against
from eventhub.editions.rules import Window
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.times import day_and_time

DRAFT_DAYS = 30
CLOSING_DAYS = 3
LINK_DAYS = 3
AGENDA_DAYS = 14


@dataclass(frozen=True)
class Counts:
    """What the database counts for one edition."""

    failed_mails: int = 0
    slots: int = 0
    refused_mails: int = 0
    """Tried in vain for a while, and tried again."""
    untouched_mails: int = 0
    """Due for a while, and nobody has tried."""
    declined_speakers: int = 0
    silent_speakers: int = 0
    """Their time to answer is over."""


@dataclass(frozen=True)
class Problem:
    """One thing to do: its words, a sentence more, and the page where it is done."""

    edition: Edition
    words: str
    detail: str
    endpoint: str
    symbol: str = "info"
    urgent: bool = False


def problems(editions: list[Edition], counts: dict[int, Counts], now: datetime) -> list[Problem]:
    """Return what is to be done, urgent things first, then by date as the editions come."""
    found = [
        problem
        for edition in editions
        for problem in _problems_of(edition, counts.get(edition.id, Counts()), now)
    ]
    return sorted(found, key=lambda problem: not problem.urgent)


def _problems_of(edition: Edition, counts: Counts, now: datetime) -> list[Problem]:
    candidates = [_failed_mails(edition, counts), _late_mails(edition, counts)]
    if edition.state in (EditionState.DRAFT, EditionState.PUBLISHED) and not rules.is_over(edition, now):
        candidates += [_declined_speakers(edition, counts), _silent_speakers(edition, counts)]
    if edition.state is EditionState.DRAFT:
        candidates.append(_draft(edition, now))
    elif edition.state is EditionState.PUBLISHED:
        over = _over(edition, now)
        candidates += (
            [over]
            if over
            else [
                _waiting(edition),
                _no_link(edition, now),
                _closing(edition, now),
                _no_agenda(edition, counts, now),
            ]
        )
    return [problem for problem in candidates if problem is not None]


def _within(edition: Edition, days: int, now: datetime) -> bool:
    """Tell whether the edition starts in the next days."""
    if edition.starts_at is not None:
        return now <= edition.starts_at <= now + timedelta(days=days)
    day = edition.start_date
    return day is not None and now.date() <= day <= now.date() + timedelta(days=days)


def _failed_mails(edition: Edition, counts: Counts) -> Problem | None:
    if not counts.failed_mails:
        return None
    number = counts.failed_mails
    words = ngettext("%(num)s mail did not get through", "%(num)s mails did not get through", number)
    return Problem(edition, words, edition.title, "desk.mails", "mail", urgent=True)


def _late_mails(edition: Edition, counts: Counts) -> Problem | None:
    number = counts.refused_mails + counts.untouched_mails
    if not number:
        return None
    words = ngettext("%(num)s mail is late", "%(num)s mails are late", number)
    if counts.refused_mails:
        why = _("%(title)s: the mail server does not take them yet, we keep trying", title=edition.title)
    else:
        why = _("%(title)s: nothing is being sent at the moment, tell the operator", title=edition.title)
    return Problem(edition, words, why, "desk.mails", "mail", urgent=True)


def _declined_speakers(edition: Edition, counts: Counts) -> Problem | None:
    number = counts.declined_speakers
    if not number:
        return None
    words = ngettext(
        "%(num)s person on the programme has declined",
        "%(num)s people on the programme have declined",
        number,
    )
    return Problem(edition, words, edition.title, "desk.engagements", "people", urgent=True)


def _silent_speakers(edition: Edition, counts: Counts) -> Problem | None:
    number = counts.silent_speakers
    if not number:
        return None
    words = ngettext(
        "%(num)s person on the programme has not answered in time",
        "%(num)s people on the programme have not answered in time",
        number,
    )
    return Problem(edition, words, edition.title, "desk.engagements", "mail")


def _draft(edition: Edition, now: datetime) -> Problem | None:
    if rules.is_over(edition, now):
        words = _("Draft of a day that is past")
        return Problem(
            edition,
            words,
            _("%(title)s: publish it for the archive, move or delete it", title=edition.title),
            "desk.edition",
        )
    if not _within(edition, DRAFT_DAYS, now):
        return None
    lacking = len(reasons_against(edition))
    if not lacking:
        words = _("Ready to publish")
    else:
        words = ngettext(
            "Not published yet: %(num)s thing is missing",
            "Not published yet: %(num)s things are missing",
            lacking,
        )
    return Problem(
        edition, words, edition.title, "desk.edition", "warn" if lacking else "ok", urgent=bool(lacking)
    )


def _over(edition: Edition, now: datetime) -> Problem | None:
    if not rules.is_over(edition, now):
        return None
    return Problem(edition, _("Has taken place: complete it"), edition.title, "desk.edition", "check")


def _waiting(edition: Edition) -> Problem | None:
    if not edition.waiting_count:
        return None
    words = ngettext(
        "%(num)s person is waiting for a place",
        "%(num)s people are waiting for a place",
        edition.waiting_count,
    )
    return Problem(edition, words, edition.title, "desk.registrations", "people")


def _no_link(edition: Edition, now: datetime) -> Problem | None:
    online = edition.mode in (Mode.ONLINE, Mode.HYBRID)
    if not online or edition.join_url or edition.join_details or not _within(edition, LINK_DAYS, now):
        return None
    return Problem(
        edition, _("The join link is missing"), edition.title, "desk.edit_edition", "video", urgent=True
    )


def _closing(edition: Edition, now: datetime) -> Problem | None:
    end = rules.closes_at(edition)
    if (
        end is None
        or rules.window(edition, now) is not Window.OPEN
        or end > now + timedelta(days=CLOSING_DAYS)
    ):
        return None
    words = _("Registration ends soon")
    detail = _("%(title)s: %(time)s", title=edition.title, time=day_and_time(end, edition.zone))
    return Problem(edition, words, detail, "desk.registrations", "clock")


def _no_agenda(edition: Edition, counts: Counts, now: datetime) -> Problem | None:
    if counts.slots or not _within(edition, AGENDA_DAYS, now):
        return None
    return Problem(edition, _("No agenda yet"), edition.title, "desk.agenda", "list")
