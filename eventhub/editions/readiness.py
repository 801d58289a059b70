"""What an edition needs before the public may see it; pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from eventhub.editions.models import Edition, Mode
from eventhub.web.languages import lazy_gettext as _l


class Lack(StrEnum):
    """What is missing."""

    DATE = "date"
    START = "start"
    MODE = "mode"
    VENUE = "venue"
    ORGANISER = "organiser"
    CONTACT = "contact"
    WINDOW = "window"


@dataclass(frozen=True)
class Reason:
    """One reason against publishing: the sentence, and the field that mends it."""

    lack: Lack
    words: str
    field: str
    of_series: bool = False


_REASONS = (
    Reason(Lack.DATE, _l("Say when it takes place: a date, or words such as a month."), "start_date"),
    Reason(
        Lack.START,
        _l("Say when it starts, or switch registration off: without a time nobody can be invited."),
        "start_time",
    ),
    Reason(Lack.MODE, _l("Say whether people meet online, on site, or both."), "mode"),
    Reason(Lack.VENUE, _l("Name the place: venue or city."), "venue_name"),
    Reason(
        Lack.WINDOW,
        _l("Registration ends before it opens. Set one of both times anew."),
        "registration_closes_at",
    ),
    Reason(
        Lack.ORGANISER,
        _l("Name at least one organisation that runs the series."),
        "organisations",
        of_series=True,
    ),
    Reason(
        Lack.CONTACT,
        _l("Enter a contact address in the series: who registers must be able to ask back."),
        "contact_email",
        of_series=True,
    ),
)


def reasons_against(edition: Edition) -> list[Reason]:
    """Return why the edition can't be published yet; an empty list means that it can."""
    on_site = edition.mode in (Mode.ON_SITE, Mode.HYBRID)
    dated = edition.start_date is not None
    lacking = {
        Lack.DATE: not dated and not edition.planned,
        Lack.START: dated and edition.takes_registrations and edition.start_time is None,
        Lack.MODE: dated and edition.mode is None,
        Lack.VENUE: dated and on_site and not (edition.venue_name or edition.venue_city),
        Lack.ORGANISER: not edition.series.organisation_links,
        Lack.CONTACT: edition.takes_registrations and not edition.series.contact_email,
        Lack.WINDOW: _window_is_empty(edition),
    }
    return [reason for reason in _REASONS if lacking[reason.lack]]


def _window_is_empty(edition: Edition) -> bool:
    opens, closes = edition.registration_opens_at, edition.registration_closes_at or edition.starts_at
    return edition.takes_registrations and opens is not None and closes is not None and closes <= opens
