"""Every kind of mail to participants and organisers, made by the services that send them."""

from __future__ import annotations

from datetime import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from flask import Flask
from icalendar import Calendar, Component
from sqlalchemy import select
from sqlalchemy.orm import undefer

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition, EditionState, Mode
from eventhub.editions.times import span
from eventhub.extensions import db
from eventhub.groups import service as groups
from eventhub.mail import delivery
from eventhub.mail.models import OutboxMessage
from eventhub.registration import mails, service
from eventhub.registration.applicants import Details
from eventhub.registration.models import Registration
from eventhub.registration.service import cancel, change
from tests.registration.samples import add_edition, signed_up

CONTACT = {"contact_email": "team@lab.example", "contact_name": "Team CityLAB"}
VENUE = {
    "mode": Mode.HYBRID,
    "theme": "Die Teenager-Jahre eines Labs",
    "venue_name": "CityLAB",
    "venue_address": "Platz der Luftbrücke 4",
    "venue_city": "Berlin",
    "venue_directions": "U6 bis *Platz der Luftbrücke* fahren",
}


def mails_sent() -> list[tuple[OutboxMessage, EmailMessage]]:
    """Deliver what waits and return every mail so far, parsed by the standard library."""
    delivery.deliver()
    db.session.rollback()
    rows = db.session.scalars(
        select(OutboxMessage).order_by(OutboxMessage.id).options(undefer(OutboxMessage.content))
    ).all()
    failed = [row.error for row in rows if row.state == "failed"]
    assert not failed, failed
    return [
        (row, message_from_bytes(row.content, policy=policy.default))
        for row in rows
        if row.content is not None
    ]


def calendar_of(mail: EmailMessage) -> tuple[str, Component] | None:
    """Return METHOD and VEVENT of the calendar message, after comparing it with its attached copy."""
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    if not parts:
        return None
    [part] = parts
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    [copy] = [other for other in mail.iter_attachments() if other.get_content_type() == "application/ics"]
    assert copy.get_payload(decode=True) == content
    calendar = Calendar.from_ical(content)
    assert part.get_param("method") == str(calendar["METHOD"])
    [event] = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def move(edition: Edition, hour: int, **values: Any) -> None:
    """Move an edition to another hour, as the service for editions does."""
    changes: dict[str, tuple[Any, Any]] = {"start_time": (edition.start_time, time(hour))}
    changes |= {name: (getattr(edition, name), value) for name, value in values.items()}
    edition.start_time = time(hour)
    edition.starts_at = span(edition.zone, edition.start_date, time(hour)).starts_at
    for name, value in values.items():
        setattr(edition, name, value)
    edition.sequence += 1
    mails.edition_changed(edition, changes)


_kept: dict[tuple[str, str], dict[str, EmailMessage]] = {}


def every_kind(app: Flask, language: str, address: str = "du") -> dict[str, EmailMessage]:
    """Return one mail of each kind and occasion, in one language and form of address; made once a run."""
    if (language, address) not in _kept:
        _kept[language, address] = _go_through_all(app, language, address)
    return _kept[language, address]


def _go_through_all(app: Flask, language: str, address: str) -> dict[str, EmailMessage]:
    """Go through the life of an edition with four people and those who need a decision."""
    series = {**CONTACT, "language": language, "form_of_address": address}
    edition_id = add_edition(app, slots=3, series=series, capacity=2, **VENUE)
    with app.app_context():
        anna, bert, carl, dora = (
            signed_up(edition_id, number, name=name, language=language).registration
            for number, name in enumerate(("Anna Ay", "Bert Be", "Carl Ce", "Dora De"), start=1)
        )
        mails_sent()
        with transaction():
            mails.existing(_next(anna))
            mails.existing(_next(dora))
        with transaction():
            change(carl, Details(name="Carl Ceh", email="carl@new.example", organisation="", note=""))
            change(bert, Details(name="Bert Beh", email=bert.email, organisation="", note=""))
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            move(edition, 16, venue_name="Rathaus", join_url="https://meet.example/other")
        mails_sent()
        _divide(edition)
        mails_sent()
        with transaction():
            cancel(anna, "participant")  # Carl moves up
        mails_sent()
        with transaction():
            cancel(dora, "participant")
        with transaction():
            cancel(carl, "organiser")
        with transaction():
            mails.organiser_notice(edition, "mail_failed", "today")
        _decide_about_others(edition_id, language)
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            edition.state, edition.sequence = EditionState.CANCELLED, edition.sequence + 1
            edition.state_reason = "Der Saal steht unter Wasser."
            mails.edition_cancelled(edition)
        found = mails_sent()
        return {_occasion(row): mail for row, mail in reversed(found)}  # the first of its occasion


def _divide(edition: Edition) -> None:
    """Publish groups, change one, and delete all."""
    with transaction():
        grouping = groups.create(edition, groups.Settings("Werkstatt", ["Gruppe 1", "Gruppe 2"]))
    with transaction():
        groups.publish(grouping)
    mails_sent()
    with transaction():
        link = {"name": "Gruppe 1", "room_id": None, "link": "https://groups.example/1"}
        groups.update_group(grouping.groups[0], link)
    mails_sent()
    with transaction():
        groups.remove(grouping)


def _decide_about_others(edition_id: int, language: str) -> None:
    """Let people come who need an approval, a confirmed address or an offer; one place is free."""

    def comes(name: str, **settings: Any) -> Registration:
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            for key, value in settings.items():
                setattr(edition, key, value)
        person = signed_up(edition_id, name, name=f"{name} Ha", language=language).registration
        mails_sent()
        return person

    def runs_out(registration: Registration) -> None:
        with transaction():
            registration.expires_at = clock.now()
        with transaction():
            service.expire(registration.edition, [registration.id])
        mails_sent()

    eva, finn = comes("Eva", admission=Admission.APPROVAL), comes("Finn")
    with transaction():
        service.reject(eva, "Diesmal sind es zu viele.")
        cancel(finn, "participant")
    held, waits = comes("Gul", admission=Admission.CONFIRM_ADDRESS), comes("Hana")
    with transaction():
        mails.existing(_next(held))
    runs_out(held)
    ida, jo, _kim = comes("Ida", admission=Admission.OPEN, offer_hours=24), comes("Jo"), comes("Kim")
    with transaction():
        service.confirm_address(waits)
    mails_sent()
    with transaction():
        cancel(waits, "participant")
    mails_sent()
    with transaction():
        service.decline_offer(ida)
    runs_out(jo)


def _next(registration: Registration) -> Registration:
    registration.version += 1
    return registration


def _occasion(row: OutboxMessage) -> str:
    about = [row.facts.get(name) for name in ("about", "by", "state", "because", "former", "had_place")]
    place = "place" if row.facts.get("sequence") is not None else "none"
    return " ".join(map(str, (row.kind, *(one for one in about if one is not None), place)))
