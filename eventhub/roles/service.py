"""Offering, accepting and ending roles; handing an edition or a series over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.accounts.queries import normalised
from eventhub.accounts.service import create_user
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionOrganisation, Part, Series, SeriesOrganisation
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.organisations.models import Grant, Member, Organisation, Role
from eventhub.organisations.service import add_member
from eventhub.roles import mails, queries
from eventhub.roles.models import RoleOffer
from eventhub.tokens import derive, fingerprint, new_seed
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language

PURPOSE = "role"
GOOD_FOR = timedelta(days=14)
TERMS = ("role", "ends_at", "ends_with_edition")
MOST_OPEN = 50


@dataclass(frozen=True)
class Terms:
    """What is offered, and until when it is theirs."""

    role: Role
    ends_at: datetime | None = None
    ends_with_edition: bool = False
    giver: Organisation | None = None
    giver_keeps: Role | None = None
    notes: Mapping[str, str] = field(default_factory=dict)


def invite(row: Series | Edition | Organisation, email: str, terms: Terms, by: User) -> RoleOffer:
    """Offer a person a role in a series, an edition or an organisation."""
    email = normalised(email)
    if any(one.email == email and not one.is_hand_over for one in _open(row)):
        raise RuleBroken(_("This address was invited already and has not answered yet"), field="email")
    offer = _new(row, terms, by, email)
    if isinstance(row, Organisation):
        offer.organisation = row
    return _send(offer, [email])


def hand_over(
    row: Series | Edition, organisation: Organisation, email: str, terms: Terms, by: User
) -> RoleOffer:
    """Ask an organisation to host an edition or to own a series; its owners answer, or the named person."""
    if any(one.organisation_id == organisation.id for one in _open(row)):
        raise RuleBroken(
            _("This organisation was asked already and has not answered yet"), field="organisation"
        )
    if isinstance(row, Series) and organisation.id in {one.organisation_id for one in row.organisation_links}:
        raise RuleBroken(_("This organisation runs the series already"), field="organisation")
    owners = queries.owners_of(organisation)
    if not owners and not email:
        raise RuleBroken(
            _("Nobody is signed up for this organisation yet. Say who is to answer for it"), field="email"
        )
    offer = _new(row, terms, by, "" if owners else normalised(email))
    offer.organisation = organisation
    return _send(offer, [owner.email for owner in owners] or [offer.email])


def accept(offer: RoleOffer) -> None:
    """Take on what was offered; whoever has the mailed link speaks for the address or the organisation."""
    _answer(offer)
    offer.accepted = True
    user = create_user(offer.email, language=offer.language) if offer.email else None
    if offer.is_hand_over and offer.organisation:
        if user is not None and not queries.owners_of(offer.organisation):
            add_member(offer.organisation, user, Role.OWNER)
        _take_over(offer, offer.organisation)
    elif offer.organisation and user:
        _join(offer, offer.organisation, user)
    elif user:
        _grant(offer, user_id=user.id)
    _note("role.accepted", offer)
    _let_giver_step_back(offer)


def decline(offer: RoleOffer) -> None:
    """Leave things as they are."""
    _answer(offer)
    _note("role.declined", offer)
    _let_giver_step_back(offer)


def withdraw(offer: RoleOffer) -> None:
    """Take an offer back before it is answered."""
    _answer(offer)
    _note("role.withdrawn", offer)
    _let_giver_step_back(offer)


def change_grant(grant: Grant, terms: Terms) -> None:
    """Give whoever has a role in a series or edition another one, or another end, and tell them."""
    lock(grant)
    changes, was = _changes(grant, terms), grant.role
    if not changes:
        return
    grant.role, grant.ends_at, grant.ends_with_edition = terms.role, terms.ends_at, terms.ends_with_edition
    _note_grant("role.changed", grant, changes=changes)
    mails.role_changed(grant, was)


def change_membership(member: Member, terms: Terms) -> None:
    """Give a member another role, or another end, and tell them; one owner always stays."""
    lock(member.organisation)
    lock(member)
    changes, was = _changes(member, terms), member.role
    if not changes:
        return
    _keep_an_owner(member, terms, "role" if "role" in changes else "until")
    member.role, member.ends_at = terms.role, terms.ends_at
    _note_member("member.changed", member, changes=changes)
    mails.role_changed(member, was)


def end_grant(grant: Grant) -> None:
    """Take a role in a series or edition away, and tell its holder."""
    _note_grant("role.ended", grant)
    mails.role_ended(grant)
    db.session.delete(grant)


def end_membership(member: Member) -> None:
    """Take a role in an organisation away, and tell them; one owner always stays."""
    lock(member.organisation)
    _keep_an_owner(member, None)
    _note_member("member.ended", member)
    mails.role_ended(member)
    db.session.delete(member)


def end_due() -> None:
    """Note which roles have ended by themselves, and let givers step back whose offers nobody answered.

    Nobody could use these roles any more already.
    """
    for offer in queries.expired_hand_overs():
        lock(offer)
        _let_giver_step_back(offer)
    for grant in queries.ended_grants():
        _note_grant("role.over", grant)
        db.session.delete(grant)
    for member in queries.ended_members():
        _note_member("member.over", member)
        db.session.delete(member)


def _keep_an_owner(member: Member, new: Terms | RoleOffer | None, field: str | None = None) -> None:
    """Refuse what would leave an organisation without an owner."""
    stays = new is not None and new.role is Role.OWNER and new.ends_at is None
    if member.role is Role.OWNER and not stays and not queries.other_owners(member):
        raise RuleBroken(
            _("An organisation needs an owner whose role has no last day. Make somebody else one first."),
            field=field,
        )


def _open(row: Series | Edition | Organisation) -> list[RoleOffer]:
    lock(row)
    found = list(queries.open_offers(row))
    if len(found) >= MOST_OPEN:
        raise RuleBroken(_("Too many have not answered yet. Withdraw some of these first."))
    return found


def _new(row: Series | Edition | Organisation, terms: Terms, by: User, email: str) -> RoleOffer:
    seed, now = new_seed(), clock.now()
    return RoleOffer(
        email=email,
        language=language(),
        series_id=row.series_id if isinstance(row, Edition) else row.id if isinstance(row, Series) else None,
        edition_id=row.id if isinstance(row, Edition) else None,
        role=terms.role,
        ends_at=terms.ends_at,
        ends_with_edition=terms.ends_with_edition,
        giver=terms.giver,
        giver_keeps=terms.giver_keeps,
        notes=dict(terms.notes),
        offered_by_id=by.id,
        seed=seed,
        token_hash=fingerprint(derive(PURPOSE, seed)),
        expires_at=now + GOOD_FOR,
    )


def _send(offer: RoleOffer, addresses: list[str]) -> RoleOffer:
    db.session.add(offer)
    db.session.flush()  # the mails name its key
    mails.offer_role(offer, addresses)
    _note("role.offered", offer)
    return offer


def _answer(offer: RoleOffer) -> None:
    lock(offer)
    if offer.answered_at is not None or offer.expires_at <= clock.now():
        raise RuleBroken(_("This was answered or withdrawn already, or it is too late."))
    offer.answered_at = clock.now()


def _join(offer: RoleOffer, organisation: Organisation, user: User) -> None:
    """Make a user a member; whoever is one already gets the role that was offered."""
    lock(organisation)
    known = db.session.get(Member, (user.id, organisation.id))
    if known is not None:
        _keep_an_owner(known, offer)
    add_member(organisation, user, offer.role).ends_at = offer.ends_at


def _take_over(offer: RoleOffer, organisation: Organisation) -> None:
    """Make an organisation the host of an edition, or a joint owner of a series."""
    if offer.edition is not None:
        _grant(offer, organisation_id=organisation.id)
        hosts = [link for link in offer.edition.organisation_links if link.part is Part.HOST]
        if organisation.id not in {link.organisation_id for link in hosts}:
            offer.edition.organisation_links.append(
                EditionOrganisation(organisation_id=organisation.id, part=Part.HOST, position=len(hosts))
            )
    elif offer.series is not None:
        lock(offer.series)
        links = offer.series.organisation_links
        position = max((link.position for link in links), default=-1) + 1
        if organisation.id not in {link.organisation_id for link in links}:
            links.append(SeriesOrganisation(organisation_id=organisation.id, position=position))


def _grant(offer: RoleOffer, *, user_id: int | None = None, organisation_id: int | None = None) -> None:
    db.session.add(
        Grant(
            user_id=user_id,
            organisation_id=organisation_id,
            series_id=offer.series_id,
            edition_id=offer.edition_id,
            role=offer.role,
            ends_at=offer.ends_at,
            ends_with_edition=offer.ends_with_edition,
        )
    )


def _let_giver_step_back(offer: RoleOffer) -> None:
    """Once nobody may answer any more, and one has accepted, the giver becomes what it wished to."""
    series, giver = offer.series, offer.giver
    if series is None or giver is None or offer.giver_keeps is None or queries.waits_for_others(offer):
        return
    running = [link for link in series.organisation_links if link.organisation_id == giver.id]
    if not running or not queries.took_over(offer):
        return
    for link in running:
        series.organisation_links.remove(link)
    db.session.add(Grant(organisation_id=giver.id, series_id=series.id, role=offer.giver_keeps))
    history.record("series.given_up", series_id=series.id, name=giver.label, role=offer.giver_keeps)


def _changes(row: Grant | Member, terms: Terms) -> dict[str, tuple[object, object]]:
    """Return what differs, old and new."""
    old = {name: getattr(row, name, False) for name in TERMS}  # a membership ends with no edition
    return {name: (old[name], getattr(terms, name)) for name in TERMS if old[name] != getattr(terms, name)}


def _note_grant(action: str, grant: Grant, **more: Any) -> None:
    history.record(
        action,
        series_id=None if grant.edition_id else grant.series_id,
        edition_id=grant.edition_id,
        name=grant.organisation.label if grant.organisation else grant.user.email if grant.user else "",
        role=grant.role,
        **more,
    )


def _note_member(action: str, member: Member, **more: Any) -> None:
    history.record(
        action, organisation=member.organisation.slug, name=member.user.email, role=member.role, **more
    )


def _note(action: str, offer: RoleOffer) -> None:
    """Write down what became of an offer, in the history of the edition, the series or the organisation."""
    history.record(
        action,
        series_id=None if offer.edition_id else offer.series_id,
        edition_id=offer.edition_id,
        name=offer.organisation.label if offer.is_hand_over and offer.organisation else offer.email,
        organisation=offer.organisation.slug if offer.organisation else "",
        role=offer.role,
    )
