"""Registers the page behind the personal link for joining."""

from flask import Flask

from eventhub.presence.views import pages


def init_app(app: Flask) -> None:
    """Add the page to the application."""
    app.register_blueprint(pages)
