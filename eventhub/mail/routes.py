"""Registers the pages of mail."""

from flask import Flask

from eventhub.mail.reasons import reason_words
from eventhub.mail.views import pages


def init_app(app: Flask) -> None:
    """Add the mailbox for trying eventhub out; elsewhere it answers 404."""
    app.register_blueprint(pages)
    app.jinja_env.filters["reason"] = reason_words
