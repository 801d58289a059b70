"""The mails that offer a role, and say that somebody changed or ended it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.editions.letters import letter_of
from eventhub.editions.models import Edition, Series
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.mail.composition import Letter
from eventhub.mail.letters import operators_letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Sheet, Words, lay_out, legal_links, mark
from eventhub.organisations.models import Grant, Member, Organisation, Role
from eventhub.registration.own_texts import OwnText, own_text, reworded
from eventhub.registration.sample_letters import AHEAD, UNKNOWN, composes
from eventhub.roles.models import RoleOffer
from eventhub.roles.queries import owners_of
from eventhub.roles.words import CHECKLIST, ROLE_HINTS, ROLE_NAMES, title_of, what_is_offered
from eventhub.tokens import derive
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.links import link_to
from eventhub.web.times import day, local

HAND_OVER = "hand_over"
"""Which words of a series an offer has that asks an organisation: nobody is welcomed into a team."""


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
    last = _last_day(held.ends_at, _zone(_row(held))) if held.ends_at else None
    with_edition = isinstance(held, Grant) and held.ends_with_edition
    _tell(held, "role_changed", {"was": was, "role": held.role, "last": last, "with_edition": with_edition})


def role_ended(held: Grant | Member) -> None:
    """Tell whoever had a role that somebody has ended it."""
    _tell(held, "role_ended", {"was": held.role})


def _tell(held: Grant | Member, kind: str, facts: dict[str, Any]) -> None:
    """Write to the holder, or to the owners of the organisation that holds the role; who did it knows."""
    row, house = _row(held), held.organisation if isinstance(held, Grant) else None
    author_id = history.author_id()
    author = db.session.get(User, author_id) if author_id is not None else None
    facts |= {
        "series": held.series_id if isinstance(held, Grant) else None,
        "title": row.name if isinstance(row, Organisation) else row.title,
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


def _row(held: Grant | Member) -> Series | Edition | Organisation:
    """Return what the role is in."""
    if isinstance(held, Member):
        return held.organisation
    if held.edition_id is not None:
        return db.session.get_one(Edition, held.edition_id)
    return db.session.get_one(Series, held.series_id)


def _zone(row: Series | Edition | Organisation | None) -> str:
    """Return where days begin and end; an organisation has no zone of its own."""
    zone: str = current_app.config["SETTINGS"].default_timezone
    return row.zone if isinstance(row, Series | Edition) else zone


def _last_day(ends_at: datetime, zone: str) -> date:
    return local(ends_at - timedelta(seconds=1), zone).date()


@renders("role_offer")
def offer_letter(message: OutboxMessage) -> Letter | None:
    """Write the offer; None where it was answered, or it is too late, before the mail left."""
    offer = db.session.get(RoleOffer, message.facts["offer"])
    if offer is None or offer.answered_at is not None or offer.expires_at <= clock.now():
        return None
    kind = HAND_OVER if offer.is_hand_over else message.kind
    sheet = _sheet(message.language, offer.series, kind, lambda: _offer_words(offer))
    return _letter(offer.series, message, sheet, {"token": derive("role", offer.seed)})


@renders("role_changed", "role_ended")
def news_letter(message: OutboxMessage) -> Letter:
    """Write what became of somebody's role."""
    key = message.facts.get("series")  # mails of the version before name none
    series = db.session.get(Series, key) if key is not None else None
    sheet = _sheet(message.language, series, message.kind, lambda: _news_words(message.facts))
    return _letter(series, message, sheet, {})


def _sheet(spoken: str, series: Series | None, kind: str, compose: Callable[[], Words]) -> Sheet:
    """Lay a mail out as the series speaks, in its words; without one in ours."""
    if series is None:
        with speaking(spoken):
            return lay_out(compose())
    with speaking(spoken, series.is_formal):
        return lay_out(reworded(compose(), own_text(series.id, kind), series))


def _letter(series: Series | None, message: OutboxMessage, sheet: Sheet, values: dict[str, str]) -> Letter:
    if series is None:
        return operators_letter(message, sheet, values)
    return letter_of(series, message, sheet, values)


# words -------------------------------------------------------------------------------------------------


@composes("role_offer")
def offer_sample(edition: Edition, own: OwnText) -> Words:
    """Show how an offer reads, with one that is invented and not kept."""
    offer = RoleOffer(
        series=edition.series,
        role=Role.ORGANISER,
        offered_by=User(name=UNKNOWN),
        expires_at=clock.now() + AHEAD,
    )
    return reworded(_offer_words(offer), own, edition.series)


