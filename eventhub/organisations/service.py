"""Organisations and their members."""

from __future__ import annotations

from collections.abc import Iterable

from eventhub.accounts.models import User
from eventhub.accounts.service import create_user
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.organisations.models import Member, Organisation, Role

FIRST_ORGANISER = "organiser@localhost"


def add_member(organisation: Organisation, user: User, role: Role = Role.ORGANISER) -> Member:
    """Make the user a member, or change the role of one."""
    member = db.session.get(Member, (user.id, organisation.id))
    if member is None:
        member = Member(user_id=user.id, organisation_id=organisation.id)
        db.session.add(member)
    member.role = role
    history.record("member.added", user=user.email, organisation=organisation.slug, role=role)
    return member


def create_organisation(name: str, slug: str) -> Organisation:
    organisation = Organisation(name=name, slug=slug)
    db.session.add(organisation)
    db.session.flush()  # members need its key
    return organisation


def first_organiser(organisations: Iterable[Organisation]) -> User:
    """Return the account for the first look around, the owner of these organisations."""
    user = create_user(FIRST_ORGANISER, name="Organiser")
    for organisation in organisations:
        add_member(organisation, user, Role.OWNER)
    return user
