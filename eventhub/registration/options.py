"""Options with a number of places of their own: each is a quota in every edition that asks its question.

An edition gets the quotas of its options when somebody first chooses one of them; from then on they follow
what the organiser says about the question. All of this needs the lock of the edition.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, insert, literal, select

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.editions.rules import is_over
from eventhub.errors import PersonRefused, RuleBroken
from eventhub.extensions import db
from eventhub.facts import QuestionsChanged
from eventhub.questionnaires import rules as questions
from eventhub.questionnaires.fields import QuestionsForm
from eventhub.questionnaires.queries import definition_of, kept_definition
from eventhub.questionnaires.rules import Asked, Definition, Option
from eventhub.questionnaires.service import Given
from eventhub.registration import queries
from eventhub.registration.models import TAKES_PLACE, Claim, Quota, QuotaKind, Registration
from eventhub.registration.needs import (
    Quotas,
    claimed_by,
    limits_of,
    option_quotas,
    option_reference,
    quotas_of,
)
from eventhub.registration.places import claim_instead, pass_on
from eventhub.registration.quotas import add_quota, remove_quota, set_capacity
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext

Limited = Mapping[str, tuple[Asked, Option]]
"""Question and option by the reference of their quota."""


def with_quotas(edition: Edition, quotas: Quotas, given: Collection[Given | None]) -> Quotas:
    """Return the quotas with those of options that are chosen here for the first time in this edition."""
    chosen = [one.values for one in given if one is not None and one.values]
    definition = kept_definition(edition.asks) if chosen else None
    if definition is None:
        return quotas
    limited = {
        option_reference(*pair) for values in chosen for pair in questions.limited_options(definition, values)
    }
    if limited <= _by_reference(quotas).keys():
        return quotas
    settle(edition)
    return quotas_of(edition)


def require_free(edition: Edition, quotas: Quotas, claimed: Sequence[Collection[int]]) -> None:
    """Refuse options that are full, or that somebody waits for, at the question where they were chosen."""
    limits = dict(limits_of(edition, quotas))
    for at, keys in enumerate(claimed):
        for key in sorted(keys):
            if quotas[key].kind is not QuotaKind.OPTION:
                continue
            if limits[key].waiting or limits[key].free < 1:
                name = questions.short(quotas[key].label)
                raise PersonRefused(
                    _("“%(option)s” is full. Choose something else", option=name),
                    field=f"q{quotas[key].reference.partition(':')[0]}",
                    at=at,
                )
            limits[key] = limits[key].less(1)


def follow_answers(registration: Registration, given: Given) -> None:
    """Let somebody who has answered in another way have the places of what they chose now."""
    edition = registration.edition
    lock(edition)
    quotas = with_quotas(edition, quotas_of(edition), [given])
    claimed = claimed_by(registration, quotas)
    before = frozenset(key for key in claimed if quotas[key].kind is QuotaKind.OPTION)
    wanted = option_quotas(quotas, given)
    if wanted == before:
        return
    require_free(edition, quotas, [wanted - before])
    claim_instead(edition, quotas, registration, (claimed - before) | wanted)
    pass_on(edition)


def follow_questions(fact: QuestionsChanged) -> None:
    """Change the limits where people are registered; not below what they have chosen already."""
    for edition in queries.peopled_editions_asking(fact.questionnaire_id):
        lock(edition)
        if is_over(edition, clock.now()):
            continue
        settle(edition)
        limited = _limited(definition_of(edition.asks))
        for reference, quota in _by_reference(quotas_of(edition)).items():
            _require_at_least(quota, limited[reference][1].capacity)


def settle(edition: Edition) -> None:
    """Let the edition limit what its questions limit, by quotas that count whoever chose it before."""
    lock(edition)
    limited = _limited(definition_of(edition.asks))
    present = _by_reference({quota.id: quota for quota in queries.quotas(edition)})
    for reference in present.keys() - limited.keys():
        remove_quota(edition, present[reference])
    for reference, (question, option) in limited.items():
        if reference in present:
            set_capacity(edition, present[reference], _at_least(option, present[reference].taken_count))
        else:
            _add(edition, question, option)


def rename(edition: Edition, keys: Mapping[int, int]) -> None:
    """Let the quotas name the questions by which others were replaced, by their keys."""
    for reference, quota in _by_reference({quota.id: quota for quota in queries.quotas(edition)}).items():
        question, _colon, option = reference.partition(":")
        quota.reference = option_reference(keys.get(int(question), int(question)), option)


def show_left(edition: Edition, *forms: QuestionsForm, owner: Registration | None = None) -> None:
    """Write next to the options of equal forms how many places are left; the owner may keep a place."""
    limited = _limited(forms[0].definition)
    if not limited:
        return
    quotas = quotas_of(edition)
    own = claimed_by(owner, quotas) if owner is not None and owner.takes_place else ()
    by_reference = _by_reference(quotas)
    for reference, (question, option) in limited.items():
        words, full = _left(option, by_reference.get(reference), own)
        for form in forms:
            form.note_option(question, option, words, full=full)


def _left(option: Option, quota: Quota | None, own: Collection[int]) -> tuple[str, bool]:
    capacity = option.capacity or 0
    free = capacity - (quota.taken_count if quota else 0)
    if quota and quota.id in own:
        free = max(free + 1, 1)
    elif free <= 0 or (quota and quota.waiting_count):
        return _("Full"), True
    words = ngettext(
        "%(num)s of %(capacity)s places left",
        "%(num)s of %(capacity)s places left",
        free,
        capacity=capacity,
    )
    return words, False


def _limited(definition: Definition | None) -> Limited:
    return {
        option_reference(question.id, option.key): (question, option)
        for question in (definition.questions if definition else ())
        if question.kind in questions.LIMITED
        for option in question.options
        if option.capacity is not None
    }


def _by_reference(quotas: Quotas) -> dict[str, Quota]:
    return {quota.reference: quota for quota in quotas.values() if quota.kind is QuotaKind.OPTION}


def _add(edition: Edition, question: Asked, option: Option) -> None:
    reference = option_reference(question.id, option.key)
    quota = add_quota(edition, QuotaKind.OPTION, reference, None, option.label)
    chose = (Registration.edition_id == edition.id, queries.answered_so(question.id, option.key))
    db.session.execute(
        insert(Claim).from_select(
            ["registration_id", "quota_id"], select(Registration.id, literal(quota.id)).where(*chose)
        )
    )
    db.session.expire_all()  # people who are read already have claims that they do not know of
    taken = select(func.count()).where(*chose, Registration.state.in_(TAKES_PLACE))
    quota.taken_count = db.session.scalar(taken) or 0
    quota.capacity = _at_least(option, quota.taken_count)
    db.session.flush()


def _at_least(option: Option, taken: int) -> int:
    return max(option.capacity or 0, taken)


def _require_at_least(quota: Quota, capacity: int | None) -> None:
    if quota.taken_count > (capacity or 0):
        raise RuleBroken(
            ngettext(
                "%(num)s person has chosen “%(option)s” already; there can’t be fewer places",
                "%(num)s people have chosen “%(option)s” already; there can’t be fewer places",
                quota.taken_count,
                option=questions.short(quota.label),
            ),
            field="options",
        )
