"""Checks and chores of the project; `make` calls them, nothing in eventhub imports them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
