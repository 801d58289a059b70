"""A programme in any format that eventhub knows, told apart by what the file holds; pure."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from eventhub.calendars import reading as calendars
from eventhub.calendars.reading import Reading
from eventhub.errors import RuleBroken
from eventhub.exchange.schedules import frab, indico, kept, open_event, pretalx, sessionize
from eventhub.web.languages import gettext as _
from eventhub.web.security import FORBIDDEN_IN_TEXT

LARGEST = 3_000_000
"""Bytes of a file."""
_FORMATS = (kept, sessionize, indico, open_event, pretalx)


def is_schedule(text: str) -> bool:
    """Tell whether a text is one of these formats, by its first characters."""
    start = text.lstrip("\ufeff \t\r\n")
    return start.startswith(("{", "[")) or (start.startswith("<") and "<schedule" in start[:5000])


def read_programme(text: str, first: date, last: date, zone: str) -> Reading:
    """Read a programme in whole, or the meetings of a calendar that begin on one of these days."""
    if is_schedule(text):
        return read(text, zone)
    if len(text) > calendars.LARGEST:
        raise RuleBroken(_("The calendar is larger than 1 MB. Export a shorter time"))
    return calendars.read(text, first, last, zone)


def read(text: str, zone: str) -> Reading:
    """Read all sessions of a programme, on the clocks of `zone`; raises RuleBroken where there are none."""
    text = FORBIDDEN_IN_TEXT.sub("", text.lstrip("\ufeff \t\r\n"))
    try:
        found = _of_tree(text, zone) if text.startswith("<") else _of_document(_document(text), zone)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise RuleBroken(_("The file is not laid out as its format demands, so it can’t be read")) from None
    if not found.meetings and not found.unread:
        raise RuleBroken(_("The file holds no sessions"))
    return found


def _of_tree(text: str, zone: str) -> Reading:
    try:
        root = fromstring(text, forbid_dtd=True)
    except ParseError as error:
        raise RuleBroken(_("The XML is broken in line %(line)s", line=error.position[0])) from None
    except DefusedXmlException:
        raise RuleBroken(_("The XML declares entities of its own. Remove them and try again")) from None
    if root.tag != "schedule":
        raise RuleBroken(_("This XML holds no “schedule”"))
    return frab.from_xml(root, zone)


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise RuleBroken(_("The JSON is broken in line %(line)s", line=error.lineno)) from None
    except RecursionError:
        raise RuleBroken(_("The JSON is nested too deeply")) from None


def _of_document(document: Any, zone: str) -> Reading:
    if isinstance(document, dict) and isinstance(document.get("schedule"), dict):
        schedule = document["schedule"]
        if "conference" in schedule or "day" in schedule:
            return frab.from_json(document, zone)
    known = next((one for one in _FORMATS if one.is_ours(document)), None)
    if known is None:
        raise RuleBroken(
            _("This JSON is none that eventhub knows: schedule.json, pretalx, Sessionize, Indico, Open Event")
        )
    found: Reading = known.read(document, zone)
    return found
