"""Short names for addresses, made of titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

LONGEST = 60
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "²": "2"})

RESERVED = frozenset(
    {"accessibility", "feed", "imprint", "mailbox", "manage", "my", "privacy", "robots", "sitemap", "static"}
)
"""First parts of addresses that are no series."""


def is_slug(text: str) -> bool:
    return bool(_SLUG.fullmatch(text))


def slug_of(title: str, otherwise: str) -> str:
    """Return a slug for a title, cut between words; `otherwise` where no letter is left."""
    plain = unicodedata.normalize("NFKD", title.lower().translate(_GERMAN))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode("ascii"))
    slug = "-".join(words)
    if len(slug) > LONGEST:
        slug = slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
    return slug or otherwise


def free_slug(slug: str, taken: Container[str]) -> str:
    """Return the slug, with a number behind it where it is taken."""
    number, free = 1, slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free
