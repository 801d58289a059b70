"""Registers the pages of privacy."""

from flask import Flask

from eventhub.privacy.views import pages


def init_app(app: Flask) -> None:
    """Add the pages of this feature to the application."""
    app.register_blueprint(pages)
