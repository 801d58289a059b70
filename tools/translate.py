"""Takes new texts into the catalogues, drops those that are gone, and lists what is still untranslated."""

import sys
from dataclasses import replace

from tools.catalogues import DOMAINS, Catalogue, Message, extract, load, path_of, save
from tools.translations import faults


def renewed(texts: list[Message], known: Catalogue, *, sparse: bool) -> list[Message]:
    """Carry the translations of known texts over; a sparse catalogue holds only what it overrides."""
    result = []
    for text in texts:
        old = known.get(text.key)
        if old and bool(old.plural) == bool(text.plural):
            result.append(replace(text, translations=old.translations))
        elif not sparse:
            result.append(text)
    return result


def main() -> int:
    """Renew both catalogues; what is missing is told, not an error: that is the lint's part."""
    texts = extract()
    for domain in DOMAINS:
        save(path_of(domain), renewed(texts, load(path_of(domain)), sparse=domain == "formal"))
    for fault in sorted(faults(texts, load(path_of("messages")), load(path_of("formal")))):
        print(fault)
    return 0


if __name__ == "__main__":
    sys.exit(main())
