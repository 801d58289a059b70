"""The lines of a calendar file, put together as components; pure, and patient with what programs write."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from eventhub.calendars.foreign_zones import iana_name

_NAME = re.compile(r"[A-Za-z0-9-]+")
_ZONE = re.compile(r';TZID=("[^"]*"|[^":;,]*)', re.IGNORECASE)


@dataclass
class Component:
    """A component with its unfolded lines and where it begins in the file."""

    kind: str
    at: int
    lines: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        """Return what stands behind the first property of this name, its parameters left out."""
        line = next((line for line in self.lines if property_name(line) == name), "")
        return _behind_parameters(line).strip()

    def has(self, *names: str) -> bool:
        return any(property_name(line) in names for line in self.lines)


@dataclass
class Parts:
    """What of a file concerns its meetings."""

    head: dict[str, str] = field(default_factory=dict)
    zones: list[Component] = field(default_factory=list)
    events: list[Component] = field(default_factory=list)


def property_name(line: str) -> str:
    found = _NAME.match(line)
    return found[0].upper() if found else ""


def _behind_parameters(line: str) -> str:
    """Return what follows the first colon outside of quotes."""
    quoted = False
    for at, sign in enumerate(line):
        if sign == '"':
            quoted = not quoted
        elif sign == ":" and not quoted:
            return line[at + 1 :]
    return ""


def parts_of(text: str) -> Parts:
    """Take a file apart; what lies inside of a meeting, such as reminders, is left out."""
    found = Parts()
    open_components: list[Component] = []
    for at, line in _unfolded(text):
        name, value = property_name(line), _behind_parameters(line).strip().upper()
        if name == "BEGIN":
            open_components.append(Component(value, at))
        if name == "END" and value in {one.kind for one in open_components}:
            _close(open_components, value, found)
        elif name == "BEGIN" and value in ("STANDARD", "DAYLIGHT"):
            continue
        elif open_components:
            _take(open_components, line, name, found)
    for unfinished in open_components:
        _keep(unfinished, found)
    return found


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Return each line with its number; a line that begins with space continues the one before."""
    current, begins = "", 0
    for at, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if line[:1] in (" ", "\t") and current:
            current += line[1:]
            continue
        if current.strip():
            yield begins, current
        current, begins = line, at
    if current.strip():
        yield begins, current


def _close(open_components: list[Component], kind: str, found: Parts) -> None:
    """End the innermost component of this kind, and what was forgotten to be ended within it."""
    while open_components:
        last = open_components.pop()
        if last.kind in ("STANDARD", "DAYLIGHT") and open_components:
            open_components[-1].lines += [f"BEGIN:{last.kind}", *last.lines, f"END:{last.kind}"]
        _keep(last, found)
        if last.kind == kind:
            return


def _keep(component: Component, found: Parts) -> None:
    if component.kind == "VEVENT":
        found.events.append(component)
    elif component.kind == "VTIMEZONE":
        found.zones.append(component)


def _take(open_components: list[Component], line: str, name: str, found: Parts) -> None:
    if name == "BEGIN":
        return
    if open_components[-1].kind == "VCALENDAR":
        found.head.setdefault(name, _behind_parameters(line).strip())
    else:
        open_components[-1].lines.append(line)


# zones --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Zones:
    """How the names of zones in a file are written for the reader: known ones by their usual names.

    A definition of the file's own gets a name that follows from its content, because readers keep definitions
    by name: “Customized Time Zone” of one file must not mean that of another.
    """

    own: dict[str, tuple[str, str]]
    """By the name in the file: the name that follows from the definition, and the definition."""

    def renamed(self, line: str) -> str:
        return _ZONE.sub(self._written, line, count=1)

    def _written(self, found: re.Match[str]) -> str:
        name = found[1].strip('"')
        own, _definition = self.own.get(name, (None, ""))
        written = iana_name(name) or own
        return f";TZID={written}" if written else found[0]

    def definitions(self, lines: Iterable[str]) -> list[str]:
        """Return the definitions of the file's own zones that these lines name."""
        text = "\n".join(lines)
        return [block for name, block in self.own.values() if f";TZID={name}:" in text]

    def unknown(self, lines: Iterable[str]) -> str:
        """Return the first name in renamed lines that neither we nor the file explain."""
        own = {name for name, _definition in self.own.values()}
        names = (found[1].strip('"') for line in lines if (found := _ZONE.search(line)))
        return next((name for name in names if not iana_name(name) and name not in own), "")


def zones_of(components: Iterable[Component]) -> Zones:
    found = {}
    for component in components:
        name = component.value("TZID")
        if not name or iana_name(name):
            continue
        rules = [line for line in component.lines if property_name(line) != "TZID"]
        own = "own-" + sha256("\n".join(rules).encode()).hexdigest()[:16]
        found[name] = (own, "\r\n".join(["BEGIN:VTIMEZONE", f"TZID:{own}", *rules, "END:VTIMEZONE"]))
    return Zones(found)


def identity(event: Component) -> str:
    """Return the UID, or for programs that write none what tells meetings apart."""
    return event.value("UID") or f"{event.value('SUMMARY')} {event.value('DTSTART')}"


def by_identity(events: Iterable[Component]) -> list[list[Component]]:
    """Put meetings and their exceptions together, in the order of the file."""
    found: dict[str, list[Component]] = defaultdict(list)
    for event in events:
        found[identity(event)].append(event)
    return list(found.values())
