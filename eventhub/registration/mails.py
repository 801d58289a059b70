"""What participants and organisers are told, and when: rows of the outbox, in the caller's transaction.

The rows keep what must not change until they are rendered: the state at this moment, the position in line,
old and new times, and SEQUENCE, which never falls for one person and grows with every CANCEL and after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)

from eventhub import clock
from eventhub.database import after_commit
from eventhub.editions.entries import days_of, place
from eventhub.editions.models import Edition
from eventhub.editions.rights import users_with
from eventhub.editions.service import NAME
from eventhub.editions.times import span
from eventhub.extensions import db
from eventhub.facts import MailFailed
from eventhub.history.service import plain
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.outbox import doorbell, enqueue, is_enqueued, message_id_in_sql
from eventhub.organisations.roles import Capability
from eventhub.registration import days, queries
from eventhub.registration.models import ENDED, Ending, Registration, RegistrationState

By = Literal["participant", "organiser"]
Changes = Mapping[str, tuple[Any, Any]]

SHOWN = (
    "calendar_uid sequence title theme created_at changed_at mode venue_name venue_address venue_city state"
).split()
"""What a calendar entry shows of an edition besides its time."""
TIMES = ("start_date", "start_time", "end_date", "end_time", "zone", "planned")
PLACE = ("mode", "venue_name", "venue_address", "venue_city")
ANOTHER_DAY = "another_day"
"""The kind of mail that brings the calendar entry of a day after the first; `about` names the mail before."""
ASKS_AGAIN = frozenset({*TIMES, *PLACE, "state"})
"""Changes after which a participant has to look at the date again, so SEQUENCE grows."""


def acknowledge(registration: Registration, words: str = "", sequence: int | None = None) -> None:
    """Tell somebody what they have: a place, a spot on the waitlist, or what has to happen first.

    `words` are what an organiser adds who approved it; `sequence` is that of a place, where it is known.
    """
    added: dict[str, Any] = {"words": words} if words else {}
    if registration.state is RegistrationState.CONFIRMED:
        sequence = first_or_after_cancel(registration) if sequence is None else sequence
        _write("confirmed", registration, sequence=sequence, **added)
        tell_when_full(registration.edition)
    elif registration.state is RegistrationState.PENDING:
        _write("pending", registration)
    elif registration.expires_at is not None:
        held(registration)
    else:
        _write("waitlisted", registration, position=queries.position(registration), **added)


def held(registration: Registration) -> None:
    """Ask somebody to confirm their address before it is too late."""
    _write("held", registration, **_present_state(registration))


def offered(registration: Registration) -> None:
    """Offer somebody from the waitlist a place until a deadline."""
    _write("offered", registration, **_present_state(registration))


def expired(registration: Registration) -> None:
    """Tell somebody that an offer, or the time to confirm the address, is over."""
    _write("expired", registration, because=registration.ended_because)


def rejected(registration: Registration, words: str) -> None:
    """Tell somebody that they get no place, in the words of an organiser."""
    _write("rejected", registration, words=words)


def existing(registration: Registration) -> None:
    """Show somebody the place they have: they registered once more, or the mail did not arrive."""
    _write("existing", registration, **_present_state(registration))


def promoted(registration: Registration) -> None:
    """Tell somebody from the waitlist that a place is theirs."""
    _write("promoted", registration, sequence=first_or_after_cancel(registration))


def cancelled(
    registration: Registration,
    by: By = "participant",
    had_place: bool = True,
    was: RegistrationState = RegistrationState.CONFIRMED,
) -> None:
    """Confirm that somebody gave up their place or left the waitlist; the calendar entry is withdrawn."""
    sequence = _for_cancel(registration) if had_place and was is RegistrationState.CONFIRMED else None
    unusual = was not in {RegistrationState.CONFIRMED, RegistrationState.WAITLISTED}
    facts: dict[str, Any] = {"former": was.value} if unusual else _ending(registration)
    if sequence is not None:
        facts["was"] = _times(registration.edition)
    _write("cancelled", registration, sequence=sequence, by=by, had_place=had_place, **facts)


def _ending(registration: Registration) -> dict[str, Any]:
    """Return why it ended, where neither the participant nor an organiser simply cancelled."""
    because = registration.ended_because
    usual = because in {None, Ending.PARTICIPANT, Ending.ORGANISER}
    return {} if because is None or usual else {"because": because.value}


def details_changed(registration: Registration, news: Mapping[str, Any]) -> None:
    """Confirm new details of a participant; an old address loses its calendar entry, the new one gets it.

    `news` is how they take part now. A new address that has to be confirmed is asked for that instead.
    """
    previous = _latest_address(registration)
    moved = previous is not None and previous.casefold() != registration.email.casefold()
    if moved:
        confirmed = registration.state is RegistrationState.CONFIRMED
        sequence = _for_cancel(registration) if confirmed else None
        _write("address_changed", registration, to_address=previous, to_name="", sequence=sequence)
        if registration.expires_at is not None and registration.state is not RegistrationState.OFFERED:
            held(registration)
            return
    facts = _present_state(registration) | dict(news)
    if moved and "sequence" in facts:
        facts["sequence"] = first_or_after_cancel(registration)
    _write("details_changed", registration, **facts)


def days_changed(registration: Registration, came: Sequence[int], left: Sequence[int]) -> None:
    """Say on which days somebody comes now; each day that changed is one calendar message, others stay."""
    sequence = first_or_after_cancel(registration)
    (day, withdraws), *others = sorted([*((one, False) for one in came), *((one, True) for one in left)])
    said = {"days": registration.days, "came": [*came], "left": [*left]}
    registration.last_sequence = sequence
    _enqueue("days_changed", registration, said | {"sequence": sequence, "day": day, "withdraws": withdraws})
    for one, gone in others:
        facts = {"about": "days_changed", "day": one, "sequence": sequence, "withdraws": gone}
        _enqueue(
            ANOTHER_DAY, registration, facts, f"days_changed:{registration.id}:{registration.version}:{one}"
        )


def _enqueue(kind: str, registration: Registration, facts: dict[str, Any], key: str = "") -> None:
    enqueue(
        kind,
        to_address=registration.email,
        to_name=registration.name,
        language=registration.language,
        dedupe_key=key or f"{kind}:{registration.id}:{registration.version}",
        edition_id=registration.edition_id,
        registration_id=registration.id,
        facts=facts,
    )


def edition_changed(edition: Edition, changes: Changes, undoes: datetime | None = None) -> None:
    """Tell everybody who has a place or waits what is new; those with a place get a calendar update.

    Where the change takes back another one, those whom the mail about it had not left yet hear of neither.
    """
    facts: dict[str, Any] = {
        "changes": sorted(changes),
        "was": _times(edition, changes),
        "is": _times(edition),
    }
    if not changes.keys().isdisjoint(PLACE):
        facts |= {"was_at": _former_place(edition, changes), "is_at": place(edition)}
    if not changes.keys().isdisjoint(NAME):
        facts |= {"was_called": _former(edition, "title", changes), "is_called": edition.title}
    raised = Registration.last_sequence + (0 if ASKS_AGAIN.isdisjoint(changes) else 1)
    told = None if undoes is None else _has_heard(edition, undoes)
    _write_to_all("edition_changed", edition, facts, _at_least(edition.sequence, raised), told=told)


def _has_heard(edition: Edition, since: datetime) -> ColumnElement[bool]:
    """Drop what has not been sent yet about a change of that time; return who may know of it."""
    about = (
        OutboxMessage.edition_id == edition.id,
        OutboxMessage.kind == "edition_changed",
        OutboxMessage.created_at >= since,
    )
    db.session.execute(
        update(OutboxMessage)
        .where(*about, OutboxMessage.state == MessageState.WAITING, OutboxMessage.attempts == 0)
        .values(state=MessageState.DROPPED)
        .execution_options(synchronize_session=False)
    )
    dropped = select(OutboxMessage.registration_id).where(*about, OutboxMessage.state == MessageState.DROPPED)
    return and_(Registration.state.not_in(ENDED), Registration.id.not_in(dropped))


def edition_cancelled(edition: Edition) -> None:
    """Tell everybody who has a place or waits that the edition does not take place."""
    sequence = _at_least(edition.sequence, Registration.last_sequence + 1)
    facts = {"reason": edition.state_reason, "was": _times(edition)}
    _write_to_all("edition_cancelled", edition, facts, sequence)


def ask_whether_they_come(edition: Edition) -> None:
    """Ask everybody with a place whether they come; what they are promised stands in the mail."""
    _write_to_all(
        "reconfirm",
        edition,
        {"until": plain(edition.answers_until)},
        told=_has_place(),
        noted={"asked_at": edition.asked_to_reconfirm_at},
    )


def remind(edition: Edition, due: datetime) -> None:
    """Remind everybody who has had a place since before `due`; others have just heard of everything."""
    _write_to_all("reminder", edition, {}, told=and_(_has_place(), Registration.state_changed_at <= due))


def organiser_notice(
    edition: Edition,
    about: Literal["full", "mail_failed", "unreachable", "mail_came"],
    occasion: str,
    **facts: int,
) -> None:
    """Tell the organisers of a series something that needs them, once per occasion."""
    for address, name, language in _organisers(edition):
        key = f"organiser_notice:{about}:{edition.id}:{occasion}:{address}"[:120]
        if not is_enqueued(key):
            enqueue(
                "organiser_notice",
                to_address=address,
                to_name=name,
                language=language,
                dedupe_key=key,
                edition_id=edition.id,
                facts={"about": about, **facts},
            )


def tell_failure(fact: MailFailed) -> None:
    """Let the organisers know that a mail to a participant can't be delivered, at most once a day.

    Where it is because of the address they hear that.
    """
    if fact.nobody_there:
        return
    message = db.session.get(OutboxMessage, fact.message_id)
    if message is None or message.registration_id is None or message.edition_id is None:
        return
    edition = db.session.get_one(Edition, message.edition_id)
    organiser_notice(edition, "mail_failed", clock.now().date().isoformat())


# one mail ----------------------------------------------------------------------------------------------


def _write(
    kind: str,
    registration: Registration,
    *,
    to_address: str | None = None,
    to_name: str | None = None,
    sequence: int | None = None,
    **facts: Any,
) -> None:
    if registration.erased_at is not None:
        return  # nobody is left to be told
    first, *others = sorted(days.chosen(registration.days, days.number_of(registration.edition))) or [1]
    if registration.days:
        facts["days"] = registration.days
    if sequence is not None:
        if registration.last_sequence != sequence:  # else a flush would look through the row for nothing
            registration.last_sequence = sequence
        facts["sequence"] = sequence
        facts |= {"day": first} if first > 1 else {}
    address = registration.email if to_address is None else to_address
    name = registration.name if to_name is None else to_name
    enqueue(
        kind,
        to_address=address,
        to_name=name,
        language=registration.language,
        dedupe_key=f"{kind}:{registration.id}:{registration.version}",
        edition_id=registration.edition_id,
        registration_id=registration.id,
        facts=facts,
    )
    if sequence is not None:
        _write_days(kind, registration, address, name, sequence, others)


def _write_days(
    kind: str, registration: Registration, to_address: str, to_name: str, sequence: int, others: Sequence[int]
) -> None:
    """Write what the calendar has to know of the days after the first: a calendar message is about one."""
    for day in others:
        enqueue(
            ANOTHER_DAY,
            to_address=to_address,
            to_name=to_name,
            language=registration.language,
            dedupe_key=f"{kind}:{registration.id}:{registration.version}:{day}",
            edition_id=registration.edition_id,
            registration_id=registration.id,
            facts={"about": kind, "day": day, "sequence": sequence, "was": _times(registration.edition)},
        )


def _present_state(registration: Registration) -> dict[str, Any]:
    if registration.state is RegistrationState.CONFIRMED:
        sequence = max(registration.edition.sequence, registration.last_sequence)
        return {"state": registration.state.value, "sequence": sequence}
    facts = {"state": registration.state.value, "position": queries.position(registration)}
    if registration.expires_at is not None:
        facts["until"] = plain(registration.expires_at)
    return facts


def first_or_after_cancel(registration: Registration) -> int:
    """Return the SEQUENCE of an invitation to somebody whose calendar has no entry of ours, or no longer."""
    return max(registration.edition.sequence, registration.last_sequence + 1)


def _for_cancel(registration: Registration) -> int:
    return max(registration.edition.sequence, registration.last_sequence + 1)


def _latest_address(registration: Registration) -> str | None:
    """Return where the latest mail of this registration went."""
    return db.session.scalar(
        select(OutboxMessage.to_address)
        .where(OutboxMessage.registration_id == registration.id)
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    )


# mails to all ------------------------------------------------------------------------------------------


def _write_to_all(
    kind: str,
    edition: Edition,
    facts: dict[str, Any],
    sequence: ColumnElement[int] | None = None,
    *,
    told: ColumnElement[bool] | None = None,
    noted: Mapping[str, Any] | None = None,
) -> None:
    """Write a mail for everybody with one INSERT … SELECT, then raise their numbers with one UPDATE.

    `sequence` comes with a calendar message; `noted` is kept with each registration along with its numbers.
    """
    db.session.flush()  # states and versions that this transaction changed must count
    if told is None:
        told = Registration.state.not_in(ENDED)
    here = Registration.edition_id == edition.id, Registration.erased_at.is_(None), told
    now, before = days.number_of(edition), _days_before(edition, facts)
    several = max(now, before) > 1
    each = {"day": days.first_day(now or before), "days": Registration.days} if several else {}
    _insert(_messages(kind, edition, facts, sequence, own=each).where(*here))
    if sequence is not None:
        for day in range(2, max(now, before) + 1):
            # a day that is gone concerns those who came on it; of all others the first is in the mail itself
            comes = days.also_on(day, now or before) if day <= (now or before) else days.comes_on(day, before)
            about = facts | {"about": kind, "day": day}
            of_day = _messages(ANOTHER_DAY, edition, about, sequence, f":{day}")
            _insert(of_day.where(*here, _has_place(), comes))
    db.session.execute(
        update(Registration)
        .where(*here)
        .values(version=Registration.version + 1, **_raised(sequence), **(noted or {}))
        .execution_options(synchronize_session=False)
    )
    _reload(edition, ["version", "last_sequence", *(noted or {})])
    after_commit(doorbell.set)


def _insert(rows: Select[Any]) -> None:
    columns = [str(column.key) for column in rows.selected_columns]
    db.session.execute(insert(OutboxMessage).from_select(columns, rows, include_defaults=False))


def _days_before(edition: Edition, facts: Mapping[str, Any]) -> int:
    """Return how many days an edition had before the change that a mail is about."""
    return len(days_of(former(edition, facts["was"]))) if "was" in facts else 0


def _raised(sequence: ColumnElement[int] | None) -> dict[str, ColumnElement[int]]:
    if sequence is None:
        return {}
    return {"last_sequence": case((_has_place(), sequence), else_=Registration.last_sequence)}


def _messages(
    kind: str,
    edition: Edition,
    facts: dict[str, Any],
    sequence: ColumnElement[int] | None,
    part: str = "",
    own: Mapping[str, Any] | None = None,
) -> Select[Any]:
    """Select a mail for each registration; `own` are further facts of each."""
    now = clock.now()
    version = cast(Registration.version + 1, String) + literal(part)
    nothing: ColumnElement[Any] = literal(None)
    shown: ColumnElement[Any] = nothing if sequence is None else case((_has_place(), sequence), else_=None)
    return select(
        literal(kind).label("kind"),
        (literal(f"{kind}:") + cast(Registration.id, String) + literal(":") + version).label("dedupe_key"),
        message_id_in_sql().label("message_id"),
        Registration.name.label("to_name"),
        Registration.email.label("to_address"),
        Registration.language.label("language"),
        _with_own(facts, {"sequence": shown, **(own or {})}).label("facts"),
        literal(edition.id).label("edition_id"),
        Registration.id.label("registration_id"),
        literal(MessageState.WAITING, OutboxMessage.state.type).label("state"),
        literal(0).label("attempts"),
        literal(now, OutboxMessage.due_at.type).label("due_at"),
        literal("").label("subject"),
        literal("").label("error"),
        literal(now, OutboxMessage.created_at.type).label("created_at"),
    )


def _with_own(facts: dict[str, Any], numbers: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """Return the facts as JSON with each person's own state and numbers in it, such as SEQUENCE."""
    common, state = literal(plain(facts), JSON()), cast(Registration.state, String)
    if db.engine.dialect.name == "sqlite":
        paths = [part for name, number in numbers.items() for part in (f"$.{name}", number)]
        return func.json_set(common, *paths, "$.state", state, type_=JSON())
    pairs = [part for name, number in numbers.items() for part in (name, cast(number, Integer))]
    own = func.jsonb_build_object(*pairs, "state", state)
    return cast(cast(common, _jsonb()).op("||")(own), JSON())


