"""Names that calendar programs give to time zones, as names of the time zone database; pure."""

from __future__ import annotations

import re
from functools import lru_cache
from zoneinfo import available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_OFFSET = re.compile(r"^\((?:UTC|GMT)[^)]*\)\s*")
_WINDOWS = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}
_LOOSE = {
    "greenwich mean time": "Europe/London",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "western/central europe": "Europe/Berlin",
}


@lru_cache(maxsize=1024)
def iana_name(name: str) -> str | None:
    """Return the zone that is meant by `W. Europe Standard Time` or `(UTC+01:00) Amsterdam, Berlin`.

    None for names that only a definition in the file explains.
    """
    words = name.strip().strip('"').strip("/")
    if words in _known():
        return words
    plain = _OFFSET.sub("", words)
    return _by_path(words) or _by_windows_name(plain) or _by_city(plain)


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(zone for zone in available_timezones() if not zone.startswith(("posix/", "right/")))


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """Zones by their city; Europe comes first, where two share a name."""
    zones = sorted(
        (zone for zone in _known() if "/" in zone and not zone.startswith("Etc/")),
        key=lambda zone: (not zone.startswith("Europe/"), zone),
    )
    found: dict[str, str] = {}
    for zone in zones:
        found.setdefault(zone.rpartition("/")[2].replace("_", " ").casefold(), zone)
    return found


def _by_path(words: str) -> str | None:
    """Return the end of `/vendor.example/2008/America/Chicago`, the longest that is a zone."""
    parts = words.split("/")
    tails = ("/".join(parts[start:]) for start in range(1, len(parts) - 1))
    return next((tail for tail in tails if tail in _known()), None)


def _by_windows_name(words: str) -> str | None:
    """Windows shows `Eastern Time (US & Canada)` for the zone `Eastern Standard Time`."""
    plain = re.sub(r"\s*\([^)]*\)\s*$", "", words).casefold()
    spellings = (words.casefold(), plain, re.sub(r"\btime$", "standard time", plain))
    return next(
        (zone for name in spellings if (zone := _LOOSE.get(name) or _WINDOWS.get(name))),
        None,
    )


def _by_city(words: str) -> str | None:
    places = (place.strip().casefold() for place in re.split(r"[,/;:]", words))
    return next((zone for place in places if (zone := _cities().get(place))), None)
