"""Writes the next numbered migration from what the models say and the migrations lack."""

import sys
import tempfile
from pathlib import Path

import flask_migrate

from tools.migrations import application, heads


def next_number(newest: list[str]) -> str:
    """Return the number after the newest revision, with four digits."""
    return f"{max((int(number) for number in newest), default=0) + 1:04}"


def main(message: str) -> int:
    """Bring an empty database up to date and write what is still missing."""
    with tempfile.TemporaryDirectory() as folder, application(Path(folder)).app_context():
        flask_migrate.upgrade()
        flask_migrate.migrate(message=message, rev_id=next_number(heads()))
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
