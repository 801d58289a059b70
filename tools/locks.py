"""Checks the lock files: every package has hashes, no file names an address, and they agree."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools import ROOT

FILES = (
    "requirements.txt",
    "requirements-production.txt",
    "requirements-documents.txt",
    "requirements-dev.txt",
)
MOST_AT_RUN_TIME = 45
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z0-9,_-]+\])?==([^ ;\\]+)", re.MULTILINE)
ADDRESS = re.compile(r"https?:|file:|--(?:extra-)?index|--find-links|\s@\s")


def pins(text: str) -> dict[str, str]:
    """Return the version of every package that a lock file names."""
    return dict(PIN.findall(text))


def faults(texts: dict[str, str]) -> Iterator[str]:
    """Name whatever is wrong with lock files, given by name; the first is what runs, the last holds all."""
    *_, everything = texts.values()
    known = pins(everything)
    for name, text in texts.items():
        yield from _faults_of_one(name, text)
        for package, version in pins(text).items():
            if known.get(package) != version:
                yield f"{name}: {package} {version} is not what the developers' lock file says; run make lock"
    count = len(pins(next(iter(texts.values()))))
    if count > MOST_AT_RUN_TIME:
        yield f"{count} packages at run time, more than the {MOST_AT_RUN_TIME} we allow ourselves"


def _faults_of_one(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if ADDRESS.search(line):
            yield f"{name}:{number}: names an address"
    for block in re.split(r"\n(?=\S)", text):
        if PIN.match(block) and "--hash=sha256:" not in block:
            yield f"{name}: {block.split()[0]} has no hash"


def main() -> int:
    """Check the lock files of the project."""
    found = list(faults({name: Path(ROOT, name).read_text(encoding="utf-8") for name in FILES}))
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
