"""Addresses that open calendars of the web carry the whole entry."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

from hypothesis import given

from eventhub.calendars.entries import Days, Entry
from eventhub.calendars.links import google, google_subscription, office365, outlook, webcal
from eventhub.calendars.writing import clean
from tests.calendars.samples import BERLIN, entries, entry, timed

ALL_DAY = Days.through(date(2027, 5, 1), date(2027, 5, 2))


def query(address: str) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(address).query, strict_parsing=True).items()}


def test_google() -> None:
    assert google(entry()).startswith("https://calendar.google.com/calendar/render?action=TEMPLATE&")
    assert query(google(entry())) == {
        "action": "TEMPLATE",
        "text": "Fahren üben",
        "dates": "20270325T170000Z/20270325T190000Z",
        "ctz": BERLIN,
        "details": "18:00 Ankommen\n18:15 Bremsen; mit Sand, ohne Glocke\n\nhttps://events.example.org/fahren/4/",
        "location": "Betriebshof, Halle 2",
    }


def test_outlook_reads_html_and_no_plus_signs() -> None:
    address = outlook(entry(description="a < b & c\nd"))
    assert address.startswith("https://outlook.live.com/calendar/0/deeplink/compose?")
    assert "+" not in address
    assert query(address) == {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": "Fahren üben",
        "startdt": "2027-03-25T17:00:00Z",
        "enddt": "2027-03-25T19:00:00Z",
        "body": "a &lt; b &amp; c<br>d<br><br>https://events.example.org/fahren/4/",
        "location": "Betriebshof, Halle 2",
    }
    assert office365(entry()) == outlook(entry()).replace("outlook.live.com", "outlook.office.com")


def test_whole_days() -> None:
    assert query(google(entry(when=ALL_DAY)))["dates"] == "20270501/20270503"
    asked = query(outlook(entry(when=ALL_DAY)))
    assert (asked["startdt"], asked["enddt"], asked["allday"]) == ("2027-05-01", "2027-05-03", "true")


def test_an_unknown_end_is_a_minute_for_google() -> None:
    when = timed(BERLIN, (2027, 3, 25, 17), (2027, 3, 25, 17))
    assert query(google(entry(when=when)))["dates"] == "20270325T170000Z/20270325T170100Z"


def test_long_descriptions_are_cut_at_a_word_and_keep_the_link() -> None:
    details = query(google(entry(description="Straßenbahn " * 500)))["details"]
    assert details.endswith("Straßenbahn …\n\nhttps://events.example.org/fahren/4/")
    assert len(google(entry(description="ß" * 5000))) < 8000


@given(entries)
def test_any_entry_becomes_a_proper_address(shown: Entry) -> None:
    for address in (google(shown), outlook(shown), office365(shown)):
        assert address.isascii()
        assert address.isprintable()
    assert query(google(shown)).get("text", "") == clean(shown.summary)


def test_feeds() -> None:
    feed = "https://events.example.org/fahren/calendar.ics"
    assert webcal(feed) == "webcal://events.example.org/fahren/calendar.ics"
    assert query(google_subscription(feed)) == {"cid": webcal(feed)}
