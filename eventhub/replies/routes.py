"""Registers the pages of replies."""

from flask import Flask

from eventhub.replies.views import pages


def init_app(app: Flask) -> None:
    """Add the pages of this feature to the application."""
    app.register_blueprint(pages)
