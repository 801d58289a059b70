"""Registers the pages of registration."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the pages of this feature to the application."""
