"""What a drill must not have broken: nobody over the number of places, nothing lost, nothing twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from bench.crowd import Crowd
from bench.drill_setting import Setting
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.registration.models import Claim, Quota, Registration, RegistrationState
from eventhub.signups.models import Signup, SignupState, SlotPlaces

HAVE_A_PLACE = (RegistrationState.CONFIRMED, RegistrationState.OFFERED, RegistrationState.HELD)


def broken(app: Flask, setting: Setting, crowd: Crowd, names: Path) -> dict[str, int]:
    """Count what is wrong, by kind."""
    with app.app_context():
        return {
            "overbooked": _overbooked(setting),
            "miscounted": _miscounted(setting),
            "lost": _lost(crowd),
            "doubled": _doubled(setting),
            "mails_lost": _without_mail(setting) + _never_left(names),
            "mails_doubled": sum(times - 1 for times in Counter(names.read_text().split()).values()),
            "failed_requests": len(crowd.failures),
        }


def _having(edition_id: int) -> int:
    places = select(func.count()).where(
        Registration.edition_id == edition_id, Registration.state.in_(HAVE_A_PLACE)
    )
    return db.session.scalar(places) or 0


def _overbooked(setting: Setting) -> int:
    edition = db.session.get_one(Edition, setting.edition_id)
    found = max(0, _having(edition.id) - (edition.capacity or 0))
    for quota, taken in _claims(edition.id):
        found += max(0, taken - quota.capacity) if quota.capacity is not None else 0
    for places, taken in _signups():
        found += max(0, taken - places.capacity) if places.capacity is not None else 0
    return found


def _miscounted(setting: Setting) -> int:
    """Compare the counters with what they count."""
    edition = db.session.get_one(Edition, setting.edition_id)
    found = abs(_having(edition.id) - edition.taken_count)
    found += sum(abs(taken - quota.taken_count) for quota, taken in _claims(edition.id))
    return found + sum(abs(taken - places.taken_count) for places, taken in _signups())


def _claims(edition_id: int) -> list[tuple[Quota, int]]:
    number = (
        select(func.count())
        .select_from(Claim)
        .join(Registration, Registration.id == Claim.registration_id)
        .where(Claim.quota_id == Quota.id, Registration.state.in_(HAVE_A_PLACE))
        .scalar_subquery()
    )
    return [
        (row[0], row[1])
        for row in db.session.execute(select(Quota, number).where(Quota.edition_id == edition_id))
    ]


def _signups() -> list[tuple[SlotPlaces, int]]:
    number = (
        select(func.count())
        .where(Signup.slot_id == SlotPlaces.slot_id, Signup.state == SignupState.CONFIRMED)
        .scalar_subquery()
    )
    return [(row[0], row[1]) for row in db.session.execute(select(SlotPlaces, number))]


def _lost(crowd: Crowd) -> int:
    """Count people who were told that they are registered and are not."""
    told = crowd.log["register"].statuses.get(303, 0)
    kept = db.session.scalar(select(func.count()).select_from(Registration)) or 0
    return max(0, told - kept)


def _doubled(setting: Setting) -> int:
    """Count registrations beyond the first of an address."""
    counted = (
        select(func.count() - 1)
        .where(Registration.edition_id == setting.edition_id)
        .group_by(Registration.email_key)
        .having(func.count() > 1)
    )
    return sum(db.session.scalars(counted))


def _without_mail(setting: Setting) -> int:
    """Count registrations about which nobody was told, and mails that did not leave.

    A mail is dropped on purpose where its subject is gone before it left, such as a place that was given up.
    """
    told = select(OutboxMessage.registration_id).where(OutboxMessage.state == MessageState.SENT)
    silent = select(func.count()).where(
        Registration.edition_id == setting.edition_id, Registration.id.not_in(told)
    )
    unsent = select(func.count()).where(OutboxMessage.state.not_in((MessageState.SENT, MessageState.DROPPED)))
    return (db.session.scalar(silent) or 0) + (db.session.scalar(unsent) or 0)


def _never_left(names: Path) -> int:
    """Count mails that the database calls sent and the mail server never saw."""
    sent = db.session.scalars(
        select(OutboxMessage.message_id).where(OutboxMessage.state == MessageState.SENT)
    )
    seen = {name.strip("<>") for name in names.read_text().split()}
    return sum(name.strip("<>") not in seen for name in sent)
