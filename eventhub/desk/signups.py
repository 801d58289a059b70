"""The organiser's pages about places in single slots: all slots, one slot with its people, its table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flask import abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from eventhub.agenda import choices
from eventhub.agenda.models import Kind, Slot
from eventhub.agenda.queries import planned_slots
from eventhub.calendars.zones import to_local
from eventhub.database import lock, transaction
from eventhub.desk import registration_queries, spreadsheets
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.moving_up import ask_first, went_back, would_move_up
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.signups import cut_off, queries, service
from eventhub.signups.forms import SignupForm, WishesForm
from eventhub.signups.models import Alternatives, Signup, SignupState
from eventhub.signups.queries import Listed
from eventhub.signups.words import hours, wish_name
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@pages.get("/<series>/<edition>/signups/")
@needs(Capability.PEOPLE)
def signups(series: str, edition: str) -> ResponseReturnValue:
    """List the slots with places of their own, and those that could have some."""
    found = found_edition(series, edition)
    listed = queries.listed(found.id)
    return render_template(
        "desk/signups/list.html",
        edition=found,
        listed=listed,
        others=[one for one in planned_slots(found.id) if _may_take(one.id, one.kind, listed)],
        alternatives={one.id: one for one in queries.alternatives_of(found)},
        hours=hours,
    )


def _may_take(key: int, kind: Kind, listed: Mapping[int, Listed]) -> bool:
    return key not in listed and kind is not Kind.BREAK


@pages.route("/<series>/<edition>/signups/<slot>/", methods=["GET", "POST"])
@needs(Capability.PEOPLE, Capability.EDIT)
def slot_signups(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Show who has a place in a slot and who waits, and change how it takes sign-ups."""
    found, row = _found(series, edition, slot)
    listed = queries.listed(found.id)
    own = listed.get(row.id)
    alternatives = {one.id: one.title for one in queries.alternatives_of(found)}
    form = SignupForm(data=_form_data(own, alternatives))
    form.offer([(one.id, one.title) for one in listed.values() if one.id != row.id])
    stale = None
    if form.validate_on_submit() and not went_back():
        try:
            moving_up = would_move_up([found], lambda: _save(found, row, form))
            if moving_up:
                return ask_first(moving_up, _address(found, row), edition=found, tab="signups")
            with transaction():
                moved = _save(found, row, form)
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_saved_words(moved), "ok")
            return redirect(_address(found, row), 303)
    by = last_author("signup.settings", found.zone, edition_id=found.id, slot=row.slug) if stale else ""
    people = queries.people_in(row.id)
    page = render_template(
        "desk/signups/slot.html",
        edition=found,
        slot=row,
        own=own,
        form=form,
        names=sorted(alternatives.values()),
        having=[one for one in people if one.state is SignupState.CONFIRMED],
        waiting=[one for one in people if one.state is SignupState.WAITLISTED],
        hours=hours,
        stale=stale,
        stale_by=by,
    )
    return page, 409 if stale else 422 if form.errors else 200


