"""A programme as people paste it, one slot per line; pure.

`15:00 Welcome`, `15:10-15:35 Title | Speaker, Moderation: Somebody`, or only titles in their order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import time

from eventhub.agenda.models import SpeakerRole
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext

MOST_LINES = 200
LONGEST_TITLE = 300
LONGEST_NAME = 200
_DASH = r"\s*(?:-|–|—|\bbis\b|\bto\b|\buntil\b)\s*"
_CLOCK = r"(\d{1,2})[:.](\d{2})(?:\s*(?:Uhr|h)\b)?"
_TIMES = re.compile(rf"{_CLOCK}(?:{_DASH}{_CLOCK})?", re.IGNORECASE)
_HOURS = re.compile(rf"(\d{{1,2}})()(?:{_DASH}(\d{{1,2}})())?\s*(?:Uhr|h)\b", re.IGNORECASE)
_BULLET = re.compile(r"^(?:[-–*•]\s+)")
_BETWEEN = " \t:,;|–—-"
_MODERATOR = re.compile(r"^(?:moderation|moderated by|moderator(?:in)?|mod\.?)\s*:?\s+", re.IGNORECASE)
_HOST = re.compile(r"^(?:gastgeber(?:in)?|host(?:ed by)?)\s*:?\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it says, or why it can't be understood."""

    number: int
    text: str
    title: str = ""
    start: time | None = None
    end: time | None = None
    people: tuple[tuple[str, SpeakerRole], ...] = ()
    error: str = ""


def read_lines(text: str, close_gaps: bool) -> list[Line]:
    """Read every line that is not empty; with `close_gaps` an open end is the start of the next line."""
    raw = [(number, " ".join(line.split())) for number, line in enumerate(text.splitlines(), 1)]
    lines = [_read(number, words) for number, words in raw if words]
    if any(line.start for line in lines):
        lines = [_with_time(line) for line in lines]
    if close_gaps:
        lines = _closed(lines)
    return [_checked(line) for line in lines[:MOST_LINES]] + [_too_many(line) for line in lines[MOST_LINES:]]


def _read(number: int, words: str) -> Line:
    line = Line(number, words[:LONGEST_TITLE])
    words = _BULLET.sub("", words)
    found = _TIMES.match(words) or _HOURS.match(words)
    if found:
        start, end = _time(found[1], found[2]), _time(found[3], found[4])
        if start is None or (found[3] and end is None):
            return replace(line, error=_("There is no such time of day"))
        line = replace(line, start=start, end=end)
        words = words[found.end() :]
    title, _bar, people = words.strip(_BETWEEN).partition("|")
    return replace(line, title=title.strip(), people=tuple(_people(people)))


def _time(hour: str | None, minute: str | None) -> time | None:
    if hour is None or int(hour) > 24 or int(minute or 0) > 59 or (hour == "24" and int(minute or 0)):
        return None
    return time(int(hour) % 24, int(minute or 0))


def _people(words: str) -> list[tuple[str, SpeakerRole]]:
    found: list[tuple[str, SpeakerRole]] = []
    for part in re.split(r"[,;]", words):
        name, role = part.strip(), SpeakerRole.SPEAKER
        for pattern, said in ((_MODERATOR, SpeakerRole.MODERATOR), (_HOST, SpeakerRole.HOST)):
            if pattern.match(name):
                name, role = pattern.sub("", name), said
        if name and name not in [known for known, _role in found]:
            found.append((name, role))
    return found


def _with_time(line: Line) -> Line:
    if line.error or line.start:
        return line
    return replace(line, error=_("Start the line with a time, like 15:00 or 15:10-15:35"))


def _closed(lines: list[Line]) -> list[Line]:
    starts = [line.start for line in lines]
    found = []
    for at, line in enumerate(lines):
        later = next(
            (start for start in starts[at + 1 :] if start and line.start and start > line.start), None
        )
        found.append(replace(line, end=line.end or later) if line.start else line)
    return found


def _checked(line: Line) -> Line:
    if line.error:
        return line
    if not line.title:
        return replace(line, error=_("The title is missing"))
    if len(line.title) > LONGEST_TITLE:
        return replace(line, error=_("The title is too long; %(num)s characters fit", num=LONGEST_TITLE))
    if any(len(name) > LONGEST_NAME for name, _role in line.people):
        return replace(line, error=_("A name is too long"))
    if line.start and line.end and line.end <= line.start and line.end != time(0):
        return replace(line, error=_("The end lies before the start"))
    return line


def _too_many(line: Line) -> Line:
    words = ngettext("At most %(num)s line at once", "At most %(num)s lines at once", MOST_LINES)
    return replace(line, error=words)
