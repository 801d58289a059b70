"""What invited people are told: the invitation, and once or twice more while they are silent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from flask import current_app
from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import joinedload

from eventhub import clock, tokens
from eventhub.editions.entries import heading
from eventhub.editions.letters import letter_of
from eventhub.editions.models import Edition
from eventhub.editions.phrases import dated, organisers, when_and_where
from eventhub.editions.rules import Window, window
from eventhub.extensions import db
from eventhub.invitations.models import Invitation
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue_all
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Sheet, Words, lay_out, legal_links, mark, spoken_name
from eventhub.registration.own_texts import OwnText, own_text, reworded
from eventhub.registration.sample_letters import composes
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.links import link_to

EXTENSION = "eventhub.invitations"
MOST_SHEETS = 50


def invite(keys: Sequence[int]) -> None:
    """Write the invitation to everybody of a list, with one INSERT … SELECT."""
    _write_to_all("invitation", keys)


def remind(keys: Sequence[int]) -> None:
    """Write once more to those who are silent."""
    _write_to_all("invitation_reminder", keys)


def _write_to_all(kind: str, keys: Sequence[int]) -> None:
    if not keys:
        return
    number = cast(Invitation.id, String) + literal(":") + cast(Invitation.mails, String)
    enqueue_all(
        kind,
        select(Invitation).where(Invitation.id.in_(keys)),
        dedupe_key=literal("invitation:") + number,
        to_name=Invitation.name.expression,
        to_address=Invitation.email.expression,
        language=Invitation.language.expression,
        facts={},
        edition_id=Invitation.edition_id.expression,
        invitation_id=Invitation.id.expression,
    )


@renders("invitation", "invitation_reminder")
def invitation_letter(message: OutboxMessage) -> Letter | None:
    """Write an invitation; None where it was answered or withdrawn, or the meeting closed, before it left."""
    found = db.session.get(Invitation, message.invitation_id, options=[joinedload(Invitation.by_address)])
    if found is None or not found.is_silent:
        return None
    edition = found.edition
    if window(edition, clock.now(), invited=True) not in (Window.OPEN, Window.NOT_YET):
        return None
    sheet = _shared_sheet(message.kind, edition, found.language, found.words)
    name = spoken_name(found.name)
    token = tokens.derive("invitation", found.token_seed)
    named = {
        "name": name,
        "spaced_name": f" {name}" if name else "",
        "comma_name": f", {name}" if name else "",
    }
    return letter_of(edition.series, message, sheet, {**named, "token": token})


def preview(kind: str, edition: Edition, language: str, words: str) -> Sheet:
    """Lay an invitation out as its readers would get it."""
    with speaking(language, edition.series.is_formal):
        return lay_out(_worded(kind, edition, words, own_text(edition.series_id, kind)))


@composes("invitation")
def invitation_sample(edition: Edition, own: OwnText) -> Words:
    """Show how an invitation reads."""
    return _worded("invitation", edition, "", own)


@composes("invitation_reminder")
def reminder_sample(edition: Edition, own: OwnText) -> Words:
    """Show how it reads once more."""
    return _worded("invitation_reminder", edition, "", own)


def _worded(kind: str, edition: Edition, words: str, own: OwnText) -> Words:
    """Take what was written for this list; without it the words of the series, or else ours."""
    if kind == "invitation_reminder":
        return reworded(_reminder(edition, words), own, edition)
    return reworded(_invitation(edition, words), replace(own, body="") if words else own, edition)


def _shared_sheet(kind: str, edition: Edition, language: str, words: str) -> Sheet:
    """Lay the mail out once for all who read the same."""
    kept: dict[tuple[object, ...], Sheet] = current_app.extensions.setdefault(EXTENSION, {})
    with speaking(language):
        own = own_text(edition.series_id, kind)
    key = (kind, edition.id, edition.version, edition.series.updated_at, language, words, own)
    if key not in kept:
        if len(kept) >= MOST_SHEETS:
            kept.clear()
        kept[key] = preview(kind, edition, language, words)
    return kept[key]


# words -------------------------------------------------------------------------------------------------


def _invitation(edition: Edition, words: str) -> Words:
    return _words(
        edition,
        subject=_("Invitation: %(edition)s", edition=dated(edition)),
        title=_("You are invited%(name)s", name=mark("comma_name")),
        lead=paragraphs(words)
        or (
            _(
                "%(team)s would be glad to see you at “%(edition)s”.",
                team=organisers(edition),
                edition=heading(edition),
            ),
        ),
    )


def _reminder(edition: Edition, words: str) -> Words:
    return _words(
        edition,
        subject=_("Will you come? %(edition)s", edition=dated(edition)),
        title=_("Will you come%(name)s?", name=mark("comma_name")),
        lead=(
            _("We have invited you to “%(edition)s” and not heard from you yet.", edition=heading(edition)),
        ),
        fixed=paragraphs(words),
    )


def paragraphs(words: str) -> tuple[str, ...]:
    """Return what an organiser wrote, cut at its empty lines."""
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", words) if part.strip())


def _words(
    edition: Edition, *, subject: str, title: str, lead: tuple[str, ...], fixed: tuple[str, ...] = ()
) -> Words:
    own = link_to("invitations.show", token=mark("token"))
    public = link_to("site.edition", series=edition.series.slug, edition=edition.key)
    return Words(
        subject=subject,
        heading=title,
        lead=lead,
        fixed=fixed,
        when=when_and_where(edition),
        button=Link(_("Accept or decline"), own),
        small=_("This link is yours alone, please don’t pass it on."),
        sections=(Section(_("What it is about"), link=Link(_("To the programme"), public)),),
        farewell=(organisers(edition),),
        footer=(_("The organisers have invited you at this address. Decline, and nothing more comes."),),
        links=legal_links(),
    )
