"""What every page shares: languages, times, assets, protection, error pages, the cache of rendered pages."""

from flask import Flask

from eventhub.web import assets, languages, parts, times


def init_app(app: Flask) -> None:
    """Set up everything that is not a feature."""
    languages.init_app(app)
    times.init_app(app)
    parts.init_app(app)
    assets.init_app(app)
