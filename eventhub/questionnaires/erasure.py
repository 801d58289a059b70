"""What somebody answered: handed out to themselves, and forgotten together with them."""

from __future__ import annotations

from sqlalchemy import and_, delete, select

from eventhub.extensions import db
from eventhub.facts import OwnDataAsked, RegistrationsErased
from eventhub.questionnaires.models import Answer, QuestionVersion


def add_answers(fact: OwnDataAsked) -> None:
    """Add every answer with the words that the question had then."""
    asked = and_(QuestionVersion.question_id == Answer.question_id, QuestionVersion.number == Answer.version)
    rows = db.session.execute(
        select(QuestionVersion.label, Answer.value, QuestionVersion.options, Answer.answered_at)
        .join(QuestionVersion, asked)
        .where(Answer.registration_id == fact.registration_id)
        .order_by(Answer.question_id)
    )
    fact.found["answers"] = [
        {"question": label, "answer": value, "options": options, "at": at}
        for label, value, options, at in rows
    ]


def forget_answers(fact: RegistrationsErased) -> None:
    """Delete what these people answered; their files go along. Options keep the count of their places."""
    db.session.execute(
        delete(Answer)
        .where(Answer.registration_id.in_(fact.registration_ids))
        .execution_options(synchronize_session=False)
    )
