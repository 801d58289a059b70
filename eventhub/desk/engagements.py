"""The speakers of an edition: who takes part, asking them, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.agenda import choices
from eventhub.agenda.models import AnySlot, Speaker
from eventhub.database import transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.mail_preview import Shown, shown
from eventhub.desk.needs import needs
from eventhub.editions.models import Edition
from eventhub.engagements import mails, queries, service
from eventhub.engagements.forms import AskForm
from eventhub.engagements.models import EngagementState
from eventhub.engagements.service import Question
from eventhub.errors import RuleBroken
from eventhub.organisations.levels import by_level
from eventhub.organisations.models import Level
from eventhub.organisations.roles import Capability
from eventhub.registration.rules import mail_address
from eventhub.web.languages import LANGUAGES, ngettext
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to

LONGEST_ADDRESS = 254


@pages.route("/<series>/<edition>/speakers/", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def engagements(series: str, edition: str) -> ResponseReturnValue:
    """List the people on the programme by level of government, and ask those who were not asked yet."""
    found = found_edition(series, edition)
    form = AskForm(data={"language": found.language or found.series.language})
    people = queries.on_programme(found)
    typed = {one.id: _typed(one) for one in people} if request.method == "POST" else {}
    wrong = {
        key: _("Enter an address like name@example.org")
        for key, address in typed.items()
        if address and mail_address(address) is None
    }
    if not form.validate_on_submit() or wrong:
        return _show(found, form, people, typed, wrong)
    addresses = {one: mail_address(typed[one.id]) or "" for one in people if typed[one.id]}
    question = Question(form.language.data, form.words.data or "", form.answer_by.data)
    try:
        with transaction():
            number = service.ask(found, addresses, question)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(found, form, people, typed, wrong)
    words = ngettext("%(num)s question is on its way.", "%(num)s questions are on their way.", number)
    flash(words if number else _("Everybody with an address was asked already."), "ok" if number else "warn")
    return redirect(_address(found), 303)


@pages.post("/<series>/<edition>/speakers/remind")
@needs(Capability.AGENDA)
def remind_speakers(series: str, edition: str) -> ResponseReturnValue:
    """Write once more to those who are silent."""
    found = found_edition(series, edition)
    silent = [one for one in queries.engagements_of(found).values() if one.is_silent]
    with transaction():
        number = service.remind(found, silent)
    words = ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", number)
    nobody = _(
        "No reminder went out: everybody who is silent had a mail within the last day, or four already."
    )
    flash(words if number else nobody, "ok" if number else "warn")
    return redirect(_address(found), 303)


@pages.post("/<series>/<edition>/speakers/<speaker>/answer")
@needs(Capability.AGENDA)
def note_answer(series: str, edition: str, speaker: str) -> ResponseReturnValue:
    """Write down what somebody has said by phone, or take that back."""
    found = found_edition(series, edition)
    person = choices.speaker_of(found.series, speaker) or abort(404)
    answer = request.form.get("answer")
    try:
        with transaction():
            words = _noted(found, person, answer)
    except RuleBroken as broken:
        flash(broken.message, "danger")
    else:
        flash(words, "ok")
    return redirect(f"{_address(found)}#speaker-{person.id}", 303)


def _noted(edition: Edition, person: Speaker, answer: str | None) -> str:
    if answer in ("accepted", "declined"):
        service.note_answer(edition, person, takes_part=answer == "accepted")
        return _("Noted for %(name)s. No mail was sent.", name=person.name)
    engagement = queries.engagements_of(edition).get(person.id) or abort(404)
    service.take_back_note(engagement)
    return _("The note about %(name)s is taken back.", name=person.name)


def state_name(state: EngagementState) -> str:
    """Return the word for a state."""
    return {
        EngagementState.ASKED: _("Asked"),
        EngagementState.OPENED: _("Opened"),
        EngagementState.ACCEPTED: _("Takes part"),
        EngagementState.DECLINED: _("Declined"),
    }[state]


def _typed(speaker: Speaker) -> str:
    return request.form.get(f"email-{speaker.id}", "")[: LONGEST_ADDRESS + 1].strip()


def _show(
    edition: Edition,
    form: AskForm,
    people: Mapping[Speaker, list[AnySlot]],
    typed: Mapping[int, str],
    wrong: Mapping[int, str],
) -> ResponseReturnValue:
    known = queries.engagements_of(edition)
    here = [known[one.id] for one in people if one.id in known]
    counts = Counter(one.state for one in here)
    page = render_template(
        "desk/engagements/list.html",
        edition=edition,
        form=form,
        number=len(people),
        not_asked=len(people) - len(here),
        levels=by_level(people.items(), _level_of),
        engagements=known,
        numbers={state: counts[state] for state in EngagementState},
        silent=any(one.is_silent for one in here),
        mails=queries.last_mails(here) if here else {},
        typed=typed,
        wrong=wrong,
        wrong_addresses=[
            (f"email-{one.id}", f"{one.name}: {wrong[one.id]}") for one in people if one.id in wrong
        ],
        state_name=state_name,
        previews=_previews(edition, form) if people else [],
    )
    return page, 422 if form.errors or wrong else 200


def _level_of(row: tuple[Speaker, list[AnySlot]]) -> Level | None:
    organisation = row[0].organisation
    return organisation.level if organisation else None


def _previews(edition: Edition, form: AskForm) -> list[Shown]:
    """Return the mail in each language, the chosen one first."""
    codes = sorted(LANGUAGES, key=lambda code: code != form.language.data)
    question = Question(form.language.data or "", form.words.data or "", form.answer_by.data)
    return [shown(code, mails.preview(edition, code, question.words, question.answer_by)) for code in codes]


def _address(edition: Edition) -> str:
    return path_to("desk.engagements", series=edition.series.slug, edition=edition.key)
