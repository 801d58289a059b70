"""Series and their editions: tables, states and the transitions between them."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from eventhub import clock
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.editions.recurrence import Frequency
from eventhub.organisations.models import Organisation
from eventhub.questionnaires.models import Questionnaire


class FormOfAddress(StrEnum):
    DU = "du"
    SIE = "sie"


class Mode(StrEnum):
    ONLINE = "online"
    ON_SITE = "on_site"
    HYBRID = "hybrid"


class Visibility(StrEnum):
    PUBLIC = "public"
    UNLISTED = "unlisted"


class Admission(StrEnum):
    """How people get a place."""

    OPEN = "open"
    CONFIRM_ADDRESS = "confirm_address"
    """The place is held until the address is confirmed."""
    APPROVAL = "approval"
    """An organiser says yes or no."""
    INVITATION = "invitation"
    """Only those with a personal link."""


class EditionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Part(StrEnum):
    """What an organisation does for an edition."""

    HOST = "host"
    SUPPORTER = "supporter"


TRANSITIONS: dict[EditionState, frozenset[EditionState]] = {
    EditionState.DRAFT: frozenset({EditionState.PUBLISHED, EditionState.CANCELLED}),
    EditionState.PUBLISHED: frozenset({EditionState.COMPLETED, EditionState.CANCELLED, EditionState.DRAFT}),
    EditionState.COMPLETED: frozenset({EditionState.PUBLISHED}),
    EditionState.CANCELLED: frozenset({EditionState.PUBLISHED}),
}


def new_calendar_uid(kind: str, domain: str) -> str:
    """Return a UID for life (RFC 7986 5.3): stored, never computed again, even if the domain changes."""
    return f"{kind}-{secrets.token_hex(12)}@{domain}"


class Words(TypeDecorator[list[str]]):
    """Names without spaces, kept as one text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, _dialect: Dialect) -> str:
        return " ".join(value or ())

    def process_result_value(self, value: str | None, _dialect: Dialect) -> list[str]:
        return (value or "").split()


