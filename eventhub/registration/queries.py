"""Named reads of registrations; each uses an index, none grows with the number of registrations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from eventhub import clock, tokens
from eventhub.agenda.models import Kind, Room, Slot, SlotSpeaker, Speaker
from eventhub.database import kept, note_lock
from eventhub.editions.models import Admission, Edition, EditionOrganisation, Series
from eventhub.editions.queries import is_listed, is_visible, number_of
from eventhub.editions.rules import Window, window
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.questionnaires.models import Answer
from eventhub.questionnaires.queries import versions_in_sense
from eventhub.questionnaires.rules import writings
from eventhub.registration.models import (
    TAKES_PLACE,
    Claim,
    ParticipantRole,
    Quota,
    QuotaKind,
    Registration,
    RegistrationState,
    SlotChoice,
)
from eventhub.registration.rules import address_key


def locked_edition(series_slug: str, key: str) -> Edition | None:
    """Find and lock an edition that the public may see, with nothing but its series: enough to register."""
    found = _to_register_for(_locked_edition(), series_slug, key)
    if found is not None:
        note_lock(found)
    return found


def edition_with_places(series_slug: str, key: str) -> Edition | None:
    """Find the same without a lock, if its house has places left."""
    return _to_register_for(_edition_with_places(), series_slug, key)


def _to_register_for(statement: Select[Edition], series_slug: str, key: str) -> Edition | None:
    found = db.session.scalar(statement, _address(series_slug, key))
    if found is not None:
        # else each flush would read it, to see whether it became an orphan; here only its key is used
        set_committed_value(found, "questionnaire", None)
    return found


def edition_page(series_slug: str, key: str) -> Edition | None:
    """Find the same with its organisations, as pages show them, in one read."""
    return db.session.scalars(_edition_page(), _address(series_slug, key)).unique().one_or_none()


def by_token(token: str) -> Registration | None:
    """Find the registration that a personal link opens, with all that its page shows of the edition."""
    return db.session.scalars(_by_token(), {"hash": tokens.fingerprint(token)}).unique().one_or_none()


def locked_by_token(token: str) -> Registration | None:
    """Find the same, and lock first the edition and then the registration, as everybody does."""
    of_link = {"hash": tokens.fingerprint(token)}
    db.session.execute(_locking_edition_of_token(), of_link)
    found = db.session.scalars(_locking_by_token(), of_link).unique().one_or_none()
    if found is not None:
        note_lock(found.edition)
        note_lock(found)
    return found


def by_address(edition: Edition, address: str) -> Registration | None:
    """Find what an address has in an edition, in any state."""
    return db.session.scalar(_by_address(), {"edition": edition.id, "key": address_key(address)})


# Composing these statements costs more than running them, so each is composed once.


def _address(series_slug: str, key: str) -> dict[str, str | int | None]:
    return {"series": series_slug, "key": key, "number": number_of(key)}


class Asks(NamedTuple):
    """What the form of an edition asks: its questionnaire, and the names of roles by their keys."""

    questionnaire_id: int | None = None
    roles: Mapping[int, str] = {}


def asks_at(series_slug: str, key: str) -> Asks:
    """Return what an edition asks, from memory as long as no edition and no role changes."""

    def read() -> Asks:
        edition = db.session.scalar(_edition_at(), _address(series_slug, key))
        return asks_of(edition) if edition else Asks()

    return kept(("asks", series_slug, key), read)


def asks_of(edition: Edition) -> Asks:
    """Return the same of an edition that is there."""
    named = roles(edition) if edition.quota_count else ()
    return Asks(edition.asks, {role.id: role.slug for role in named})


@cache
def _locked_edition() -> Select[Edition]:
    return _edition_at().with_for_update(of=Edition, key_share=True)


@cache
def _edition_with_places() -> Select[Edition]:
    taken = Edition.taken_count + Edition.held_back_count
    return _edition_at().where(or_(Edition.capacity.is_(None), taken < Edition.capacity))


@cache
def _edition_at() -> Select[Edition]:
    named = or_(Edition.number == bindparam("number"), Edition.slug == bindparam("key"))
    return (
        select(Edition)
        .join(Edition.series)
        .where(Series.slug == bindparam("series"), named, is_visible())
        .options(contains_eager(Edition.series))
    )


@cache
def _edition_page() -> Select[Edition]:
    organisations = joinedload(Edition.organisation_links).joinedload(EditionOrganisation.organisation)
    return _edition_at().options(organisations)


@cache
def _by_token() -> Select[Registration]:
    edition = contains_eager(Registration.edition)
    organisations = edition.joinedload(Edition.organisation_links)
    return (
        select(Registration)
        .join(Registration.edition)
        .join(Edition.series)
        .where(Registration.token_hash == bindparam("hash"))
        .options(
            joinedload(Registration.role),
            edition.contains_eager(Edition.series),
            organisations.joinedload(EditionOrganisation.organisation),
        )
    )


@cache
def _locking_edition_of_token() -> Select[int]:
    """Select no more than a key: what the row holds is read once it is locked."""
    found = select(Edition.id).join(Registration, Registration.edition_id == Edition.id)
    found = found.where(Registration.token_hash == bindparam("hash"))
    return found.with_for_update(of=Edition, key_share=True)


@cache
def _locking_by_token() -> Select[Registration]:
    return _by_token().with_for_update(of=Registration, key_share=True)


@cache
def _by_address() -> Select[Registration]:
    """Select by an index of addresses: PostgreSQL without statistics reads all of an edition by another."""
    in_edition = Registration.edition_id + 0 == bindparam("edition")
    return select(Registration).where(in_edition, Registration.email_key == bindparam("key"))


def quotas(edition: Edition) -> Sequence[Quota]:
    """Return the quotas of an edition in the order of their making."""
    return db.session.scalars(_quotas(), {"edition": edition.id}).all()


@cache
def _quotas() -> Select[Quota]:
    found = select(Quota).where(Quota.edition_id == bindparam("edition")).order_by(Quota.id)
    return found.execution_options(populate_existing=True)


def roles(edition: Edition) -> Sequence[ParticipantRole]:
    """Return what people can come as, in the order of the organiser."""
    return db.session.scalars(_roles(), {"edition": edition.id}).all()


@cache
def _roles() -> Select[ParticipantRole]:
    found = select(ParticipantRole).where(ParticipantRole.edition_id == bindparam("edition"))
    return found.order_by(ParticipantRole.position, ParticipantRole.id)


def role(edition: Edition, key: int) -> ParticipantRole | None:
    """Find a role of this edition; one of another edition does not exist here."""
    return db.session.scalar(
        select(ParticipantRole).where(ParticipantRole.edition_id == edition.id, ParticipantRole.id == key)
    )


def quota(edition: Edition, kind: QuotaKind, reference: str) -> Quota | None:
    """Find the quota that limits something in an edition."""
    return db.session.scalar(
        select(Quota).where(Quota.edition_id == edition.id, Quota.kind == kind, Quota.reference == reference)
    )


def in_line(
    edition: Edition, quota_id: int | None, instead_of: int | None, after: int, number: int
) -> Sequence[Registration]:
    """Return people who wait for a quota, or for the house, in their order from a place in line on.

    `instead_of` names another quota: who waits for that and would take a place of this one is among them,
    with all who wait together with them.
    """
    line = Registration.waits_for == quota_id if quota_id else Registration.waits_for.is_(None)
    if instead_of is not None:
        accepts = select(Registration.id).where(
            Registration.waits_for == instead_of, Registration.accepts_online
        )
        line = or_(line, _they_or_their_party(accepts))
    found = (
        select(Registration)
        .where(
            Registration.edition_id == edition.id,
            Registration.state == RegistrationState.WAITLISTED,
            Registration.place_in_line > after,
            line,
        )
        .order_by(Registration.place_in_line)
        .limit(number)
    )
    return _with_claims(edition, found)


def in_line_with_right(edition: Edition, quota_id: int, after: int, number: int) -> Sequence[Registration]:
    """Return people who wait and have a right to seats held back, in their order from a place in line on.

    All who wait together with one of them are among them: they move up together or not at all.
    """
    entitled = select(Claim.registration_id).where(Claim.quota_id == quota_id)
    found = (
        select(Registration)
        .where(
            Registration.edition_id == edition.id,
            Registration.state == RegistrationState.WAITLISTED,
            Registration.place_in_line > after,
            _they_or_their_party(entitled),
        )
        .order_by(Registration.place_in_line)
        .limit(number)
    )
    return _with_claims(edition, found)


def _they_or_their_party(keys: Select[int]) -> ColumnElement[bool]:
    parties = select(Registration.party_id).where(
        Registration.id.in_(keys),
        Registration.party_id.is_not(None),
        Registration.state == RegistrationState.WAITLISTED,
    )
    return or_(Registration.id.in_(keys), Registration.party_id.in_(parties))


def _with_claims(edition: Edition, found: Select[Registration]) -> Sequence[Registration]:
    if edition.quota_count:
        found = found.options(selectinload(Registration.claims))
    return db.session.scalars(found.execution_options(populate_existing=True)).all()


def all_in_line(quota: Quota) -> Sequence[Registration]:
    """Return everybody who waits for a quota."""
    return db.session.scalars(select(Registration).where(Registration.waits_for == quota.id)).all()


def awaited_quotas(edition: Edition, behind: Registration | None = None) -> dict[int, int]:
    """Return how many people who wait need each quota, whatever they wait for at the moment.

    `behind` somebody are those later in line who do not wait together with them.
    """
    waiting = (Registration.edition_id == edition.id, Registration.state == RegistrationState.WAITLISTED)
    found = select(Claim.quota_id, func.count()).join(Registration, Registration.id == Claim.registration_id)
    if behind is not None:
        found = found.where(Registration.place_in_line > behind.place_in_line)
        if behind.party_id is not None:
            found = found.where(Registration.party_id.is_distinct_from(behind.party_id))
    rows = db.session.execute(found.where(*waiting).group_by(Claim.quota_id))
    return {row[0]: row[1] for row in rows}


def claims_on(quota: Quota) -> Sequence[Claim]:
    """Return the claims of a quota, of registrations in all states."""
    return db.session.scalars(select(Claim).where(Claim.quota_id == quota.id)).all()


def with_right(quota: Quota, most: int) -> Sequence[Registration]:
    """Return who has one of the seats held back, by name, and then who waits with a right to one, in line."""
    alive = (RegistrationState.WAITLISTED, *sorted(TAKES_PLACE))
    return db.session.scalars(
        select(Registration)
        .join(Claim, Claim.registration_id == Registration.id)
        .where(Claim.quota_id == quota.id, Registration.state.in_(alive))
        .order_by(
            func.coalesce(Registration.place_in_line, 0), func.lower(Registration.name), Registration.id
        )
        .limit(most)
    ).all()


def answered_so(question_id: int, value: str, first: int | None = None) -> ColumnElement[bool]:
    """Match the registrations that gave a question this answer, alone or among others.

    With `first` they gave it to the sense of the question that began with this version.
    """
    own = and_(Answer.registration_id == Registration.id, Answer.question_id == question_id)
    among = Answer.value.contains(f'"{value}"', autoescape=True)
    found = exists().where(own, or_(Answer.value == value, among))
    return found if first is None else found.where(Answer.version.in_(versions_in_sense(question_id, first)))


def wrote_so(question_ids: Collection[int], word: str) -> ColumnElement[bool]:
    """Match the registrations that answered one of these questions with a text in which a word stands."""
    own = Answer.registration_id == Registration.id, Answer.question_id.in_(question_ids)
    return exists().where(
        *own, or_(*(Answer.value.icontains(one, autoescape=True) for one in writings(word)))
    )


def peopled_editions_asking(questionnaire_id: int) -> Sequence[Edition]:
    """Return the editions that ask these questions and count somebody, in the order of their keys."""
    inherits = and_(Edition.questionnaire_id.is_(None), Series.questionnaire_id == questionnaire_id)
    return db.session.scalars(
        select(Edition)
        .join(Edition.series)
        .where(
            or_(Edition.questionnaire_id == questionnaire_id, inherits),
            or_(Edition.taken_count + Edition.waiting_count > 0, Edition.quota_count > 0),
        )
        .order_by(Edition.id)
    ).all()


def later_edition(edition: Edition) -> Edition | None:
    """Find the next date of the series that takes registrations now without a decision of the organisers."""
    now = clock.now()
    here = {"series": edition.series_id, "edition": edition.id, "day": edition.start_date}
    some = kept(("later", *here.values()), lambda: db.session.scalar(_later_editions(), here) is not None)
    later = db.session.scalars(_later_editions(), here) if some else ()
    return next((one for one in later if window(one, now) is Window.OPEN), None)


@cache
def _later_editions() -> Select[Edition]:
    return (
        select(Edition)
        .where(
            Edition.series_id == bindparam("series"),
            Edition.id != bindparam("edition"),
            is_listed(),
            Edition.start_date > bindparam("day"),
            Edition.admission.in_((Admission.OPEN, Admission.CONFIRM_ADDRESS)),
        )
        .order_by(Edition.start_date, Edition.id)
    )


def party_of(registration: Registration) -> Sequence[Registration]:
    """Return everybody who was registered together with somebody, themselves included."""
    if registration.party_id is None:
        return [registration]
    return db.session.scalars(
        select(Registration).where(Registration.party_id == registration.party_id).order_by(Registration.id)
    ).all()


def by_keys(keys: Collection[int]) -> Sequence[Registration]:
    """Return registrations in the order of their keys."""
    return db.session.scalars(
        select(Registration).where(Registration.id.in_(keys)).order_by(Registration.id)
    ).all()


def expired(now: datetime, number: int) -> Sequence[tuple[int, int]]:
    """Return edition and registration of offers and unconfirmed addresses whose time is over."""
    rows = db.session.execute(
        select(Registration.edition_id, Registration.id)
        .where(Registration.expires_at.is_not(None), Registration.expires_at <= now)
        .order_by(Registration.edition_id, Registration.expires_at, Registration.id)
        .limit(number)
    )
    return [(edition_id, key) for edition_id, key in rows]


def position(registration: Registration) -> int | None:
    """Return how many people stand in the same line up to this one, itself included; None off the list."""
    if registration.place_in_line is None:
        return None
    length = _length_of_line(registration)
    after = registration.edition.last_in_line - registration.place_in_line
    if not after:
        return length
    # the shorter side is counted: whoever has just joined has thousands before them, and few behind
    if after < length / 2:
        return max(1, length - _count_in_line(registration, Registration.place_in_line > bindparam("place")))
    return _count_in_line(registration, Registration.place_in_line <= bindparam("place"))


def _length_of_line(registration: Registration) -> int:
    edition = registration.edition
    if not edition.quota_count:
        return edition.waiting_count
    waiting = {quota.id: quota.waiting_count for quota in quotas(edition)}
    if registration.waits_for is not None:
        return waiting[registration.waits_for]
    return edition.waiting_count - sum(waiting.values())


def _count_in_line(registration: Registration, part: ColumnElement[bool]) -> int:
    key = registration.waits_for
    line = Registration.waits_for.is_(None) if key is None else Registration.waits_for == key
    found = select(func.count()).where(
        Registration.edition_id == registration.edition_id,
        Registration.state == RegistrationState.WAITLISTED,
        line,
        part,
    )
    return db.session.scalar(found, {"place": registration.place_in_line}) or 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot as a participant chooses it for their calendar."""

    id: int
    slug: str
    title: str
    language: str | None
    day: date | None
    start_time: time | None
    end_time: time | None
    starts_at: datetime | None
    room: str | None
    takes_signups: bool
    speakers: str
    chosen: bool = False


