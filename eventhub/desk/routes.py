"""Registers the organiser's pages."""

from importlib import import_module

from flask import Flask

from eventhub.desk.blueprint import may_open, pages
from eventhub.desk.needs import require_declared

PAGES = (
    "dashboard",
    "series",
    "editions",
    "life",
    "several",
    "ahead",
    "calendar_import",
    "notice",
    "mails",
    "mail_texts",
    "messages",
    "timed_mails",
    "received",
    "history",
    "registrations",
    "capacity",
    "held_back",
    "answers",
    "numbers",
    "signups",
    "check_in",
    "printing",
    "groups",
    "companions",
    "teams",
    "questionnaires",
    "invitations",
    "privacy",
    "agenda",
    "agenda_copies",
    "agenda_moves",
    "agenda_tables",
    "agenda_paste",
    "agenda_shift",
    "agenda_start",
    "agenda_versions",
    "places",
    "speakers",
    "engagements",
    "organisations",
    "team",
    "members",
)
"""Modules of this package that add their pages to the blueprint."""


def init_app(app: Flask) -> None:
    """Add the pages of this feature to the application."""
    for name in PAGES:
        import_module(f"eventhub.desk.{name}")
    app.register_blueprint(pages)
    require_declared(app)
    app.jinja_env.globals["may_open"] = may_open
