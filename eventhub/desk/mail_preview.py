"""Mails as organisers look at them before anybody gets one."""

from __future__ import annotations

from typing import NamedTuple

from eventhub.mail.sheets import Sheet
from eventhub.web.languages import LANGUAGES


class Shown(NamedTuple):
    """A mail in one language, as its text part."""

    language: str
    name: str
    subject: str
    text: str


def shown(language: str, sheet: Sheet) -> Shown:
    """Return a mail with dots where each reader has something of their own."""
    return Shown(language, LANGUAGES[language], sheet.subject, sheet.outline())
