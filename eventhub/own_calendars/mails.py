"""The mail that names the address of somebody's calendar."""

from __future__ import annotations

from eventhub import tokens
from eventhub.editions.letters import letter_of
from eventhub.extensions import db
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Words, lay_out, legal_links, mark
from eventhub.own_calendars.models import OwnCalendar
from eventhub.registration.models import Registration
from eventhub.registration.rules import address_key
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.links import link_to

PURPOSE = "own-calendar"


def address(calendar: OwnCalendar, registration: Registration) -> None:
    """Mail the address of the calendar, in the name of the series whose page it was asked for on."""
    calendar.mailed += 1
    db.session.flush()
    enqueue(
        "own_calendar",
        to_address=registration.email,
        to_name=registration.name,
        language=registration.language,
        dedupe_key=f"own_calendar:{calendar.token_hash.hex()[:16]}:{calendar.mailed}",
        facts={"calendar": calendar.id},
        edition_id=registration.edition_id,
        registration_id=registration.id,
    )


@renders("own_calendar")
def _letter(message: OutboxMessage) -> Letter | None:
    calendar = db.session.get(OwnCalendar, message.facts["calendar"])
    registration = db.session.get(Registration, message.registration_id)
    if calendar is None or registration is None or calendar.email_key != address_key(message.to_address):
        return None
    series = registration.edition.series
    with speaking(message.language, series.is_formal):
        sheet = lay_out(_words())
    return letter_of(series, message, sheet, {"token": tokens.derive(PURPOSE, calendar.token_seed)})


def _words() -> Words:
    return Words(
        subject=_("Your calendar with all your meetings"),
        heading=_("Your calendar with all your meetings"),
        preview=_("One address to subscribe to, also for whatever you register for later."),
        lead=(
            _("Behind this link is a calendar with all meetings that this mail address is registered for."),
            _("Your calendar program fetches it by itself, so new places and changes arrive there."),
            _("Whoever has the link can read the calendar, but change nothing about your places."),
        ),
        button=Link(_("Open my calendar"), link_to("own_calendars.show", token=mark("token"))),
        links=legal_links(),
    )
