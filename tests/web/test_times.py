"""Dates and times in words, as the wording rules say."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import pytest

from eventhub.web import times
from eventhub.web.languages import speaking

TUESDAY = date(2021, 12, 7)
START = datetime(2021, 12, 7, 14, 10, tzinfo=UTC)


@dataclass
class Meeting:
    zone: str = "Europe/Berlin"
    start_date: date | None = None
    end_date: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    planned: str | None = None


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def said(function: object, *args: object, **values: object) -> tuple[str, str]:
    found = []
    for language in ("de", "en"):
        with speaking(language):
            found.append(plain(function(*args, **values)))  # type: ignore[operator]
    return found[0], found[1]


def test_days() -> None:
    assert said(times.day, TUESDAY) == ("Dienstag, 7. Dezember 2021", "Tuesday, 7 December 2021")
    assert said(times.day, TUESDAY, year=False) == ("Dienstag, 7. Dezember", "Tuesday, 7 December")
    assert said(times.day_long, TUESDAY) == ("7. Dezember 2021", "7 December 2021")
    assert said(times.day_short, TUESDAY) == ("7. Dez. 2021", "7 Dec 2021")
    assert said(times.day_number, TUESDAY) == ("7.12.2021", "7 Dec 2021")
    assert said(times.weekday, TUESDAY) == ("Dienstag", "Tuesday")
    assert said(times.weekday, TUESDAY, short=True) == ("Di", "Tue")
    assert said(times.month, "2020-05") == ("Mai 2020", "May 2020")
    assert said(times.month, TUESDAY, short=True) == ("Dez. 2021", "Dec 2021")


def test_what_is_counted_has_the_ordinal_of_the_language() -> None:
    numbers = (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111)
    with speaking("en"):
        assert [times.ordinal(one) for one in numbers] == (
            "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th".split()
        )
    with speaking("de"):
        assert times.ordinal(21) == "21."


def test_numbers_and_units_stay_together() -> None:
    with speaking("de"):
        assert times.day_long(TUESDAY) == "7.\u00a0Dezember 2021"
        assert times.time_range(time(15), time(18)) == "15 bis 18\u00a0Uhr"
        assert times.duration(25) == "25\u00a0Min."


@pytest.mark.parametrize(
    ("start", "end", "german", "english"),
    [
        (date(2019, 3, 13), date(2019, 3, 14), "13. bis 14. März 2019", "13 to 14 March 2019"),
        (date(2019, 4, 30), date(2019, 5, 2), "30. April bis 2. Mai 2019", "30 April to 2 May 2019"),
        (
            date(2019, 12, 31),
            date(2020, 1, 1),
            "31. Dezember 2019 bis 1. Januar 2020",
            "31 December 2019 to 1 January 2020",
        ),
        (TUESDAY, TUESDAY, "Dienstag, 7. Dezember 2021", "Tuesday, 7 December 2021"),
    ],
)
def test_several_days(start: date, end: date, german: str, english: str) -> None:
    assert said(times.days, start, end) == (german, english)


@pytest.mark.parametrize(
    ("start", "end", "german", "english"),
    [
        (time(15), time(18), "15 bis 18 Uhr", "3 to 6 pm"),
        (time(15, 10), time(18), "15:10 bis 18 Uhr", "3:10 to 6 pm"),
        (time(9), time(15, 45), "9 bis 15:45 Uhr", "9 am to 3:45 pm"),
        (time(11), time(12), "11 bis 12 Uhr", "11 am to noon"),
        (time(12), time(13), "12 bis 13 Uhr", "noon to 1 pm"),
        (time(20), time(0), "20 bis 24 Uhr", "8 pm to midnight"),
        (time(0, 30), time(1), "0:30 bis 1 Uhr", "12:30 to 1 am"),
        (time(15), None, "ab 15 Uhr", "from 3 pm"),
    ],
)
def test_hours(start: time, end: time | None, german: str, english: str) -> None:
    assert said(times.time_range, start, end) == (german, english)


def test_times_of_the_day() -> None:
    assert said(times.clock, time(9, 5)) == ("09:05", "09:05")
    assert said(times.time_of_day, time(15, 10)) == ("15:10 Uhr", "3:10 pm")
    assert said(times.time_of_day, time(12)) == ("12 Uhr", "noon")
    assert said(times.time_range, time(15), time(18), "Europe/Berlin")[1] == "3 to 6 pm (Berlin)"
    assert said(times.stamp, START, "Europe/Berlin") == ("7.12.2021, 15:10", "7 Dec 2021, 15:10")
    assert said(times.day_and_time, START, "Europe/Berlin")[0] == "7. Dezember 2021, 15:10 Uhr"


def test_zones_have_names() -> None:
    winter = ("Mitteleuropäische Zeit (Berlin)", "Central European Time (Berlin)")
    assert said(times.zone_name, "Europe/Berlin", TUESDAY) == winter
    summer = said(times.zone_name, "Europe/Berlin", date(2022, 7, 1))
    assert summer == ("Mitteleuropäische Sommerzeit (Berlin)", "Central European Summer Time (Berlin)")
    assert said(times.zone_name, "UTC")[1] == "Coordinated Universal Time (UTC)"


def test_small_words() -> None:
    assert said(times.duration, 90) == ("90 Min.", "90 min")
    assert said(times.number, 1234) == ("1.234", "1,234")


@pytest.mark.parametrize(
    ("meeting", "german", "english"),
    [
        (
            Meeting(start_date=TUESDAY, end_date=TUESDAY, start_time=time(15), end_time=time(18)),
            "Dienstag, 7. Dezember 2021, 15 bis 18 Uhr",
            "Tuesday, 7 December 2021, 3 to 6 pm",
        ),
        (Meeting(start_date=TUESDAY), "Dienstag, 7. Dezember 2021", "Tuesday, 7 December 2021"),
        (
            Meeting(start_date=date(2019, 3, 13), end_date=date(2019, 3, 14), start_time=time(11)),
            "13. bis 14. März 2019",
            "13 to 14 March 2019",
        ),
        (
            Meeting(start_date=TUESDAY, end_date=date(2021, 12, 8), start_time=time(20), end_time=time(2)),
            "Dienstag, 7. Dezember 2021, 20 bis 2 Uhr",
            "Tuesday, 7 December 2021, 8 pm to 2 am",
        ),
        (Meeting(planned="2020-05"), "Mai 2020", "May 2020"),
        (Meeting(planned="im Herbst"), "im Herbst", "im Herbst"),
        (Meeting(planned="2020-13"), "2020-13", "2020-13"),
    ],
)
def test_editions(meeting: Meeting, german: str, english: str) -> None:
    assert said(times.when, meeting) == (german, english)


def test_an_edition_without_any_date_says_so() -> None:
    with speaking("en"):
        assert times.when(Meeting()) == "Date not set yet"


def test_markup_is_for_machines_and_for_readers_elsewhere() -> None:
    meeting = Meeting(start_date=TUESDAY, end_date=TUESDAY, start_time=time(15), end_time=time(18))
    with speaking("en"):
        assert plain(times.when_tag(meeting)) == (
            '<time datetime="2021-12-07">Tuesday, 7 December 2021</time>, '
            '<time datetime="2021-12-07T15:00+01:00" data-local data-end="2021-12-07T18:00+01:00">'
            "3 to 6 pm</time>"
        )
        assert times.time_tag(TUESDAY, "<b>") == '<time datetime="2021-12-07">&lt;b&gt;</time>'
        assert times.day_tag(Meeting(planned="<i>")) == "&lt;i&gt;"
        assert times.hours_tag(Meeting(planned="2020")) == ""
        assert times.iso(START, zone="Europe/Berlin") == "2021-12-07T15:10+01:00"
