"""The last mail to somebody: it says what was erased. It is written from the row of the outbox alone."""

from __future__ import annotations

from eventhub.editions.entries import heading
from eventhub.editions.letters import letter_of
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Words, lay_out
from eventhub.registration.models import Registration
from eventhub.registration.own_texts import OwnText, own_text, reworded
from eventhub.registration.sample_letters import composes
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.links import link_to


def erased(registration: Registration) -> None:
    """Confirm to a participant that their data are erased."""
    enqueue(
        "erased",
        to_address=registration.email,
        to_name=registration.name,
        language=registration.language,
        dedupe_key=f"farewell:{registration.id}",
        edition_id=registration.edition_id,
        registration_id=registration.id,
    )


@renders("erased")
def _erased(message: OutboxMessage) -> Letter | None:
    edition = db.session.get(Edition, message.edition_id)
    if edition is None:
        return None
    series = edition.series
    with speaking(message.language, series.is_formal):
        sheet = lay_out(reworded(_words(edition), own_text(series.id, "erased"), edition))
    return letter_of(series, message, sheet, {})


@composes("erased")
def sample(edition: Edition, own: OwnText) -> Words:
    """Show how the confirmation reads that data are erased."""
    return reworded(_words(edition), own, edition)


def _words(edition: Edition) -> Words:
    return Words(
        subject=_("Your data are erased: %(title)s", title=edition.title),
        heading=_("Your data are erased"),
        preview=_("Name, address and message are gone."),
        lead=(_("You asked us to forget you as a participant of “%(edition)s”.", edition=heading(edition)),),
        fixed=(
            _("Your name, address, organisation, message and the mails to you are erased."),
            _("What stays is a number in the statistics that leads to nobody. Your personal link is void."),
            _("This is the last mail. Its address is erased as soon as the mail has left."),
        ),
        links=(
            Link(_("Privacy"), link_to("site.privacy")),
            Link(_("Imprint"), link_to("site.imprint")),
        ),
    )
