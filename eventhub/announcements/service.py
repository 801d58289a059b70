"""What is done with messages: written, scheduled, sent, stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update

from eventhub import clock
from eventhub.announcements import mails, queries, rules
from eventhub.announcements.models import (
    Anchor,
    Announcement,
    AnnouncementFile,
    AnnouncementState,
    Seen,
    Texts,
    TimedMail,
)
from eventhub.announcements.queries import Audience
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import QuestionsTakenOver
from eventhub.history.service import SYSTEM, record
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.questionnaires.rules import read_sense, sense_key
from eventhub.registration.own_texts import OwnText, require_known
from eventhub.web.languages import gettext as _

MOST_FILES = 3
LARGEST_IN_ALL = 3_000_000
OPEN = frozenset({AnnouncementState.DRAFT, AnnouncementState.SCHEDULED})


def create(edition: Edition, texts: Mapping[str, OwnText], audience: Audience) -> Announcement:
    """Keep a message as a draft."""
    made = Announcement(edition_id=edition.id, audience=audience.kept())
    _word(made, texts)
    db.session.add(made)
    db.session.flush()
    record("message.written", edition_id=edition.id, title=_subject(made), row=made.id)
    return made


def change(announcement: Announcement, texts: Mapping[str, OwnText], audience: Audience) -> None:
    """Change a draft."""
    lock(announcement)
    if announcement.state is not AnnouncementState.DRAFT:
        raise RuleBroken(_("Only a draft can be changed. Take it back first."))
    _word(announcement, texts)
    announcement.audience = audience.kept()
    title = _subject(announcement)
    record("message.changed", edition_id=announcement.edition_id, title=title, row=announcement.id)


def delete(announcement: Announcement) -> None:
    """Drop a message that has not left."""
    lock(announcement)
    if announcement.state not in OPEN:
        raise RuleBroken(_("This message has left already."))
    db.session.delete(announcement)


def attach(announcement: Announcement, name: str, content: bytes) -> None:
    """Let a file go along; its type was checked."""
    lock(announcement)
    if announcement.state is not AnnouncementState.DRAFT:
        raise RuleBroken(_("Only a draft can be changed. Take it back first."))
    number, size = db.session.execute(
        select(func.count(), func.coalesce(func.sum(AnnouncementFile.size), 0)).where(
            AnnouncementFile.announcement_id == announcement.id
        )
    ).one()
    if number >= MOST_FILES:
        raise RuleBroken(_("At most %(num)s files go along.", num=MOST_FILES), field="file")
    if size + len(content) > LARGEST_IN_ALL:
        raise RuleBroken(_("All files together may have 3 MB."), field="file")
    announcement.files.append(AnnouncementFile(name=name[-80:], size=len(content), content=content))


def detach(announcement: Announcement, key: int) -> None:
    """Take a file out again."""
    lock(announcement)
    if announcement.state is AnnouncementState.DRAFT:
        announcement.files[:] = [file for file in announcement.files if file.id != key]


def schedule(announcement: Announcement, due_at: datetime) -> None:
    """Let it leave at a time to come; whom it reaches is looked up again then."""
    lock(announcement)
    if announcement.state is not AnnouncementState.DRAFT:
        raise RuleBroken(_("Only a draft can be scheduled."))
    if due_at <= clock.now():
        raise RuleBroken(_("Choose a time in the future"), field="due_at")
    announcement.state, announcement.due_at = AnnouncementState.SCHEDULED, due_at
    audience = queries.audience_of(announcement.audience)
    announcement.counted = queries.number_of(announcement.edition_id, audience)
    record("message.scheduled", edition_id=announcement.edition_id, title=_subject(announcement))


def send(announcement: Announcement, actor: str | None = None) -> int:
    """Write its mails now; return how many."""
    lock(announcement)
    if announcement.state not in OPEN:
        raise RuleBroken(_("This message has left already."))
    announcement.written = mails.write_all(announcement)
    announcement.state, announcement.sent_at = AnnouncementState.SENT, clock.now()
    title = _subject(announcement)
    record("message.sent", edition_id=announcement.edition_id, actor=actor, title=title)
    return announcement.written


def send_due(key: int) -> None:
    """Send a scheduled message whose time has come; one of a cancelled edition becomes a draft again."""
    announcement = db.session.get(Announcement, key)
    if announcement is None:
        return
    lock(announcement)
    due = announcement.due_at
    if announcement.state is not AnnouncementState.SCHEDULED or due is None or due > clock.now():
        return
    if announcement.edition.state is EditionState.CANCELLED:
        announcement.state, announcement.due_at = AnnouncementState.DRAFT, None
        return
    send(announcement, SYSTEM)


def stop(announcement: Announcement) -> int:
    """Take a scheduled message back, or what has not left of a sent one; return how many mails that were."""
    lock(announcement)
    if announcement.state is AnnouncementState.SCHEDULED:
        announcement.state, announcement.due_at, announcement.counted = AnnouncementState.DRAFT, None, None
        return 0
    if announcement.state is not AnnouncementState.SENT:
        raise RuleBroken(_("There is nothing to stop."))
    stopped = db.session.execute(
        update(OutboxMessage)
        .where(queries.belongs_to(announcement), OutboxMessage.state == MessageState.WAITING)
        .values(state=MessageState.DROPPED)
        .execution_options(synchronize_session=False)
    )
    announcement.state = AnnouncementState.STOPPED
    record("message.stopped", edition_id=announcement.edition_id, title=_subject(announcement))
    return cast("CursorResult[Any]", stopped).rowcount


def follow_questions(fact: QuestionsTakenOver) -> None:
    """Let messages reach whom they reach by an answer, under the new key of its question."""
    rows = db.session.scalars(select(Announcement).where(Announcement.edition_id == fact.edition.id))
    for announcement in rows.all():
        audience = queries.audience_of(announcement.audience)
        if not audience.answer:
            continue
        sense, _colon, value = audience.answer.partition(":")
        question, first = read_sense(sense)
        sense = sense_key(fact.keys.get(question, question), first)
        announcement.audience = replace(audience, answer=f"{sense}:{value}").kept()


def require_readable(texts: Mapping[str, OwnText]) -> None:
    """Raise RuleBroken where somebody would get a mail without subject or text, or with unknown braces."""
    for spoken, text in texts.items():
        require_known(text, spoken)
        if bool(text.subject) != bool(text.body):
            field = f"{'body' if text.subject else 'subject'}_{spoken}"
            raise RuleBroken(_("Subject and text belong together"), field=field)
    if not any(text.subject for text in texts.values()):
        raise RuleBroken(_("Write subject and text in one language at least"), field="subject_de")


def _word(row: Texts, texts: Mapping[str, OwnText]) -> None:
    require_readable(texts)
    for spoken, text in texts.items():
        setattr(row, f"subject_{spoken}", text.subject)
        setattr(row, f"body_{spoken}", text.body)


def _subject(row: Texts) -> str:
    return row.subject_de or row.subject_en


# mails by the clock ------------------------------------------------------------------------------------


def set_timed(
    series: Series,
    timed: TimedMail | None,
    anchor: Anchor,
    hours: int,
    texts: Mapping[str, OwnText],
    seen: Seen | None = None,
) -> TimedMail:
    """Set up a timed mail, or change one; it concerns what is due from now on."""
    if seen and anchor is not Anchor.AFTER_END:
        raise RuleBroken(_("Before the start nobody has been there yet"), field="presence")
    lock(series)
    row = timed or TimedMail(series_id=series.id)
    _word(row, texts)
    if timed is None or (row.anchor, row.hours) != (anchor, hours):
        row.created_at = clock.now()
    row.anchor, row.hours, row.seen = anchor, hours, seen
    db.session.add(row)
    db.session.flush()  # the history names its key
    record("series.timed_mail", series_id=series.id, title=_subject(row), row=row.id)
    return row


def drop_timed(series: Series, timed: TimedMail) -> None:
    """Let editions to come not send it any more."""
    lock(series)
    record("series.timed_mail_dropped", series_id=series.id, title=_subject(timed))
    db.session.delete(timed)


def send_timed(timed: TimedMail, edition: Edition) -> bool:
    """Send a timed mail of an edition where it is due and has not been; tell whether it was."""
    lock(edition)
    due = rules.due_at(timed.anchor, timed.hours, edition.starts_at, edition.ends_at)
    if edition.state is EditionState.CANCELLED or not rules.is_due(due, clock.now(), timed.created_at):
        return False
    known = select(Announcement.id).filter_by(timed_mail_id=timed.id, edition_id=edition.id)
    if db.session.scalar(known) is not None:
        return False
    audience = Audience(presence=timed.seen or "")
    made = Announcement(edition_id=edition.id, timed_mail_id=timed.id, audience=audience.kept())
    _word(made, timed.texts())
    db.session.add(made)
    db.session.flush()
    send(made, SYSTEM)
    return True
