"""Absolute links, built from the configured base URL only, never from a request."""

from typing import Any

from flask import current_app
from werkzeug.routing import MapAdapter

EXTENSION = "eventhub.links"


def path_to(endpoint: str, **values: Any) -> str:
    """Return the path of a page; works outside of requests as well."""
    return _adapter().build(endpoint, values)


def link_to(endpoint: str, **values: Any) -> str:
    """Return the absolute address of a page for mails, calendars and feeds."""
    return f"{current_app.config['BASE_URL']}{path_to(endpoint, **values)}"


def _adapter() -> MapAdapter:
    adapter: MapAdapter | None = current_app.extensions.get(EXTENSION)
    if adapter is None:
        adapter = current_app.url_map.bind("localhost")
        current_app.extensions[EXTENSION] = adapter
    return adapter
