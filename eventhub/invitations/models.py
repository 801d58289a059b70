"""Personal invitations and what became of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    and_,
    false,
)
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from eventhub import clock
from eventhub.database import Model, UTCDateTime
from eventhub.editions.models import Edition
from eventhub.registration.models import ENDED, Registration, RegistrationState


class InvitationState(StrEnum):
    """What became of an invitation; follows from its moments, so it is no column."""

    SENT = "sent"
    OPENED = "opened"
    ACCEPTED = "accepted"
    REGISTERED = "registered"
    """Registered with the invited address, but by the form for all."""
    DECLINED = "declined"
    REVOKED = "revoked"


class Invitation(Model):
    """One address that an organiser asks to come."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    """The address in lower case; one invitation per address and edition."""
    language: Mapped[str] = mapped_column(String(8), default="de")
    words: Mapped[str] = mapped_column(Text, default="")
    """What the organiser says in the mail and on the page."""
    skips_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    gets_place: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whoever accepts has a place even in a full house, which then grows by one for all to see."""
    token_seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """SHA-256 of the token of the personal link, which is derived from the seed and the secret key."""
    mails: Mapped[int] = mapped_column(default=0)
    """How many mails were written; part of the outbox's dedupe keys."""
    mailed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the page behind the link was first looked at; mails themselves tell nothing."""
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    declined_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    registration_id: Mapped[int | None] = mapped_column(
        ForeignKey("registration.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    edition: Mapped[Edition] = relationship()
    registration: Mapped[Registration | None] = relationship()
    by_address: Mapped[Registration | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(Invitation.edition_id) == remote(Registration.edition_id),
            foreign(Invitation.email_key) == remote(Registration.email_key),
            Registration.state.not_in(ENDED),
        ),
        viewonly=True,
    )
    """What the invited address has, whichever way it came to it."""

    __table_args__ = (
        UniqueConstraint("edition_id", "email_key"),
        CheckConstraint("email_key = lower(email_key)", name="email_key_lower"),
        CheckConstraint("accepted_at is null or declined_at is null", name="one_answer"),
        CheckConstraint("registration_id is null or accepted_at is not null", name="registered_by_accepting"),
        Index(None, "edition_id", "id"),
    )

    @property
    def state(self) -> InvitationState:
        """What the organiser sees: the last word counts."""
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.by_address is not None:
            return InvitationState.REGISTERED
        if self.declined_at is not None:
            return InvitationState.DECLINED
        return InvitationState.OPENED if self.opened_at is not None else InvitationState.SENT

    @property
    def is_spent(self) -> bool:
        """Whether it can be sent anew: it was withdrawn, or whoever accepted it was turned away."""
        turned_away = self.registration is not None and self.registration.state is RegistrationState.REJECTED
        return self.revoked_at is not None or turned_away

    @property
    def is_silent(self) -> bool:
        return self.state in (InvitationState.SENT, InvitationState.OPENED)


class Point(Model):
    """What an invited person adds beforehand to an open question of the agenda."""

    __tablename__ = "point"

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"), index=True)
    """None once the slot was deleted; the point is shown nowhere then, and comes back with the slot."""
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    invitation: Mapped[Invitation] = relationship()

    __table_args__ = (CheckConstraint("text <> ''", name="says_something"),)
