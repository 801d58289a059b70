"""What the notices to organisers say."""

from __future__ import annotations

from eventhub.editions.entries import heading
from eventhub.editions.models import Edition
from eventhub.editions.phrases import dated as _dated
from eventhub.editions.phrases import when_and_where as _when
from eventhub.mail.sheets import Link, Words
from eventhub.mail.sheets import legal_links as _legal_links
from eventhub.registration.passages import Occasion, desk_link
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext


def _full(occasion: Occasion) -> Words:
    edition = occasion.edition
    taken = ngettext("The place is taken.", "All %(num)s places are taken.", edition.capacity or 0)
    return _to_organisers(
        occasion,
        subject=_("Sold out: %(edition)s", edition=_dated(edition)),
        title=_("%(edition)s is sold out", edition=edition.title),
        lead=(taken,),
        fixed=(_("Whoever registers now goes onto the waitlist and moves up when a place opens up."),),
        button=Link(_("Open the registrations"), desk_link("desk.registrations", edition)),
    )


def _mail_failed(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _to_organisers(
        occasion,
        subject=_("A mail did not arrive: %(edition)s", edition=_dated(edition)),
        title=_("A mail did not arrive"),
        lead=(_("A mail to somebody registered for “%(edition)s” was refused.", edition=heading(edition)),),
        fixed=(_("The list of mails shows the reason. There you can send it again."),),
        button=Link(_("Open the list of mails"), desk_link("desk.mails", edition)),
    )


def _unreachable(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _to_organisers(
        occasion,
        subject=_("An address takes no mail: %(edition)s", edition=_dated(edition)),
        title=_("An address takes no mail"),
        lead=(
            _(
                "The address of somebody registered for “%(edition)s” takes no mail.",
                edition=heading(edition),
            ),
        ),
        fixed=(_("Nothing more is sent there until it is corrected. Their page shows why."),),
        button=_button_to(occasion.facts.get("registration"), edition),
    )


def _button_to(registration_id: int | None, edition: Edition) -> Link:
    if registration_id is None:  # as in notices of former versions
        return Link(_("Open the registrations"), desk_link("desk.registrations", edition))
    return Link(
        _("Open the registration"), desk_link("desk.registration", edition, registration=registration_id)
    )


def _mail_came(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _to_organisers(
        occasion,
        subject=_("Mail to read: %(edition)s", edition=_dated(edition)),
        title=_("There is mail to read"),
        lead=(
            _(
                "Somebody has written about “%(edition)s”, or wishes another time.",
                edition=heading(edition),
            ),
        ),
        fixed=(_("At most one such notice comes a day; the page shows everything."),),
        button=Link(_("Open what came in by mail"), desk_link("desk.received", edition)),
    )


def _to_organisers(
    occasion: Occasion,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...],
    fixed: tuple[str, ...],
    button: Link,
) -> Words:
    return Words(
        subject=subject,
        heading=title,
        lead=lead,
        fixed=fixed,
        when=_when(occasion.edition)[:1],
        button=button,
        footer=(_("You get this mail because you organise this meeting."),),
        links=_legal_links(),
    )


NOTICES = {
    "full": _full,
    "mail_failed": _mail_failed,
    "unreachable": _unreachable,
    "mail_came": _mail_came,
}
