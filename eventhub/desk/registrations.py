"""The organiser's registration pages: list, one registration, changes, mails, cancelling, table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flask import Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.database import transaction
from eventhub.desk import answers as columns
from eventhub.desk import registration_queries as reads
from eventhub.desk import spreadsheets, words
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.coming import coming, said_words
from eventhub.desk.edition_figures import course
from eventhub.desk.kinds_of_place import KindsOfPlace, kinds_of_place
from eventhub.desk.mails import KINDS
from eventhub.desk.needs import needs
from eventhub.desk.presence import present_at
from eventhub.desk.received import ANSWERS, kind_words, outcome_words
from eventhub.editions.models import Edition
from eventhub.editions.rules import asks_at, may_ask
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.reach import unreachable
from eventhub.mail.states import state_words
from eventhub.organisations.roles import Capability
from eventhub.questionnaires import files
from eventhub.questionnaires.queries import answers_of, file_of
from eventhub.questionnaires.rules import WRITTEN, Sense
from eventhub.registration import answers, attending, choices, queries, reconfirmation, service
from eventhub.registration.choices import days_to_choose, offer_days
from eventhub.registration.forms import ChangeForm, DecisionForm, changing
from eventhub.registration.models import ENDED, Registration, RegistrationState
from eventhub.registration.reconfirmation import Said
from eventhub.replies import queries as replies
from eventhub.replies.models import Answer
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to
from eventhub.web.pagination import page_of

PAGE = 50
AT_ONCE = 500
DECISIONS = {
    "approve": frozenset({RegistrationState.PENDING, RegistrationState.REJECTED}),
    "reject": frozenset({RegistrationState.PENDING}),
}
"""What an organiser decides, and about registrations in which state."""
LONGEST_SEARCH = 100
LARGEST_KEY = 2**31 - 1


@pages.get("/<series>/<edition>/registrations/")
@needs(Capability.PEOPLE)
def registrations(series: str, edition: str) -> ResponseReturnValue:
    """List who wants to come, by state and words, with the course of the numbers."""
    found = found_edition(series, edition)
    questions = columns.questions_of(found)
    places = kinds_of_place(found)
    wanted = _wanted(found, questions, places)
    page = page_of(reads.registrations_of(found, wanted), PAGE)
    replied, present = replies.has_replies(found), present_at(found)
    shown = columns.in_the_list(questions)
    return render_template(
        "desk/registrations/list.html",
        edition=found,
        wanted=wanted,
        page=page,
        shown=shown,
        head=columns.head,
        texts=columns.texts_of([one.id for one in page.items], shown) if shown else {},
        answer_filters=columns.filter_choices(questions),
        positions=reads.positions(found) if found.waiting_count else {},
        replied=replied,
        replies=replies.replies_of([one.id for one in page.items]) if replied else {},
        reply_names=ANSWERS,
        present=present,
        was_there=present.words_of([one.id for one in page.items]),
        unreachable=reads.unreachable_of(page.items),
        places=places,
        numbers=reads.number_by_state(found),
        days=days_to_choose(found),
        by_chosen_day=reads.number_by_chosen_day(found),
        course=course(found),
        states=list(RegistrationState),
        state_name=state_name,
        coming=coming(found, places),
        said=list(Said),
        said_words=said_words,
        asks_at=asks_at(found),
        may_ask=found.taken_count > 0 and may_ask(found, clock.now()),
        who=words.who,
    )


@pages.get("/<series>/<edition>/registrations.csv")
@needs(Capability.PEOPLE)
def registrations_table(series: str, edition: str) -> ResponseReturnValue:
    """Hand out the list as a table for Excel, filtered and sorted as on the page."""
    found = found_edition(series, edition)
    return _download(found, "csv", spreadsheets.table(_rows(found)), spreadsheets.CONTENT_TYPE)


@pages.get("/<series>/<edition>/registrations.xlsx")
@needs(Capability.PEOPLE)
def registrations_workbook(series: str, edition: str) -> ResponseReturnValue:
    """Hand out the same as a workbook."""
    found = found_edition(series, edition)
    return _download(found, "xlsx", spreadsheets.workbook(_rows(found)), spreadsheets.WORKBOOK_TYPE)


@pages.post("/<series>/<edition>/registrations/ask")
@needs(Capability.PEOPLE)
def ask_who_comes(series: str, edition: str) -> ResponseReturnValue:
    """Ask everybody with a place now whether they come."""
    found = found_edition(series, edition)
    with transaction():
        number = reconfirmation.ask_now(found)
    flash(
        ngettext(
            "%(num)s person is asked whether they come. The mail is on its way.",
            "%(num)s people are asked whether they come. The mails are on their way.",
            number,
        ),
        "ok",
    )
    return redirect(_address("desk.registrations", found), 303)


def _download(edition: Edition, ending: str, content: bytes, kind: str) -> Response:
    name = f"{edition.series.slug}-{edition.key}-{clock.now():%Y-%m-%d}.{ending}"
    return spreadsheets.download(name, content, kind)


@pages.get("/<series>/<edition>/registrations/<int:registration>/")
@needs(Capability.PEOPLE)
def registration(series: str, edition: str, registration: int) -> ResponseReturnValue:
    """Show one registration with its mails and its history."""
    found = found_edition(series, edition)
    one = reads.registration_of(found, registration) or abort(404)
    return render_template(
        "desk/registrations/one.html",
        edition=found,
        registration=one,
        position=queries.position(one),
        slots=queries.chosen_slots(one),
        answers=answers_of(one.id),
        places=kinds_of_place(found),
        mails=reads.mails_to(one),
        was_there=present_at(found).words_of([one.id]).get(one.id),
        reply=replies.reply_of(one),
        reply_names=ANSWERS,
        received=replies.received_from(one),
        kind_words=kind_words,
        outcome_words=outcome_words,
        unreachable=unreachable(one.id, one.email),
        history=reads.history_of(one),
        kinds=KINDS,
        state_words=state_words,
        state_name=state_name,
        words=words,
    )


@pages.get("/<series>/<edition>/registrations/<int:registration>/files/<int:question>")
@needs(Capability.PEOPLE)
def answer_file(series: str, edition: str, registration: int, question: int) -> ResponseReturnValue:
    """Hand out a file that was given as an answer."""
    one = reads.registration_of(found_edition(series, edition), registration) or abort(404)
    kept = file_of(one.id, question)
    return files.download(*kept) if kept else abort(404)


@pages.route("/<series>/<edition>/registrations/<int:registration>/edit", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def edit_registration(series: str, edition: str, registration: int) -> ResponseReturnValue:
    """Change what is known about a participant; they get a mail about it."""
    found = found_edition(series, edition)
    one = reads.registration_of(found, registration) or abort(404)
    if one.erased_at is not None:
        raise RuleBroken(_("Who this was is forgotten, so there is nothing to change."))
    form = changing(one, place=True)
    offer_days(form, days_to_choose(found), one)
    if form.validate_on_submit() and _change(one, form):
        return redirect(_address("desk.registration", found, registration=registration), 303)
    page = render_template(
        "desk/registrations/edit.html",
        edition=found,
        registration=one,
        form=form,
        offered=choices.offer_instead(form, one),
    )
    return page, 422 if request.method == "POST" else 200


@pages.post("/<series>/<edition>/registrations/")
@needs(Capability.PEOPLE)
def change_registrations(series: str, edition: str) -> ResponseReturnValue:
    """Mail or cancel those who were ticked; cancelling asks back first."""
    found = found_edition(series, edition)
    ticked = reads.chosen(found, [int(key) for key in request.form.getlist("id") if _is_key(key)])
    action = request.form.get("action")
    if action in DECISIONS:
        ticked = [one for one in ticked if one.state in DECISIONS[action]]
        if ticked:
            return _decide(found, action, ticked)
        flash(_("None of these registrations awaits a decision."), "warn")
    elif not ticked or action not in {"resend", "cancel"}:
        flash(_("Tick at least one registration and choose what to do."), "warn")
    elif action == "resend":
        _resend(ticked)
    elif "sure" in request.form:
        _cancel(ticked)
    else:
        return render_template(
            "desk/registrations/cancel.html",
            edition=found,
            ticked=ticked,
            who=words.who,
            filter=_filter(found),
        )
    return redirect(_list_address(found), 303)


def _decide(edition: Edition, action: str, ticked: Sequence[Registration]) -> ResponseReturnValue:
    """Ask for words of the organiser's own, then approve or reject."""
    form = DecisionForm()
    if "sure" not in request.form:
        form = DecisionForm(formdata=None)
    elif form.validate():
        _carry_out(action, [one.id for one in ticked], form.words.data)
        return redirect(_list_address(edition), 303)
    page = render_template(
        "desk/registrations/decide.html",
        edition=edition,
        ticked=ticked,
        action=action,
        form=form,
        filter=_filter(edition),
    )
    return page, 422 if "sure" in request.form else 200


