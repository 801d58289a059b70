"""The mail with a sign-in link."""

from __future__ import annotations

from dataclasses import replace

from flask import current_app

from eventhub import clock
from eventhub.accounts import queries
from eventhub.accounts.models import SignInLink
from eventhub.extensions import db
from eventhub.mail.composition import Letter, Mailbox
from eventhub.mail.letters import operators_letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Words, lay_out, legal_links
from eventhub.tokens import derive
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language, speaking
from eventhub.web.links import link_to


def sign_in_link(link: SignInLink) -> None:
    """Mail the link to its address; the worker drops the mail when nobody has an account there."""
    enqueue(
        "sign_in",
        to_address=link.email,
        language=language(),
        dedupe_key=f"sign_in:{link.id}",
        sign_in_link_id=link.id,
    )


@renders("sign_in")
def _sign_in(message: OutboxMessage) -> Letter | None:
    link = db.session.get(SignInLink, message.sign_in_link_id)
    if link is None or link.used_at is not None or link.expires_at <= clock.now():
        return None
    user = queries.user_by_email(link.email)
    if user is None or not user.active:
        return None
    with speaking(message.language):
        words = _words(link_to("accounts.follow", token=derive("sign-in", link.seed)))
        sheet = lay_out(words)
    return replace(operators_letter(message, sheet, {}), recipient=Mailbox(user.name, message.to_address))


def _words(url: str) -> Words:
    name = current_app.config["HOST"]
    return Words(
        subject=_("Sign in to %(name)s", name=name),
        preview=_("The link works once and for 15 minutes."),
        heading=_("Sign in"),
        lead=(
            _("Open this link in the browser in which you asked for it. It works once and for 15 minutes."),
        ),
        button=Link(_("Sign in now"), url),
        small=_("In another browser the link shows a code to type in instead."),
        footer=(_("You didn’t ask for this? Then ignore this mail; nobody gets in without the link."),),
        links=legal_links(),
    )
