"""The organiser's pages about wishes for people: who would like to be in a group with whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import lock, transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.errors import RuleBroken
from eventhub.groups import queries, wishes
from eventhub.groups.forms import CompanionsForm, companions_data
from eventhub.groups.models import Grouping
from eventhub.organisations.roles import Capability
from eventhub.registration.models import Registration
from eventhub.web.forms import is_key
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@dataclass(frozen=True)
class Named:
    """Whom somebody named: `person` is None where nobody who is divided has this address or number."""

    sought: str
    person: Registration | None
    mutual: bool
    together: bool


@dataclass(frozen=True)
class Wishing:
    """Somebody and whom they named."""

    person: Registration
    named: Sequence[Named]


@pages.get("/<series>/<edition>/groups/<int:key>/companions/")
@needs(Capability.PEOPLE)
def companions(series: str, edition: str, key: int) -> ResponseReturnValue:
    """List all wishes for people; whoever is chosen beside them has a page of their own."""
    found = _found(series, edition, key)
    people = queries.candidates(found)
    chosen = request.args.get("person", "")
    if is_key(chosen) and int(chosen) in {one.id for one in people}:
        return redirect(_address("desk.companions_of", found, registration=int(chosen)), 303)
    return render_template(
        "desk/groups/companions.html",
        edition=found.edition,
        grouping=found,
        people=people,
        wishing=_wishing(found, people),
    )


@pages.post("/<series>/<edition>/groups/<int:key>/companions/ask")
@needs(Capability.PEOPLE)
def ask_for_companions(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Let people name companions on their own page, or no longer."""
    found = _found(series, edition, key)
    whether = request.form.get("ask") == "yes"
    with transaction():
        wishes.ask(found, whether=whether)
    flash(_("People are asked on their own page now.") if whether else _("People are no longer asked."), "ok")
    return redirect(_address("desk.companions", found), 303)


@pages.route("/<series>/<edition>/groups/<int:key>/companions/<int:registration>/", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def companions_of(series: str, edition: str, key: int, registration: int) -> ResponseReturnValue:
    """Enter whom somebody would like to be in a group with."""
    found = _found(series, edition, key)
    person = next((one for one in queries.candidates(found) if one.id == registration), None) or abort(404)
    if found.is_published:
        return redirect(_address("desk.companions", found), 303)
    form = CompanionsForm(data=companions_data(queries.own_companions(person, found)))
    stale = None
    if form.validate_on_submit():
        try:
            with transaction():
                _enter(person, found, form)
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return redirect(_address("desk.companions", found), 303)
    page = render_template(
        "desk/groups/companions_of.html",
        edition=found.edition,
        grouping=found,
        person=person,
        form=form,
        stale=stale,
        stale_by=last_author("groups.wished", found.edition.zone, registration_id=person.id) if stale else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if form.errors or form.form_errors else 200


def _enter(person: Registration, grouping: Grouping, form: CompanionsForm) -> None:
    lock(grouping.edition)
    form.require_unchanged(companions_data(queries.own_companions(person, grouping)))
    wishes.enter(person, grouping, form.wishes())


def _wishing(grouping: Grouping, people: Sequence[Registration]) -> list[Wishing]:
    known = queries.known_as(people)
    named = queries.companion_wishes(grouping)
    groups = {key: one.group_id for key, one in queries.memberships(grouping).items()}
    return [
        Wishing(one, [_named(one, sought, known, named, groups) for sought in named[one.id]])
        for one in people
        if one.id in named
    ]


def _named(
    person: Registration,
    sought: str,
    known: Mapping[str, Registration],
    named: Mapping[int, Sequence[str]],
    groups: Mapping[int, int],
) -> Named:
    other = known.get(sought)
    if other is None:
        return Named(sought, None, mutual=False, together=False)
    mutual = not {person.code, person.email_key}.isdisjoint(named.get(other.id, ()))
    together = person.id in groups and groups[person.id] == groups.get(other.id)
    return Named(sought, other, mutual, together)


def _found(series: str, edition: str, key: int) -> Grouping:
    found = queries.grouping_of(found_edition(series, edition), key)
    if found is None or found.is_open:
        abort(404)
    return found


def _address(endpoint: str, grouping: Grouping, **values: int) -> str:
    edition = grouping.edition
    return path_to(endpoint, series=edition.series.slug, edition=edition.key, key=grouping.id, **values)