@pages.route("/<series>/<edition>/wishes/<int:key>/", methods=["GET", "POST"])
@needs(Capability.PEOPLE, Capability.EDIT)
def wishes(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Let participants rank alternatives, show what an allocation would give, and when it was done."""
    found, alternatives = _found_alternatives(series, edition, key)
    form = WishesForm(data=_wishes_data(found, alternatives))
    if form.validate_on_submit() and _open_wishes(found, alternatives, form):
        return redirect(_wishes_address(found, alternatives), 303)
    page = render_template(
        "desk/signups/wishes.html",
        edition=found,
        alternatives=alternatives,
        form=form,
        slots=[one for one in queries.listed(found.id).values() if one.alternatives_id == alternatives.id],
        plan=cut_off.plan(alternatives) if alternatives.undecided else None,
        given=queries.allotted_by_rank(alternatives) if alternatives.allocated_at else {},
        wish_name=wish_name,
    )
    return page, 422 if form.errors else 200


@pages.post("/<series>/<edition>/wishes/<int:key>/allocate")
@needs(Capability.EDIT)
def allocate_wishes(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Turn wishes into places now."""
    found, alternatives = _found_alternatives(series, edition, key)
    with transaction():
        done = cut_off.allocate_wishes(found, alternatives)
    if done is not None:
        number = len(done.people)
        words = ngettext(
            "The places are allocated. %(num)s person gets a mail that says why.",
            "The places are allocated. %(num)s people get a mail that says why.",
            number,
        )
        flash(words, "ok")
    return redirect(_wishes_address(found, alternatives), 303)


def _found_alternatives(series: str, edition: str, key: int) -> tuple[Edition, Alternatives]:
    found = found_edition(series, edition)
    return found, next((one for one in queries.alternatives_of(found) if one.id == key), None) or abort(404)


def _wishes_data(edition: Edition, alternatives: Alternatives) -> dict[str, object]:
    until = alternatives.allocates_at
    return {"until": to_local(edition.zone, until).replace(tzinfo=None) if until else None}


def _open_wishes(edition: Edition, alternatives: Alternatives, form: WishesForm) -> bool:
    try:
        until = form.instant(edition.zone)
        with transaction():
            cut_off.take_wishes(edition, alternatives, until)
    except RuleBroken as broken:
        form.refuse(broken)
        return False
    flash(_("Saved."), "ok")
    return True


def _wishes_address(edition: Edition, alternatives: Alternatives) -> str:
    return path_to("desk.wishes", series=edition.series.slug, edition=edition.key, key=alternatives.id)


@pages.post("/<series>/<edition>/signups/<slot>/end")
@needs(Capability.EDIT)
def end_signups(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Open a slot to everybody again."""
    found, row = _found(series, edition, slot)
    with transaction():
        service.take_no_signups(row)
    flash(_("“%(slot)s” is open to everybody again.", slot=row.title), "ok")
    return redirect(path_to("desk.signups", series=found.series.slug, edition=found.key), 303)


@pages.post("/<series>/<edition>/signups/<slot>/<int:registration>/remove")
@needs(Capability.PEOPLE)
def remove_signup(series: str, edition: str, slot: str, registration: int) -> ResponseReturnValue:
    """Take somebody out of a slot."""
    found, row = _found(series, edition, slot)
    person = registration_queries.registration_of(found, registration) or abort(404)
    with transaction():
        done = service.remove(person, row)
    if done:
        flash(_("The place is free again, and a mail says so."), "ok")
    return redirect(_address(found, row), 303)


@pages.get("/<series>/<edition>/signups/<slot>.csv")
@needs(Capability.PEOPLE)
def signups_table(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Hand out who takes part in a slot, for whoever guides it: without private addresses."""
    found, row = _found(series, edition, slot)
    content = spreadsheets.table(_rows(queries.people_in(row.id)))
    return spreadsheets.download(f"{found.series.slug}-{found.key}-{row.slug}.csv", content)


def _rows(people: Sequence[Signup]) -> Iterator[Sequence[str]]:
    yield _("Number"), _("Name"), _("Organisation"), _("State")
    for one in people:
        person = one.registration
        state = _("Has a place") if one.state is SignupState.CONFIRMED else _("Waitlist")
        yield person.code, person.name, person.organisation, state


def _found(series: str, edition: str, slot: str) -> tuple[Edition, Slot]:
    found = found_edition(series, edition)
    return found, choices.slot_of(found, slot) or abort(404)


def _form_data(own: Listed | None, alternatives: Mapping[int, str]) -> dict[str, object]:
    if own is None:
        return {}
    return {
        "capacity": own.capacity,
        "alternatives": alternatives.get(own.alternatives_id or 0, ""),
        "needs_id": own.needs_id,
        "directions": own.directions,
    }


def _save(edition: Edition, slot: Slot, form: SignupForm) -> int:
    """Save the form and return how many people moved up."""
    lock(edition)
    alternatives = {one.id: one.title for one in queries.alternatives_of(edition)}
    form.require_unchanged(_form_data(queries.listed(edition.id).get(slot.id), alternatives))
    return service.take_signups(slot, form.settings())


def _saved_words(moved: int) -> str:
    if not moved:
        return _("Saved.")
    return ngettext(
        "Saved. %(num)s person moved up, and a mail says so.",
        "Saved. %(num)s people moved up, and mails say so.",
        moved,
    )


def _address(edition: Edition, slot: Slot) -> str:
    return path_to("desk.slot_signups", series=edition.series.slug, edition=edition.key, slot=slot.slug)
