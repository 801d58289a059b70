"""The organiser's pages about teams that people form by themselves: opening them, all teams, one team."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.agenda import choices
from eventhub.database import lock, transaction
from eventhub.desk import registration_queries
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.errors import RuleBroken
from eventhub.groups import queries, service, teams
from eventhub.groups.forms import FoundForm, TeamForm, TeamsForm, team_data
from eventhub.groups.models import Group, Grouping
from eventhub.organisations.roles import Capability
from eventhub.registration.choices import role_title
from eventhub.registration.queries import roles
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@pages.route("/<series>/<edition>/groups/teams/", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def new_teams(series: str, edition: str) -> ResponseReturnValue:
    """Open teams on some challenges."""
    found = found_edition(series, edition)
    form = TeamsForm()
    form.offer([(role.id, role_title(role)) for role in roles(found)])
    if form.validate_on_submit():
        try:
            with transaction():
                made = teams.open_teams(found, form.plan())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The teams are there. People can join them once you publish them."), "ok")
            return redirect(path_to("desk.grouping", series=series, edition=edition, key=made.id), 303)
    page = render_template("desk/groups/new_teams.html", edition=found, form=form)
    return page, 422 if form.errors else 200


def show_teams(grouping: Grouping, form: FoundForm | None = None) -> ResponseReturnValue:
    """Show all teams with what came out, and a form for another one."""
    topics = queries.topics(grouping)
    page = render_template(
        "desk/groups/teams.html",
        edition=grouping.edition,
        grouping=grouping,
        teams=queries.teams(grouping),
        topics=topics,
        form=form or _found_form(grouping),
    )
    return page, 422 if form is not None else 200


@pages.post("/<series>/<edition>/groups/<int:key>/teams")
@needs(Capability.PEOPLE)
def add_team(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Add a team on one of the challenges."""
    found = found_teams(series, edition, key)
    form = _found_form(found)
    if form.validate_on_submit():
        try:
            with transaction():
                lock(found.edition)
                teams.add_team(found, form.name.data, form.topic.data)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The team is there."), "ok")
            return redirect(path_to("desk.grouping", series=series, edition=edition, key=key), 303)
    return show_teams(found, form)


@pages.post("/<series>/<edition>/groups/<int:key>/results")
@needs(Capability.PEOPLE)
def publish_results(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Let everybody read what came out, or nobody any more."""
    found = found_teams(series, edition, key)
    public = request.form.get("public") == "yes"
    with transaction():
        teams.show_results(found, public=public)
    flash(_("Everybody can read the results now.") if public else _("Only you read the results now."), "ok")
    return redirect(path_to("desk.grouping", series=series, edition=edition, key=key), 303)


@pages.post("/<series>/<edition>/groups/<int:key>/<int:group>/<int:registration>/remove")
@needs(Capability.PEOPLE)
def remove_from_team(
    series: str, edition: str, key: int, group: int, registration: int
) -> ResponseReturnValue:
    """Take somebody out of a team."""
    found = found_teams(series, edition, key)
    team = queries.team(found, group) or abort(404)
    person = registration_queries.registration_of(found.edition, registration) or abort(404)
    with transaction():
        done = teams.take_out(team, person)
    if done:
        flash(_("The place is free again, and a mail says so."), "ok")
    return redirect(path_to("desk.group", series=series, edition=edition, key=key, group=group), 303)


def edit_team(team: Group) -> ResponseReturnValue:
    """Show and change one team with its members and what came out."""
    grouping = team.grouping
    edition = grouping.edition
    form = TeamForm(data=team_data(team))
    form.offer([(used.row.id, used.row.name) for used in choices.rooms_of(edition)])
    mentors = {one.id: one.name for one in queries.mentors(grouping)}
    if team.mentor is not None:
        mentors.setdefault(team.mentor.id, team.mentor.name)
    form.offer_mentors(mentors.items())
    stale = None
    if form.validate_on_submit():
        try:
            with transaction():
                lock(edition)
                lock(team)
                form.require_unchanged(team_data(team))
                service.update_group(team, form.values())
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            where = {"series": edition.series.slug, "edition": edition.key, "key": grouping.id}
            return redirect(path_to("desk.grouping", **where), 303)
    page = render_template(
        "desk/groups/team.html",
        edition=edition,
        grouping=grouping,
        group=team,
        members=queries.members(team),
        form=form,
        stale=stale,
        stale_by=last_author("groups.changed", edition.zone, edition_id=edition.id, group=team.name)
        if stale
        else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if form.errors else 200


def found_teams(series: str, edition: str, key: int) -> Grouping:
    """Return teams of an edition of the user's; groups that were divided are no teams."""
    found = queries.grouping_of(found_edition(series, edition), key)
    return found if found is not None and found.is_open else abort(404)


def _found_form(grouping: Grouping) -> FoundForm:
    form = FoundForm()
    form.topic.choices = [(one.title, one.title) for one in queries.topics(grouping)]
    return form
