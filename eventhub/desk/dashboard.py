"""The overview: what needs me now, the next meeting, all series."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from eventhub import clock
from eventhub.desk import queries
from eventhub.desk.blueprint import in_edition, pages
from eventhub.desk.needs import allowed, needs_no_role, needs_of
from eventhub.desk.problems import problems
from eventhub.editions import rules
from eventhub.editions.forms import MODE_NAMES
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rights import rights_of
from eventhub.organisations.queries import may_set_up
from eventhub.organisations.roles import Rights
from eventhub.site.discs import disc_of

MOST_PROBLEMS = 12


@pages.get("/")
@needs_no_role
def dashboard() -> ResponseReturnValue:
    """Show what is to be done and what comes next."""
    now = clock.now()
    editions = queries.open_editions(current_user)
    following = next(
        (
            one
            for one in editions
            if one.state is EditionState.PUBLISHED and one.start_date and not rules.is_over(one, now)
        ),
        None,
    )
    rights = rights_of(current_user)
    found = [
        problem
        for problem in problems(editions, queries.counts_of(editions), now)
        if _may_open(problem.endpoint, rights, problem.edition)
    ]
    return render_template(
        "desk/dashboard.html",
        today=now.date(),
        next=following,
        sees_people=following is not None and _may_open("desk.registrations", rights, following),
        may_add=following is not None and _may_open("desk.next_edition", rights, following),
        days_left=(following.start_date - now.date()).days if following and following.start_date else None,
        since_yesterday=queries.registered_since(following, now - timedelta(days=1)) if following else 0,
        window=rules.window(following, now) if following else None,
        problems=found[:MOST_PROBLEMS],
        more_problems=max(len(found) - MOST_PROBLEMS, 0),
        disc=disc_of(following) if following else None,
        coming=[one for one in editions if _lies_ahead(one, now)],
        lines=queries.series_lines(current_user, now.date()),
        may_set_up=may_set_up(current_user),
        modes=MODE_NAMES,
    )


def _may_open(endpoint: str, rights: Mapping[int, Rights], edition: Edition) -> bool:
    """Tell whether the user may open a page about an edition, or about its series."""
    own = rights.get(edition.series_id, Rights())
    return allowed(needs_of(current_app, endpoint), "GET", own, edition.id if in_edition(endpoint) else None)


def _lies_ahead(edition: Edition, now: datetime) -> bool:
    """Tell whether an edition is still to come; an old one of which no date is recorded is not."""
    if edition.state is EditionState.PUBLISHED and not edition.start_date and not edition.planned:
        return False
    return not rules.is_over(edition, now)
