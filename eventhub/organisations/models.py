"""Organisations and their members."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.database import Model, UTCDateTime, one_of


class Level(StrEnum):
    FEDERAL = "federal"
    STATE = "state"
    MUNICIPAL = "municipal"
    PUBLIC_COMPANY = "public_company"
    RESEARCH = "research"
    CIVIL_SOCIETY = "civil_society"
    OTHER = "other"


class Role(StrEnum):
    OWNER = "owner"
    ORGANISER = "organiser"
    HELPER = "helper"


class Organisation(Model):
    """Who runs, hosts or supports meetings, or sends a speaker."""

    __tablename__ = "organisation"
    public_except = frozenset({"members"})

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(60), default="")
    level: Mapped[Level | None] = mapped_column(one_of(Level, "level"))
    kind: Mapped[str] = mapped_column(String(120), default="")
    """In its own words, such as „öffentliches Innovationslabor“."""
    city: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Facts of an imported file that have no column; written back by an export."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    members: Mapped[list[Member]] = relationship(back_populates="organisation", cascade="all, delete-orphan")

    @property
    def label(self) -> str:
        return self.short_name or self.name


class Member(Model):
    """A user's role in an organisation."""

    __tablename__ = "member"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[Role] = mapped_column(one_of(Role, "role"), default=Role.ORGANISER)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship(back_populates="members")
