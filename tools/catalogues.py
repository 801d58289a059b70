"""The texts of code and templates, and the translation catalogues that must hold them.

`messages` is the German catalogue in the du-form; `formal` overrides those texts that address the reader, for
series that say Sie.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polib
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from tools import ROOT

DOMAINS = ("messages", "formal")
Key = tuple[str, str | None]
LANGUAGE = "de"
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None, "lazy_ngettext": (1, 2), "_l": None}
HEADER = {
    "Language": LANGUAGE,
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}


@dataclass(frozen=True)
class Message:
    """One text with, in a catalogue, its translations: one, or one for each plural form."""

    msgid: str
    plural: str | None = None
    context: str | None = None
    translations: tuple[str, ...] = ()
    fuzzy: bool = False
    places: tuple[str, ...] = field(default=(), compare=False)

    @property
    def key(self) -> Key:
        return self.msgid, self.context

    @property
    def complete(self) -> bool:
        return bool(self.translations) and all(self.translations) and not self.fuzzy


Catalogue = dict[Key, Message]


def extract(root: Path = ROOT) -> list[Message]:
    """Find every translatable text below a folder, as its babel.cfg says, sorted by text."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, filename="babel.cfg")  # type: ignore[no-untyped-call]
    found: Catalogue = {}
    for name, line, text, _comments, context in extract_from_dir(root, methods, options, KEYWORDS):
        msgid, plural = (text[0], text[1]) if isinstance(text, tuple) else (text, None)
        if not msgid:
            continue
        known = found.get((msgid, context))
        places = (*(known.places if known else ()), f"{name}:{line}")
        plural = plural or (known.plural if known else None)
        found[msgid, context] = Message(msgid, plural, context, places=places)
    return sorted(found.values(), key=lambda message: (message.msgid, message.context or ""))


def path_of(domain: str, root: Path = ROOT) -> Path:
    """Return where a catalogue lies."""
    return root / "eventhub" / "translations" / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"


def load(path: Path) -> Catalogue:
    """Read a catalogue; one that does not exist is empty."""
    if not path.exists():
        return {}
    return {message.key: message for message in map(_message, polib.pofile(str(path))) if message.msgid}


def _message(entry: polib.POEntry) -> Message:
    plural = entry.msgid_plural or None
    translations = (
        tuple(entry.msgstr_plural[number] for number in sorted(entry.msgstr_plural))
        if plural
        else (entry.msgstr,)
    )
    return Message(entry.msgid, plural, entry.msgctxt, translations, entry.fuzzy or bool(entry.obsolete))


def save(path: Path, messages: Iterable[Message]) -> None:
    """Write a catalogue without places and dates, so that it changes only where a text changes."""
    catalogue = polib.POFile(wrapwidth=100)
    catalogue.metadata = HEADER
    for message in messages:
        entry = polib.POEntry(msgid=message.msgid, msgctxt=message.context)
        if "%(" in message.msgid:
            entry.flags = ["python-format"]
        if message.plural:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = dict(enumerate(message.translations or ("", "")))
        else:
            entry.msgstr = "".join(message.translations[:1])
        catalogue.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
