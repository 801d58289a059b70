"""Registers the pages of own calendars."""

from flask import Flask

from eventhub.own_calendars.views import pages


def init_app(app: Flask) -> None:
    """Add the pages to the application."""
    app.register_blueprint(pages)