class Series(Model):
    """A meeting that recurs; a one-off is a series with one edition."""

    __tablename__ = "series"
    public_except = frozenset(
        {
            *("extra", "editions", "default_capacity", "default_admission", "notice_text"),
            *("remind_hours", "gather_minutes", "frees_declined"),
        }
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    subtitle: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(8), default="de")
    zone: Mapped[str] = mapped_column(String(64), default="Europe/Berlin")
    form_of_address: Mapped[FormOfAddress] = mapped_column(
        one_of(FormOfAddress, "form_of_address"), default=FormOfAddress.DU
    )
    contact_name: Mapped[str] = mapped_column(String(120), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL")
    )
    brand_hue: Mapped[int | None]
    default_mode: Mapped[Mode | None] = mapped_column(one_of(Mode, "default_mode"))
    default_capacity: Mapped[int | None]
    default_closes_hours: Mapped[int] = mapped_column(default=0)
    """Registration closes this many hours before an edition starts, unless the edition says otherwise."""
    default_admission: Mapped[Admission] = mapped_column(
        one_of(Admission, "default_admission"), default=Admission.OPEN, server_default=Admission.OPEN
    )
    frees_declined: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Who declines in their calendar gives the place back at once; otherwise a mail asks first."""
    notice_text: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    """What the version before reads to subscribers; it stands among the texts of mails now."""
    remind_hours: Mapped[int] = mapped_column(default=24, server_default="24")
    """Those with a place are reminded so many hours before the start; 0 reminds nobody."""
    gather_minutes: Mapped[int] = mapped_column(default=5, server_default="5")
    """Changes of sessions are gathered so long before people are told of all of them in one mail."""
    erase_after_days: Mapped[int] = mapped_column(default=90, server_default="90")
    """Who took part is forgotten so many days after an edition, unless the edition says otherwise."""
    related_to_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="SET NULL"))
    questionnaire_id: Mapped[int | None]
    """What registration asks in all editions that have no questionnaire of their own.

    No reference of the database: SQLite would have to remake the table for it.
    """
    is_example: Mapped[bool] = mapped_column(default=False)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Facts of an imported file that have no column; written back by an export."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, onupdate=clock.now)

    organisations: Mapped[list[Organisation]] = relationship(
        secondary="series_organisation", order_by="SeriesOrganisation.position", viewonly=True
    )
    organisation_links: Mapped[list[SeriesOrganisation]] = relationship(
        cascade="all, delete-orphan", order_by="SeriesOrganisation.position"
    )
    contact_organisation: Mapped[Organisation | None] = relationship()
    questionnaire: Mapped[Questionnaire | None] = relationship(
        primaryjoin="foreign(Series.questionnaire_id) == Questionnaire.id",
        cascade="all, delete-orphan",
        single_parent=True,
    )
    editions: Mapped[list[Edition]] = relationship(back_populates="series", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("brand_hue between 0 and 360", name="brand_hue"),
        CheckConstraint("default_capacity > 0", name="default_capacity"),
        CheckConstraint("default_closes_hours >= 0", name="default_closes_hours"),
        Index(None, "questionnaire_id", unique=True),
        CheckConstraint("erase_after_days between 1 and 3650", name="erase_after_days"),
        CheckConstraint("remind_hours between 0 and 720", name="remind_hours"),
        CheckConstraint("gather_minutes between 0 and 120", name="gather_minutes"),
    )

    @property
    def is_formal(self) -> bool:
        """Whether the series says Sie in German."""
        return self.form_of_address is FormOfAddress.SIE


class SeriesOrganisation(Model):
    """An organisation that runs a series; its members may manage it."""

    __tablename__ = "series_organisation"
    public_except = frozenset()

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(default=0)

    organisation: Mapped[Organisation] = relationship()


class SeriesRule(Model):
    """The rule by which a series gets its next editions by itself. It proposes; what counts are editions."""

    __tablename__ = "series_rule"

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    frequency: Mapped[Frequency] = mapped_column(one_of(Frequency, "frequency"))
    every: Mapped[int]
    """The rule takes each such week, month or year."""
    day_of_week: Mapped[int]
    week: Mapped[int]
    from_day: Mapped[date]
    until: Mapped[date | None]
    holidays_of: Mapped[str] = mapped_column(String(2), default="")
    """The German state whose public holidays are left out; empty for none."""
    left_out: Mapped[list[str]] = mapped_column(JSON, default=list)
    start_time: Mapped[time | None]
    end_time: Mapped[time | None]
    nights: Mapped[int] = mapped_column(default=0)
    ahead: Mapped[int]
    """So many dates of the rule are made in advance."""
    made_through: Mapped[date | None]
    """Dates up to here are dealt with: what was moved or deleted since then is not made again."""

    series: Mapped[Series] = relationship()

    __table_args__ = (
        CheckConstraint("every between 1 and 52", name="every"),
        CheckConstraint("day_of_week between 0 and 6", name="day_of_week"),
        CheckConstraint("week between 1 and 5 or week = -1", name="week"),
        CheckConstraint("until >= from_day", name="days_in_order"),
        CheckConstraint("end_time is null or start_time is not null", name="end_needs_start"),
        CheckConstraint("nights between 0 and 30", name="nights"),
        CheckConstraint("ahead between 1 and 24", name="ahead"),
    )


class Edition(Model):
    """One meeting with dates, place or link, capacity and a life of its own.

    Local dates and times are what the organiser said; `starts_at` and `ends_at` are derived from them and the
    zone whenever both are known (see `editions.times`).
    """

    __tablename__ = "edition"
    public_except = frozenset(
        {
            "taken_count",
            "waiting_count",
            "last_in_line",
            "held_back_count",
            "reconfirm_days",
            "release_days",
            "asked_to_reconfirm_at",
            "answers_until",
            "reminded_at",
            "registrations",
            "join_url",
            "join_details",
            "joining_counts",
            "extra",
            "updated_at",
            "erased_at",
            "source_key",
            "own_fields",
            "quiet_agenda",
        }
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="RESTRICT"), index=True)
    number: Mapped[int | None]
    """Given by the organiser, never computed; None where a meeting is known by its slug only."""
    slug: Mapped[str | None] = mapped_column(String(80))
    calendar_uid: Mapped[str] = mapped_column(String(200), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(300))
    theme: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str | None] = mapped_column(String(8))
    zone: Mapped[str] = mapped_column(String(64), default="Europe/Berlin")
    start_date: Mapped[date | None]
    start_time: Mapped[time | None]
    end_date: Mapped[date | None]
    end_time: Mapped[time | None]
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    date_inferred: Mapped[bool] = mapped_column(default=False)
    """The date is a conclusion; `date_as_published` holds the wording of the source."""
    date_as_published: Mapped[str] = mapped_column(String(200), default="")
    planned: Mapped[str] = mapped_column(String(200), default="")
    """A month such as `2020-05` or free words, where no day is known."""
    mode: Mapped[Mode | None] = mapped_column(one_of(Mode, "mode"))
    venue_name: Mapped[str] = mapped_column(String(300), default="")
    venue_address: Mapped[str] = mapped_column(Text, default="")
    venue_city: Mapped[str] = mapped_column(String(120), default="")
    venue_directions: Mapped[str] = mapped_column(Text, default="")
    venue_access: Mapped[str] = mapped_column(Text, default="")
    join_url: Mapped[str] = mapped_column(String(1000), default="")
    join_details: Mapped[str] = mapped_column(Text, default="")
    """Dial-in numbers and the like. Like the link only for confirmed participants."""
    joining_counts: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Participants join by a link of their own, and are noted as present by it."""
    capacity: Mapped[int | None]
    takes_registrations: Mapped[bool] = mapped_column(default=True)
    choose_days: Mapped[bool] = mapped_column(default=False, server_default=false())
    """People say on which of several days they come; otherwise everybody comes on all."""
    may_change_place: Mapped[bool] = mapped_column(default=False, server_default=false())
    """People change themselves where they take part and what they come as."""
    offer_hours: Mapped[int | None]
    """How long a place from the waitlist is offered; None where people move up at once."""
    reconfirm_days: Mapped[int | None]
    """How many days before the start those with a place are asked whether they come; None: they are not."""
    release_days: Mapped[int | None]
    """How many days before the start places without an answer become free; None: they stay."""
    asked_to_reconfirm_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answers_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """What the question promised: until then nobody who is silent loses a place. Empty once it is done."""
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When those with a place were reminded of this date."""
    registration_opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    registration_closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    admission: Mapped[Admission] = mapped_column(
        one_of(Admission, "admission"), default=Admission.OPEN, server_default=Admission.OPEN
    )
    erase_on: Mapped[date | None]
    """When who took part is forgotten; None where the series decides."""
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When that was done."""
    visibility: Mapped[Visibility] = mapped_column(
        one_of(Visibility, "visibility"), default=Visibility.PUBLIC
    )
    state: Mapped[EditionState] = mapped_column(one_of(EditionState, "state"), default=EditionState.DRAFT)
    state_reason: Mapped[str] = mapped_column(Text, default="")
    """What the organiser says to participants about a cancellation."""
    is_example: Mapped[bool] = mapped_column(default=False)
    questionnaire_id: Mapped[int | None]
    """The edition's own questions; None lets it ask those of its series."""
    taken_count: Mapped[int] = mapped_column(default=0)
    """Places that are confirmed, held or offered."""
    waiting_count: Mapped[int] = mapped_column(default=0)
    held_back_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """Seats kept for somebody in particular which nobody has taken yet."""
    quota_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many quotas there are, so that an edition without them asks for none."""
    last_in_line: Mapped[int] = mapped_column(default=0)
    """The number given to the latest person on the waitlist; only grows."""
    version: Mapped[int] = mapped_column(default=1)
    """Grows with each edit, so that two editors notice each other."""
    own_fields: Mapped[list[str]] = mapped_column(Words, default=list, server_default=text("''"))
    """Fields that were set for this edition alone; changes of several editions leave them."""
    quiet_agenda: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Changes of the agenda are made in its draft, and nobody else sees them until they are released."""
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    source_key: Mapped[str | None] = mapped_column(String(64))
    """Which entry of a calendar file it was made from, so that a second import knows it."""
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, onupdate=clock.now)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    """When something that a calendar shows changed last: LAST-MODIFIED of its entry."""

    series: Mapped[Series] = relationship(back_populates="editions")
    questionnaire: Mapped[Questionnaire | None] = relationship(
        primaryjoin="foreign(Edition.questionnaire_id) == Questionnaire.id",
        cascade="all, delete-orphan",
        single_parent=True,
    )
    organisation_links: Mapped[list[EditionOrganisation]] = relationship(
        cascade="all, delete-orphan", order_by="EditionOrganisation.position"
    )

    __table_args__ = (
        UniqueConstraint("series_id", "number"),
        UniqueConstraint("series_id", "slug"),
        CheckConstraint("number is not null or slug is not null", name="addressable"),
        CheckConstraint("number >= 0", name="number"),
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint(
            "capacity is null or taken_count + held_back_count <= capacity", name="never_overbooked"
        ),
        CheckConstraint("taken_count >= 0 and waiting_count >= 0 and held_back_count >= 0", name="counts"),
        CheckConstraint("offer_hours >= 1", name="offer_hours"),
        CheckConstraint("reconfirm_days between 1 and 60", name="reconfirm_days"),
        CheckConstraint(
            "release_days is null or (reconfirm_days is not null and release_days between 1 and 59"
            " and release_days < reconfirm_days)",
            name="release_days",
        ),
        CheckConstraint("end_date is null or start_date is not null", name="end_needs_start"),
        CheckConstraint("end_date >= start_date", name="dates_in_order"),
        CheckConstraint("ends_at > starts_at", name="times_in_order"),
        CheckConstraint("registration_closes_at > registration_opens_at", name="window_in_order"),
        Index(None, "state", "visibility", "starts_at"),
        Index(None, "series_id", "source_key", unique=True),
        Index(None, "questionnaire_id", unique=True),
    )

    @property
    def asks(self) -> int | None:
        """The questionnaire that registration asks: its own, else that of the series, or none."""
        return self.questionnaire_id or self.series.questionnaire_id

    @property
    def waits_for_day(self) -> bool:
        """Whether it is still to get its day: what its agenda says of times is then from before."""
        return self.start_date is None and self.state is not EditionState.COMPLETED

    @property
    def key(self) -> str:
        """What stands for the edition in its address: the number, or the slug where none was given."""
        return str(self.number) if self.number is not None else str(self.slug)

    @property
    def hosts(self) -> list[Organisation]:
        return [link.organisation for link in self.organisation_links if link.part is Part.HOST]

    @property
    def supporters(self) -> list[Organisation]:
        return [link.organisation for link in self.organisation_links if link.part is Part.SUPPORTER]

    @property
    def free_places(self) -> int | None:
        """Places left, or None where the number of places has no limit."""
        return None if self.capacity is None else self.capacity - self.taken_count - self.held_back_count


class EditionOrganisation(Model):
    """An organisation that hosts or supports an edition."""

    __tablename__ = "edition_organisation"
    public_except = frozenset()

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    part: Mapped[Part] = mapped_column(one_of(Part, "part"), primary_key=True, default=Part.HOST)
    position: Mapped[int] = mapped_column(default=0)

    organisation: Mapped[Organisation] = relationship()
