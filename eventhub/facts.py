"""Facts by which a lower feature informs a higher one.

A service announces a fact; `reactions.py` says who reacts, in the same transaction, so that an
exception in a reaction undoes the change itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventhub.agenda.models import Slot, Speaker
    from eventhub.editions.models import Edition, Series
    from eventhub.registration.models import Registration
    from eventhub.registration.wanted import Wanted


@dataclass(frozen=True)
class EditionChanged:
    """Time, place or state of a published edition changed; `changes` maps field to (old, new)."""

    edition: Edition
    changes: dict[str, tuple[Any, Any]]
    undoes: datetime | None = None
    """When the change was made that this one takes back: who has not heard of it need not hear of this."""


@dataclass(frozen=True)
class SlotChanged:
    """Title, time, room or state of a slot changed by itself; `was` is its `agenda.snapshots.snapshot`."""

    slot: Slot
    was: dict[str, Any]
    reason: str = ""


@dataclass(frozen=True)
class SlotNews:
    """A slot in two states, each `agenda.snapshots.snapshot` or None, with its speakers before and after."""

    was: dict[str, Any] | None
    now: dict[str, Any] | None
    before: frozenset[int]
    after: frozenset[int]


@dataclass(frozen=True)
class AgendaReleased:
    """Everybody sees now what was prepared in a draft; participants have been told."""

    edition: Edition
    news: Sequence[SlotNews]
    reason: str


@dataclass(frozen=True)
class SlotLeaving:
    """A slot is about to be deleted; whoever knows that somebody counts on it may refuse.

    What a higher feature wants to have again if the slot comes back, it puts into `beside`, as JSON.
    """

    slot: Slot
    beside: dict[str, Any]


@dataclass(frozen=True)
class SlotReturned:
    """A slot that was deleted is there again; `beside` is what was put there when it left."""

    slot: Slot
    beside: Mapping[str, Any]


@dataclass(frozen=True)
class SpeakerLeaving:
    """A person is about to be deleted; whoever still has to tell them something may refuse."""

    speaker: Speaker


@dataclass(frozen=True)
class EditionMoved:
    """Start or zone of an edition in any state changed: by whole days, and by minutes in the day."""

    edition: Edition
    days: int | None
    """None where it had no day, or has none any more."""
    minutes: int


@dataclass(frozen=True)
class EditionCancelled:
    edition: Edition


@dataclass(frozen=True)
class CapacityRaised:
    edition: Edition


@dataclass(frozen=True)
class NameChanging:
    """A participant is about to change their own name; whoever vouches for the name may refuse."""

    registration: Registration


@dataclass(frozen=True)
class PlaceGivenUp:
    """`registration` had a place and has none any more, whoever took it back."""

    registration: Registration


@dataclass(frozen=True)
class PlaceHandedOver:
    """`successor` comes instead of `registration`; what does not go along is given up right after this."""

    registration: Registration
    successor: Registration


@dataclass(frozen=True)
class SlotsAsked:
    """Somebody who gets a place wants these slots along with it; whoever knows better refuses.

    It is asked before it matters whether the address is known: the answer tells nobody.
    """

    edition: Edition
    wanted: Wanted


@dataclass(frozen=True)
class SlotsChosen:
    """`registration` has just got its place, and is to have these slots along with it."""

    registration: Registration
    wanted: Wanted


@dataclass(frozen=True)
class EditionCopied:
    """`edition` was made from `source`; higher features copy their part and add words to `copied`."""

    source: Edition
    edition: Edition
    copied: list[str]


@dataclass(frozen=True)
class QuestionsChanged:
    """Questions that people may have answered are asked in another way, or not at all any more."""

    questionnaire_id: int


@dataclass(frozen=True)
class QuestionsTakenOver:
    """An edition asks copies of its questions from now on, with all answers to them; new keys by old ones."""

    edition: Edition
    keys: Mapping[int, int]


@dataclass(frozen=True)
class SeriesCopied:
    source: Series
    series: Series


@dataclass(frozen=True)
class RetentionEnds:
    """The people of an edition are about to be forgotten, some at a time: who counts them does it now."""

    edition: Edition


@dataclass(frozen=True)
class AnswersExpire:
    """Answers that are kept for some days only are about to be erased: who counts them does it now."""

    questions: Mapping[int, Collection[int]]
    """By the key of each edition, the keys of the questions."""


@dataclass(frozen=True)
class RegistrationsErased:
    """Who is behind these registrations is to be forgotten; each feature erases its part in this transaction.

    What only counts may stay: states, times, which slot, which option.
    """

    registration_ids: tuple[int, ...]


@dataclass(frozen=True)
class EditionErased:
    """The retention of an edition is over: what names people and hangs on no registration goes as well."""

    edition: Edition


@dataclass(frozen=True)
class OwnDataAsked:
    """A participant wants all that is kept about them; each feature adds its part to `found`."""

    registration_id: int
    found: dict[str, Any]


@dataclass(frozen=True)
class OwnPageShown:
    """A participant looks at their page; each feature adds its parts: a template, and its `values`."""

    registration: Registration
    parts: list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class FormShown:
    """The last page of the form of an edition is shown; each feature adds its parts, as to the own page."""

    edition: Edition
    certain: bool
    """Whoever sends it now has a place at once."""
    wanted: Wanted
    reasons: Mapping[int, str]
    """Why slots were refused that were wanted."""
    parts: list[tuple[str, dict[str, Any]]]
    together: bool = False
    """Several people register with it."""


@dataclass(frozen=True)
class MailFailed:
    """A mail will not be tried again by itself; `message_id` is its row in the outbox."""

    message_id: int
    edition_id: int | None
    nobody_there: bool
    """The mail server knows no such address; any other mail to it would fail as well."""


Reaction = Callable[[Any], None]
_reactions: dict[type, list[Reaction]] = {}


def react(fact: type, reaction: Reaction) -> None:
    """Let `reaction` run whenever a `fact` is announced."""
    listed = _reactions.setdefault(fact, [])
    if reaction not in listed:
        listed.append(reaction)


def announce(fact: object) -> None:
    """Run all reactions to `fact` at once, in the transaction of the caller."""
    for reaction in _reactions.get(type(fact), []):
        reaction(fact)