def slots_to_choose(registration: Registration) -> list[Offer]:
    """Return the programme without its breaks, with what somebody chose: one read, whatever its length."""
    edition = registration.edition_id
    offered = kept(("slots to choose", edition), lambda: _offered(edition))
    if not offered:
        return []
    chosen = set(db.session.scalars(_chosen(), {"registration": registration.id}))
    if registration.edition.waits_for_day:
        offered = [
            replace(offer, day=None, start_time=None, end_time=None, starts_at=None) for offer in offered
        ]
    return [replace(offer, chosen=True) if offer.id in chosen else offer for offer in offered]


def _offered(edition_id: int) -> list[Offer]:
    rows = db.session.execute(_slots(), {"edition": edition_id}).all()
    names = _speakers(edition_id) if rows else {}
    return [Offer(*(*row, ", ".join(names.get(row[0], ())))) for row in rows]


@cache
def _chosen() -> Select[int]:
    return select(SlotChoice.slot_id).where(SlotChoice.registration_id == bindparam("registration"))


@cache
def _slots() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Slot.id,
            Slot.slug,
            Slot.title,
            Slot.language,
            Slot.day,
            Slot.start_time,
            Slot.end_time,
            Slot.starts_at,
            Room.name,
            Slot.takes_signups,
        )
        .outerjoin(Room, Room.id == Slot.room_id)
        .where(Slot.edition_id == bindparam("edition"), Slot.kind != Kind.BREAK, Slot.cancelled.is_(False))
        .order_by(Slot.day, Slot.start_time, Slot.position, Slot.id)
    )


