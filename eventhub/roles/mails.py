"""The mails that offer a role, and say that somebody changed or ended it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask import current_app

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.editions.models import Edition, Series
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.mail.composition import Letter, Mailbox
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Words, lay_out, legal_links
from eventhub.mail.transport import envelope_sender, sender_name
from eventhub.organisations.models import Grant, Member, Role
from eventhub.roles.models import RoleOffer
from eventhub.roles.queries import owners_of
from eventhub.roles.words import CHECKLIST, ROLE_HINTS, ROLE_NAMES, title_of, what_is_offered
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


def role_changed(held: Grant | Member, was: Role) -> None:
    """Tell whoever has a role that it is another one now, or ends at another time."""
    zone = current_app.config["SETTINGS"].default_timezone
    last = local(held.ends_at - timedelta(seconds=1), zone).date() if held.ends_at else None
    with_edition = isinstance(held, Grant) and held.ends_with_edition
    _tell(held, "role_changed", {"was": was, "role": held.role, "last": last, "with_edition": with_edition})


def role_ended(held: Grant | Member) -> None:
    """Tell whoever had a role that somebody has ended it."""
    _tell(held, "role_ended", {"was": held.role})


def _tell(held: Grant | Member, kind: str, facts: dict[str, Any]) -> None:
    """Write to the holder, or to the owners of the organisation that holds the role; who did it knows."""
    house = held.organisation if isinstance(held, Grant) else None
    author_id = history.author_id()
    author = db.session.get(User, author_id) if author_id is not None else None
    facts |= {
        "title": _title(held),
        "house": house.name if house else "",
        "by": author.name if author else "",
    }
    for reader in owners_of(house) if house else [held.user]:
        if reader is not None and reader.active and reader.id != author_id:
            enqueue(
                kind,
                to_address=reader.email,
                to_name=reader.name,
                language=reader.language,
                dedupe_key=f"{kind}:{secrets.token_hex(16)}",
                facts=history.plain(facts),
            )


def _title(held: Grant | Member) -> str:
    if isinstance(held, Member):
        return held.organisation.name
    if held.edition_id is not None:
        return db.session.get_one(Edition, held.edition_id).title
    return db.session.get_one(Series, held.series_id).title


@renders("role_changed")
@renders("role_ended")
def _news(message: OutboxMessage) -> Letter:
    with speaking(message.language):
        sheet = lay_out(_news_words(message.facts))
    text, html = sheet.fill({})
    return Letter(
        sender=Mailbox(sender_name(), envelope_sender()),
        recipient=Mailbox(message.to_name, message.to_address),
        subject=sheet.subject,
        message_id=message.message_id,
        date=clock.now(),
        text=text,
        html=html,
    )


def _news_words(facts: dict[str, Any]) -> Words:
    title, was, role = facts["title"], ROLE_NAMES[facts["was"]], facts.get("role")
    ended = _("The role in the team of %(title)s has ended: %(role)s", title=title, role=was)
    lines = [f"{ended}."]
    if role is not None:
        now = {"title": title, "role": ROLE_NAMES[role], "hint": ROLE_HINTS[role]}
        lines = [_("The role in the team of %(title)s is now: %(role)s (%(hint)s).", **now)]
        if role != facts["was"]:
            lines.append(_("Before it was: %(role)s.", role=was))
        lines += _end_words(facts)
    if facts["house"]:
        lines.append(_("It is the role of %(name)s and so of its members.", name=facts["house"]))
    if facts["by"]:
        lines.append(_("%(name)s decided it.", name=facts["by"]))
    heading = _("Another role in the team") if role else _("A role in the team has ended")
    return Words(
        subject=f"{heading}: {title}",
        preview=lines[0],
        heading=heading,
        lead=tuple(lines),
        button=Link(_("To the overview"), link_to("desk.dashboard")),
        links=legal_links(),
    )


def _end_words(facts: dict[str, Any]) -> list[str]:
    if facts["with_edition"]:
        return [_("It ends by itself a week after the meeting.")]
    if facts["last"]:
        return [_("Its last day: %(day)s.", day=day(date.fromisoformat(facts["last"])))]
    return [_("It has no end.")]


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
        sections=(Section(_("What is to know"), items=_notes(offer)),) if offer.is_hand_over else (),
        footer=(_("Not meant for you? Then ignore this mail; nobody gets a role without the link."),),
        links=legal_links(),
    )


def _notes(offer: RoleOffer) -> tuple[str, ...]:
    """Return every point of the checklist, also those that nobody has said anything about yet."""
    return tuple(f"{name}: {offer.notes.get(key) or _('open')}" for key, name in CHECKLIST.items())
