"""What an edition asks those who register, what they answered, and for how long that is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, update

from eventhub import clock
from eventhub.database import lock, transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.facts import AnswersExpire, EditionCopied, QuestionsTakenOver, announce
from eventhub.history.service import PARTICIPANT, record
from eventhub.questionnaires import queries, service
from eventhub.questionnaires.models import Answer, Question
from eventhub.questionnaires.service import Given
from eventhub.registration import options
from eventhub.registration.models import Registration

AT_ONCE = 500


def keep(registration: Registration, given: Given | None, *, again: bool) -> None:
    """Keep the answers of a form; whoever registers `again` has answered before."""
    if given is None:
        return
    if again:
        service.record_change(registration.id, given)
    else:
        service.record(registration.id, given)


def change(registration: Registration, given: Given | None, *, by_participant: bool) -> bool:
    """Keep changed answers; False where nothing is different."""
    if given is None:
        return False
    lock(registration.edition)
    lock(registration)
    changed = service.record_change(registration.id, given)
    if changed:
        options.follow_answers(registration, given)
        record(
            "registration.answered",
            edition_id=registration.edition_id,
            registration_id=registration.id,
            actor=PARTICIPANT if by_participant else None,
            questions=changed,
        )
    return bool(changed)


def make_own(edition: Edition) -> None:
    """Give an edition that asks what its series asks a copy of its own; answers move along."""
    lock(edition)
    source = queries.definition_of(edition.series.questionnaire_id)
    edition.questionnaire = service.create()
    if source is None:
        return
    keys = service.take_over(edition.questionnaire, source, {"edition_id": edition.id})
    options.rename(edition, keys)
    own = select(Registration.id).where(Registration.edition_id == edition.id)
    for question in source.asking:
        db.session.execute(
            update(Answer)
            .where(Answer.question_id == question.id, Answer.registration_id.in_(own))
            .values(question_id=keys[question.id])
            .execution_options(synchronize_session=False)
        )
    announce(QuestionsTakenOver(edition, keys))


def inherit(edition: Edition) -> None:
    """Let an edition ask what its series asks; answers to its own questions stay."""
    lock(edition)
    if edition.questionnaire is None:
        return
    keys = [question.id for question in edition.questionnaire.questions]
    if db.session.scalar(select(exists().where(Answer.question_id.in_(keys)))):
        for question in edition.questionnaire.questions:
            question.retired = True
        edition.questionnaire_id = None
    else:
        edition.questionnaire = None
    db.session.flush()  # so that it asks what its series asks
    options.settle(edition)


def copy_questions(fact: EditionCopied) -> None:
    """Let the next edition ask what its source asked; one without own questions asks those of the series."""
    source = queries.definition_of(fact.source.questionnaire_id)
    if source is None:
        return
    fact.edition.questionnaire = service.copy(source, {"edition_id": fact.edition.id})
    if source.questions:
        fact.copied.append(f"questions:{len(source.questions)}")


def erase_due_answers(stopping: Callable[[], bool]) -> int:
    """Erase answers whose question says that they are kept for so many days after the meeting only."""
    erased = 0
    days = db.session.scalars(
        select(Question.keep_days).where(Question.keep_days.is_not(None)).distinct()
    ).all()
    for keep_days in days:
        while not stopping():
            with transaction():
                found = _erase(timedelta(days=keep_days or 0))
            erased += found
            if found < AT_ONCE:
                break
    return erased


def _erase(kept: timedelta) -> int:
    """Erase some of the answers that are kept so long; return how many."""
    due = clock.now() - kept
    end = func.coalesce(Edition.ends_at, Edition.starts_at)
    over = or_(
        end < due, and_(end.is_(None), func.coalesce(Edition.end_date, Edition.start_date) < due.date())
    )
    found = db.session.execute(
        select(Answer.registration_id, Answer.question_id, Registration.edition_id)
        .join(Question, Question.id == Answer.question_id)
        .join(Registration, Registration.id == Answer.registration_id)
        .join(Edition, Edition.id == Registration.edition_id)
        .where(Question.keep_days == kept.days, over)
        .limit(AT_ONCE)
    ).all()
    if found:
        questions: dict[int, set[int]] = {}
        for _person, question_id, edition_id in found:
            questions.setdefault(edition_id, set()).add(question_id)
        announce(AnswersExpire(questions))
        keys = [(row[0], row[1]) for row in found]
        db.session.execute(
            delete(Answer)
            .where(tuple_(Answer.registration_id, Answer.question_id).in_(keys))
            .execution_options(synchronize_session=False)
        )
    return len(found)
