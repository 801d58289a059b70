"""Who would move up by a change: shown before it is made, for the mails that say so can't be taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import rehearsal
from eventhub.desk.registration_queries import MovedUp, last_entry, moved_up_since
from eventhub.editions.models import Edition


def would_move_up(editions: Collection[Edition], change: Callable[[], object]) -> Sequence[MovedUp]:
    """Return who would move up in these editions by a change that was not confirmed yet.

    It is made and undone, so whatever it comes to is shown; raises RuleBroken where it can't be.
    """
    if "sure" in request.form or not any(one.waiting_count for one in editions):
        return []
    with rehearsal():
        before = last_entry()
        change()
        return moved_up_since(before, editions)


def ask_first(moving_up: Sequence[MovedUp], action: str, back: str, **about: object) -> ResponseReturnValue:
    """Show who would move up, with what was sent, to be sent again; `about` says where the page stands."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return render_template(
        "desk/moving_up.html", moving_up=moving_up, action=action, back=back, fields=fields, **about
    )
