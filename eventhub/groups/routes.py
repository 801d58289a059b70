"""Registers the pages of groups."""

from flask import Flask

from eventhub.groups.views import pages


def init_app(app: Flask) -> None:
    """Add a participant's pages about teams to the application."""
    app.register_blueprint(pages)
