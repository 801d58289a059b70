"""Registers the pages of groups."""

from importlib import import_module

from flask import Flask

from eventhub.groups.views import pages


def init_app(app: Flask) -> None:
    """Add a participant's pages about teams, and about wishes for groups, to the application."""
    import_module("eventhub.groups.wish_views")
    app.register_blueprint(pages)
