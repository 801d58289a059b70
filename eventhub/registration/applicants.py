"""Who comes, by which way, and what became of it: what the verbs of registration take and return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from eventhub.questionnaires.service import Given
from eventhub.registration.models import Attendance, Registration
from eventhub.registration.wanted import Wanted

NO_SLOTS = Wanted()


class Details(TypedDict):
    """What somebody says about themselves, already checked for its syntax."""

    name: str
    email: str
    organisation: str
    note: str


class Place(TypedDict):
    """What an `Applicant` says about the place they want."""

    attendance: Attendance | None
    accepts_online: bool
    role_id: int | None
    days: frozenset[int]
    asked: bool
    answers: Given | None


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to come: their details, and what they agreed to in which language."""

    name: str
    email: str
    organisation: str = ""
    note: str = ""
    language: str = "de"
    consent_version: str = ""
    attendance: Attendance | None = None
    accepts_online: bool = False
    """Takes an online place where there is none on site."""
    role_id: int | None = None
    days: frozenset[int] = frozenset()
    """On which days of several they come; none stands for all."""
    asked: bool = False
    """Was asked where they take part and what they come as; whoever was not gets what was set up first."""
    answers: Given | None = None
    """What they answered to the questions of the organisers; None where there are none."""
    slots: Wanted = NO_SLOTS
    """Which slots they want along with a place."""


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody comes to the form, and what that spares them."""

    invited: bool = False
    """By a personal invitation, so the door is open that is closed for others."""
    approved: bool = False
    address_confirmed: bool = False
    code: str = ""
    """Of a link to seats that are held back; when those are gone they are like everybody else."""
    beyond: bool = False
    """Gets a place even in a full house, which grows by it."""
    at_the_door: bool = False
    """Comes unannounced while the meeting is on, so it does not matter that registration has ended."""


BY_THE_FORM = Way()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a form.

    `full` says whether newcomers went onto the waitlist at that moment, `unconfirmed` whether they have to
    confirm their address. Both are the same for an address that was known and for one that was not, so a page
    may show them.
    """

    registration: Registration
    full: bool
    unconfirmed: bool = False
