"""Checks that the German catalogues are complete, agree with their texts, and know both forms of address."""

import re
import sys
from collections.abc import Iterable, Iterator

from tools.catalogues import Catalogue, Message, extract, load, path_of

PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
IMPERATIVES = (
    "achte|ändere|beantworte|bestätige|bringe|drücke|ergänze|erstelle|fülle|füge|gib|gehe|klicke|komm|"
    "kontaktiere|kopiere|korrigiere|kürze|leg|lies|lösche|melde|nenne|nimm|notiere|nutze|öffne|probiere|"
    "prüfe|registriere|schau|schließe|schreib|schreibe|setze|sieh|speichere|sprich|stelle|trag|"
    "verschiebe|versuche|versuch|verwende|vergib|veröffentliche|wähle|warte|wechsle|wende|wirf|zeige|"
    "ziehe"
)
# at the start of a sentence these are more often nouns: „Suche“, „Antworten“, „Teile des Programms“
NOUNS_TOO = "suche|teile|lade|lege|schicke|trage|antworte|folge"
INFORMAL = re.compile(
    r"\b[Dd](?:u|ir|ich|ein(?:e[mnrs]?)?)\b|\b[Ee]u(?:ch|er|re[mnrs]?|erem|eren)\b"
    rf"|\b[Bb]itte (?:{IMPERATIVES}|{NOUNS_TOO})\b"
    rf"|(?:^|[.!?:–] )(?=[A-ZÄÖÜ])(?i:{IMPERATIVES})\b"
)


def addresses_informally(german: str) -> bool:
    """Tell whether a German text says du to its reader."""
    return INFORMAL.search(german) is not None


def faults(texts: Iterable[Message], messages: Catalogue, formal: Catalogue) -> Iterator[str]:
    """Name every text that is missing, left over, or wrongly translated."""
    used = {text.key: text for text in texts}
    for key, text in used.items():
        message = messages.get(key)
        if message is None or not message.complete or bool(message.plural) != bool(text.plural):
            yield f"untranslated: {_named(text)}"
        elif any(map(addresses_informally, message.translations)) and key not in formal:
            yield f"has no Sie-form: {_named(text)}"
    for domain, catalogue in (("messages", messages), ("formal", formal)):
        yield from (
            f"{domain}: no longer used: {_named(catalogue[key])}" for key in catalogue.keys() - used.keys()
        )
        for message in catalogue.values():
            yield from (f"{domain}: {fault}: {_named(message)}" for fault in faults_of_one(message))
    yield from _informal_in(formal, messages)


def _informal_in(formal: Catalogue, messages: Catalogue) -> Iterator[str]:
    for key, message in formal.items():
        if not message.complete:
            yield f"formal: empty: {_named(message)}"
        # the same words in both say that the text names the du-form and does not use it
        elif any(map(addresses_informally, message.translations)) and message != messages.get(key):
            yield f"formal: says du: {_named(message)}"


def faults_of_one(message: Message) -> Iterator[str]:
    """Compare placeholders and per cent signs of a text with those of its translations."""
    originals = [message.msgid, message.plural or message.msgid]
    for number, translation in enumerate(message.translations):
        if not translation:
            continue
        original = originals[min(number, 1)]
        wanted, found = set(PLACEHOLDER.findall(original)), set(PLACEHOLDER.findall(translation))
        # "one place" needs no number, and may have one
        spare = {"num"} if message.plural and number == 0 else set[str]()
        if wanted - spare != found - spare:
            yield f"placeholders differ in “{translation}”"
        if ("%" in PLACEHOLDER.sub("", original)) != ("%" in PLACEHOLDER.sub("", translation)):
            yield f"per cent signs differ in “{translation}”"


def _named(message: Message) -> str:
    return f"“{message.msgid}”" + (f" ({message.places[0]})" if message.places else "")


def main() -> int:
    """Check the catalogues of the project."""
    found = sorted(faults(extract(), load(path_of("messages")), load(path_of("formal"))))
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
