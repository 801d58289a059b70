"""Registers the pages of sign-ups."""

from flask import Flask

from eventhub.signups.views import pages


def init_app(app: Flask) -> None:
    """Add a participant's pages about their sessions to the application."""
    app.register_blueprint(pages)
