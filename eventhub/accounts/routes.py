"""Registers the pages of accounts."""

from flask import Flask

from eventhub.accounts import openid, openid_views, sessions
from eventhub.accounts.token_views import pages


def init_app(app: Flask) -> None:
    """Add the pages of this feature to the application."""
    sessions.init_app(app)
    openid.init_app(app)
    app.register_blueprint(pages)
    app.register_blueprint(openid_views.pages)
