"""Imprint, privacy and accessibility statement: Markdown files that the operator may replace."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from eventhub.web.languages import language

DEFAULTS = Path(__file__).parent / "legal"
PAGES = ("imprint", "privacy", "accessibility")


def legal_text(page: str) -> tuple[str, str]:
    """Return title and Markdown of a page in the language of the visitor."""
    title, _newline, text = _source(page).read_text("utf-8").lstrip("\ufeff").partition("\n")
    return title.lstrip("# ").strip(), text


def _source(page: str) -> Path:
    """Prefer the operator's files, and there the language of the visitor; ours are complete."""
    own = Path(current_app.instance_path) / "pages"
    spoken = language()
    other = "en" if spoken == "de" else "de"
    for file in (own / f"{page}.{spoken}.md", own / f"{page}.{other}.md"):
        if file.is_file():
            return file
    return DEFAULTS / f"{page}.{spoken}.md"
