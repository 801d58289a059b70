"""Registers the pages of registration."""

from importlib import import_module

from flask import Flask

from eventhub.registration import wallets
from eventhub.registration.blueprint import pages

PAGES = ("views", "together", "personal", "passing_on")
"""Modules of this package that add their pages to the blueprint."""


def init_app(app: Flask) -> None:
    """Add the public pages and those behind the secret link to the application."""
    wallets.check_keys(app.config["SETTINGS"])
    for name in PAGES:
        import_module(f"eventhub.registration.{name}")
    app.register_blueprint(pages)
