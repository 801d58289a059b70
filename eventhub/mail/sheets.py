"""One layout for all mails, as text and as HTML, so that both always say the same.

What is equal for a crowd is laid out once; personal values stand in it as marks that are filled in for each
person. Marks are random per process, so nothing that people write can look like one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import current_app
from markupsafe import escape

from eventhub.web.languages import gettext as _
from eventhub.web.links import link_to

_SALT = secrets.token_hex(8)
_MARK = re.compile(rf"{_SALT}-([a-z_]+)-{_SALT}")
_LINK_LIKE = re.compile(r"://|@|\bwww\.|\w\.\w{2,}")
LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True)
class Link:
    """Words and where they lead; the text part shows both."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, a list and a link, of which any may be missing."""

    title: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """All that a mail says, from top to bottom."""

    subject: str
    heading: str
    lead: tuple[str, ...]
    """The introduction, one paragraph each."""
    own: str = ""
    """An introduction in Markdown that organisers have written, instead of ours."""
    fixed: tuple[str, ...] = ()
    """What stands below either introduction: deadlines and the like."""
    shared: Mapping[str, str] = field(default_factory=dict)
    """Values of marks that are the same for all readers."""
    news: tuple[str, ...] = ()
    """What changed, one point each."""
    preview: str = ""
    when: tuple[str, ...] = ()
    """The box with day, hours and place; its first line is the day."""
    join: Link | None = None
    button: Link | None = None
    small: str = ""
    """What is to know about the button's link."""
    ticket: str = ""
    """What is to know about the ticket, whose picture stands above it in the HTML."""
    sections: tuple[Section, ...] = ()
    farewell: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A laid out mail with gaps: literals and the names of personal values in turn."""

    subject: str
    text: tuple[str, ...] = field(repr=False)
    html: tuple[str, ...] = field(repr=False)

    def fill(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Return text and HTML for one person."""
        escaped = {name: str(escape(value)) for name, value in values.items()}
        return _filled(self.text, values), _filled(self.html, escaped)

    def outline(self) -> str:
        """Return the text with dots where each reader has something of their own."""
        return "…".join(self.text[::2])


def mark(name: str) -> str:
    """Return what stands for a personal value while a sheet is laid out."""
    return f"{_SALT}-{name}-{_SALT}"


def lay_out(words: Words) -> Sheet:
    """Lay out a mail in the language that is spoken now."""
    templates = current_app.jinja_env
    subject = _settled(words.subject, words.shared)
    words = replace(words, subject=subject)
    text = templates.get_template("mail/letter.txt").render(words=words)
    html = templates.get_template("mail/letter.html").render(words=words)
    escaped = {name: str(escape(value)) for name, value in words.shared.items()}
    text, html = _settled(text, words.shared), _settled(html, escaped)
    return Sheet(subject, tuple(_MARK.split(text)), tuple(_MARK.split(html)))


def legal_links() -> tuple[Link, ...]:
    """Return what stands at the end of every mail."""
    return Link(_("Privacy"), link_to("site.privacy")), Link(_("Imprint"), link_to("site.imprint"))


def _settled(text: str, values: Mapping[str, str]) -> str:
    """Fill in what is the same for all readers, and leave the other marks."""
    return _MARK.sub(lambda found: values.get(found[1], found[0]), text) if values else text


def _filled(pieces: tuple[str, ...], values: Mapping[str, str]) -> str:
    filled = list(pieces)
    for at in range(1, len(filled), 2):
        filled[at] = values[filled[at]]
    return "".join(filled)


def spoken_name(name: str) -> str:
    """Return a participant's name for a greeting, or nothing where mail programs would make a link of it."""
    tidy = " ".join(name.split())[:LONGEST_VALUE]
    return "" if _LINK_LIKE.search(tidy) else tidy
