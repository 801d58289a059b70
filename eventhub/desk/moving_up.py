"""Who would move up by a change: shown before it is made, for the mails that say so can't be taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import rehearsal
from eventhub.editions.models import Edition
from eventhub.registration.moved_up import MovedUp, last_entry, moved_up_since
from eventhub.signups.queries import somebody_waits


def would_move_up(editions: Collection[Edition], change: Callable[[], object]) -> Sequence[MovedUp]:
    """Return who would move up in these editions, or in their sessions, by a change not confirmed yet.

    It is made and undone, so whatever it comes to is shown; raises RuleBroken where it can't be.
    """
    if "sure" in request.form or not _somebody_waits(editions):
        return []
    with rehearsal():
        before = last_entry()
        change()
        return moved_up_since(before, editions)


def _somebody_waits(editions: Collection[Edition]) -> bool:
    return any(one.waiting_count for one in editions) or somebody_waits([one.id for one in editions])


def went_back() -> bool:
    """Tell whether somebody who was asked wants the form again, as they had typed it."""
    return "back" in request.form


def ask_first(
    moving_up: Sequence[MovedUp], action: str, back: str | None = None, **about: object
) -> ResponseReturnValue:
    """Show who would move up, with what was sent, to be sent again; `about` says where the page stands.

    Where there was a form, `back` is None: the same address shows it as it was typed.
    """
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return render_template(
        "desk/moving_up.html", moving_up=moving_up, action=action, back=back, fields=fields, **about
    )
