"""A participant's pages about teams, behind their secret link: join, found, mentor, tell the result."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from eventhub import clock
from eventhub.database import lock, transaction
from eventhub.editions.models import EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.groups import queries, teams
from eventhub.groups.forms import FoundForm, ResultForm, result_data
from eventhub.groups.models import Group, Grouping
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.secret_link import opened, unknown
from eventhub.registration.views import try_later
from eventhub.web.forms import is_key
from eventhub.web.languages import gettext as _
from eventhub.web.limits import limit
from eventhub.web.links import path_to
from eventhub.web.seen import Stale

pages = Blueprint("groups", __name__)

HOUR = 3600
FOUNDED_PER_HOUR = 5

Verb = Callable[[Registration, Grouping, int], bool]


@pages.get("/my/<token>/teams/<int:key>/")
def show(token: str, key: int) -> ResponseReturnValue:
    """Show the challenges, the teams on one of them, and one's own team."""
    registration, grouping = _found(token, key)
    if registration is None:
        return unknown()
    return _show(registration, grouping, token)


@pages.post("/my/<token>/teams/<int:key>/join")
def join(token: str, key: int) -> ResponseReturnValue:
    """Be in a team."""
    return _do(token, key, teams.join, _("You are in the team. A mail says so as well."))


@pages.post("/my/<token>/teams/<int:key>/leave")
def leave(token: str, key: int) -> ResponseReturnValue:
    """Leave one's team."""
    return _do(token, key, lambda who, where, _team: teams.leave(who, where), _("You have left the team."))


@pages.post("/my/<token>/teams/<int:key>/mentor")
def look_after(token: str, key: int) -> ResponseReturnValue:
    """Look after a team as its mentor."""
    return _do(token, key, teams.look_after, _("You look after the team now. Its members are told."))


@pages.post("/my/<token>/teams/<int:key>/unmentor")
def stop_looking_after(token: str, key: int) -> ResponseReturnValue:
    """Give a team back."""
    return _do(token, key, teams.stop_looking_after, _("The team looks for another mentor now."))


@pages.post("/my/<token>/teams/<int:key>/new")
def found(token: str, key: int) -> ResponseReturnValue:
    """Found a team on a challenge."""
    registration, grouping = _found(token, key)
    if registration is None:
        return unknown()
    form = _found_form(grouping)
    if form.validate():
        try:
            limit("found team", FOUNDED_PER_HOUR, HOUR, who=str(registration.id))
            with transaction():
                teams.found(registration, grouping, form.name.data, form.topic.data)
        except TooManyRequests as refused:
            form.refuse(RuleBroken(try_later(refused)))
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The team is founded, and you are in it."), "ok")
            return redirect(path_to("groups.show", token=token, key=key), 303)
    return _show(registration, grouping, token, founding=form)


@pages.post("/my/<token>/teams/<int:key>/result")
def result(token: str, key: int) -> ResponseReturnValue:
    """Say what came out; members can do so long after the meeting."""
    registration, grouping = _found(token, key)
    if registration is None:
        return unknown()
    team = queries.team_of(registration, grouping) or abort(404)
    form = ResultForm(data=result_data(team))
    stale = None
    if form.validate():
        try:
            with transaction():
                lock(grouping.edition)
                lock(team)
                form.require_unchanged(result_data(team))
                teams.tell_result(registration, team, form.values())
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return redirect(path_to("groups.show", token=token, key=key), 303)
    return _show(registration, grouping, token, telling=form, stale=stale)


@pages.after_request
def _keep_out_of_search(answer: Response) -> Response:
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _found(token: str, key: int) -> tuple[Registration | None, Grouping]:
    registration = opened(token)
    if registration is None or registration.state is not RegistrationState.CONFIRMED:
        return None, Grouping()
    grouping = queries.grouping_of(registration.edition, key)
    if grouping is None or not grouping.is_open or not grouping.is_published:
        abort(404)
    return registration, grouping


def _do(token: str, key: int, verb: Verb, thanks: str) -> ResponseReturnValue:
    """Do what a button says; where it came too late, the page says what holds now."""
    registration, grouping = _found(token, key)
    if registration is None:
        return unknown()
    wanted = request.form.get("team", "")
    try:
        with transaction():
            done = verb(registration, grouping, int(wanted) if is_key(wanted) else 0)
    except RuleBroken as broken:
        return _show(registration, grouping, token, refused=broken)
    if done:
        flash(thanks, "ok")
    else:
        flash(_("That is settled already. Below you see how things are."), "warn")
    return redirect(path_to("groups.show", token=token, key=key), 303)


def _show(
    registration: Registration,
    grouping: Grouping,
    token: str,
    *,
    refused: RuleBroken | None = None,
    founding: FoundForm | None = None,
    telling: ResultForm | None = None,
    stale: Stale | None = None,
) -> ResponseReturnValue:
    edition = registration.edition
    own = queries.team_of(registration, grouping)
    topics = queries.topics(grouping)
    topic = _topic(topics, refused, own)
    mentoring = teams.is_mentor(registration, grouping)
    page = render_template(
        "groups/teams.html",
        registration=registration,
        edition=edition,
        grouping=grouping,
        token=token,
        open_now=edition.state is EditionState.PUBLISHED and not is_over(edition, clock.now()),
        own=own,
        fellows=queries.fellows_in(registration, own) if own else (),
        topics=topics,
        topic=topic,
        teams=queries.teams(grouping, topic) if topic is not None else (),
        mentoring=mentoring,
        looked_after=queries.looked_after(registration, grouping) if mentoring else (),
        without_mentor=queries.without_mentor(grouping) if mentoring else (),
        founding=founding or _found_form(grouping, topic),
        telling=telling or (ResultForm(formdata=None, data=result_data(own)) if own else None),
        refused=refused.message if refused else "",
        instead=refused.instead if isinstance(refused, teams.Full) else None,
        stale=stale,
    )
    if stale is not None:
        return page, 409
    return page, 422 if request.method == "POST" else 200


def _topic(topics: list[queries.Topic], refused: RuleBroken | None, own: Group | None) -> str | None:
    """Return whose teams are listed: the challenge that was asked for, that of a full team, or the first."""
    wanted = request.args.get("challenge", "")
    if isinstance(refused, teams.Full):
        wanted = refused.topic
    titles = [one.title for one in topics]
    if wanted in titles:
        return wanted
    return own.topic if own else next(iter(titles), None)


def _found_form(grouping: Grouping, topic: str | None = None) -> FoundForm:
    form = (
        FoundForm() if request.endpoint == "groups.found" else FoundForm(formdata=None, data={"topic": topic})
    )
    form.topic.choices = [(one.title, one.title) for one in queries.topics(grouping)]
    return form
