"""The organiser's pages about groups: all divisions, one division with its people, one group, the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.agenda import choices
from eventhub.database import lock, transaction
from eventhub.desk import spreadsheets
from eventhub.desk.answers import questions_of
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.desk.teams import edit_team, show_teams
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.groups import queries, rules, service
from eventhub.groups.forms import GroupForm, GroupingForm, group_data
from eventhub.groups.models import Group, Grouping
from eventhub.organisations.roles import Capability
from eventhub.registration.choices import role_title
from eventhub.registration.models import Registration
from eventhub.registration.queries import roles
from eventhub.web.forms import is_key
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@dataclass(frozen=True)
class Filled:
    """A group with its people and how they are mixed."""

    group: Group
    people: Sequence[Registration]
    mixture: Sequence[tuple[str, int]]
    """How many say what, in the same order for all groups."""
    too_many: dict[str, int]
    """How many come from the organisations of which there are more than there may be in one group."""


@dataclass(frozen=True)
class Overview:
    """All that the page of a division shows."""

    groups: Sequence[Filled]
    late: Sequence[Registration]
    """Those who have a place and no group."""
    words: queries.Words
    """What is mixed, in words, by registration."""
    crowded: dict[str, int]
    wishes: Counter[int]
    companions: rules.Met
    named_others: int
    """How many wishes name somebody who is not divided here."""


@pages.route("/<series>/<edition>/groups/", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def groups(series: str, edition: str) -> ResponseReturnValue:
    """List the divisions into groups, and make a proposal for another one."""
    found = found_edition(series, edition)
    questions = [one.question for one in questions_of(found) if one.until is None]
    form = GroupingForm()
    form.offer(questions, [(role.id, role_title(role)) for role in roles(found)])
    if form.validate_on_submit():
        try:
            with transaction():
                made = service.create(found, form.settings(questions))
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("This is a proposal. Nobody sees it before you publish it."), "ok")
            return redirect(_address(made), 303)
    page = render_template(
        "desk/groups/list.html",
        edition=found,
        form=form,
        groupings=queries.groupings_of(found),
    )
    return page, 422 if form.errors else 200


@pages.route("/<series>/<edition>/groups/<int:key>/", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def grouping(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Show who is in which group; move those who are ticked, or swap two of them."""
    found = _found(series, edition, key)
    if request.method == "GET":
        return show_teams(found) if found.is_open else _show(found)
    if found.is_open:
        abort(404)
    keys = {int(value) for value in request.form.getlist("person") if is_key(value)}
    seen = request.form.get("version", "")
    try:
        with transaction():
            words = _rearrange(found, keys, int(seen) if is_key(seen) else -1)
    except Stale as stale:
        return _show(found, keys, stale=stale)
    except RuleBroken as broken:
        return _show(found, keys, refused=broken.message)
    flash(words, "ok")
    return redirect(_address(found), 303)


def _rearrange(grouping: Grouping, keys: set[int], seen: int) -> str:
    if request.form.get("do") == "swap":
        service.swap(grouping, keys, seen)
        return _("Swapped. Both get a mail.") if grouping.is_published else _("Swapped.")
    to = request.form.get("to", "")
    if not is_key(to) and to != "none":
        raise RuleBroken(_("Choose a group"))
    moved = service.move(grouping, keys, int(to) if is_key(to) else None, seen)
    if not grouping.is_published:
        return ngettext("%(num)s person moved.", "%(num)s people moved.", moved)
    return ngettext(
        "%(num)s person moved, and a mail says so.", "%(num)s people moved, and mails say so.", moved
    )


