"""Mails as organisers look at them before anybody gets one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flask import flash
from flask_login import current_user

from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.editions.queries import last_edition
from eventhub.errors import RuleBroken
from eventhub.mail.sheets import Sheet
from eventhub.registration.own_texts import OwnText
from eventhub.registration.sample_letters import sample, sample_values, send_sample
from eventhub.web.languages import LANGUAGES, speaking
from eventhub.web.languages import gettext as _


class Shown(NamedTuple):
    """A mail in one language, as its text part."""

    language: str
    name: str
    subject: str
    text: str


def shown(language: str, sheet: Sheet) -> Shown:
    """Return a mail with dots where each reader has something of their own."""
    return Shown(language, LANGUAGES[language], sheet.subject, sheet.outline())


def filled_in(series: Series, kind: str, texts: Mapping[str, OwnText]) -> list[Shown]:
    """Return a mail in each language, about the latest edition and to whoever looks at it."""
    edition = last_edition(series)
    if edition is None:
        return []
    found = []
    for spoken, text in texts.items():
        sheet = sample(edition, kind, spoken, text)
        with speaking(spoken):
            words, _html = sheet.fill(sample_values(edition, current_user.name))
        found.append(Shown(spoken, LANGUAGES[spoken], sheet.subject, words))
    return found


def send_to_me(series: Series, kind: str, spoken: str, text: OwnText) -> None:
    """Mail the words as typed to whoever looks at them; nothing else is kept."""
    edition = last_edition(series)
    if edition is None:
        raise RuleBroken(_("As soon as there is an edition, mails can be shown with its data."))
    with transaction():
        send_sample(edition, kind, spoken, text, current_user)
    flash(_("The sample is on its way to %(address)s.", address=current_user.email), "ok")