def _speakers(edition_id: int) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for slot_id, name in db.session.execute(_speaker_names(), {"edition": edition_id}):
        found.setdefault(slot_id, []).append(name)
    return found


@cache
def _speaker_names() -> Select[int, str]:
    return (
        select(SlotSpeaker.slot_id, Speaker.name)
        .join(Slot, Slot.id == SlotSpeaker.slot_id)
        .join(Speaker, Speaker.id == SlotSpeaker.speaker_id)
        .where(Slot.edition_id == bindparam("edition"))
        .order_by(SlotSpeaker.slot_id, SlotSpeaker.position)
    )


def chosen_slots(registration: Registration) -> Sequence[Slot]:
    """Return the slots that a participant chose, in the order of the programme; cancelled ones stay."""
    return db.session.scalars(_chosen_slots(), {"registration": registration.id}).all()


@cache
def _chosen_slots() -> Select[Slot]:
    return (
        select(Slot)
        .join(SlotChoice, SlotChoice.slot_id == Slot.id)
        .where(SlotChoice.registration_id == bindparam("registration"))
        .order_by(Slot.day, Slot.start_time, Slot.position, Slot.id)
        .options(joinedload(Slot.room), selectinload(Slot.speaker_links).joinedload(SlotSpeaker.speaker))
    )


def mails_since(registration: Registration, moment: datetime) -> Sequence[tuple[str, datetime]]:
    """Return kind and time of the mails written to one registration since a moment."""
    rows = db.session.execute(
        select(OutboxMessage.kind, OutboxMessage.created_at).where(
            OutboxMessage.registration_id == registration.id, OutboxMessage.created_at >= moment
        )
    )
    return [(kind, at) for kind, at in rows]
