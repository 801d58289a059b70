"""Offers of roles, until they are answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.editions.models import Edition, Series
from eventhub.organisations.models import Organisation, Role


class RoleOffer(Model):
    """A role that somebody was offered by mail.

    With an organisation alone it is about membership there, with a series or edition alone about a role
    in it. With both it is a hand-over: the organisation is asked to host the edition, or to own the series.
    """

    __tablename__ = "role_offer"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("organisation_id is not null or series_id is not null", name="about_something"),
        CheckConstraint("edition_id is null or series_id is not null", name="edition_of_series"),
        CheckConstraint("not accepted or answered_at is not null", name="accepted_is_answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), default="")
    """Whom it is for; empty where the owners of the organisation were asked."""
    language: Mapped[str] = mapped_column(String(8), default="de")
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_with_edition: Mapped[bool] = mapped_column(default=False, server_default=false())
    giver_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"))
    """The organisation that hands a series over and keeps `giver_keeps` of it."""
    giver_keeps: Mapped[Role | None] = mapped_column(one_of(Role, "giver_keeps"))
    notes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """What both sides have to know, by point of the checklist."""
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted: Mapped[bool] = mapped_column(default=False, server_default=false())

    organisation: Mapped[Organisation | None] = relationship(foreign_keys=organisation_id)
    giver: Mapped[Organisation | None] = relationship(foreign_keys=giver_id)
    series: Mapped[Series | None] = relationship()
    edition: Mapped[Edition | None] = relationship()
    offered_by: Mapped[User | None] = relationship()

    @property
    def is_hand_over(self) -> bool:
        return self.organisation_id is not None and self.series_id is not None