@pages.post("/<series>/<edition>/groups/<int:key>/propose")
@needs(Capability.PEOPLE)
def propose_groups(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Divide people anew."""
    found = _found(series, edition, key)
    with transaction():
        service.propose(found)
    flash(_("This is another proposal."), "ok")
    return redirect(_address(found), 303)


@pages.post("/<series>/<edition>/groups/<int:key>/late")
@needs(Capability.PEOPLE)
def add_to_groups(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Put those without a group into the smallest ones."""
    found = _found(series, edition, key)
    with transaction():
        added = service.add_late(found)
    words = ngettext("%(num)s person has a group now.", "%(num)s people have a group now.", added)
    flash(words, "ok")
    return redirect(_address(found), 303)


@pages.post("/<series>/<edition>/groups/<int:key>/publish")
@needs(Capability.PEOPLE)
def publish_groups(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Show everybody their group."""
    found = _found(series, edition, key)
    with transaction():
        told = service.publish(found)
    words = ngettext(
        "Published. %(num)s person gets a mail.", "Published. %(num)s people get a mail each.", told
    )
    flash(_("Published. People can join teams on their own page.") if found.is_open else words, "ok")
    return redirect(_address(found), 303)


@pages.post("/<series>/<edition>/groups/<int:key>/delete")
@needs(Capability.PEOPLE)
def delete_groups(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Delete a division."""
    found = _found(series, edition, key)
    with transaction():
        service.remove(found)
    flash(_("The groups are deleted."), "ok")
    return redirect(path_to("desk.groups", series=series, edition=edition), 303)


@pages.route("/<series>/<edition>/groups/<int:key>/<int:group>/", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def group(series: str, edition: str, key: int, group: int) -> ResponseReturnValue:
    """Change what a group is called and where it meets."""
    found = _found(series, edition, key)
    row = next((one for one in found.groups if one.id == group), None) or abort(404)
    if found.is_open:
        return edit_team(row)
    form = GroupForm(data=group_data(row))
    form.offer([(used.row.id, used.row.name) for used in choices.rooms_of(found.edition)])
    stale = None
    if form.validate_on_submit():
        try:
            with transaction():
                lock(found.edition)
                lock(row)
                form.require_unchanged(group_data(row))
                service.update_group(row, form.values())
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return redirect(_address(found), 303)
    page = render_template(
        "desk/groups/group.html",
        edition=found.edition,
        grouping=found,
        group=row,
        form=form,
        stale=stale,
        stale_by=last_author(
            "groups.changed", found.edition.zone, edition_id=found.edition_id, group=row.name
        )
        if stale
        else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if form.errors else 200


@pages.get("/<series>/<edition>/groups/<int:key>/groups.csv")
@needs(Capability.PEOPLE)
def groups_table(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Hand out who is in which group, for whoever leads them: without mail addresses."""
    found = _found(series, edition, key)
    return spreadsheets.download(f"{series}-{edition}-groups-{key}.csv", spreadsheets.table(_rows(found)))


def _rows(grouping: Grouping) -> Iterator[Sequence[str]]:
    yield _("Group"), _("Room"), _("Link"), _("Number"), _("Name"), _("Organisation")
    present = queries.memberships(grouping).values()
    for one in grouping.groups:
        room = one.room.name if one.room else ""
        for membership in present:
            person = membership.registration
            if membership.group_id == one.id:
                yield one.name, room, one.link, person.code, person.name, person.organisation


def _show(
    grouping: Grouping, ticked: set[int] | None = None, *, refused: str = "", stale: Stale | None = None
) -> ResponseReturnValue:
    page = render_template(
        "desk/groups/grouping.html",
        edition=grouping.edition,
        grouping=grouping,
        overview=_overview(grouping),
        ticked=ticked or set(),
        to=request.form.get("to", ""),
        refused=refused,
        stale=stale,
        stale_by=last_author("groups.moved", grouping.edition.zone, edition_id=grouping.edition_id)
        if stale
        else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if refused else 200


def _overview(grouping: Grouping) -> Overview:
    people = queries.candidates(grouping)
    present = queries.memberships(grouping)
    persons = queries.persons(grouping, people)
    words = {person.id: person.answer for person in persons}
    positions = {group.id: position for position, group in enumerate(grouping.groups)}
    found = {key: positions[one.group_id] for key, one in present.items()}
    inside: list[list[Registration]] = [[] for _group in grouping.groups]
    for key, one in present.items():
        inside[found[key]].append(one.registration)
    order = [answer for answer, _number in Counter(words.values()).most_common() if answer]
    filled = [
        Filled(
            group,
            members,
            _mixture(members, words, order) if grouping.balance else [],
            rules.crowded(_homes(members), 1, grouping.most_of_one),
        )
        for group, members in zip(grouping.groups, inside, strict=True)
    ]
    return Overview(
        filled,
        [one for one in people if one.id not in present],
        words if grouping.balance else {},
        rules.crowded(persons, len(grouping.groups), grouping.most_of_one),
        rules.fulfilled(persons, found),
        rules.met(persons, found),
        _named_others(grouping, people),
    )


def _homes(members: Sequence[Registration]) -> list[rules.Person]:
    return [rules.Person(one.id, one.organisation) for one in members]


def _named_others(grouping: Grouping, people: Sequence[Registration]) -> int:
    known, present = queries.known_as(people), {one.id for one in people}
    named = queries.companion_wishes(grouping).items()
    return sum(one not in known for person, sought in named if person in present for one in sought)


def _mixture(
    members: Sequence[Registration], words: queries.Words, order: Sequence[str]
) -> list[tuple[str, int]]:
    numbers = Counter(words.get(one.id, "") for one in members)
    return [(answer, numbers[answer]) for answer in order if numbers[answer]]


def _found(series: str, edition: str, key: int) -> Grouping:
    found: Edition = found_edition(series, edition)
    return queries.grouping_of(found, key) or abort(404)


def _address(grouping: Grouping) -> str:
    edition = grouping.edition
    return path_to("desk.grouping", series=edition.series.slug, edition=edition.key, key=grouping.id)
