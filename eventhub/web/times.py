"""Dates and times in words, German and English, as the wording rules of the design say.

Everything is written from tables of names, not by Babel's patterns: a page of a hundred slots asks
hundreds of times. Values are plain dates and times; where a zone matters, its IANA name is given.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location, get_timezone_name
from flask import Flask
from markupsafe import Markup, escape

from eventhub.web.languages import LOCALES, gettext, language

NB = "\u00a0"
WEEKDAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    "de": (
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}
SHORT_MONTHS = {
    "de": ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.", "Dez."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
SMALL_HOURS = time(5)


class Dated(Protocol):
    """What an edition knows about its time."""

    @property
    def zone(self) -> str: ...
    @property
    def start_date(self) -> date | None: ...
    @property
    def end_date(self) -> date | None: ...
    @property
    def start_time(self) -> time | None: ...
    @property
    def end_time(self) -> time | None: ...
    @property
    def planned(self) -> str | None: ...


# dates ------------------------------------------------------------------------------------------


def day(value: date, year: bool = True) -> str:
    """Return "Dienstag, 7. Dezember 2021" or "Tuesday, 7 December 2021"."""
    return _day(_plain(value), year, language())


def day_long(value: date, year: bool = True) -> str:
    """Return the date without its weekday: "7. Dezember 2021"."""
    return _day_long(_plain(value), year, language())


def day_short(value: date, year: bool = True) -> str:
    """Return "7. Dez. 2021" or "7 Dec 2021"."""
    return _day_short(_plain(value), year, language())


def weekday(value: date, short: bool = False) -> str:
    """Return "Dienstag", or "Di" when short."""
    spoken = language()
    name = WEEKDAYS[spoken][value.weekday()]
    return name[: 2 if spoken == "de" else 3] if short else name


def day_number(value: date) -> str:
    """Return the date as tables show it: "7.12.2021" or "7 Dec 2021"."""
    if language() == "de":
        return f"{value.day}.{value.month}.{value.year}"
    return _day_short(_plain(value), True, "en")


def month(value: date | str, short: bool = False) -> str:
    """Return "Mai 2020" for a date or for "2020-05"."""
    at = date.fromisoformat(f"{value}-01") if isinstance(value, str) else value
    names = SHORT_MONTHS if short else MONTHS
    return f"{names[language()][at.month - 1]}{NB}{at.year}"


def days(start: date, end: date) -> str:
    """Return "13. bis 14. März 2019" or "13 to 14 March 2019"."""
    return _days(_plain(start), _plain(end), language())


def _plain(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


@lru_cache(maxsize=4096)
def _day(value: date, year: bool, spoken: str) -> str:
    return f"{WEEKDAYS[spoken][value.weekday()]}, {_day_long(value, year, spoken)}"


@lru_cache(maxsize=4096)
def _day_long(value: date, year: bool, spoken: str) -> str:
    return _day_month(value, MONTHS, spoken) + (f" {value.year}" if year else "")


@lru_cache(maxsize=4096)
def _day_short(value: date, year: bool, spoken: str) -> str:
    return _day_month(value, SHORT_MONTHS, spoken) + (f"{NB}{value.year}" if year else "")


def _day_month(value: date, names: Mapping[str, tuple[str, ...]], spoken: str) -> str:
    return f"{value.day}{'.' if spoken == 'de' else ''}{NB}{names[spoken][value.month - 1]}"


@lru_cache(maxsize=4096)
def _days(start: date, end: date, spoken: str) -> str:
    if start == end:
        return _day(start, True, spoken)
    to = "bis" if spoken == "de" else "to"
    if start.year != end.year:
        first = _day_long(start, True, spoken)
    elif start.month != end.month:
        first = _day_long(start, False, spoken)
    else:
        first = f"{start.day}{'.' if spoken == 'de' else ''}"
    return f"{first} {to} {_day_long(end, True, spoken)}"


# times of the day ---------------------------------------------------------------------------------


def clock(value: time | datetime) -> str:
    """Return "15:10", the time as lists and tables show it."""
    return f"{value.hour:02}:{value.minute:02}"


def time_of_day(value: time | datetime, zone: str | None = None) -> str:
    """Return the time inside a sentence: "15 Uhr", "15:10 Uhr" or "3 pm", "noon"."""
    spoken = language()
    at = value.timetz() if isinstance(value, datetime) else value
    return _time_of_day(at.hour, at.minute, spoken) + _in_zone(zone)


def time_range(start: time | datetime, end: time | datetime | None = None, zone: str | None = None) -> str:
    """Return "15 bis 18 Uhr" or "3 to 6 pm"; with a zone its place follows in brackets."""
    to = (end.hour, end.minute) if end else None
    return _time_range((start.hour, start.minute), to, language()) + _in_zone(zone)


def _in_zone(zone: str | None) -> str:
    return f" ({_place(zone, language())})" if zone else ""


@lru_cache(maxsize=4096)
def _time_of_day(hour: int, minute: int, spoken: str) -> str:
    if spoken == "de":
        return f"{_german(hour, minute)}{NB}Uhr"
    if minute == 0 and hour in (0, 12):
        return "noon" if hour else "midnight"
    return f"{_english(hour, minute)}{NB}{_half(hour)}"


@lru_cache(maxsize=4096)
def _time_range(start: tuple[int, int], end: tuple[int, int] | None, spoken: str) -> str:
    if end is None:
        return f"{'ab' if spoken == 'de' else 'from'} {_time_of_day(*start, spoken)}"
    if spoken == "de":
        last = (24, 0) if end == (0, 0) else end
        return f"{_german(*start)} bis {_german(*last)}{NB}Uhr"
    words = {(0, 0), (12, 0)} & {start, end}
    same_half = _half(start[0]) == _half(end[0]) and not words
    first = _english(*start) if same_half else _time_of_day(*start, spoken)
    return f"{first} to {_time_of_day(*end, spoken)}"


def _german(hour: int, minute: int) -> str:
    return f"{hour}:{minute:02}" if minute else str(hour)


def _english(hour: int, minute: int) -> str:
    return _german(hour % 12 or 12, minute)


def _half(hour: int) -> str:
    return "am" if hour < 12 else "pm"


# moments and zones ----------------------------------------------------------------------------------


def local(moment: datetime, zone: str) -> datetime:
    """Return the wall clock of a zone at a moment."""
    return moment.astimezone(ZoneInfo(zone))


def stamp(moment: datetime, zone: str) -> str:
    """Return a moment as tables show it: "7.12.2021, 15:00"."""
    at = local(moment, zone)
    return f"{day_number(at)}, {clock(at)}"


def day_and_time(moment: datetime, zone: str, year: bool = True) -> str:
    """Return a moment inside a sentence: "7. Dezember 2021, 15 Uhr"."""
    at = local(moment, zone)
    return f"{day_long(at, year)}, {time_of_day(at)}"


def zone_name(zone: str, at: date | datetime | None = None) -> str:
    """Return "Mitteleuropäische Zeit (Berlin)", with "Sommerzeit" when it is."""
    instant = _noon(at, zone)
    return _zone_name(zone, bool(instant.dst()), language())


def _noon(at: date | datetime | None, zone: str) -> datetime:
    if isinstance(at, datetime):
        return local(at, zone)
    return datetime.combine(at or date(2021, 1, 15), time(12), ZoneInfo(zone))


@lru_cache(maxsize=512)
def _zone_name(zone: str, summer: bool, spoken: str) -> str:
    variant: Literal["daylight", "generic", "standard"] = "daylight" if summer else "generic"
    if "/" not in zone:  # such as UTC, which has no generic name
        variant = "standard"
    name = get_timezone_name(ZoneInfo(zone), "long", locale=LOCALES[spoken], zone_variant=variant)
    place = _place(zone, spoken)
    return name if place in name else f"{name} ({place})"


@lru_cache(maxsize=512)
def _place(zone: str, spoken: str) -> str:
    """Return the city that stands for a zone."""
    if "/" not in zone:
        return zone
    return get_timezone_location(ZoneInfo(zone), LOCALES[spoken], return_city=True)


def duration(minutes: int) -> str:
    """Return "25 Min." or "25 min"."""
    return f"{minutes}{NB}{'Min.' if language() == 'de' else 'min'}"


def number(value: int) -> str:
    """Return a whole number with the separators of the language: "1.234"."""
    return f"{value:,}".replace(",", "." if language() == "de" else ",")


def ordinal(value: int) -> str:
    """Return "1." or "1st", to stand before what is counted."""
    if language() == "de":
        return f"{value}."
    ending = "th" if value // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


# editions -----------------------------------------------------------------------------------------


def when(edition: Dated, zone: bool = False) -> str:
    """Return day and hours of an edition in one line, or what is known of them."""
    date_words, hours = when_day(edition), when_hours(edition, zone)
    return f"{date_words}, {hours}" if hours else date_words


def when_day(edition: Dated) -> str:
    """Return the day, the days, the planned month, or that no date is set."""
    if edition.start_date:
        return days(edition.start_date, _last_day(edition) or edition.start_date)
    return planned(edition.planned)


def when_hours(edition: Dated, zone: bool = False) -> str:
    """Return the hours of an edition of one day; empty when unknown or when it takes several days."""
    if not edition.start_date or not edition.start_time or _last_day(edition) != edition.start_date:
        return ""
    return time_range(edition.start_time, edition.end_time, edition.zone if zone else None)


def planned(text: str | None) -> str:
    """Return a planned month ("2020-05") or year in words, any other text as it stands."""
    if not text:
        return gettext("Date not set yet")
    try:
        return month(text)
    except ValueError:
        return text


def _last_day(edition: Dated) -> date | None:
    """Return the day on which an edition ends; a party until three belongs to the evening before."""
    start, end = edition.start_date, edition.end_date or edition.start_date
    if not start or not end:
        return None
    one_night = (end - start).days == 1 and edition.start_time and edition.end_time
    return start if one_night and edition.end_time and edition.end_time <= SMALL_HOURS else end


# markup --------------------------------------------------------------------------------------------


def iso(value: date | datetime, at: time | None = None, zone: str | None = None) -> str:
    """Return the machine's form for `datetime=`: a date, or a moment with its offset."""
    if at:
        value = datetime.combine(value, at, ZoneInfo(zone) if zone else None)
    elif isinstance(value, datetime) and zone:
        value = local(value, zone)
    return value.isoformat("T", "minutes") if isinstance(value, datetime) else value.isoformat()


