"""Rules that an edition's values keep before they are stored; pure, each names the field it is about."""

from __future__ import annotations

from datetime import date, datetime, time

from eventhub.calendars.zones import NonexistentTime, to_utc
from eventhub.editions.models import Edition
from eventhub.editions.naming import RESERVED_FOR_EDITIONS, SLUG
from eventhub.editions.times import Span
from eventhub.editions.zones import known_zones
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.times import clock, day

FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2199, 12, 30)


def check_edition(edition: Edition) -> None:
    """Raise RuleBroken for the first value that can't be; sets the UTC times from the local ones."""
    _check_address(edition)
    _check_dates(edition)
    _check_window(edition)
    _check_capacity(edition)
    _check_reconfirmation(edition)


def local_to_utc(zone: str, on: date, at: time, field: str) -> datetime:
    """Return the instant of a local time; RuleBroken in the hour that the clocks jump over."""
    try:
        return to_utc(zone, on, at)
    except NonexistentTime:
        raise RuleBroken(
            _(
                "On %(day)s the clocks go forward and jump over %(time)s. Choose another time",
                day=day(on),
                time=clock(at),
            ),
            field=field,
        ) from None


def _check_address(edition: Edition) -> None:
    if edition.number is None and not edition.slug:
        raise RuleBroken(_("Give the edition a number, or a short name"), field="number")
    if edition.slug and (not SLUG.match(edition.slug) or edition.slug in RESERVED_FOR_EDITIONS):
        raise RuleBroken(
            _("Use small letters, digits and hyphens; some words are taken by pages of eventhub"),
            field="slug",
        )


def _check_dates(edition: Edition) -> None:
    if edition.zone not in known_zones():
        raise RuleBroken(_("Choose a time zone from the list"), field="zone")
    _check_completeness(edition)
    edition.starts_at, edition.ends_at = _span(edition)
    if edition.starts_at and edition.ends_at and edition.ends_at <= edition.starts_at:
        raise RuleBroken(
            _("The end lies before the start. Does it end on a later day? Then enter that day"),
            field="end_time",
        )


def _check_completeness(edition: Edition) -> None:
    start, end = edition.start_date, edition.end_date
    for field, value in (("start_date", start), ("end_date", end)):
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            raise RuleBroken(_("Choose a year between 1970 and 2199"), field=field)
    if start is None and (end or edition.start_time or edition.end_time):
        raise RuleBroken(_("Enter the day on which it starts"), field="start_date")
    if start and end and end < start:
        raise RuleBroken(_("The last day lies before the first"), field="end_date")
    if edition.end_time and not edition.start_time:
        raise RuleBroken(_("Enter the time at which it starts"), field="start_time")


def _span(edition: Edition) -> Span:
    if edition.start_date is None or edition.start_time is None:
        return Span(None, None)
    starts_at = local_to_utc(edition.zone, edition.start_date, edition.start_time, "start_time")
    if edition.end_time is None:
        return Span(starts_at, None)
    last = edition.end_date or edition.start_date
    return Span(starts_at, local_to_utc(edition.zone, last, edition.end_time, "end_time"))


def _check_window(edition: Edition) -> None:
    opens, closes = edition.registration_opens_at, edition.registration_closes_at
    if opens and closes and closes <= opens:
        raise RuleBroken(_("Registration would end before it opens"), field="registration_closes_at")


def _check_reconfirmation(edition: Edition) -> None:
    if edition.release_days is None:
        return
    if edition.reconfirm_days is None:
        raise RuleBroken(
            _("Say first how many days before the start people are asked"), field="reconfirm_days"
        )
    if edition.release_days >= edition.reconfirm_days:
        raise RuleBroken(
            _("Ask people at least one day before their places become free"), field="release_days"
        )


def _check_capacity(edition: Edition) -> None:
    used = edition.taken_count + (edition.held_back_count or 0)
    used = edition.taken_count + (edition.held_back_count or 0)
    if edition.capacity is not None and edition.capacity < used:
        raise RuleBroken(
            ngettext(
                "%(num)s place is taken or held back already; there can’t be fewer places",
                "%(num)s places are taken or held back already; there can’t be fewer places",
                used,
            ),
            field="capacity",
        )
