"""Organisations and their members."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.organisations.roles import Role

__all__ = ["Grant", "Level", "Member", "Organisation", "Role"]


class Level(StrEnum):
    FEDERAL = "federal"
    STATE = "state"
    MUNICIPAL = "municipal"
    PUBLIC_COMPANY = "public_company"
    RESEARCH = "research"
    CIVIL_SOCIETY = "civil_society"
    OTHER = "other"


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
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship(back_populates="members")


class Grant(Model):
    """A role in one series or one edition, given to a user or to an organisation and so to its members."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("(user_id is null) <> (organisation_id is null)", name="one_holder"),
        CheckConstraint("not ends_with_edition or edition_id is not null", name="edition_to_end_with"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_with_edition: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it ends by itself some days after the edition, whenever that takes place."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    user: Mapped[User | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def holder(self) -> str:
        """The name of whoever has it."""
        if self.organisation is not None:
            return self.organisation.name
        return (self.user.name or self.user.email) if self.user else ""
