"""Own calendars made, given a new address, ended.

The address is only ever mailed: who holds the link of one registration may have changed its mail address, and
must not see what else somebody takes part in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists
from sqlalchemy.exc import IntegrityError

from eventhub import clock, tokens
from eventhub.calendars.files import feed
from eventhub.database import lock
from eventhub.extensions import db
from eventhub.facts import RegistrationsErased
from eventhub.own_calendars import mails, queries
from eventhub.own_calendars.models import OwnCalendar
from eventhub.registration.calendar import entries_of
from eventhub.registration.models import Registration
from eventhub.web.languages import gettext as _
from eventhub.web.links import link_to

CANCELLED_STAYS = timedelta(days=90)
PAST_STAYS = timedelta(days=365)


def send_address(registration: Registration) -> None:
    """Mail the address of the calendar of all meetings; it is made where there is none."""
    calendar = queries.by_address(registration.email_key) or _new(registration.email_key)
    mails.address(calendar, registration)


def renew(calendar: OwnCalendar) -> None:
    """Let the address open nothing any more, and mail another one."""
    lock(calendar)
    _give_address(calendar)
    registration = queries.latest_registration(calendar)
    if registration is not None:
        mails.address(calendar, registration)


def end(calendar: OwnCalendar) -> None:
    db.session.delete(calendar)


def content(calendar: OwnCalendar, token: str, zone: str) -> tuple[bytes, datetime]:
    """Return the places and chosen slots of all registrations, and for a while what was called off.

    With it comes when the latest of that has changed.
    """
    now = clock.now()
    registrations = queries.registrations_of(calendar, now - PAST_STAYS)
    entries = [
        entry
        for registration in registrations
        for entry in entries_of(registration)
        if entry.status != "CANCELLED" or entry.modified_at >= now - CANCELLED_STAYS
    ]
    body = feed(
        entries,
        name=_("My meetings"),
        zone=zone,
        url=link_to("own_calendars.show", token=token),
        source=link_to("own_calendars.calendar", token=token),
        modified_at=calendar.created_at,
    )
    return body, max([calendar.created_at, *(entry.modified_at for entry in entries)])


def forget(_fact: RegistrationsErased) -> None:
    """Delete the calendars of addresses that nobody is registered with any more."""
    db.session.execute(
        delete(OwnCalendar)
        .where(~exists().where(Registration.email_key == OwnCalendar.email_key))
        .execution_options(synchronize_session=False)
    )


def _new(email_key: str) -> OwnCalendar:
    calendar = OwnCalendar(email_key=email_key, mailed=0)
    _give_address(calendar)
    try:
        with db.session.begin_nested():
            db.session.add(calendar)
    except IntegrityError:  # asked for on two pages at once
        found = queries.by_address(email_key)
        if found is None:
            raise
        return found
    return calendar


def _give_address(calendar: OwnCalendar) -> None:
    calendar.token_seed = tokens.new_seed()
    calendar.token_hash = tokens.fingerprint(tokens.derive(mails.PURPOSE, calendar.token_seed))
