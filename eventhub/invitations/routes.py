"""Registers the pages of invitations."""

from flask import Flask

from eventhub.invitations.views import pages


def init_app(app: Flask) -> None:
    """Add the pages to the application."""
    app.register_blueprint(pages)
