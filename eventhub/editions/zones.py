"""The time zones that forms offer; imports and services take every zone there is."""

from functools import cache
from zoneinfo import available_timezones

_EUROPE = (
    "Amsterdam Athens Belgrade Berlin Bratislava Brussels Bucharest Budapest Chisinau Copenhagen Dublin "
    "Helsinki Istanbul Kyiv Lisbon Ljubljana London Luxembourg Madrid Malta Oslo Paris Prague Riga Rome "
    "Sarajevo Skopje Sofia Stockholm Tallinn Tirane Vaduz Vienna Vilnius Warsaw Zagreb Zurich"
).split()
_WORLD = (
    "UTC Africa/Cairo Africa/Johannesburg Africa/Lagos Africa/Nairobi America/Bogota America/Chicago "
    "America/Denver America/Los_Angeles America/Mexico_City America/New_York America/Sao_Paulo "
    "America/Toronto Asia/Dubai Asia/Jerusalem Asia/Kolkata Asia/Seoul Asia/Shanghai Asia/Singapore "
    "Asia/Taipei Asia/Tbilisi Asia/Tokyo Atlantic/Reykjavik Australia/Sydney Pacific/Auckland"
).split()
OFFERED = tuple(f"Europe/{city}" for city in _EUROPE) + tuple(_WORLD)


@cache
def known_zones() -> frozenset[str]:
    """Return every zone there is; finding them walks through a folder of some hundred files."""
    return frozenset(available_timezones())


def offered_zones(*more: str) -> list[str]:
    """Return the offered zones, and those of `more` that exist, in order."""
    known = known_zones()
    return sorted({zone for zone in (*OFFERED, *more) if zone in known})
