"""Registers the pages of mail."""

from flask import Flask

from eventhub.mail.views import pages


def init_app(app: Flask) -> None:
    """Add the mailbox for trying eventhub out; elsewhere it answers 404."""
    app.register_blueprint(pages)
