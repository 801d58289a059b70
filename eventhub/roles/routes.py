"""Registers the page behind the mailed link."""

from flask import Flask

from eventhub.roles.views import pages


def init_app(app: Flask) -> None:
    """Add the pages of this feature to the application."""
    app.register_blueprint(pages)
