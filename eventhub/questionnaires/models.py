"""Questionnaires, their questions in all versions, and what people answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.database import Model, UTCDateTime, one_of


class Kind(StrEnum):
    """What a question asks for; it stays what it was when the question was added."""

    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    YES_NO = "yes_no"
    ONE_OF = "one_of"
    SEVERAL_OF = "several_of"
    RANKING = "ranking"
    DATE = "date"
    FILE = "file"
    CONSENT = "consent"
    HEADING = "heading"
    """Asks nothing: a heading with an explanation."""
    PAGE = "page"
    """Asks nothing: what follows stands on a page of its own."""


class Purpose(StrEnum):
    """What a ready-made question is for, so that other features find its answers."""

    ACCESS = "access"
    DIET = "diet"
    NAME_SHOWN = "name_shown"


class Questionnaire(Model):
    """The questions of one series or of one edition, which point at it."""

    __tablename__ = "questionnaire"
    public_except = frozenset()

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    """Grows with every change."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    questions: Mapped[list[Question]] = relationship(
        cascade="all, delete-orphan", order_by="(Question.position, Question.id)"
    )


class Question(Model):
    """A question as it is now; what it asked before stays in its versions."""

    __tablename__ = "question"
    public_except = frozenset()

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[Kind] = mapped_column(one_of(Kind, "kind"))
    purpose: Mapped[Purpose | None] = mapped_column(one_of(Purpose, "purpose"))
    keep_days: Mapped[int | None]
    """Answers are erased so many days after the meeting; None keeps them as long as the registration."""
    retired: Mapped[bool] = mapped_column(default=False)
    """No longer asked, but answered by somebody."""
    version: Mapped[int] = mapped_column(default=1)
    """The number of the version that is asked now."""

    versions: Mapped[list[QuestionVersion]] = relationship(
        cascade="all, delete-orphan",
        order_by="QuestionVersion.number",
        foreign_keys="QuestionVersion.question_id",
    )

    __table_args__ = (CheckConstraint("keep_days >= 0", name="keep_days"),)


class QuestionVersion(Model):
    """What a question asked at a time; never changed, so no answer is ever read in another sense."""

    __tablename__ = "question_version"
    public_except = frozenset()

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    label: Mapped[str] = mapped_column(String(1000))
    help: Mapped[str] = mapped_column(Text, default="")
    required: Mapped[bool] = mapped_column(default=False)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What can be chosen, or could before: key, label, capacity, and whether it is `offered` or `gone`.

    A key stands for the same label for ever.
    """
    only_if_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"), index=True)
    """Asked only of those who gave another question this answer."""
    only_if_value: Mapped[str] = mapped_column(String(20), default="")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Asked only of those in one of these roles; an empty list means everybody."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class Answer(Model):
    """What one registration answered to one version of a question."""

    __tablename__ = "answer"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    question_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    version: Mapped[int]
    value: Mapped[str] = mapped_column(Text)
    """In the one writing that `rules.checked` gives it; choices by their keys."""
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    __table_args__ = (
        ForeignKeyConstraint(
            ["question_id", "version"],
            ["question_version.question_id", "question_version.number"],
            ondelete="RESTRICT",
        ),
        CheckConstraint("value <> ''", name="says_something"),
    )


class AnswerFile(Model):
    """The content of a file that was given as an answer."""

    __tablename__ = "answer_file"

    registration_id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        ForeignKeyConstraint(
            ["registration_id", "question_id"],
            ["answer.registration_id", "answer.question_id"],
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
    )
