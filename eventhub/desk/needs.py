"""What a page of the desk asks of its visitors, declared at its route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask

from eventhub.organisations.roles import Capability, Rights

View = TypeVar("View", bound=Callable[..., object])
LOOKING = frozenset(("GET", "HEAD", "OPTIONS"))


@dataclass(frozen=True)
class Needs:
    """What a page needs: to be looked at, to change something on it, and in what."""

    to_look: Capability | None
    to_change: Capability | None
    in_any_edition: bool = False
    """A page about the series that is also for those who have a role in one of its editions only."""

    def of(self, method: str) -> Capability | None:
        return self.to_look if method in LOOKING else self.to_change


def needs(
    capability: Capability, to_change: Capability | None = None, *, in_any_edition: bool = False
) -> Callable[[View], View]:
    """Declare what a role must include to open this page and, where that differs, to change something."""
    return _declare(Needs(capability, to_change or capability, in_any_edition))


def needs_no_role(view: View) -> View:
    """Declare a page for everybody who is signed in: it shows what belongs to them and nothing else."""
    return _declare(Needs(None, None))(view)


def needs_of(app: Flask, endpoint: str) -> Needs:
    """Return what a page has declared."""
    found = getattr(app.view_functions[endpoint], "needs", None)
    if not isinstance(found, Needs):
        raise LookupError(endpoint)  # noqa: TRY004 - it was never declared
    return found


def require_declared(app: Flask) -> None:
    """Refuse to start with a page that does not say who may open it."""
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("desk.") and not isinstance(getattr(view, "needs", None), Needs):
            raise RuntimeError(
                f"{endpoint} does not say who may open it. Put @needs(Capability.…) or @needs_no_role between"
                f" @pages.… and the view in {view.__module__}, and {endpoint!r} into a row of"
                " tests/desk/permissions.py. What they mean stands in eventhub/organisations/roles.py."
            )


def allowed(page: Needs, method: str, rights: Rights, edition_id: int | None) -> bool:
    """Tell whether these rights open a page about this edition, or about the series without one."""
    capability = page.of(method)
    if capability is None:
        return True
    if page.in_any_edition:
        return capability in rights.anywhere()
    return capability in (rights.in_series() if edition_id is None else rights.in_edition(edition_id))


def _declare(found: Needs) -> Callable[[View], View]:
    def declare(view: View) -> View:
        view.needs = found  # type: ignore[attr-defined]
        return view

    return declare
