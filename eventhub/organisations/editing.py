"""What owners and organisers change about their organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventhub.history import service as history
from eventhub.organisations.models import Organisation

EDITABLE = frozenset(("name", "short_name", "level", "kind", "city", "address", "url", "logo"))


def update_organisation(organisation: Organisation, values: Mapping[str, Any]) -> None:
    """Save an edit; the address of the organisation stays."""
    changed = sorted(name for name, value in values.items() if getattr(organisation, name) != value)
    for name in changed:
        if name not in EDITABLE:
            raise ValueError(f"{name} can't be edited")
        setattr(organisation, name, values[name])
    if changed:
        history.record(
            "organisation.changed",
            organisation=organisation.slug,
            name=organisation.name,
            changed=changed,
        )
