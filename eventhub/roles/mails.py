"""The mail that offers a role."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app

from eventhub import clock
from eventhub.extensions import db
from eventhub.mail.composition import Letter, Mailbox
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Words, lay_out, legal_links
from eventhub.mail.transport import envelope_sender, sender_name
from eventhub.roles.models import RoleOffer
from eventhub.roles.words import CHECKLIST, title_of, what_is_offered
from eventhub.tokens import derive
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.links import link_to
from eventhub.web.times import day, local


def offer_role(offer: RoleOffer, addresses: Iterable[str]) -> None:
    """Mail the link to everybody who may answer."""
    for address in addresses:
        enqueue(
            "role_offer",
            to_address=address,
            language=offer.language,
            dedupe_key=f"role_offer:{offer.id}:{address}"[:120],
            facts={"offer": offer.id},
        )


@renders("role_offer")
def _role_offer(message: OutboxMessage) -> Letter | None:
    offer = db.session.get(RoleOffer, message.facts["offer"])
    if offer is None or offer.answered_at is not None or offer.expires_at <= clock.now():
        return None
    with speaking(message.language):
        sheet = lay_out(_words(offer))
    text, html = sheet.fill({})
    return Letter(
        sender=Mailbox(sender_name(), envelope_sender()),
        recipient=Mailbox("", message.to_address),
        subject=sheet.subject,
        message_id=message.message_id,
        date=clock.now(),
        text=text,
        html=html,
    )


def _words(offer: RoleOffer) -> Words:
    by = offer.offered_by.name if offer.offered_by else ""
    notes = tuple(f"{name}: {offer.notes[key]}" for key, name in CHECKLIST.items() if offer.notes.get(key))
    zone = offer.series.zone if offer.series else current_app.config["SETTINGS"].default_timezone
    return Words(
        subject=_("In the team: %(title)s", title=title_of(offer)),
        preview=what_is_offered(offer),
        heading=_("Join the team of %(title)s?", title=title_of(offer)),
        lead=(
            f"{what_is_offered(offer)}.",
            *((_("%(name)s asks for it.", name=by),) if by else ()),
        ),
        button=Link(_("Look and answer"), link_to("roles.show", token=derive("role", offer.seed))),
        small=_(
            "The link is good until %(day)s. Nothing happens before the answer.",
            day=day(local(offer.expires_at, zone).date()),
        ),
        sections=(Section(_("What is to know"), items=notes),) if notes else (),
        footer=(_("Not meant for you? Then ignore this mail; nobody gets a role without the link."),),
        links=legal_links(),
    )