def time_tag(
    value: date | datetime,
    text: str,
    *,
    at: time | None = None,
    zone: str | None = None,
    end: datetime | None = None,
) -> Markup:
    """Return `<time>`; a moment with a zone also offers itself to readers in other zones."""
    machine = iso(value, at, zone)
    own = Markup(" data-local") if zone and "T" in machine else Markup("")
    if own and end:
        own += Markup(' data-end="{}"').format(iso(end, zone=zone))
    return Markup('<time datetime="{}"{}>{}</time>').format(machine, own, text)


def when_tag(edition: Dated, zone: bool = False) -> Markup:
    """Return `when(edition)` with its date and hours marked up."""
    date_words = day_tag(edition)
    hours = hours_tag(edition, zone)
    return Markup("{}, {}").format(date_words, hours) if hours else date_words


def day_tag(edition: Dated) -> Markup:
    """Return `when_day(edition)` with its date marked up."""
    text = when_day(edition)
    if edition.start_date:
        return time_tag(edition.start_date, text)
    return escape(text)


def hours_tag(edition: Dated, zone: bool = False) -> Markup:
    """Return `when_hours(edition)` marked up, and offered to readers in other zones."""
    text = when_hours(edition, zone)
    if not text or not edition.start_date or not edition.start_time:
        return Markup("")
    end = None
    if edition.end_time:
        last = edition.end_date or edition.start_date
        end = datetime.combine(last, edition.end_time, ZoneInfo(edition.zone)).astimezone(UTC)
    return time_tag(edition.start_date, text, at=edition.start_time, zone=edition.zone, end=end)


FILTERS: dict[str, Callable[..., str]] = {
    "day": day,
    "day_long": day_long,
    "day_short": day_short,
    "day_number": day_number,
    "weekday": weekday,
    "month": month,
    "clock": clock,
    "time": time_of_day,
    "stamp": stamp,
    "day_and_time": day_and_time,
    "duration": duration,
    "number": number,
    "planned": planned,
    "iso": iso,
    "when": when,
    "when_day": when_day,
    "when_hours": when_hours,
    "when_tag": when_tag,
    "day_tag": day_tag,
    "hours_tag": hours_tag,
}
FUNCTIONS: dict[str, Callable[..., object]] = {
    "days": days,
    "time_range": time_range,
    "zone_name": zone_name,
    "time_tag": time_tag,
    "local": local,
}


def init_app(app: Flask) -> None:
    """Offer everything to templates."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(FUNCTIONS)
