"""Mails as organisers look at them before anybody gets one, with the data of an edition."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.editions.letters import letter_of
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Sheet, Words, lay_out, spoken_name
from eventhub.registration.own_texts import OwnText, reworded
from eventhub.registration.passages import Occasion
from eventhub.registration.wording import default_words
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking

AHEAD = timedelta(days=2)
UNKNOWN = "…"
INVITING = frozenset({"confirmed", "promoted", "edition_changed", "another_day"})
WITHDRAWING = frozenset(
    {"cancelled", "cancelled_by_organisers", "edition_cancelled", "handed_over", "moved", "released"}
)
WITH_PLACE = INVITING | {"details_changed", "reminder", "existing", "days_changed"}
OCCASIONS: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "expired": ("expired", {"because": "expired"}),
        "unconfirmed": ("expired", {}),
        "cancelled": ("cancelled", {"had_place": True}),
        "left_waitlist": ("cancelled", {}),
        "cancelled_by_organisers": ("cancelled", {"by": "organiser", "had_place": True}),
        "details_changed": ("details_changed", {"state": "confirmed"}),
        "days_changed": ("days_changed", {"came": [1], "left": []}),
        "another_day": ("another_day", {"day": 1}),
        "handed_over": ("cancelled", {"because": "handed_over", "had_place": True}),
        "moved": ("cancelled", {"because": "moved", "had_place": True}),
        "released": ("cancelled", {"because": "released", "had_place": True}),
        "notice_full": ("organiser_notice", {"about": "full"}),
        "notice_mail_failed": ("organiser_notice", {"about": "mail_failed"}),
        "notice_unreachable": ("organiser_notice", {"about": "unreachable"}),
        "notice_mail_came": ("organiser_notice", {"about": "mail_came"}),
        "declined": ("cancelled", {"former": "offered"}),
        "withdrawn": ("cancelled", {"former": "pending"}),
    }
)
"""What happened, for the texts that are not called like their mail."""
Compose = Callable[[Edition, OwnText], Words]
_COMPOSED: dict[str, Compose] = {}


def composes(kind: str) -> Callable[[Compose], Compose]:
    """Register how a higher feature composes a mail that organisers look at before anybody gets one."""

    def register(compose: Compose) -> Compose:
        _COMPOSED[kind] = compose
        return compose

    return register


def sample(edition: Edition, kind: str, language: str, own: OwnText) -> Sheet:
    """Lay out a mail as its readers would get it, with words that may not be kept yet."""
    with speaking(language, edition.series.is_formal):
        return lay_out(_COMPOSED.get(kind, _of_registration(kind))(edition, own))


def _of_registration(kind: str) -> Compose:
    return lambda edition, own: reworded(default_words(_occasion(edition, kind)), own, edition)


def _occasion(edition: Edition, kind: str) -> Occasion:
    mail_kind, facts = OCCASIONS.get(kind, (kind, {}))
    return Occasion(
        mail_kind,
        edition,
        facts,
        has_place=kind in WITH_PLACE,
        invites=kind in INVITING,
        withdraws=kind in WITHDRAWING,
    )


def sample_values(edition: Edition, name: str) -> dict[str, str]:
    """Return values of an invented reader; no link of theirs opens anything."""
    spoken = spoken_name(name)
    return {
        "comma_name": f", {spoken}" if spoken else "",
        "spaced_name": f" {spoken}" if spoken else "",
        "name": spoken,
        "token": UNKNOWN,
        "join": UNKNOWN,
        "code": UNKNOWN,
        "moment": times.day_and_time(clock.now(), edition.zone),
        "position": "3",
        "until": times.day_and_time(clock.now() + AHEAD, edition.zone),
    }


def send_sample(edition: Edition, kind: str, language: str, own: OwnText, reader: User) -> None:
    """Mail it to the organiser who is at work on it."""
    enqueue(
        "text_sample",
        to_address=reader.email,
        to_name=reader.name,
        language=language,
        dedupe_key=f"text_sample:{secrets.token_hex(12)}",
        edition_id=edition.id,
        facts={"kind": kind, "subject": own.subject, "body": own.body},
    )


@renders("text_sample")
def sample_letter(message: OutboxMessage) -> Letter | None:
    """Write what an organiser has asked to see."""
    edition = db.session.get(Edition, message.edition_id)
    if edition is None:
        return None
    own = OwnText(message.facts["subject"], message.facts["body"])
    sheet = sample(edition, message.facts["kind"], message.language, own)
    with speaking(message.language):
        letter = letter_of(edition.series, message, sheet, sample_values(edition, message.to_name))
        return replace(letter, subject=_("Sample: %(subject)s", subject=sheet.subject))
