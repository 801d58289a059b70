"""Public holidays of the German states, by a library that keeps up with the laws."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from eventhub.editions.recurrence import Reason
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language
from eventhub.web.languages import lazy_gettext as _l

STATES = {
    "BW": _l("Baden-Württemberg"),
    "BY": _l("Bavaria"),
    "BE": _l("Berlin"),
    "BB": _l("Brandenburg"),
    "HB": _l("Bremen"),
    "HH": _l("Hamburg"),
    "HE": _l("Hesse"),
    "MV": _l("Mecklenburg-Western Pomerania"),
    "NI": _l("Lower Saxony"),
    "NW": _l("North Rhine-Westphalia"),
    "RP": _l("Rhineland-Palatinate"),
    "SL": _l("Saarland"),
    "SN": _l("Saxony"),
    "ST": _l("Saxony-Anhalt"),
    "SH": _l("Schleswig-Holstein"),
    "TH": _l("Thuringia"),
}
_SPOKEN = {"de": "de", "en": "en_US"}


def holiday(state: str, day: date) -> str:
    """Return the name of the holiday on this day in a state, in the language of the request, or nothing."""
    return _holidays(state, day.year, language()).get(day, "") if state in STATES else ""


def reason_against(state: str, days_left_out: Iterable[date]) -> Reason:
    """Say why a date is left out: it is a holiday in the state, or the organiser wants it so."""
    chosen = frozenset(days_left_out)

    def reason(day: date) -> str:
        return holiday(state, day) or (_("left out by you") if day in chosen else "")

    return reason


@lru_cache(maxsize=512)
def _holidays(state: str, year: int, spoken: str) -> dict[date, str]:
    from holidays import country_holidays  # noqa: PLC0415  # only who asks for holidays waits for it

    return dict(country_holidays("DE", subdiv=state, years=year, language=_SPOKEN[spoken]))
