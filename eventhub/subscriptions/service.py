"""Subscribing with a second yes, leaving with one click, and telling subscribers of an open registration."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from eventhub import clock, tokens
from eventhub.database import lock
from eventhub.editions.models import Edition, Series
from eventhub.editions.rules import Window, window
from eventhub.extensions import db
from eventhub.registration.rules import address_key
from eventhub.subscriptions import mails, queries
from eventhub.subscriptions.models import EditionNotice, Subscription

PURPOSE = "subscription"
UNCONFIRMED_FOR = timedelta(days=7)
ON_ITS_WAY = timedelta(minutes=2)
"""So long nobody gets the link once more, however often they ask."""


def subscribe(series: Series, email: str, language: str) -> None:
    """Ask the owner of an address whether they want this; who has confirmed before gets their link again."""
    lock(series)
    known = queries.by_address(series, email)
    if known is None:
        mails.ask(_new(series, email, language))
    elif clock.now() - known.asked_at >= ON_ITS_WAY:
        known.asked += 1
        known.asked_at = clock.now()
        known.language = language
        mails.ask(known)


def confirm(subscription: Subscription) -> None:
    """Say yes: from now on; what is open already stands on the page they came from."""
    lock(subscription.series)
    if subscription.confirmed_at is not None:
        return
    for edition in queries.untold_editions(clock.now(), subscription.series_id):
        tell_of(edition)
    subscription.confirmed_at = clock.now()


def leave(subscription: Subscription) -> None:
    """Forget the address, and the mails to it along with it."""
    db.session.delete(subscription)


def tell_of(edition: Edition) -> bool:
    """Write to all subscribers of the series that the edition takes registrations, once."""
    lock(edition.series)
    known = db.session.get(EditionNotice, edition.id)
    if known is not None or window(edition, clock.now()) is not Window.OPEN:
        return False
    db.session.add(EditionNotice(edition_id=edition.id))
    mails.next_edition(edition)
    return True


def forget_unconfirmed() -> None:
    """Delete addresses whose owners never said yes; the mails to them go along."""
    db.session.execute(
        delete(Subscription)
        .where(Subscription.confirmed_at.is_(None), Subscription.asked_at < clock.now() - UNCONFIRMED_FOR)
        .execution_options(synchronize_session=False)
    )


def token_of(subscription: Subscription) -> str:
    return tokens.derive(PURPOSE, subscription.token_seed)


def _new(series: Series, email: str, language: str) -> Subscription:
    seed = tokens.new_seed()
    found = Subscription(
        series=series,
        email=email,
        email_key=address_key(email),
        language=language,
        token_seed=seed,
        token_hash=tokens.fingerprint(tokens.derive(PURPOSE, seed)),
        asked=1,
    )
    db.session.add(found)
    db.session.flush()  # the mail names its key
    return found
