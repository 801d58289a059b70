"""The rule of a series in its file."""

from __future__ import annotations

from datetime import date
from typing import Any

from eventhub.editions.ahead import rule_of
from eventhub.editions.models import Series, SeriesRule
from eventhub.editions.public_holidays import STATES
from eventhub.editions.recurrence import LAST_WEEK, Frequency
from eventhub.exchange import values
from eventhub.exchange.reading import Node, fail
from eventhub.extensions import db

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def take_rule(series: Series, rule: SeriesRule | None, node: Node | None, known: bool) -> bool:
    """Bring the rule in, or forget one that an earlier file has brought; return whether anything changed."""
    if node is None or node.value is None:
        if rule is None or not known:
            return False
        db.session.delete(rule)
        return True
    columns = _columns(node)
    if rule is None:
        db.session.add(SeriesRule(series=series, **columns))
        return True
    dealt_with = [day for day in (rule.made_through, columns["made_through"]) if day is not None]
    columns["made_through"] = max(dealt_with, default=None)  # what was deleted since is not made again
    changed = {name for name, value in columns.items() if getattr(rule, name) != value}
    for name in changed:
        setattr(rule, name, columns[name])
    return bool(changed)


def _columns(node: Node) -> dict[str, Any]:
    said = values.mapping(node)
    first = values.day(said.get("from"))
    frequency = values.word(said.get("frequency"), Frequency)
    if first is None or frequency is None:
        fail(node, "a rule needs “frequency” and “from”")
    until, start = values.day(said.get("until")), values.clock_time(said.get("time"))
    end = values.clock_time(said.get("end"))
    if until is not None and until < first:
        fail(said["until"], "the rule ends before it begins")
    if end is not None and start is None:
        fail(said["end"], "there is an end without a time")
    return {
        "frequency": frequency,
        "every": values.whole(said.get("every"), least=1, most=52) or 1,
        "day_of_week": _weekday(said.get("weekday"), first),
        "week": _week(said.get("week"), first),
        "from_day": first,
        "until": until,
        "holidays_of": _state(said.get("holidays_of")),
        "left_out": [
            day.isoformat() for one in values.items(said.get("left_out")) if (day := values.day(one))
        ],
        "start_time": start,
        "end_time": end,
        "nights": values.whole(said.get("nights"), most=30) or 0,
        "ahead": values.whole(said.get("ahead"), least=1, most=24) or 1,
        "made_through": values.day(said.get("made_through")),
    }


def _days(node: Node | None) -> list[str]:
    found = (values.day(one) for one in values.items(node))
    return [day.isoformat() for day in found if day is not None]


def _weekday(node: Node | None, first: date) -> int:
    word = values.text(node)
    if node is None or not word:
        return first.weekday()
    if word not in WEEKDAYS:
        fail(node, f"must be one of: {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(word)


def _week(node: Node | None, first: date) -> int:
    if node is not None and node.value in ("last", LAST_WEEK):
        return LAST_WEEK
    return values.whole(node, least=1, most=5) or (first.day - 1) // 7 + 1


def _state(node: Node | None) -> str:
    word = values.text(node)
    if node is not None and word and word not in STATES:
        fail(node, f"must be one of: {', '.join(STATES)}")
    return word


def written_rule(series: Series) -> dict[str, Any] | None:
    """Return the rule as the mapping of a file; what is usual is left out."""
    rule = rule_of(series)
    if rule is None:
        return None
    found = {
        "frequency": rule.frequency.value,
        "every": rule.every if rule.every != 1 else None,
        "weekday": WEEKDAYS[rule.day_of_week],
        "week": "last" if rule.week == LAST_WEEK else rule.week,
        "from": rule.from_day,
        "until": rule.until,
        "holidays_of": rule.holidays_of or None,
        "left_out": [date.fromisoformat(day) for day in rule.left_out] or None,
        "time": values.written_time(rule.start_time),
        "end": values.written_time(rule.end_time),
        "nights": rule.nights or None,
        "ahead": rule.ahead,
        "made_through": rule.made_through,
    }
    return {key: value for key, value in found.items() if value is not None}
