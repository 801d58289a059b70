"""Rules about places, the waitlist and what people type; none needs a database."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import inf

from email_validator import EmailNotValidError, validate_email

LONGEST_NAME = 120
LONGEST_EMAIL = 254
LONGEST_ORGANISATION = 200
LONGEST_NOTE = 1000
LARGEST_PARTY = 10

EXISTING = "existing"
"""The kind of the mail that shows somebody the place they have."""
ON_ITS_WAY = timedelta(minutes=2)
MAILS_PER_HOUR = 3
MAILS_PER_DAY = 10

_MAILBOXES_WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})


HOUSE = 0
"""Stands for the house itself among the keys of quotas."""
HOURS_TO_CONFIRM = 24
LEAST_TO_ANSWER = timedelta(minutes=30)
"""So long before the start the last places are offered: whoever reads it later could hardly come."""

Needs = Mapping[int, int]
"""How many places a party needs of the house and of each quota."""


@dataclass(frozen=True, slots=True)
class Places:
    """The numbers of the house or of a quota; `capacity` is None where there is no limit."""

    capacity: int | None
    taken: int = 0
    waiting: int = 0
    """How many wait for this, not for something else."""
    held_back: int = 0

    @property
    def free(self) -> float:
        return inf if self.capacity is None else self.capacity - self.taken - self.held_back

    def less(self, number: int) -> Places:
        """Return the numbers after somebody has taken some places."""
        return replace(self, taken=self.taken + number)


Limits = Mapping[int, Places]


def bottleneck(limits: Limits, needs: Needs, awaited: Collection[int]) -> int | None:
    """Return what keeps a party from its places, or None where nothing does.

    `awaited` are the limits that somebody earlier waits for: whoever needs one of them waits as well, even if
    there is a free place, because that is kept for a larger party.
    """
    for key, number in sorted(needs.items()):
        if number and (key in awaited or limits[key].free < number):
            return key
    return None


def admission(limits: Limits, needs: Needs) -> int | None:
    """Return what newcomers have to wait for, or None where they get their places at once."""
    return bottleneck(limits, needs, {key for key in needs if limits[key].waiting})


def is_full(house: Places) -> bool:
    """Tell whether the next person goes onto the waitlist."""
    return admission({HOUSE: house}, {HOUSE: 1}) is not None


def is_left(places: Places, awaited: int) -> bool:
    """Tell whether somebody who has a place may change to one of these: all who wait come first.

    `awaited` is how many people need one of these, whatever they wait for at the moment.
    """
    return places.free - max(places.waiting, awaited) >= 1


def offered_until(hours: int, starts_at: datetime | None, now: datetime) -> datetime | None:
    """Return the deadline of an offer made now, the start at the latest; None where it is too late."""
    until = now + timedelta(hours=hours)
    if starts_at is None or until <= starts_at:
        return until
    return starts_at if starts_at - now >= LEAST_TO_ANSWER else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A party on the waitlist, or one person alone."""

    place: int
    """The place in line of its first member."""
    line: int
    """What it waits for."""
    needs: Needs
    ways: Sequence[Needs] = ()
    """What it takes, the best first; with online places or seats held back there are several."""


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a waiting party: places for one of its ways, or another line to wait in."""

    party: Waiting
    needs: Needs | None
    line: int | None = None


def moving_up(limits: Limits, lines: Mapping[int, Iterator[Waiting]]) -> Iterator[Step]:
    """Yield who gets places now, the overall earliest first.

    `lines` hold those who may move, in their order: the parties that wait for a limit, and in the line of
    online places, or of seats held back, also those who would take one. A line stops at the first party that
    its own limit is too small for: nobody behind overtakes it, and single places are kept until there are
    enough. Whoever finds that another limit is in the way now waits for that one, at the same place in line.
    So a step costs as much for the last thousand people who wait as for the first.
    """
    return _MovingUp(limits, lines).steps()


class _MovingUp:
    def __init__(self, limits: Limits, lines: Mapping[int, Iterator[Waiting]]) -> None:
        self.left = dict(limits)
        self.lines = lines
        self.heads: list[tuple[int, int, Waiting]] = []
        self.settled: set[int] = set()
        self.stopped: set[int] = set()
        """Lines in which somebody goes on waiting who is earlier than all that are still looked at."""
        for key in lines:
            self.advance(key)

    def advance(self, key: int) -> None:
        if key not in self.stopped and self.left[key].free > 0:
            party = next(self.lines[key], None)
            if party is not None:
                heappush(self.heads, (party.place, key, party))

    def steps(self) -> Iterator[Step]:
        while self.heads:
            _place, key, party = heappop(self.heads)
            if self.left[key].free <= 0:
                self.stopped.add(key)
            if key in self.stopped:
                continue
            step = None if party.place in self.settled else self.decide(key, party)
            if step is not None:
                self.note(step)
                yield step
            self.advance(key)

    def decide(self, key: int, party: Waiting) -> Step | None:
        """Decide about the head of a line; None where it goes on waiting there."""
        visiting = key != party.line
        for way in party.ways or (party.needs,):
            if (key in way or not visiting) and bottleneck(self.left, way, self.stopped) is None:
                return Step(party, way)
        if visiting:
            return None
        if self.left[key].free < party.needs.get(key, 0):
            self.stopped.add(key)
            return None
        return Step(party, None, line=bottleneck(self.left, party.needs, self.stopped))

    def note(self, step: Step) -> None:
        self.settled.add(step.party.place)
        for key, number in (step.needs or {}).items():
            self.left[key] = self.left[key].less(number)
        if step.line is not None:
            self.stopped.add(step.line)


def one_line(text: str) -> str:
    """Return the text in composed characters with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def several_lines(text: str) -> str:
    """Return the text in composed characters with plain line breaks, without space at its ends."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def has_letters(text: str) -> bool:
    """Tell whether somebody can be called by this text; signs that show nothing are no name."""
    return any(sign.isalpha() for sign in text)


def mail_address(text: str) -> str | None:
    """Return the address as mail servers take it, or None where it is none."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except (EmailNotValidError, ValueError):
        return None
    address = found.ascii_email or ""
    return address if 0 < len(address) <= LONGEST_EMAIL else None


