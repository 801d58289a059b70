"""What becomes of groups when somebody else comes instead: they are in the group, where they may be in it."""

from __future__ import annotations

from sqlalchemy import select, update

from eventhub.extensions import db
from eventhub.facts import PlaceHandedOver
from eventhub.groups import mails, queries
from eventhub.groups.models import Group, Grouping, Membership
from eventhub.registration.models import Registration


def follow_handed_over(fact: PlaceHandedOver) -> None:
    """Put whoever comes instead into the groups, and let them look after the same teams."""
    successor = fact.successor
    own = Membership.registration_id == fact.registration.id
    mine = select(Membership.grouping_id).where(own)
    for grouping in db.session.scalars(select(Grouping).where(Grouping.id.in_(mine))).all():
        if not _may_be_in(successor, grouping):
            continue
        db.session.execute(
            update(Membership)
            .where(own, Membership.grouping_id == grouping.id)
            .values(registration_id=successor.id)
            .execution_options(synchronize_session=False)
        )
        mails.published(grouping, [successor])
    for team in db.session.scalars(select(Group).where(Group.mentor_id == fact.registration.id)).all():
        if successor.role_id == team.grouping.mentor_role_id:
            team.mentor_id = successor.id
            mails.changed(team.grouping, queries.members(team))


def _may_be_in(one: Registration, grouping: Grouping) -> bool:
    """Tell whether somebody comes as what this division is for; mentors look after teams and are in none."""
    if grouping.mentor_role_id is not None and one.role_id == grouping.mentor_role_id:
        return False
    return grouping.role_id in (None, one.role_id)
