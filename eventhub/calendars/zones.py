"""Time zones as calendars want them, and local times that exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Five years in a row tell "fourth Sunday" from "last Sunday", and unmask zones that follow the moon.
_YEARS_AHEAD = 4
# No zone has changed its clocks twice in a week since 1970.
_STEP = timedelta(days=7)


class NonexistentTime(ValueError):
    """The clocks jump over this local time."""

    def __init__(self, zone: str, wall: datetime) -> None:
        super().__init__(f"{wall:%Y-%m-%d %H:%M} does not exist in {zone}")
        self.zone = zone
        self.wall = wall


def to_utc(zone: str, day: date, at: time) -> datetime:
    """The instant of a local time; the first of two when the clocks are put back."""
    wall = datetime.combine(day, at).replace(tzinfo=None, fold=0)
    instant = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if to_local(zone, instant).replace(tzinfo=None, fold=0) != wall:
        raise NonexistentTime(zone, wall)
    return instant


def to_local(zone: str, instant: datetime) -> datetime:
    """What the clocks of the zone show."""
    return instant.astimezone(ZoneInfo(zone))


def happens_twice(zone: str, instant: datetime) -> bool:
    """Whether the local time of this instant occurs twice because the clocks are put back."""
    local = to_local(zone, instant)
    # An instant never lies in a gap, so two offsets for one local time mean that it comes twice.
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


@dataclass(frozen=True, slots=True, order=True)
class _Onset:
    """The yearly moment, in the wall clock before it, from which another offset holds."""

    month: int
    week: int  # 1 to 4, or -1 for the last one
    weekday: int
    at: time
    before: timedelta
    after: timedelta
    name: str

    def in_1970(self) -> datetime:
        first = date(1970, self.month, 1)
        day = first + timedelta(days=(self.weekday - first.weekday()) % 7)
        if self.week > 0:
            day += timedelta(weeks=self.week - 1)
        else:
            while (day + timedelta(weeks=1)).month == self.month:
                day += timedelta(weeks=1)
        return datetime.combine(day, self.at)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The instants of a year at which the offset changes, to the second."""
    found = []
    day = datetime(year, 1, 1, tzinfo=UTC)
    while day.year == year:
        if _offset(zone, day) != _offset(zone, day + _STEP):
            found.append(_change_between(zone, day, day + _STEP))
        day += _STEP
    return found


def _change_between(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    old = _offset(zone, early)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (middle, late) if _offset(zone, middle) == old else (early, middle)
    return late


def _readings(zone: ZoneInfo, change: datetime) -> set[_Onset]:
    """The rules that one change may follow: the fourth Sunday may also be the last one."""
    before, after = _offset(zone, change - timedelta(seconds=1)), _offset(zone, change)
    wall = change.replace(tzinfo=None) + before
    weeks = {(wall.day - 1) // 7 + 1} - {5}
    if (wall + timedelta(weeks=1)).month != wall.month:
        weeks.add(-1)
    name = change.astimezone(zone).tzname() or ""
    return {_Onset(wall.month, week, wall.weekday(), wall.time(), before, after, name) for week in weeks}


def _onsets(zone: ZoneInfo, years: range) -> list[_Onset] | None:
    """The one or two rules (standard first) that hold in each of the years; None if there are none."""
    yearly = [_changes(zone, year) for year in years]
    if not any(yearly):
        return []
    if any(len(changes) != 2 for changes in yearly):
        return None
    readings = [[_readings(zone, change) for change in changes] for changes in yearly]
    common = [set.intersection(*(year[which] for year in readings)) for which in (0, 1)]
    if not all(common):
        return None
    # Standard time is the lower offset, whatever the country calls it (Ireland calls it the other way round).
    return sorted((min(rules) for rules in common), key=lambda onset: onset.after)


def _written_offset(offset: timedelta) -> str:
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _observance(kind: str, onset: _Onset) -> list[str]:
    week_and_day = f"{onset.week}{_WEEKDAYS[onset.weekday]}"
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{onset.in_1970():%Y%m%dT%H%M%S}",
        f"RRULE:FREQ=YEARLY;BYMONTH={onset.month};BYDAY={week_and_day}",
        f"TZOFFSETFROM:{_written_offset(onset.before)}",
        f"TZOFFSETTO:{_written_offset(onset.after)}",
        f"TZNAME:{onset.name}",
        f"END:{kind}",
    ]


def _constant(zone: ZoneInfo, year: int) -> list[str]:
    new_year = datetime(year, 1, 1, tzinfo=UTC).astimezone(zone)
    offset = _written_offset(new_year.utcoffset() or timedelta())
    return [
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        f"TZOFFSETFROM:{offset}",
        f"TZOFFSETTO:{offset}",
        f"TZNAME:{new_year.tzname()}",
        "END:STANDARD",
    ]


@lru_cache(maxsize=256)
def zone_block(name: str, first_year: int, last_year: int) -> bytes | None:
    """The VTIMEZONE that is true in these years, or None: then times are better written in UTC."""
    zone = ZoneInfo(name)
    if first_year < 1970 or datetime(first_year, 1, 1, tzinfo=zone).tzname() == "UTC":
        return None
    onsets = _onsets(zone, range(first_year, last_year + 1 + _YEARS_AHEAD))
    if onsets is None:
        return None
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    if not onsets:
        lines += _constant(zone, first_year)
    for kind, onset in zip(("STANDARD", "DAYLIGHT"), onsets, strict=False):
        lines += _observance(kind, onset)
    lines += ["END:VTIMEZONE", ""]
    return "\r\n".join(lines).encode()