def _carry_out(action: str, keys: Sequence[int], words: str) -> None:
    verb = service.approve if action == "approve" else service.reject
    try:
        with transaction():
            for key in keys:
                verb(db.session.get_one(Registration, key), words)
    except RuleBroken as broken:
        flash(broken.message, "danger")
    else:
        flash(_("Done. The mails are on their way."), "ok")


def state_name(state: RegistrationState) -> str:
    """Return the word for a state."""
    return {
        RegistrationState.CONFIRMED: _("Confirmed"),
        RegistrationState.WAITLISTED: _("Waitlist"),
        RegistrationState.CANCELLED: _("Cancelled"),
        RegistrationState.PENDING: _("Awaits approval"),
        RegistrationState.REJECTED: _("Rejected"),
        RegistrationState.HELD: _("Address unconfirmed"),
        RegistrationState.OFFERED: _("Place offered"),
    }[state]


def _wanted(edition: Edition, questions: Sequence[Sense], places: KindsOfPlace) -> reads.Wanted:
    role = request.args.get("role", "")
    state = next((one for one in RegistrationState if one.value == request.args.get("state")), None)
    sort = request.args.get("sort", reads.USUAL)
    return reads.Wanted(
        words=request.args.get("q", "")[:LONGEST_SEARCH].strip(),
        asked=tuple({one.question.id for one in questions if one.question.kind in WRITTEN}),
        state=state,
        sort=sort if sort.removeprefix("-") in reads.SORTS else reads.USUAL,
        answers=columns.wanted_answers(request.args.getlist("answer"), questions),
        day=next(
            (day for day, _name in days_to_choose(edition) if str(day) == request.args.get("day")), None
        ),
        reply=next((one for one in Answer if one.value == request.args.get("reply")), None),
        attendance=next((one for one in places.offered if one.value == request.args.get("attendance")), None),
        said=next((one for one in Said if one.value == request.args.get("said")), None),
        role=int(role) if _is_key(role) and int(role) in places.roles else None,
    )


