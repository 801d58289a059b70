"""Addresses that open an entry or a feed in the calendars of the web."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from urllib.parse import quote, urlencode

from eventhub.calendars import writing
from eventhub.calendars.entries import Days, Entry

# Longer addresses are refused by some browsers and servers; the link to the page tells the rest.
_LONGEST_DETAILS = 800


def google(entry: Entry) -> str:
    """Add the entry to Google Calendar."""
    when = entry.when
    if isinstance(when, Days):
        times = {"dates": f"{writing.day(when.starts_on)}/{writing.day(when.ends_on)}"}
    else:
        ends_at = max(when.ends_at, when.starts_at + timedelta(minutes=1))
        times = {
            "dates": f"{writing.instant(when.starts_at)}/{writing.instant(ends_at)}",
            "ctz": when.zone,
        }
    return _address(
        "https://calendar.google.com/calendar/render",
        {
            "action": "TEMPLATE",
            "text": writing.clean(entry.summary),
            **times,
            "details": _details(entry),
            "location": writing.clean(entry.location),
        },
    )


def outlook(entry: Entry) -> str:
    """Add the entry to Outlook.com, the calendar of private accounts."""
    return _microsoft("outlook.live.com", entry)


def office365(entry: Entry) -> str:
    """Add the entry to Outlook on the web, the calendar of work accounts."""
    return _microsoft("outlook.office.com", entry)


def webcal(feed_url: str) -> str:
    """The feed's address in the form that opens a calendar program."""
    return "webcal://" + feed_url.partition("://")[2]


def google_subscription(feed_url: str) -> str:
    """Subscribe to the feed in Google Calendar."""
    return _address("https://calendar.google.com/calendar/r", {"cid": webcal(feed_url)})


def _microsoft(host: str, entry: Entry) -> str:
    when = entry.when
    if isinstance(when, Days):
        times = {
            "startdt": when.starts_on.isoformat(),
            "enddt": when.ends_on.isoformat(),
            "allday": "true",
        }
    else:
        times = {
            "startdt": f"{when.starts_at:%Y-%m-%dT%H:%M:%SZ}",
            "enddt": f"{when.ends_at:%Y-%m-%dT%H:%M:%SZ}",
        }
    return _address(
        f"https://{host}/calendar/0/deeplink/compose",
        {
            "path": "/calendar/action/compose",
            "rru": "addevent",
            "subject": writing.clean(entry.summary),
            **times,
            # Outlook reads this one as HTML.
            "body": escape(_details(entry)).replace("\n", "<br>"),
            "location": writing.clean(entry.location),
        },
    )


def _details(entry: Entry) -> str:
    details = writing.clean(entry.description).strip()
    if len(details) > _LONGEST_DETAILS:
        details = f"{details[:_LONGEST_DETAILS].rsplit(maxsplit=1)[0]} …"
    if entry.url and entry.url not in details:
        details = f"{details}\n\n{writing.uri(entry.url)}".strip()
    return details


def _address(base: str, query: dict[str, str]) -> str:
    # Outlook shows a plus sign where forms write a space.
    kept = {name: value for name, value in query.items() if value}
    return f"{base}?{urlencode(kept, quote_via=quote, safe='')}"