@composes(HAND_OVER)
def hand_over_sample(edition: Edition, own: OwnText) -> Words:
    """Show how an organisation is asked to host an edition."""
    offer = RoleOffer(
        organisation=Organisation(name=UNKNOWN),
        series=edition.series,
        edition=edition,
        role=Role.ORGANISER,
        ends_with_edition=True,
        offered_by=User(name=UNKNOWN),
        expires_at=clock.now() + AHEAD,
        notes={},
    )
    return reworded(_offer_words(offer), own, edition.series)


@composes("role_changed")
def change_sample(edition: Edition, own: OwnText) -> Words:
    """Show what somebody reads whose role is another one."""
    news = {"was": Role.READER, "role": Role.ORGANISER, "last": None, "with_edition": False}
    return _news_sample(edition.series, own, news)


@composes("role_ended")
def end_sample(edition: Edition, own: OwnText) -> Words:
    """Show what somebody reads who has no role any more."""
    return _news_sample(edition.series, own, {"was": Role.ORGANISER})


def _news_sample(series: Series, own: OwnText, news: dict[str, Any]) -> Words:
    facts = {"title": series.title, "house": "", "by": UNKNOWN}
    return reworded(_news_words(news | facts), own, series)


def _offer_words(offer: RoleOffer) -> Words:
    by = offer.offered_by.name if offer.offered_by else ""
    zone = _zone(offer.edition or offer.series)
    return Words(
        subject=_("In the team: %(title)s", title=title_of(offer)),
        preview=what_is_offered(offer),
        heading=_("Join the team of %(title)s?", title=title_of(offer)),
        lead=(),
        fixed=(
            f"{what_is_offered(offer)}.",
            *_offer_end(offer, zone),
            *((_("%(name)s asks for it.", name=by),) if by else ()),
        ),
        button=Link(_("Look and answer"), link_to("roles.show", token=mark("token"))),
        small=_(
            "The link is good until %(day)s. Nothing happens before you answer.",
            day=day(local(offer.expires_at, zone).date()),
        ),
        sections=(Section(_("What is to know"), items=_notes(offer)),) if offer.is_hand_over else (),
        footer=(_("Not meant for you? Then ignore this mail; nobody gets a role without the link."),),
        links=legal_links(),
    )


def _offer_end(offer: RoleOffer, zone: str) -> tuple[str, ...]:
    if offer.ends_with_edition:
        return (_("The rights end by themselves a week after the meeting."),)
    if offer.ends_at:
        return (_("Its last day: %(day)s.", day=day(_last_day(offer.ends_at, zone))),)
    return ()


def _notes(offer: RoleOffer) -> tuple[str, ...]:
    """Return every point of the checklist, also those that nobody has said anything about yet."""
    return tuple(f"{name}: {offer.notes.get(key) or _('open')}" for key, name in CHECKLIST.items())


def _news_words(facts: dict[str, Any]) -> Words:
    title, changed = facts["title"], facts.get("role") is not None
    heading = _("A role in the team has changed") if changed else _("A role in the team has ended")
    lines = _change(facts) if changed else [_ended(facts)]
    if facts["house"]:
        lines.append(_("This goes for everybody who is a member there."))
    if facts["by"]:
        lines.append(_("%(name)s decided it.", name=facts["by"]))
    return Words(
        subject=f"{heading}: {title}",
        preview=lines[0],
        heading=heading,
        lead=(),
        fixed=tuple(lines),
        button=Link(_("To the overview"), link_to("desk.dashboard")),
        links=legal_links(),
    )


def _change(facts: dict[str, Any]) -> list[str]:
    was, role = facts["was"], facts["role"]
    lines = [_now(facts["house"], title=facts["title"], role=ROLE_NAMES[role], hint=ROLE_HINTS[role])]
    if role != was:
        lines.append(_("Before it was: %(role)s.", role=ROLE_NAMES[was]))
    return [*lines, _end(facts)]


def _now(house: str, **now: Any) -> str:
    if house:
        return _(
            "The role of %(house)s in the team of %(title)s is now: %(role)s (%(hint)s).", house=house, **now
        )
    return _("Your role in the team of %(title)s is now: %(role)s (%(hint)s).", **now)


def _end(facts: dict[str, Any]) -> str:
    if facts["with_edition"]:
        return _("It ends by itself a week after the meeting.")
    if facts["last"]:
        return _("Its last day: %(day)s.", day=day(date.fromisoformat(facts["last"])))
    return _("It has no end.")


def _ended(facts: dict[str, Any]) -> str:
    named = {"title": facts["title"], "role": ROLE_NAMES[facts["was"]]}
    if facts["house"]:
        return _(
            "The role of %(house)s in the team of %(title)s has ended: %(role)s.",
            house=facts["house"],
            **named,
        )
    return _("Your role in the team of %(title)s has ended: %(role)s.", **named)
