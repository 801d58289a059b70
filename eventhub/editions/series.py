"""Making, changing and deleting series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from eventhub.database import lock
from eventhub.editions.models import Edition, Series, SeriesOrganisation
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.web.languages import gettext as _


def create(values: Mapping[str, Any], organisation_ids: Sequence[int]) -> Series:
    """Add a series that these organisations run."""
    series = Series(**values)
    db.session.add(series)
    _set_organisations(series, organisation_ids)
    _store()
    history.record("series.created", series_id=series.id)
    return series


def update(series: Series, values: Mapping[str, Any], organisation_ids: Sequence[int]) -> None:
    """Save an edit of a series."""
    lock(series)
    changes = {
        name: (getattr(series, name), value)
        for name, value in values.items()
        if getattr(series, name) != value
    }
    if _set_organisations(series, organisation_ids):
        changes["organisations"] = (None, len(organisation_ids))
    for name, value in values.items():
        setattr(series, name, value)
    _store()
    if changes:
        history.record("series.changed", series_id=series.id, changes=changes)


def delete(series: Series) -> None:
    """Delete a series that has no editions."""
    lock(series)
    if db.session.scalar(select(exists().where(Edition.series_id == series.id))):
        raise RuleBroken(_("Only a series without editions can be deleted."))
    db.session.delete(series)


def _set_organisations(series: Series, wanted: Sequence[int]) -> bool:
    """Let these organisations run the series, in their old order and new ones last."""
    present = [link.organisation_id for link in series.organisation_links]
    if set(present) == set(wanted):
        return False
    series.organisation_links[:] = [
        link for link in series.organisation_links if link.organisation_id in wanted
    ]
    last = max((link.position for link in series.organisation_links), default=-1)
    added = [key for key in wanted if key not in present]
    series.organisation_links.extend(
        SeriesOrganisation(organisation_id=key, position=position)
        for position, key in enumerate(added, last + 1)
    )
    return True


def _store() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if "slug" not in str(error.orig):
            raise
        raise RuleBroken(_("Another series has this short name already"), field="slug") from None
