"""Zones written for calendars are those of the tz database, and local times exist."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import tzical

from eventhub.calendars.zones import NonexistentTime, happens_twice, to_local, to_utc, zone_block

BERLIN = "Europe/Berlin"
BERLIN_BLOCK = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
END:VTIMEZONE
"""


def lines_of(zone: str, first: int = 2027, last: int = 2027) -> list[str]:
    return (zone_block(zone, first, last) or b"").decode().splitlines()


def test_berlin_in_full() -> None:
    assert zone_block(BERLIN, 2026, 2028) == BERLIN_BLOCK.replace("\n", "\r\n").encode()


def test_kathmandu_has_one_offset_and_no_rule() -> None:
    lines = lines_of("Asia/Kathmandu")
    assert lines.count("BEGIN:STANDARD") == 1
    assert {"TZOFFSETFROM:+0545", "TZOFFSETTO:+0545", "TZNAME:+0545"} <= {*lines}
    assert not [line for line in lines if line.startswith("RRULE") or "DAYLIGHT" in line]


def test_lord_howe_moves_by_half_an_hour_in_the_southern_summer() -> None:
    lines = lines_of("Australia/Lord_Howe")
    assert lines.index("BEGIN:STANDARD") < lines.index("BEGIN:DAYLIGHT")
    assert "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU" in lines
    assert "DTSTART:19701004T020000" in lines
    assert {"TZOFFSETTO:+1030", "TZOFFSETTO:+1100"} <= {*lines}


def test_new_york_has_negative_offsets() -> None:
    assert {"TZOFFSETTO:-0500", "TZOFFSETTO:-0400"} <= {*lines_of("America/New_York")}
    assert "TZOFFSETTO:-0330" in lines_of("America/St_Johns")


def test_irish_summer_is_daylight_time_for_calendars() -> None:
    lines = lines_of("Europe/Dublin")
    assert lines[lines.index("BEGIN:DAYLIGHT") :][4] == "TZOFFSETTO:+0100"


@pytest.mark.parametrize(
    "zone", ["Africa/Casablanca", "Africa/Cairo", "America/Santiago", "Asia/Jerusalem", "UTC", "Etc/UTC"]
)
def test_no_block_without_a_rule_that_every_client_understands(zone: str) -> None:
    assert zone_block(zone, 2027, 2027) is None


def test_no_block_for_years_with_different_rules() -> None:
    assert zone_block("America/New_York", 2005, 2008) is None
    assert zone_block("America/New_York", 2008, 2027) is not None
    assert zone_block(BERLIN, 1969, 2027) is None


@pytest.mark.slow
def test_every_block_means_the_same_as_the_tz_database() -> None:
    written = {zone: zone_block(zone, 2026, 2028) for zone in sorted(available_timezones() - {"localtime"})}
    differing = [zone for zone, block in written.items() if block and not agrees(zone, block)]
    assert differing == []
    assert sum(block is not None for block in written.values()) > 500


def agrees(zone: str, block: bytes) -> bool:
    read = tzical(StringIO(block.decode())).get()
    known = ZoneInfo(zone)
    start = datetime(2026, 1, 5, 12, tzinfo=UTC)
    instants = [start + timedelta(days=6 * number) for number in range(180)]
    return all(
        instant.astimezone(known).replace(tzinfo=read).utcoffset() == instant.astimezone(known).utcoffset()
        for instant in instants
    )


@pytest.mark.slow
@pytest.mark.parametrize("zone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "Europe/Dublin"])
def test_the_clocks_change_at_the_right_minute(zone: str) -> None:
    read = tzical(StringIO((zone_block(zone, 2026, 2028) or b"").decode())).get()
    instant = datetime(2027, 1, 1, tzinfo=UTC)
    while instant.year == 2027:
        local = instant.astimezone(ZoneInfo(zone))
        if not happens_twice(zone, instant):
            assert local.replace(tzinfo=read).utcoffset() == local.utcoffset(), local
        instant += timedelta(minutes=30)


def test_a_time_in_the_gap_does_not_exist() -> None:
    with pytest.raises(NonexistentTime) as raised:
        to_utc(BERLIN, date(2027, 3, 28), time(2, 30))
    assert (raised.value.zone, raised.value.wall) == (BERLIN, datetime(2027, 3, 28, 2, 30))  # noqa: DTZ001


def test_half_an_hour_of_gap_on_lord_howe() -> None:
    with pytest.raises(NonexistentTime):
        to_utc("Australia/Lord_Howe", date(2027, 10, 3), time(2, 15))
    assert to_utc("Australia/Lord_Howe", date(2027, 10, 3), time(2, 30)).hour == 15


def test_a_time_that_happens_twice_is_the_first_one() -> None:
    instant = to_utc(BERLIN, date(2027, 10, 31), time(2, 30))
    assert instant == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert happens_twice(BERLIN, instant)
    assert happens_twice(BERLIN, instant + timedelta(hours=1))
    assert not happens_twice(BERLIN, instant + timedelta(hours=2))
    assert not happens_twice(BERLIN, datetime(2027, 3, 28, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "utc"),
    [(BERLIN, (2027, 3, 25, 17, 0)), (BERLIN, (2027, 4, 1, 16, 0)), ("Asia/Kathmandu", (2027, 4, 1, 12, 15))],
)
def test_six_in_the_evening_is_six_in_the_evening(zone: str, utc: tuple[int, int, int, int, int]) -> None:
    instant = to_utc(zone, date(*utc[:3]), time(18))
    assert instant == datetime(*utc, tzinfo=UTC)
    assert to_local(zone, instant).time() == time(18)
