"""Markdown of organisers and operators as safe HTML."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = set("p br strong em a ul ol li blockquote h1 h2 h3 h4 h5 h6 hr code pre".split())
ATTRIBUTES = {"a": {"href"}, **{f"h{level}": {"id"} for level in range(1, 7)}}
SCHEMES = ("http://", "https://", "mailto:")
RELATION = "nofollow noopener"
NAMED = re.compile(r"\s*\{#([a-z][a-z0-9-]*)\}\s*$")
TAG = re.compile(r"<[^>]*>")
LOCAL = re.compile(r"^(#|/(?![/\\]))[^\x00-\x20\\]*$")

_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


@lru_cache(maxsize=2048)
def rich_text(source: str, top: int = 3) -> Markup:
    """Return the text as HTML whose highest headings are `<h3>`, or of the level `top`.

    Only links to http, https, mailto and pages of our own stay; a heading `Report {#report}` gets that id.
    """
    tokens = _markdown.parse(source)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrs |= _identity(tokens[at + 1])
        if token.type.startswith("heading_"):
            token.tag = f"h{min(6, int(token.tag[1:]) + top - 1)}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return Markup(_cleaned(html))  # noqa: S704  # cleaned by nh3


def _identity(inline: Token) -> dict[str, str | int | float]:
    """Take `{#name}` off the end of a heading and return it as its id."""
    last = inline.children[-1] if inline.children else None
    found = NAMED.search(last.content) if last and last.type == "text" else None
    if last is None or found is None:
        return {}
    last.content = last.content[: found.start()]
    return {"id": found[1]}


def _cleaned(html: str) -> str:
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, attribute_filter=_kept_attribute, link_rel=RELATION
    )


def _kept_attribute(_tag: str, name: str, value: str) -> str | None:
    if name != "href" or value.lower().startswith(SCHEMES) or LOCAL.match(value):
        return value
    return None


@lru_cache(maxsize=2048)
def plain_text(source: str, length: int = 300) -> str:
    """Return the words of a Markdown text in one line, cut at a word where they exceed `length`."""
    words = " ".join(unescape(TAG.sub(" ", rich_text(source))).split())
    if len(words) <= length:
        return words
    return f"{words[:length].rsplit(maxsplit=1)[0]} …"


def init_app(app: Flask) -> None:
    """Offer both to templates."""
    app.jinja_env.filters["rich_text"] = rich_text
    app.jinja_env.filters["plain_text"] = plain_text
