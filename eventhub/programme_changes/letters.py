"""From a row of the outbox to the letter about changed sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from types import SimpleNamespace
from typing import Any

from eventhub.editions.entries import heading
from eventhub.editions.models import EditionState
from eventhub.extensions import db
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Words, mark
from eventhub.registration.calendar import chosen_file
from eventhub.registration.letters import plain_letter
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.wording import about_sessions, own_link
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext

Snapshot = Mapping[str, Any]


@renders("sessions_changed")
def changes_letter(message: OutboxMessage) -> Letter | None:
    """Write what is new about somebody's sessions; None where they or the edition are out of it by now."""
    registration = db.session.get(Registration, message.registration_id)
    if registration is None or registration.state is not RegistrationState.CONFIRMED:
        return None
    if registration.edition.state is EditionState.CANCELLED:
        return None
    return plain_letter(
        message, registration, lambda: _words(message, registration), calendar=chosen_file(registration)
    )


def _words(message: OutboxMessage, registration: Registration) -> Words:
    edition, changes = registration.edition, message.facts["changes"]
    first = changes[0]["is"]["title"]
    subject = ngettext("New: “%(title)s”", "New in %(num)s of your sessions", len(changes), title=first)
    closing = _(
        "Your personal calendar follows by itself. The attached file holds your sessions as they are now."
    )
    others = Link(_("Choose other sessions"), own_link())
    return about_sessions(
        edition,
        subject=subject,
        title=_("Something has changed%(name)s", name=mark("comma_name")),
        lead=(
            ngettext(
                "In “%(edition)s” a session that you have chosen is other than before.",
                "In “%(edition)s” %(num)s sessions that you have chosen are other than before.",
                len(changes),
                edition=heading(edition),
            ),
        ),
        sections=(
            *(_section(change) for change in changes),
            Section(_("Does it no longer fit?"), (closing,), link=others),
        ),
    )


def _section(change: Mapping[str, Any]) -> Section:
    why = (_("The organisers say: %(words)s", words=change["why"]),) if change["why"] else ()
    return Section(change["is"]["title"], why, items=tuple(_news(change["was"], change["is"])))


def _news(was: Snapshot, now: Snapshot) -> list[str]:
    """Say what changed: the new beside the old."""
    if now["cancelled"] and not was["cancelled"]:
        return [_("Does not take place.")]
    found = [_("Takes place after all.")] if was["cancelled"] and not now["cancelled"] else []
    if was["title"] != now["title"]:
        found.append(_("Title: %(new)s, until now %(old)s", new=now["title"], old=was["title"]))
    if _when(was) != _when(now):
        found.append(_("Time: %(new)s, until now %(old)s", new=_when(now), old=_when(was)))
    if was["room"] != now["room"]:
        nowhere = _("not known yet")
        found.append(
            _("Room: %(new)s, until now %(old)s", new=now["room"] or nowhere, old=was["room"] or nowhere)
        )
    return found


def _when(one: Snapshot) -> str:
    """Return day and hours in words."""
    day = date.fromisoformat(one["day"]) if one["day"] else None
    end_day = date.fromisoformat(one["end_day"]) if one["end_day"] else None
    start, end = (time.fromisoformat(one[name]) if one[name] else None for name in ("start_time", "end_time"))
    known = SimpleNamespace(
        start_date=day, end_date=end_day or day, start_time=start, end_time=end, zone=one["zone"], planned=""
    )
    return times.when(known) or _("not known yet")
