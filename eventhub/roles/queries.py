"""Named reads of roles and of offers of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import joinedload

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.editions.models import Edition, Series, SeriesOrganisation
from eventhub.editions.rights import grant_lasts
from eventhub.extensions import db
from eventhub.organisations.models import Grant, Member, Organisation, Role
from eventhub.organisations.queries import lasts
from eventhub.roles.models import RoleOffer
from eventhub.tokens import fingerprint


def is_open() -> ColumnElement[bool]:
    """Match offers that can still be accepted."""
    return and_(RoleOffer.answered_at.is_(None), RoleOffer.expires_at > clock.now())


def by_token(token: str) -> RoleOffer | None:
    """Find the offer behind a link, answered or not."""
    return db.session.scalar(select(RoleOffer).where(RoleOffer.token_hash == fingerprint(token)))


def open_offers(row: Series | Edition | Organisation) -> Sequence[RoleOffer]:
    """Return what was offered in a series, in one edition, or as membership, and is not answered yet."""
    return db.session.scalars(
        select(RoleOffer)
        .where(is_open(), _about(row))
        .order_by(RoleOffer.id)
        .options(joinedload(RoleOffer.organisation))
    ).all()


def offer_in(row: Series | Edition | Organisation, key: int) -> RoleOffer | None:
    """Find an open offer of this series, edition or organisation."""
    return db.session.scalar(select(RoleOffer).where(RoleOffer.id == key, is_open(), _about(row)))


def _about(row: Series | Edition | Organisation) -> ColumnElement[bool]:
    if isinstance(row, Edition):
        return RoleOffer.edition_id == row.id
    if isinstance(row, Series):
        return and_(RoleOffer.series_id == row.id, RoleOffer.edition_id.is_(None))
    return and_(RoleOffer.organisation_id == row.id, RoleOffer.series_id.is_(None))


def grants_in(row: Series | Edition) -> Sequence[Grant]:
    """Return the roles that were given in the series as a whole, or in one edition alone."""
    about = Grant.edition_id == row.id if isinstance(row, Edition) else Grant.edition_id.is_(None)
    series_id = row.series_id if isinstance(row, Edition) else row.id
    return db.session.scalars(
        select(Grant)
        .outerjoin(Edition, Edition.id == Grant.edition_id)
        .where(Grant.series_id == series_id, about, grant_lasts())
        .order_by(Grant.id)
        .options(joinedload(Grant.user), joinedload(Grant.organisation))
    ).all()


def grants_only_in(edition: Edition) -> list[Grant]:
    """Return the roles in one edition alone of those who have none in its series, and so none in the next."""
    series, of_series = edition.series, grants_in(edition.series)
    people = {one.user_id for one in members_running(series)} | {one.user_id for one in of_series}
    organisations = {one.id for one in series.organisations} | {one.organisation_id for one in of_series}
    return [
        one
        for one in grants_in(edition)
        if (one.user_id not in people if one.user_id else one.organisation_id not in organisations)
    ]


def members_running(series: Series) -> Sequence[Member]:
    """Return the members of the organisations that run a series, by organisation and name."""
    return db.session.scalars(
        select(Member)
        .join(SeriesOrganisation, SeriesOrganisation.organisation_id == Member.organisation_id)
        .join(Member.user)
        .where(SeriesOrganisation.series_id == series.id, lasts(Member.ends_at))
        .order_by(SeriesOrganisation.position, User.name, User.email)
        .options(joinedload(Member.user), joinedload(Member.organisation))
    ).all()


def members_of(organisation: Organisation) -> Sequence[Member]:
    """Return the members whose role has not ended, by name."""
    return db.session.scalars(
        select(Member)
        .join(Member.user)
        .where(Member.organisation_id == organisation.id, lasts(Member.ends_at))
        .order_by(User.name, User.email)
        .options(joinedload(Member.user))
    ).all()


def owners_of(organisation: Organisation) -> Sequence[User]:
    """Return the active owners of an organisation."""
    return db.session.scalars(
        select(User)
        .join(Member, Member.user_id == User.id)
        .where(
            Member.organisation_id == organisation.id,
            Member.role == Role.OWNER,
            lasts(Member.ends_at),
            User.active,
        )
        .order_by(User.email)
    ).all()


def other_owners(member: Member) -> bool:
    """Tell whether an organisation would still have an owner without this member, now and later on."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Member.organisation_id == member.organisation_id,
                    Member.user_id != member.user_id,
                    Member.role == Role.OWNER,
                    Member.ends_at.is_(None),
                    Member.user_id == User.id,
                    User.active,
                )
            )
        )
    )


def waits_for_others(offer: RoleOffer) -> bool:
    """Tell whether other organisations have not answered yet that were offered the same by the same one."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    RoleOffer.id != offer.id,
                    RoleOffer.series_id == offer.series_id,
                    RoleOffer.edition_id.is_(None),
                    RoleOffer.giver_id == offer.giver_id,
                    is_open(),
                )
            )
        )
    )


def expired_hand_overs() -> Sequence[RoleOffer]:
    """Return offers of series that nobody answered in time, where the giver may wait to step back."""
    still_there = exists().where(
        SeriesOrganisation.series_id == RoleOffer.series_id,
        SeriesOrganisation.organisation_id == RoleOffer.giver_id,
    )
    return db.session.scalars(
        select(RoleOffer)
        .where(
            RoleOffer.answered_at.is_(None),
            RoleOffer.expires_at <= clock.now(),
            RoleOffer.edition_id.is_(None),
            RoleOffer.giver_keeps.is_not(None),
            still_there,
        )
        .order_by(RoleOffer.id)
    ).all()


def took_over(offer: RoleOffer) -> bool:
    """Tell whether an organisation that was asked along with this one has accepted."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    RoleOffer.series_id == offer.series_id,
                    RoleOffer.edition_id.is_(None),
                    RoleOffer.giver_id == offer.giver_id,
                    RoleOffer.accepted,
                    RoleOffer.answered_at >= offer.created_at,
                )
            )
        )
    )


def ended_grants() -> Sequence[Grant]:
    """Return grants whose time is over."""
    return db.session.scalars(
        select(Grant).outerjoin(Edition, Edition.id == Grant.edition_id).where(~grant_lasts()).limit(100)
    ).all()


def ended_members() -> Sequence[Member]:
    """Return memberships whose time is over."""
    return db.session.scalars(select(Member).where(Member.ends_at <= clock.now()).limit(100)).all()
