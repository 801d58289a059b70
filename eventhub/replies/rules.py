"""What an answer of a calendar does: pure functions of plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from eventhub.replies.authentication import Verdict
from eventhub.replies.models import Answer, Outcome
from eventhub.replies.reading import MailKind

MOST_IN_AN_HOUR = 20
"""Replies of one sender that are worked off; a program that runs in circles sends more."""
LARGEST = 1_000_000
"""Bytes of a mail that is read."""
KEPT_FOR = timedelta(days=30)
"""Mails that concern no meeting are remembered so long, so that none is stored twice."""


class Token(StrEnum):
    """Whether the address that an answer came to holds the token of a registration."""

    VALID = "valid"
    WRONG = "wrong"
    MISSING = "missing"


class Place(StrEnum):
    HAS = "has"
    WAITS = "waits"
    """Or is to be decided about."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Said:
    """What a calendar says."""

    kind: MailKind
    answer: Answer | None
    """None for what nobody here can act on, such as DELEGATED."""
    sequence: int
    stamped_at: datetime
    sent_at: datetime
    day: int = 1
    """Which one of a meeting of several days; each has an entry of its own."""

    @property
    def moment(self) -> tuple[int, datetime, datetime]:
        """What orders answers (RFC 5546 2.1.5)."""
        return self.sequence, self.stamped_at, self.sent_at


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand when an answer is worked off."""

    token: Token
    verdict: Verdict
    from_them: bool
    """The mail comes from the registered address."""
    about_them: bool
    """It answers for the registered address, and for this meeting."""
    place: Place
    since: datetime
    """When they got the place, or lost it."""
    takes_place: bool
    """The meeting is neither cancelled nor over."""
    sequence: int
    """That of the latest calendar message to them."""
    latest: tuple[int, datetime, datetime] | None
    """The moment of the latest answer that counted."""
    frees_at_once: bool
    too_many: bool
    days: frozenset[int] = frozenset()
    """On which days they come, where people choose among several; otherwise all days are one."""
    days_since: datetime | None = None
    """When they chose these."""
    moved_to: int = 0
    """The SEQUENCE of the meeting: what answers a lower one is about other times."""

    @property
    def proven(self) -> bool:
        """Whether it is theirs: they hold the token, or our mail server vouches for their address."""
        return self.from_them and (self.token is Token.VALID or self.verdict is Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Effect:
    outcome: Outcome
    shows: bool = False
    """The organisers see the answer with the registration."""
    changes_day: bool = False
    """They come on the day from now on, or no longer."""


def effect(said: Said, standing: Standing) -> Effect:
    """Say what an answer does. Whatever is in doubt is kept for people to see, and changes nothing."""
    refused = _refused(said, standing)
    if refused is not None:
        return Effect(refused)
    if said.kind is MailKind.REFRESH:
        return Effect(Outcome.SENT_AGAIN if standing.place is not Place.GONE else Outcome.NOTED)
    if said.kind is MailKind.COUNTER:
        return Effect(Outcome.WISH if standing.place is Place.HAS else Outcome.NOTED)
    return _of_reply(said, standing)


def _of_reply(said: Said, standing: Standing) -> Effect:
    if standing.days and standing.place is Place.HAS and not _is_about_all(said, standing):
        return _of_day(said, standing)
    if said.day > 1 and not standing.days:  # who misses one day keeps the place
        return Effect(Outcome.NOTED)
    if standing.proven and standing.latest is not None and said.moment < standing.latest:
        return Effect(Outcome.SUPERSEDED)
    if standing.place is Place.GONE:
        return _without_place(said, standing)
    if standing.place is Place.WAITS:
        return Effect(Outcome.NOTED, shows=True)
    return _with_place(said, standing)


def _is_about_all(said: Said, standing: Standing) -> bool:
    """Tell whether an answer about a day is one about the place: it declines the only day they come on."""
    return said.answer is Answer.DECLINED and standing.days == {said.day}


def _of_day(said: Said, standing: Standing) -> Effect:
    """Say what an answer does to one of several days; it frees no place, so nobody is asked first."""
    declines, comes = said.answer is Answer.DECLINED, said.day in standing.days
    if not standing.proven:
        return Effect(Outcome.NOT_PROVEN)
    if comes and not declines:
        return _with_place(said, standing)
    if standing.days_since is not None and said.sent_at < standing.days_since:
        return Effect(Outcome.SUPERSEDED)
    if said.sequence < standing.moved_to:
        return Effect(Outcome.OLD_DATE)
    comes_back = not comes and said.answer is Answer.ACCEPTED
    return Effect(Outcome.NOTED, changes_day=comes_back or (comes and declines))


def _refused(said: Said, standing: Standing) -> Outcome | None:
    """Return why an answer does nothing; None where it counts, or may be asked about."""
    doubts = (
        (not standing.takes_place, Outcome.NOT_TAKING_PLACE),
        (standing.token is Token.WRONG, Outcome.WRONG_TOKEN),
        (standing.verdict is Verdict.FAIL, Outcome.NOT_PROVEN),
        (not standing.about_them, Outcome.SOMEBODY_ELSE),
        (standing.too_many, Outcome.TOO_MANY),
        (said.kind is MailKind.REPLY and said.answer is None, Outcome.NOTED),
        (not standing.proven and not _may_be_asked(said, standing), Outcome.NOT_PROVEN),
    )
    return next((outcome for applies, outcome in doubts if applies), None)


def _may_be_asked(said: Said, standing: Standing) -> bool:
    """Tell whether a mail to the registered address can clear up who gives a place back."""
    declines = said.kind is MailKind.REPLY and said.answer is Answer.DECLINED
    return declines and said.day == 1 and standing.place is Place.HAS


def _with_place(said: Said, standing: Standing) -> Effect:
    declined = said.answer is Answer.DECLINED
    if not standing.proven:
        return Effect(Outcome.ASKED)
    if standing.latest is not None and said.moment < standing.latest:
        return Effect(Outcome.SUPERSEDED)
    if said.sequence < standing.sequence:
        # who could not come may be able to now, so nothing is freed unasked
        return Effect(Outcome.ASKED, shows=True) if declined else Effect(Outcome.OLD_DATE)
    if not declined:
        return Effect(Outcome.NOTED, shows=True)
    return Effect(Outcome.FREED if standing.frees_at_once else Outcome.ASKED, shows=True)


def _without_place(said: Said, standing: Standing) -> Effect:
    if said.answer is not Answer.ACCEPTED:
        return Effect(Outcome.NOTED, shows=True)
    if said.sent_at < standing.since:
        return Effect(Outcome.SUPERSEDED)
    return Effect(Outcome.WAY_BACK, shows=True)
