"""From a row of the outbox to the letter about changed sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventhub.agenda.comparing import news
from eventhub.editions.entries import heading
from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Words, mark
from eventhub.registration.calendar import chosen_file
from eventhub.registration.letters import load_registrations, plain_letter
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.own_texts import OwnText, reworded
from eventhub.registration.passages import own_link
from eventhub.registration.sample_letters import UNKNOWN, composes
from eventhub.registration.wording import about_sessions
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext


@renders("sessions_changed", load=load_registrations)
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


@composes("sessions_changed")
def changes_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail about changed sessions reads."""
    return reworded(_about(edition, UNKNOWN, [Section(UNKNOWN)]), own, edition)


def _words(message: OutboxMessage, registration: Registration) -> Words:
    changes = message.facts["changes"]
    return _about(registration.edition, changes[0]["is"]["title"], [*map(_section, changes)])


def _about(edition: Edition, first: str, changes: Sequence[Section]) -> Words:
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
            *changes,
            Section(_("Does it no longer fit?"), (closing,), link=others),
        ),
    )


def _section(change: Mapping[str, Any]) -> Section:
    why = (_("The organisers say: %(words)s", words=change["why"]),) if change["why"] else ()
    return Section(change["is"]["title"], why, items=tuple(news(change["was"], change["is"])))