def _rows(edition: Edition) -> Iterator[Sequence[str]]:
    questions = columns.questions_of(edition)
    places, present = kinds_of_place(edition), present_at(edition)
    wanted = _wanted(edition, questions, places)
    positions = reads.positions(edition)
    yield (
        _("Number"),
        _("State"),
        _("Position"),
        _("Name"),
        _("Email address"),
        _("Organisation"),
        _("Message"),
        _("Language"),
        _("Registered"),
        _("Time zone"),
        _("Calendar says"),
        *([_("Present")] if present else []),
        *places.heads,
        *(columns.head(one, edition.zone) for one in questions),
    )
    for part in db.session.scalars(reads.registrations_of(edition, wanted)).partitions(AT_ONCE):
        texts = columns.texts_of([one.id for one in part], questions) if questions else {}
        said = replies.replies_of([one.id for one in part])
        was_there = present.words_of([one.id for one in part])
        for one in part:
            yield (
                *_row(edition, one, positions),
                str(ANSWERS[said[one.id].answer]) if one.id in said else "",
                *([was_there.get(one.id, "")] if present else []),
                *places.words(one),
                *(texts.get(one.id, {}).get(sense.key, "") for sense in questions),
            )


def _row(edition: Edition, one: Registration, positions: Mapping[int, int]) -> tuple[str, ...]:
    return (
        one.code,
        state_name(one.state),
        str(positions.get(one.id, "")),
        words.who(one, edition.zone),
        one.email,
        one.organisation,
        one.note,
        one.language,
        f"{times.local(one.created_at, edition.zone):%Y-%m-%d %H:%M}",
        edition.zone,
    )


def _change(registration: Registration, form: ChangeForm) -> bool:
    details = form.details()
    try:
        with transaction():
            changed = service.change(registration, details, "organiser", form.changed_place())
            if form.days.choices:
                changed |= attending.change(registration, form.chosen_days(), by="organiser")
            answered = answers.change(registration, form.answered(), by_participant=False)
    except RuleBroken as broken:
        form.refuse(broken)
        return False
    flash(_("Saved.") if changed or answered else _("Nothing has changed."), "ok")
    return True


def _resend(ticked: Sequence[Registration]) -> None:
    keys = [one.id for one in ticked]
    with transaction():
        sent = sum(_resend_one(key) for key in keys)
    if sent:
        flash(ngettext("%(num)s mail goes out once more.", "%(num)s mails go out once more.", sent), "ok")
    if sent < len(keys):
        flash(
            ngettext(
                "%(num)s registration got no mail: cancelled, erased, or one left a short while ago.",
                "%(num)s registrations got no mail: cancelled, erased, or one left a short while ago.",
                len(keys) - sent,
            ),
            "warn",
        )


def _resend_one(key: int) -> bool:
    one = db.session.get_one(Registration, key)
    return one.state not in ENDED and one.erased_at is None and service.resend(one)


def _cancel(ticked: Sequence[Registration]) -> None:
    keys = [one.id for one in ticked]
    with transaction():
        done = sum(service.cancel(db.session.get_one(Registration, key), "organiser") for key in keys)
    flash(
        ngettext(
            "%(num)s registration is cancelled, and a mail says so.",
            "%(num)s registrations are cancelled, and mails say so.",
            done,
        ),
        "ok",
    )


def _filter(edition: Edition) -> dict[str, str | list[str]]:
    """Return the filter that the address names, so that it is still there after something was done."""
    return _wanted(edition, columns.questions_of(edition), kinds_of_place(edition)).address


def _list_address(edition: Edition) -> str:
    return path_to("desk.registrations", series=edition.series.slug, edition=edition.key, **_filter(edition))


def _address(endpoint: str, edition: Edition, **values: int) -> str:
    return path_to(endpoint, series=edition.series.slug, edition=edition.key, **values)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= LARGEST_KEY
