"""Registers the page behind the personal link for joining, and those about certificates."""

from flask import Flask

from eventhub.presence import certificate_views, views


def init_app(app: Flask) -> None:
    """Add the pages to the application."""
    app.register_blueprint(views.pages)
    app.register_blueprint(certificate_views.pages)
