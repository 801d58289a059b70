"""Registers the pages of subscriptions."""

from flask import Flask

from eventhub.subscriptions.views import pages


def init_app(app: Flask) -> None:
    """Add the pages to the application."""
    app.register_blueprint(pages)
