"""What subscribers are told: the question whether they want it, and that the next edition is open."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import current_app
from sqlalchemy import String, cast, literal, select

from eventhub import clock, tokens
from eventhub.editions.entries import heading
from eventhub.editions.letters import letter_of
from eventhub.editions.models import Edition, Series
from eventhub.editions.phrases import dated, organisers, when_and_where
from eventhub.editions.rules import Window, window
from eventhub.extensions import db
from eventhub.mail.composition import Letter, Subscribed
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue, enqueue_all
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Sheet, Words, lay_out, legal_links, mark
from eventhub.registration.own_texts import OwnText, own_text, reworded
from eventhub.registration.sample_letters import composes
from eventhub.subscriptions.models import Subscription
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.links import link_to

EXTENSION = "eventhub.subscriptions"
MOST_SHEETS = 50
NEWS = "next_edition"


def ask(subscription: Subscription) -> None:
    """Mail the link by which somebody says yes, or leaves."""
    enqueue(
        "subscription",
        to_address=subscription.email,
        language=subscription.language,
        dedupe_key=f"subscription:{subscription.id}:{subscription.asked}",
        subscription_id=subscription.id,
    )


def next_edition(edition: Edition) -> None:
    """Tell everybody who has confirmed. The mails name no edition in their rows: its team sees no address."""
    readers = select(Subscription).where(
        Subscription.series_id == edition.series_id, Subscription.confirmed_at.is_not(None)
    )
    enqueue_all(
        NEWS,
        readers,
        dedupe_key=literal(f"{NEWS}:{edition.id}:") + cast(Subscription.id, String),
        to_name=literal(""),
        to_address=Subscription.email.expression,
        language=Subscription.language.expression,
        facts={"edition": edition.id},
        subscription_id=Subscription.id.expression,
    )


@renders("subscription")
def subscription_letter(message: OutboxMessage) -> Letter | None:
    """Write the question, or what to do for somebody who has said yes before."""
    found = db.session.get(Subscription, message.subscription_id)
    if found is None:
        return None
    series, compose = found.series, _question if found.confirmed_at is None else _known
    with speaking(message.language, series.is_formal):
        own = own_text(series.id, "subscription" if found.confirmed_at is None else "subscribed")
        sheet = lay_out(reworded(compose(series), own, series))
    return _letter(message, found, sheet)


@renders(NEWS)
def next_edition_letter(message: OutboxMessage) -> Letter | None:
    """Write that an edition is open; None where it no longer is, or the reader has left."""
    found = db.session.get(Subscription, message.subscription_id)
    edition = db.session.get(Edition, message.facts["edition"])
    if found is None or edition is None or window(edition, clock.now()) is not Window.OPEN:
        return None
    return _letter(message, found, _shared_sheet(edition, message.language))


def _letter(message: OutboxMessage, subscription: Subscription, sheet: Sheet) -> Letter:
    series = subscription.series
    token = tokens.derive("subscription", subscription.token_seed)
    moment = times.day_long((subscription.confirmed_at or subscription.created_at).date())
    subscribed = Subscribed(series.title, _list_of(series), link_to("subscriptions.leave", token=token))
    letter = letter_of(series, message, sheet, {"token": token, "moment": moment})
    return replace(letter, subscribed=subscribed)


def _shared_sheet(edition: Edition, language: str) -> Sheet:
    """Lay the mail out once for all who read the same."""
    kept: dict[tuple[object, ...], Sheet] = current_app.extensions.setdefault(EXTENSION, {})
    series = edition.series
    with speaking(language, series.is_formal):
        own = own_text(series.id, NEWS)
        key = (edition.id, edition.version, series.updated_at, language, own)
        if key not in kept:
            if len(kept) >= MOST_SHEETS:
                kept.clear()
            kept[key] = lay_out(news(edition, own))
        return kept[key]


# words -------------------------------------------------------------------------------------------------


@composes("subscription")
def question_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the question reads whether somebody wants news."""
    return reworded(_question(edition.series), own, edition.series)


@composes("subscribed")
def known_sample(edition: Edition, own: OwnText) -> Words:
    """Show what somebody reads who has said yes before."""
    return reworded(_known(edition.series), own, edition.series)


def _question(series: Series) -> Words:
    return _words(
        series,
        subject=_("One more step: news about %(series)s", series=series.title),
        title=_("Do you want to hear about the next edition?"),
        lead=(
            _(
                "Somebody, probably you, wants this address to hear about the next edition of “%(series)s”.",
                series=series.title,
            ),
        ),
        fixed=(
            _("Say yes, and you get one mail for each new edition. Without a yes we forget it in 7 days."),
        ),
        button=Link(_("Yes, write to me"), own_link()),
        footer=(_("That wasn’t you? Then ignore this mail; nothing more will come."),),
    )


def _known(series: Series) -> Words:
    return _words(
        series,
        subject=_("You are on the list: news about %(series)s", series=series.title),
        title=_("You are on the list already"),
        lead=(
            _(
                "As soon as the next edition of “%(series)s” opens its registration, you get a mail.",
                series=series.title,
            ),
        ),
        button=Link(_("Look at it or unsubscribe"), own_link()),
        footer=(_("Somebody, probably you, gave this address once more."),),
    )


@composes(NEWS)
def news(edition: Edition, own: OwnText) -> Words:
    """Say that people can register, in the organisers' words if they have written any."""
    series = edition.series
    words = _words(
        series,
        subject=_("Registration is open: %(edition)s", edition=dated(edition)),
        title=_("%(edition)s: registration is open", edition=edition.title),
        lead=(_("You can register for “%(edition)s” now.", edition=heading(edition)),),
        when=when_and_where(edition),
        button=Link(
            _("To the registration"),
            link_to("registration.register", series=series.slug, edition=edition.key),
        ),
        farewell=(organisers(edition),),
        footer=(
            _(
                "You get this mail because you asked on %(day)s for news about %(series)s.",
                day=mark("moment"),
                series=series.title,
            ),
        ),
    )
    return reworded(words, own, edition)


def _words(
    series: Series,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...],
    fixed: tuple[str, ...] = (),
    button: Link,
    footer: tuple[str, ...],
    when: tuple[str, ...] = (),
    farewell: tuple[str, ...] = (),
) -> Words:
    return Words(
        subject=subject,
        heading=title,
        lead=lead,
        fixed=fixed,
        when=when,
        button=button,
        farewell=farewell or (series.title,),
        footer=footer,
        links=(Link(_("Unsubscribe"), own_link()), *legal_links()),
    )


def own_link() -> str:
    """Return the address of the reader's own page, where they confirm and leave."""
    return link_to("subscriptions.show", token=mark("token"))


def _list_of(series: Series) -> str:
    """Return what programs know the list by (RFC 2919); a host may be an address of the network."""
    host = re.sub(r"[^A-Za-z0-9.-]+", "-", str(current_app.config["HOST"])).strip("-.")
    return f"{series.slug}.{host}"
