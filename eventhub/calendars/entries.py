"""What a calendar shows, as plain values that every writer here understands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Status = Literal["CONFIRMED", "CANCELLED", "TENTATIVE"]


@dataclass(frozen=True, slots=True)
class Person:
    """An organiser or a participant as calendars know them."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Timed:
    """From one instant to another, shown in a zone; equal instants mean that the end is not known."""

    starts_at: datetime
    ends_at: datetime
    zone: str

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("a calendar entry needs times with a zone")
        if self.ends_at < self.starts_at:
            raise ValueError("a calendar entry cannot end before it starts")
        object.__setattr__(self, "starts_at", self.starts_at.astimezone(UTC))
        object.__setattr__(self, "ends_at", self.ends_at.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days; `ends_on` is the first day that no longer belongs to it."""

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on <= self.starts_on:
            raise ValueError("a calendar entry needs at least one day")

    @classmethod
    def through(cls, first: date, last: date) -> Days:
        """Days from the first to the last, both included."""
        return cls(first, last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Entry:
    """One VEVENT: hashable, so that its rendered form can be kept."""

    uid: str
    sequence: int
    summary: str
    when: Timed | Days
    created_at: datetime
    modified_at: datetime
    description: str = ""
    location: str = ""
    url: str = ""
    status: Status = "CONFIRMED"
    transparent: bool = False
    categories: tuple[str, ...] = ()
    conference: str | None = None

    def __post_init__(self) -> None:
        if self.created_at.tzinfo is None or self.modified_at.tzinfo is None:
            raise ValueError("a calendar entry needs times with a zone")
