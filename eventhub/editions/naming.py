"""Short names in addresses, and those that pages of our own have taken."""

from __future__ import annotations

import re
import unicodedata

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
RESERVED_FOR_SERIES = frozenset(
    "accessibility accessibility-statement account api calendar certificates doctor events "
    "favicon feed feeds health healthz imprint invitations join mailbox manage metrics my new "
    "organisations people privacy readyz robots roles search series speaking sign-in sign-out "
    "sign-out-everywhere sitemap static subscriptions theme".split()
)
RESERVED_FOR_EDITIONS = frozenset(
    "ahead calendar delete edit editions feed hand-over history import new next notice numbers "
    "organisations questions several speakers subscribe subscribed team texts timed".split()
)
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "ł": "l"}
)


def slug_of(text: str, longest: int = 60) -> str:
    """Return a short name for an address made from a title, or an empty one where nothing is left."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-")


def renumbered(title: str, old: int | None, new: int | None) -> str:
    """Return the title with the number of the edition replaced where it names it as `#4`, else unchanged."""
    if old is None or new is None:
        return title
    return re.sub(rf"#(\s?){old}(?!\d)", lambda found: f"#{found[1]}{new}", title)
