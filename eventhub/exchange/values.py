"""Single values of a file, checked: a wrong one says in which line and field it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import InstrumentedAttribute

from eventhub.calendars.zones import NonexistentTime, to_utc
from eventhub.editions.checks import FIRST_DAY, LAST_DAY
from eventhub.editions.naming import SLUG
from eventhub.editions.zones import known_zones
from eventhub.exchange.reading import Node, fail, is_day

LARGEST_NUMBER = 1_000_000
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*")

Word = TypeVar("Word", bound=StrEnum)


def mapping(node: Node) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        fail(node, "must be a mapping of keys to values")
    found: dict[str, Node] = node.value
    return found


def items(node: Node | None) -> list[Node]:
    """Return the nodes of a list; none for null."""
    if node is None or node.value is None:
        return []
    if not isinstance(node.value, list):
        fail(node, "must be a list")
    found: list[Node] = node.value
    return found


def text(node: Node | None, limit: int | None = None) -> str:
    """Return a text; the empty one stands for null."""
    if node is None or node.value is None:
        return ""
    if not isinstance(node.value, str):
        fail(node, "must be a text; put it between quotes")
    if limit is not None and len(node.value) > limit:
        fail(node, f"is too long: {len(node.value)} characters, at most {limit} fit")
    return node.value


def needed_text(parent: Node, key: str, limit: int | None = None) -> str:
    """Return a text that must be there."""
    node = mapping(parent).get(key)
    words = text(node, limit)
    if not words.strip():
        fail(node or parent, f"{key} is missing")
    return words


def room_for(column: InstrumentedAttribute[Any]) -> int | None:
    """Return how many characters fit into a column."""
    length: int | None = getattr(column.type, "length", None)
    return length


def flag(node: Node | None) -> bool:
    if node is None or node.value is None:
        return False
    if not isinstance(node.value, bool):
        fail(node, "must be true or false")
    return node.value


def whole(node: Node | None, least: int = 0, most: int = LARGEST_NUMBER) -> int | None:
    if node is None or node.value is None:
        return None
    if not isinstance(node.value, int) or isinstance(node.value, bool) or not least <= node.value <= most:
        fail(node, f"must be a whole number from {least} to {most}")
    return node.value


def day(node: Node | None) -> date | None:
    if node is None or node.value is None:
        return None
    if not isinstance(node.value, date) and not (isinstance(node.value, str) and is_day(node.value)):
        fail(node, "must be a day such as 2024-02-26")
    found = node.value if isinstance(node.value, date) else date.fromisoformat(node.value)
    if not FIRST_DAY <= found <= LAST_DAY:
        fail(node, f"must be a day from {FIRST_DAY} to {LAST_DAY}")
    return found


def clock_time(node: Node | None) -> time | None:
    if node is None or node.value is None:
        return None
    if not isinstance(node.value, str) or not _CLOCK.fullmatch(node.value):
        fail(node, 'must be a time such as "15:00"')
    return time.fromisoformat(node.value)


def moment(node: Node | None, zone: str) -> datetime | None:
    """Return a moment in UTC; where the file says no offset the clocks of `zone` count."""
    words = text(node)
    if node is None or not words:
        return None
    try:
        found = datetime.fromisoformat(words)
        utc = found.astimezone(UTC) if found.tzinfo else to_utc(zone, found.date(), found.time())
    except NonexistentTime:
        fail(node, f"does not exist: the clocks of {zone} jump over it")
    except (ValueError, OverflowError):
        fail(node, 'must be a day with a time such as "2026-11-20 18:00"')
    return utc


def written_time(value: time | None) -> str | None:
    if value is None:
        return None
    return value.isoformat("seconds" if value.second else "minutes")


def written_moment(value: datetime | None, zone: str) -> str | None:
    return None if value is None else value.astimezone(ZoneInfo(zone)).isoformat()


def zone(node: Node | None, default: str) -> str:
    name = text(node)
    if node is not None and name and name not in known_zones():
        fail(node, "must be a time zone such as Europe/Berlin")
    return name or default


def language(node: Node | None) -> str:
    code = text(node)
    if node is not None and code and not _LANGUAGE.fullmatch(code):
        fail(node, "must be a language such as de or en")
    return code


def email(node: Node | None) -> str:
    address = text(node, 254)
    if node is not None and address:
        try:
            validate_email(address, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            fail(node, "must be an e-mail address")
    return address


def web_address(node: Node | None, limit: int | None = None) -> str:
    address = text(node, limit)
    if node is not None and address and not _ADDRESS.fullmatch(address):
        fail(node, "must be a web address that begins with https:// or http://")
    return address


def slug(node: Node | None, limit: int = 80) -> str | None:
    words = text(node, limit)
    if node is not None and words and not SLUG.match(words):
        fail(node, "must consist of small letters a–z, digits and single hyphens")
    return words or None


def word(node: Node | None, words: type[Word]) -> Word | None:
    """Return a member of an enumeration, named by its value."""
    given = text(node)
    if node is None or not given:
        return None
    try:
        return words(given)
    except ValueError:
        fail(node, f"must be one of: {', '.join(one.value for one in words)}")


def reference(node: Node, known: Mapping[str, Any], what: str) -> str:
    """Return a key that the same file explains."""
    key = text(node)
    if key not in known:
        fail(node, f"there is no {what} “{key}” in this file")
    return key


def references(node: Node | None, known: Mapping[str, Any], what: str) -> list[str]:
    """Return the keys of a list, each named once."""
    found: list[str] = []
    for one in items(node):
        key = reference(one, known, what)
        if key in found:
            fail(one, f"“{key}” is named twice")
        found.append(key)
    return found
