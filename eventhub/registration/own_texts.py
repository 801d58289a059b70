"""Subjects and introductions that a series has instead of ours; facts, buttons and the calendar part stay.

So a text of one's own can lose neither a deadline nor the link of a participant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from eventhub.database import lock
from eventhub.editions.entries import heading
from eventhub.editions.models import Edition, Series
from eventhub.editions.phrases import organisers, where, whom_to_ask
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.service import record
from eventhub.mail.sheets import Words
from eventhub.registration.models import MailText
from eventhub.registration.placeholders import PERSONAL, SHARED, marked, unknown
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language

LONGEST_SUBJECT = 150
LONGEST_BODY = 4000
FURTHER: Mapping[str, tuple[str, ...]] = {
    "confirmed": (),
    "promoted": (),
    "waitlisted": ("position",),
    "held": ("until",),
    "pending": (),
    "rejected": (),
    "offered": ("until",),
    "expired": (),
    "unconfirmed": (),
    "cancelled": (),
    "left_waitlist": (),
    "cancelled_by_organisers": (),
    "details_changed": (),
    "edition_changed": (),
    "edition_cancelled": (),
    "reconfirm": (),
    "reminder": (),
    "next_edition": (),
    "existing": (),
    "address_changed": (),
    "days_changed": (),
    "another_day": (),
    "handed_over": (),
    "moved": (),
    "released": (),
    "declined": (),
    "withdrawn": (),
    "programme": (),
    "signup_promoted": (),
    "allotted": (),
    "sessions_changed": (),
    "group": (),
    "group_changed": (),
    "group_gone": (),
    "reply_declined": (),
    "reply_accepted": (),
    "reply_counter": (),
    "invitation": (),
    "invitation_reminder": (),
    "engagement_asked": (),
    "engagement_reminder": (),
    "engagement_accepted": (),
    "engagement_entry": (),
    "engagement_changes": (),
    "subscription": (),
    "subscribed": (),
    "erased": (),
    "notice_full": (),
    "notice_mail_failed": (),
    "notice_unreachable": (),
    "notice_mail_came": (),
    "role_offer": (),
    "hand_over": (),
    "role_changed": (),
    "role_ended": (),
}
"""The mails that a series can word itself, and what each of them knows besides what all know."""
NOT_REGISTERED = frozenset(
    {
        *("invitation", "invitation_reminder", "engagement_asked", "engagement_reminder"),
        *("engagement_accepted", "engagement_entry", "engagement_changes"),
    }
)
"""Mails to people without a number: they are invited, or on the programme."""
NOTICES = frozenset({"notice_full", "notice_mail_failed", "notice_unreachable", "notice_mail_came"})
"""What organisers are told."""
ROLES = frozenset({"role_offer", "hand_over", "role_changed", "role_ended"})
"""What people in a team are told about their own role in it."""
NAMELESS = NOTICES | ROLES | {"next_edition", "subscription", "subscribed", "erased"}
"""Mails to people of whom nothing is known but their address, or that are the same for a whole team."""
WITHOUT_EDITION = ROLES | {"subscription", "subscribed"}
OF_A_SERIES = ("series",)
"""What mails know that are about no edition."""


@dataclass(frozen=True, slots=True)
class OwnText:
    """What organisers have written; an empty part is as it would be without."""

    subject: str = ""
    body: str = ""
    """Markdown."""


def read_in(spoken: str, texts: Mapping[str, OwnText]) -> OwnText:
    """Return what somebody reads in their language: the text in the other one if there is none."""
    own = texts.get(spoken, OwnText())
    return own if own.subject else next((text for text in texts.values() if text.subject), own)


def text_kind(kind: str, facts: Mapping[str, Any]) -> str:
    """Return which text a mail has; empty for mails that a series can’t word."""
    if kind == "expired":
        return "expired" if facts.get("because") == "expired" else "unconfirmed"
    if kind == "cancelled":
        return _how_it_ended(facts)
    if kind == "organiser_notice":
        return f"notice_{facts['about']}"
    if kind == "existing":
        state = str(facts.get("state"))
        return state if state in {"held", "pending", "offered", "rejected"} else "existing"
    return kind if kind in FURTHER else ""


def _how_it_ended(facts: Mapping[str, Any]) -> str:
    if facts.get("because") in FURTHER:
        return str(facts["because"])
    if facts.get("by") == "organiser":
        return "cancelled_by_organisers"
    former = facts.get("former")
    if former == "offered":
        return "declined"
    if former in {"pending", "held"}:
        return "withdrawn"
    return "cancelled" if facts.get("had_place") else "left_waitlist"


def texts_of(series: Series) -> Sequence[MailText]:
    return db.session.scalars(select(MailText).where(MailText.series_id == series.id)).all()


def own_text(series_id: int, kind: str) -> OwnText:
    """Return the text of a kind in the language that is spoken now."""
    row = db.session.get(MailText, (series_id, kind, language())) if kind else None
    return OwnText(row.subject, row.body) if row else OwnText()


def reworded(words: Words, own: OwnText, about: Edition | Series) -> Words:
    """Return the words of a mail with the subject and the introduction that organisers have written."""
    if not own.subject and not own.body:
        return words
    return replace(
        words,
        subject=marked(own.subject) if own.subject else words.subject,
        own=marked(own.body),
        shared={"series": about.title} if isinstance(about, Series) else _shared(about),
    )


def _shared(edition: Edition) -> dict[str, str]:
    series = edition.series
    return {
        "edition": heading(edition),
        "series": series.title,
        "date": times.when(edition, zone=True),
        "place": where(edition),
        "organisers": organisers(edition),
        "contact": whom_to_ask(edition),
    }


def allowed(kind: str = "") -> tuple[str, ...]:
    """Return what may stand in braces in the introduction of a kind of mail, or in any text to a reader."""
    if kind in NAMELESS:
        return (*_same_for_all(kind), *FURTHER[kind])
    personal = ("name",) if kind in NOT_REGISTERED else PERSONAL
    return (*SHARED, *personal, *FURTHER.get(kind, ()))


def _same_for_all(kind: str) -> tuple[str, ...]:
    return OF_A_SERIES if kind in WITHOUT_EDITION else SHARED


def require_known(text: OwnText, spoken: str, kind: str = "") -> None:
    """Raise RuleBroken where something in braces is nothing that this mail knows."""
    parts = (("subject", text.subject, _same_for_all(kind)), ("body", text.body, allowed(kind)))
    for name, words, known in parts:
        for wrong in unknown(words, known):
            if wrong in allowed(kind):
                message = _(
                    "The subject is the same for everybody, so {%(name)s} can’t stand here", name=wrong
                )
            else:
                possible = ", ".join(f"{{{one}}}" for one in known)
                message = _("{%(name)s} is unknown. Possible are: %(names)s", name=wrong, names=possible)
            raise RuleBroken(message, field=f"{name}_{spoken}")


def save(series: Series, kind: str, texts: Mapping[str, OwnText]) -> None:
    """Keep the texts of one kind by language; where one is empty, the mail reads as it does by default."""
    lock(series)
    for spoken, text in texts.items():
        require_known(text, spoken, kind)
        row = db.session.get(MailText, (series.id, kind, spoken))
        if not text.subject and not text.body:
            if row is not None:
                db.session.delete(row)
            continue
        if row is None:
            row = MailText(series_id=series.id, kind=kind, language=spoken)
            db.session.add(row)
        row.subject, row.body = text.subject, text.body
    record("series.mail_text", series_id=series.id, kind=kind)
