"""Registers the pages of speakers."""

from flask import Flask

from eventhub.engagements.views import pages


def init_app(app: Flask) -> None:
    """Add the pages to the application."""
    app.register_blueprint(pages)
