"""What somebody answered: handed out to themselves, and forgotten together with them."""

from __future__ import annotations

from sqlalchemy import delete

from eventhub.extensions import db
from eventhub.facts import OwnDataAsked, RegistrationsErased
from eventhub.questionnaires import queries, rules
from eventhub.questionnaires.models import Answer


def add_answers(fact: OwnDataAsked) -> None:
    """Add every answer in words, with the words that the question had then."""
    fact.found["answers"] = [
        {"question": one.question.label, "answer": rules.words(one.question, one.value)}
        for one in queries.answers_of(fact.registration_id)
    ]


def forget_answers(fact: RegistrationsErased) -> None:
    """Delete what these people answered; their files go along. Options keep the count of their places."""
    db.session.execute(
        delete(Answer)
        .where(Answer.registration_id.in_(fact.registration_ids))
        .execution_options(synchronize_session=False)
    )
