"""Registers what programs read."""

from flask import Flask

from eventhub.api.views import pages


def init_app(app: Flask) -> None:
    """Add the addresses of this feature to the application."""
    app.register_blueprint(pages)
