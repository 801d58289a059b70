"""What organisers may write in braces in mails of their own, such as `{name}`.

Never `str.format` for it, which reads attributes of values.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from eventhub.mail.sheets import mark

SHARED = ("edition", "series", "date", "place", "organisers", "contact")
"""The same for all readers, so that subjects may have them too."""
PERSONAL = ("name", "code")
_BRACES = re.compile(r"\{([^{}\n]{0,60})\}")
_NAME = re.compile(r" ?\{name\}")


def unknown(text: str, allowed: Collection[str]) -> list[str]:
    """Return what stands in braces and is not allowed there, each once, in its order."""
    return list(dict.fromkeys(name for name in _BRACES.findall(text) if name not in allowed))


def marked(text: str) -> str:
    """Return the text with marks instead; a name takes the space before it along: not everybody has one."""
    text = _NAME.sub(lambda found: mark("spaced_name" if found[0][0] == " " else "name"), text)
    return _BRACES.sub(lambda found: mark(found[1]), text)
