"""The verbs of invitations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from eventhub import clock, tokens
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import Window, window
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.service import PARTICIPANT, record
from eventhub.invitations import mails, queries, rules
from eventhub.invitations.models import Invitation
from eventhub.invitations.pasted import MOST, Line
from eventhub.registration import service as registration
from eventhub.registration.applicants import Applicant, Way
from eventhub.registration.models import RegistrationState
from eventhub.registration.rules import address_key
from eventhub.web.languages import gettext as _

PURPOSE = "invitation"
KEPT_FOR = timedelta(days=30)
"""So long after a meeting it stays known who was invited."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an organiser says to everybody of one list, and grants them."""

    language: str
    words: str = ""
    skips_approval: bool = False
    gets_place: bool = False


def look_at(edition: Edition, lines: Sequence[Line]) -> rules.Sorted:
    """Part a list into those to invite and the others; nothing is kept or sent."""
    keys = {address_key(line.email) for line in lines if not line.error}
    known = queries.known(edition, keys)
    invited = {key for key, one in known.items() if not one.is_spent}
    return rules.sort_out(lines, invited, queries.registered(edition, keys))


def invite(edition: Edition, lines: Sequence[Line], terms: Terms) -> int:
    """Invite everybody of a list who is not invited or registered yet; return how many."""
    lock(edition)
    require_invitable(edition)
    good = look_at(edition, lines).good
    if len(good) > MOST:
        raise RuleBroken(_("At most %(most)s invitations at once", most=MOST), field="addresses")
    known = queries.known(edition, [address_key(line.email) for line in good])
    invitations = [_renewed(known.get(address_key(line.email)), edition, line, terms) for line in good]
    db.session.add_all(invitations)
    db.session.flush()  # the mails are written for rows that are there
    mails.invite([one.id for one in invitations])
    record("invitation.sent", edition_id=edition.id, number=len(invitations))
    return len(invitations)


def require_invitable(edition: Edition) -> None:
    """Raise RuleBroken unless people could follow an invitation now, or once registration opens."""
    if edition.state is EditionState.DRAFT:
        raise RuleBroken(
            _("Publish the edition first; as a draft nobody could see what the invitation is to.")
        )
    found = window(edition, clock.now(), invited=True)
    if found not in (Window.OPEN, Window.NOT_YET):
        raise RuleBroken(registration.closed_because(found))


def remind(edition: Edition, invitations: Sequence[Invitation]) -> int:
    """Write once more to those who are silent and were not written to lately; return how many."""
    lock(edition)
    require_invitable(edition)
    now = clock.now()
    due = [one for one in invitations if rules.may_remind(one, now)]
    for one in due:
        one.mails += 1
        one.mailed_at = now
    db.session.flush()
    mails.remind([one.id for one in due])
    if due:
        record("invitation.reminded", edition_id=edition.id, number=len(due))
    return len(due)


def revoke(edition: Edition, invitations: Sequence[Invitation]) -> int:
    """Withdraw invitations that nobody has accepted; return how many. The link then says so."""
    lock(edition)
    open_ones = [one for one in invitations if one.accepted_at is None and one.revoked_at is None]
    for one in open_ones:
        one.revoked_at = clock.now()
    if open_ones:
        record("invitation.revoked", edition_id=edition.id, number=len(open_ones))
    return len(open_ones)


def note_look(invitation: Invitation) -> None:
    """Keep when somebody first looked at the page of their invitation."""
    lock(invitation)
    if invitation.opened_at is None:
        invitation.opened_at = clock.now()


def accept(invitation: Invitation, applicant: Applicant, once_key: str) -> None:
    """Register whoever was invited, with what the invitation grants them."""
    edition = invitation.edition
    lock(edition)
    lock(invitation)
    require_valid(invitation)
    if is_accepted(invitation):
        return  # the form was sent twice
    outcome = registration.register(edition, applicant, once_key, _way(invitation, applicant))
    invitation.registration_id = outcome.registration.id
    invitation.accepted_at = clock.now()
    invitation.declined_at = None
    _note("invitation.accepted", invitation)


def _way(invitation: Invitation, applicant: Applicant) -> Way:
    """Return what an invitation spares; who has the link has the address that it was sent to."""
    return Way(
        invited=True,
        approved=invitation.skips_approval,
        address_confirmed=address_key(applicant.email) == invitation.email_key,
        beyond=invitation.gets_place,
    )


def decline(invitation: Invitation) -> None:
    """Keep that somebody will not come; whoever has accepted cancels their registration instead."""
    lock(invitation.edition)
    lock(invitation)
    require_valid(invitation)
    if invitation.declined_at is not None:
        return
    if is_accepted(invitation):
        raise RuleBroken(
            _("You have accepted already. Cancel with the link in the mail about your registration.")
        )
    invitation.accepted_at = None
    invitation.registration_id = None
    invitation.declined_at = clock.now()
    _note("invitation.declined", invitation)


def is_accepted(invitation: Invitation) -> bool:
    """Tell whether somebody has accepted and not cancelled since."""
    if invitation.accepted_at is None:
        return False
    there = invitation.registration
    return there is None or there.state is not RegistrationState.CANCELLED


def require_valid(invitation: Invitation) -> None:
    if invitation.revoked_at is not None:
        raise RuleBroken(_("The organisers have withdrawn this invitation."))


def forget_past() -> None:
    """Delete invitations to meetings that are long over; registrations have a date of their own."""
    before = clock.now() - KEPT_FOR
    last_day = func.coalesce(Edition.end_date, Edition.start_date)
    past = select(Edition.id).where(last_day < before.date())
    db.session.execute(
        delete(Invitation).where(Invitation.edition_id.in_(past)).execution_options(synchronize_session=False)
    )


def token_of(invitation: Invitation) -> str:
    return tokens.derive(PURPOSE, invitation.token_seed)


def _renewed(known: Invitation | None, edition: Edition, line: Line, terms: Terms) -> Invitation:
    """Return a new invitation, or one that is spent with a new link and a clean slate."""
    found = known or Invitation(edition_id=edition.id, email_key=address_key(line.email), mails=0)
    found.email, found.name = line.email, line.name
    found.language, found.words = terms.language, terms.words
    found.skips_approval, found.gets_place = terms.skips_approval, terms.gets_place
    found.token_seed = tokens.new_seed()
    found.token_hash = tokens.fingerprint(tokens.derive(PURPOSE, found.token_seed))
    found.mails += 1
    found.mailed_at = found.created_at = clock.now()
    found.opened_at = found.accepted_at = found.declined_at = found.revoked_at = None
    found.registration_id = None
    return found


def _note(action: str, invitation: Invitation) -> None:
    record(
        action,
        edition_id=invitation.edition_id,
        registration_id=invitation.registration_id,
        actor=PARTICIPANT,
    )
