"""Registers the pages of accounts."""

from flask import Flask

from eventhub.accounts import sessions
from eventhub.accounts.views import pages


def init_app(app: Flask) -> None:
    """Add the pages of this feature to the application."""
    sessions.init_app(app)
    app.register_blueprint(pages)