def _jsonb() -> Any:
    from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415  # only where there is PostgreSQL

    return JSONB()


def _has_place() -> ColumnElement[bool]:
    return Registration.state == RegistrationState.CONFIRMED


def _at_least(floor: int, number: ColumnElement[int]) -> ColumnElement[int]:
    return case((number < floor, floor), else_=number)


def _reload(edition: Edition, names: Iterable[str]) -> None:
    """Let registrations that are loaded already see what the UPDATE did."""
    for row in db.session.identity_map.values():
        if isinstance(row, Registration) and row.edition_id == edition.id:
            db.session.expire(row, names)


def _times(edition: Edition, changes: Changes | None = None) -> dict[str, Any]:
    """Return the dates and times of an edition; with `changes` those it had before."""
    return {name: plain(_former(edition, name, changes or {})) for name in TIMES}


def former(edition: Edition, was: Mapping[str, Any]) -> Edition:
    """Return an edition as calendars know it from before, from the dates and times that a mail keeps."""
    days = {name: date.fromisoformat(was[name]) if was[name] else None for name in ("start_date", "end_date")}
    hours = {
        name: time.fromisoformat(was[name]) if was[name] else None for name in ("start_time", "end_time")
    }
    found = span(was["zone"], days["start_date"], hours["start_time"], days["end_date"], hours["end_time"])
    return Edition(
        **{name: getattr(edition, name) for name in SHOWN},
        start_date=days["start_date"],
        end_date=days["end_date"],
        zone=was["zone"],
        starts_at=found.starts_at,
        ends_at=found.ends_at,
    )


def _former(edition: Edition, name: str, changes: Changes) -> date | time | str | None:
    value: date | time | str | None = changes[name][0] if name in changes else getattr(edition, name)
    return value


def _former_place(edition: Edition, changes: Changes) -> str:
    """Return where the edition was to be before the change."""
    return place(Edition(**{name: _former(edition, name, changes) for name in PLACE}))


# organisers --------------------------------------------------------------------------------------------


def tell_when_full(edition: Edition) -> None:
    """Tell the organisers when the last place is taken."""
    if edition.capacity is not None and edition.taken_count >= edition.capacity:
        organiser_notice(edition, "full", str(edition.capacity))


def _organisers(edition: Edition) -> Iterable[tuple[str, str, str]]:
    """Return address, name and language of whom to tell: the contact, or else all who may edit it."""
    series = edition.series
    if series.contact_email:
        return [(series.contact_email, series.contact_name, series.language)]
    return [(user.email, user.name, user.language) for user in users_with(Capability.EDIT, edition)]
