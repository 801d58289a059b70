"""A team with a series and some editions, ready to be looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.extensions import db
from tests.accounts.signing_in import organiser_of
from tests.editions.making import make_edition, make_series


@dataclass
class Desk:
    """An organiser's browser and the application behind it."""

    app: Flask
    client: FlaskClient
    organisation_id: int

    def add(self, number: int | None = 5, **values: Any) -> int:
        """Add an edition to the series `labcamp` and return its key."""
        with self.app.app_context(), transaction():
            series = (
                values.pop("series", None)
                or db.session.scalars(select(Series).filter_by(slug="labcamp")).one()
            )
            return make_edition(series, number, **values).id

    def publish(self, number: int = 5, **values: Any) -> int:
        return self.add(number, state=EditionState.PUBLISHED, **values)

    def edition(self, key: int) -> Edition:
        """Read an edition afresh; needs an application context."""
        db.session.rollback()
        return db.session.get_one(Edition, key)

    def form_of(self, path: str) -> dict[str, Any]:
        """Return what the first form of a page would send, as a browser fills it in."""
        return fields_of(self.client.get(path).text)


def desk_of(app: Flask) -> Desk:
    """Set up the series `labcamp` with an owner who is signed in, and a foreign series `other`."""
    with app.app_context(), transaction():
        make_series("labcamp")
        foreign = make_series("other", title="Foreign series")
        make_edition(foreign, 5, title="Foreign edition", state=EditionState.PUBLISHED)
    organiser = organiser_of(app, "labcamp")
    return Desk(app, organiser.client, organiser.organisation_id)


def fields_of(page: str) -> dict[str, Any]:
    """Read the values of the page's main form from its markup."""
    form = max(re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL), key=len)
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        name, kind = attributes.get("name"), attributes.get("type", "text")
        if not name or (kind in ("checkbox", "radio") and " checked" not in tag):
            continue
        if kind == "checkbox" and name in found:
            found[name] = [
                *(found[name] if isinstance(found[name], list) else [found[name]]),
                attributes["value"],
            ]
        else:
            found[name] = attributes.get("value", "")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"', options)
        first = re.search(r'<option[^>]*value="([^"]*)"', options)
        found[name] = (chosen or first or ["", ""])[1]
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = text.lstrip("\r\n")
    return found