def address_key(address: str) -> str:
    """Return what makes two addresses the same person's within an edition."""
    return address.lower()


def is_from(address: str, domains: Iterable[str]) -> bool:
    """Tell whether an address is of one of these mail domains or below it."""
    _local, _at, host = address.lower().rpartition("@")
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def mail_domains(text: str) -> list[str]:
    """Read mail domains, however they are parted, with or without an @; ValueError names a wrong one."""
    found = []
    for word in text.lower().replace(",", " ").replace(";", " ").split():
        address = mail_address(f"somebody@{word.rpartition('@')[2]}")
        if address is None:
            raise ValueError(word)
        found.append(address.rpartition("@")[2])
    return list(dict.fromkeys(found))


def mailbox(address: str) -> str:
    """Return the mailbox behind an address and its aliases; only limits go by it, never identity."""
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '') if domain in _MAILBOXES_WITHOUT_DOTS else local}@{domain}"


def may_mail_again(mails: Iterable[tuple[str, datetime]], now: datetime) -> bool:
    """Decide whether somebody may have their link mailed once more.

    `mails` are kind and time of what was written to this registration during the last day. Whatever left in
    the last minutes counts as on its way; beyond that, people get three such mails an hour and ten a day.
    """
    written = list(mails)
    asked_for = [at for kind, at in written if kind == EXISTING]
    return (
        all(now - at >= ON_ITS_WAY for _, at in written)
        and sum(now - at < timedelta(hours=1) for at in asked_for) < MAILS_PER_HOUR
        and sum(now - at < timedelta(days=1) for at in asked_for) < MAILS_PER_DAY
    )
