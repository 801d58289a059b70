"""What every page shares: languages, times, assets, protection, error pages, the cache of rendered pages."""

from flask import Flask

from eventhub.database import current_revision
from eventhub.web import (
    assets,
    compression,
    error_pages,
    languages,
    limits,
    page_cache,
    parts,
    rich_text,
    security,
    shared,
    templating,
    times,
)


def init_app(app: Flask) -> None:
    """Set up everything that is not a feature.

    What is registered first after a request runs last: a page is marked for the cache, gets its
    headers and is then compressed. In front of Flask stand, from outside, assets, proxies, cache.
    """
    templating.init_app(app)
    languages.init_app(app)
    times.init_app(app)
    parts.init_app(app)
    rich_text.init_app(app)
    shared.init_app(app)
    limits.init_app(app)
    error_pages.init_app(app)
    compression.init_app(app)
    security.init_app(app)
    page_cache.init_app(app, current_revision)
    languages.offer_choice(app)
    security.trust_proxies(app)
    assets.init_app(app)
