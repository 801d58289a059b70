"""Named reads of invitations."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import contains_eager, joinedload

from eventhub import tokens
from eventhub.editions.models import Edition, EditionOrganisation
from eventhub.extensions import db
from eventhub.invitations.models import Invitation, InvitationState
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.registration.models import ENDED, Registration


def by_token(token: str) -> Invitation | None:
    """Find the invitation that a personal link opens, with all that its page shows of the edition."""
    edition = contains_eager(Invitation.edition)
    return (
        db.session.scalars(
            select(Invitation)
            .join(Invitation.edition)
            .join(Edition.series)
            .where(Invitation.token_hash == tokens.fingerprint(token))
            .options(
                edition.contains_eager(Edition.series),
                edition.joinedload(Edition.organisation_links).joinedload(EditionOrganisation.organisation),
                joinedload(Invitation.registration),
                joinedload(Invitation.by_address),
            )
        )
        .unique()
        .one_or_none()
    )


def state_in_sql() -> ColumnElement[str]:
    """Return the state of an invitation as the database sees it; the counterpart of `Invitation.state`."""
    return case(
        (Invitation.revoked_at.is_not(None), InvitationState.REVOKED.value),
        (Invitation.accepted_at.is_not(None), InvitationState.ACCEPTED.value),
        (Invitation.by_address.has(), InvitationState.REGISTERED.value),
        (Invitation.declined_at.is_not(None), InvitationState.DECLINED.value),
        (Invitation.opened_at.is_not(None), InvitationState.OPENED.value),
        else_=InvitationState.SENT.value,
    )


def invitations_of(edition: Edition, state: InvitationState | None) -> Select[Invitation]:
    """Select the invitations to an edition by address, with what those who accepted have now."""
    found = select(Invitation).where(Invitation.edition_id == edition.id)
    if state is not None:
        found = found.where(state_in_sql() == state.value)
    return found.order_by(Invitation.email_key).options(
        joinedload(Invitation.registration), joinedload(Invitation.by_address)
    )


def numbers(edition: Edition) -> dict[InvitationState, int]:
    """Count the invitations to an edition by state."""
    state = state_in_sql().label("state")
    rows = db.session.execute(
        select(state, func.count()).where(Invitation.edition_id == edition.id).group_by(state)
    )
    found = {InvitationState(name): number for name, number in rows}
    return {one: found.get(one, 0) for one in InvitationState}


def chosen(edition: Edition, keys: Collection[int]) -> Sequence[Invitation]:
    """Return those of the edition's invitations that were ticked."""
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.edition_id == edition.id, Invitation.id.in_(keys))
        .order_by(Invitation.id)
        .options(joinedload(Invitation.by_address))
    ).all()


def silent(edition: Edition) -> Sequence[Invitation]:
    """Return who has not answered, and not registered in another way either."""
    return db.session.scalars(
        select(Invitation)
        .where(
            Invitation.edition_id == edition.id,
            Invitation.accepted_at.is_(None),
            Invitation.declined_at.is_(None),
            Invitation.revoked_at.is_(None),
            ~Invitation.by_address.has(),
        )
        .order_by(Invitation.id)
        .options(joinedload(Invitation.by_address))
    ).all()


def last_mails(invitations: Sequence[Invitation]) -> dict[int, tuple[MessageState, str]]:
    """Return what became of the latest mail to each, with the reason where it failed."""
    keys = [one.id for one in invitations]
    latest = (
        select(func.max(OutboxMessage.id))
        .where(OutboxMessage.invitation_id.in_(keys))
        .group_by(OutboxMessage.invitation_id)
    )
    rows = db.session.execute(
        select(OutboxMessage.invitation_id, OutboxMessage.state, OutboxMessage.error).where(
            OutboxMessage.id.in_(latest)
        )
    )
    return {key: (state, error) for key, state, error in rows if key is not None}


def known(edition: Edition, keys: Collection[str]) -> dict[str, Invitation]:
    """Return the invitations that these addresses have, withdrawn ones too, and what came of them."""
    rows = db.session.scalars(
        select(Invitation)
        .where(Invitation.edition_id == edition.id, Invitation.email_key.in_(keys))
        .options(joinedload(Invitation.registration))
    )
    return {row.email_key: row for row in rows}


def registered(edition: Edition, keys: Collection[str]) -> set[str]:
    """Return which of these addresses have a place, wait for one or for an answer."""
    return set(
        db.session.scalars(
            select(Registration.email_key).where(
                and_(Registration.edition_id == edition.id, Registration.email_key.in_(keys)),
                Registration.state.not_in(ENDED),
            )
        )
    )
