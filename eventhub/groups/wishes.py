"""Wishes for people: whom somebody would like to be in a group with.

A wish names a mail address or the number of a registration. It is looked up only when people are divided, so
whoever makes one learns nothing about who takes part.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, exists, or_, select

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import OwnDataAsked, PlaceGivenUp, RegistrationsErased
from eventhub.groups import queries
from eventhub.groups.models import CompanionWish, Grouping
from eventhub.history.service import PARTICIPANT, record
from eventhub.registration.models import Registration, RegistrationState
from eventhub.web.languages import gettext as _

FIELDS = ("first", "second", "third")
"""The fields of the form, for what is wrong with one of them."""


def asked_of(registration: Registration) -> Sequence[Grouping]:
    """Return the divisions for which somebody may say now whom they would like to be with."""
    edition = registration.edition
    if registration.state is not RegistrationState.CONFIRMED:
        return ()
    if edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        return ()
    return queries.asking_companions(registration)


def ask(grouping: Grouping, *, whether: bool) -> None:
    """Let people name companions on their own page, or no longer; what they have named stays."""
    lock(grouping.edition)
    _require_proposal(grouping)
    if grouping.asks_companions is not whether:
        grouping.asks_companions = whether
        record("groups.asked", edition_id=grouping.edition_id, title=grouping.title, whether=whether)


def name(registration: Registration, grouping: Grouping, sought: Sequence[str]) -> bool:
    """Let somebody name companions on their own page; False where they are the same.

    `sought` has a text for each of FIELDS, in the form of `rules.sought`; an empty one names nobody.
    """
    lock(registration.edition)
    lock(registration)
    db.session.refresh(grouping)
    if grouping.id not in {one.id for one in asked_of(registration)}:
        raise RuleBroken(_("The groups are made by now, so nothing can be wished any more."))
    return _keep(registration, grouping, sought, PARTICIPANT)


def enter(registration: Registration, grouping: Grouping, sought: Sequence[str]) -> bool:
    """Let an organiser enter what somebody told them; False where it is the same."""
    lock(grouping.edition)
    _require_proposal(grouping)
    return _keep(registration, grouping, sought, None)


def _keep(registration: Registration, grouping: Grouping, sought: Sequence[str], actor: str | None) -> bool:
    for field, one in zip(FIELDS, sought, strict=False):
        if one in {registration.email_key, registration.code}:
            raise RuleBroken(_("Name somebody else here"), field=field)
    wanted = list(dict.fromkeys(one for one in sought if one))
    if wanted == queries.own_companions(registration, grouping):
        return False
    own = CompanionWish.registration_id == registration.id
    db.session.execute(delete(CompanionWish).where(own, CompanionWish.grouping_id == grouping.id))
    keys = {"registration_id": registration.id, "grouping_id": grouping.id}
    db.session.add_all(
        CompanionWish(**keys, position=position, sought=one) for position, one in enumerate(wanted, 1)
    )
    record(
        "groups.wished",
        edition_id=grouping.edition_id,
        registration_id=registration.id,
        actor=actor,
        title=grouping.title,
    )
    return True


def _require_proposal(grouping: Grouping) -> None:
    db.session.refresh(grouping)
    if grouping.is_open or grouping.is_published:
        raise RuleBroken(_("The groups are made by now, so nothing can be wished any more."))


# forgetting --------------------------------------------------------------------------------------------


def follow_given_up(fact: PlaceGivenUp) -> None:
    """Forget what somebody wished who no longer comes."""
    own = CompanionWish.registration_id == fact.registration.id
    db.session.execute(delete(CompanionWish).where(own))


def forget_wishes(fact: RegistrationsErased) -> None:
    """Forget what these people wished, and that others of their meeting named them."""
    own = CompanionWish.registration_id.in_(fact.registration_ids)
    named = exists().where(
        Grouping.id == CompanionWish.grouping_id,
        Registration.edition_id == Grouping.edition_id,
        Registration.id.in_(fact.registration_ids),
        or_(CompanionWish.sought == Registration.email_key, CompanionWish.sought == Registration.code),
    )
    db.session.execute(
        delete(CompanionWish).where(or_(own, named)).execution_options(synchronize_session=False)
    )


def add_own_wishes(fact: OwnDataAsked) -> None:
    """Add whom somebody would like to be in a group with."""
    rows = db.session.execute(
        select(Grouping.title, CompanionWish.sought)
        .join(Grouping, Grouping.id == CompanionWish.grouping_id)
        .where(CompanionWish.registration_id == fact.registration_id)
        .order_by(Grouping.title, CompanionWish.position)
    )
    fact.found["companions"] = [{"division": title, "named": sought} for title, sought in rows]
