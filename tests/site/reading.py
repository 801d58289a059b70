"""Reads a page as a browser would, and refuses one that is not sound."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
SHAPES = frozenset("circle line path rect use".split())
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass
class Page:
    """What a test asks about a page."""

    text: str = ""
    title: str = ""
    language: str = ""
    ids: list[str] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    headings: list[tuple[int, str]] = field(default_factory=list)
    foreign: dict[str, str] = field(default_factory=dict)
    """Headings in another language than the page, by text."""
    data: Any = None
    targets: list[str] = field(default_factory=list)

    def says(self, words: str) -> bool:
        return words in self.text

    def has_link(self, target: str) -> bool:
        return target in self.targets


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.heading: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert len(given) == len(attrs), f"<{tag}> has an attribute twice"
        assert "style" not in given, f"<{tag}> has a style"
        assert not any(name.startswith("on") for name in given), f"<{tag}> has a handler"
        self._note(tag, given)
        if tag not in VOID and tag not in SHAPES:
            self.open.append((tag, given))
        if tag in HEADINGS:
            self.heading = []
        self.words.append(" ")

    def _note(self, tag: str, given: dict[str, str]) -> None:
        page = self.page
        if "id" in given:
            assert given["id"] not in page.ids, f"the id {given['id']} stands twice"
            page.ids.append(given["id"])
        if tag == "html":
            page.language = given["lang"]
        if tag == "meta":
            page.meta[given.get("name") or given.get("property", "")] = " ".join(
                given.get("content", "").split()
            )
        if tag == "a":
            page.targets.append(given["href"])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in SHAPES:
            return
        assert self.open, f"</{tag}> closes nothing"
        last, given = self.open.pop()
        assert last == tag, f"</{tag}> closes <{last}>"
        if tag in HEADINGS:
            text = " ".join("".join(self.heading).split())
            self.page.headings.append((int(tag[1]), text))
            if given.get("lang", self.page.language) != self.page.language:
                self.page.foreign[text] = given["lang"]

    def handle_data(self, data: str) -> None:
        tag, given = self.open[-1] if self.open else ("", {})
        if tag == "script":
            assert given.get("type") == "application/ld+json", "a script stands in the page"
            self.page.data = json.loads(data)
        elif tag == "title":
            self.page.title += data
        else:
            self.words.append(data)
            self.heading.append(data)


def read(html: str) -> Page:
    """Return what a page holds; fails where its HTML is not sound."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, f"never closed: {reader.open}"
    page = reader.page
    page.text = " ".join("".join(reader.words).split())
    assert sum(level == 1 for level, _ in page.headings) == 1
    _check_outline([level for level, _ in page.headings])
    page.title = " ".join(page.title.split())
    assert page.title
    for target in page.targets:
        if target.startswith("#"):
            assert target[1:] in page.ids, f"{target} leads nowhere"
    return page


def _check_outline(levels: list[int]) -> None:
    for above, level in pairwise(levels):
        assert level <= above + 1, f"h{level} follows h{above}"
