"""Messages to participants: writing one, looking at each mail before it leaves, sending and stopping."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms.fields import SelectField
from wtforms.fields.choices import SelectChoice

from eventhub import clock
from eventhub.agenda.queries import planned_slots
from eventhub.announcements import mails, queries, service
from eventhub.announcements.models import Announcement, AnnouncementState, Seen
from eventhub.announcements.queries import OPEN_STATES, Audience, audience_of
from eventhub.database import lock, transaction
from eventhub.desk import answers
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.kinds_of_place import kinds_of_place
from eventhub.desk.mails import without_secrets
from eventhub.desk.needs import needs
from eventhub.desk.registrations import state_name
from eventhub.desk.stale import last_author
from eventhub.desk.text_fields import TextsForm, placeholders
from eventhub.desk.words import who
from eventhub.editions.checks import local_to_utc
from eventhub.editions.fields import Moment
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.mail.states import state_words
from eventhub.organisations.roles import Capability
from eventhub.questionnaires import files
from eventhub.questionnaires.rules import Refused
from eventhub.registration.choices import role_title
from eventhub.registration.models import RegistrationState
from eventhub.registration.own_texts import allowed
from eventhub.registration.queries import roles
from eventhub.web.forms import Form, is_key
from eventhub.web.languages import LANGUAGES, ngettext
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to
from eventhub.web.pagination import page_of
from eventhub.web.seen import Stale

MOST_NAMES = 200
MOST_SIGNS = 80
"""How much of a question stands before each of its answers."""
SEEN = {Seen.PRESENT: _l("only those who were there"), Seen.MISSING: _l("only those who were not")}
SEEN_HINT = _l("Who was seen at the door or came by their own join link counts as there")
STATES = {
    AnnouncementState.DRAFT: _l("Draft"),
    AnnouncementState.SCHEDULED: _l("Scheduled"),
    AnnouncementState.SENT: _l("Sent"),
    AnnouncementState.STOPPED: _l("Stopped"),
}


class MessageForm(TextsForm):
    """Words and whom they go to."""

    state = SelectField(_l("State"))
    role = SelectField(_l("Role"))
    slot = SelectField(_l("Who has this in their programme"))
    answer = SelectField(_l("Answer"))
    attendance = SelectField(_l("Takes part"))
    presence = SelectField(_l("Was there"), description=SEEN_HINT)

    def offer(self, edition: Edition) -> None:
        """Offer what registrations of this edition can be told apart by."""
        everybody = SelectChoice("", _("all"))
        states = (SelectChoice(one.value, state_name(one)) for one in OPEN_STATES)
        known_roles = (SelectChoice(str(role.id), role_title(role)) for role in roles(edition))
        slots = (SelectChoice(str(slot.id), slot.title) for slot in planned_slots(edition.id))
        self.state.choices = [*states, everybody]
        self.role.choices = [everybody, *known_roles]
        self.slot.choices = [everybody, *slots]
        self.answer.choices = [everybody, *_answers(edition)]
        offered = kinds_of_place(edition).offered
        self.attendance.choices = [everybody, *(SelectChoice(*item) for item in offered.items())]
        begun = edition.starts_at is not None and edition.starts_at <= clock.now()
        self.presence.choices = [everybody, *(SelectChoice(*item) for item in SEEN.items() if begun)]

    def audience(self) -> Audience:
        """Return whom it goes to."""
        role, slot = self.role.data, self.slot.data
        return Audience(
            self.state.data or "",
            int(role) if role else None,
            int(slot) if slot else None,
            self.answer.data or "",
            self.attendance.data or "",
            self.presence.data or "",
        )


class ScheduleForm(Form):
    """When a message leaves."""

    due_at = Moment(_l("Leaves on"))


class FileForm(Form):
    """A file that goes along."""

    file = FileField(_l("File"), description=_l("PDF, PNG or JPEG; all files together at most 3 MB"))


def _answers(edition: Edition) -> list[SelectChoice]:
    return [
        SelectChoice(sense.answer_key(value), f"{answers.head(sense, edition.zone, MOST_SIGNS)}: {words}")
        for sense, values in answers.filter_choices(answers.questions_of(edition))
        for value, words in values
    ]


@pages.get("/<series>/<edition>/messages/")
@needs(Capability.PEOPLE)
def messages(series: str, edition: str) -> ResponseReturnValue:
    """List the messages, the latest first."""
    found = found_edition(series, edition)
    page = page_of(queries.announcements_of(found), 50)
    return render_template(
        "desk/messages/list.html", edition=found, page=page, states=STATES, kinds=_STATE_KINDS
    )


_STATE_KINDS = {
    AnnouncementState.SCHEDULED: "info",
    AnnouncementState.SENT: "ok",
    AnnouncementState.STOPPED: "warn",
}


@pages.route("/<series>/<edition>/messages/new", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def new_message(series: str, edition: str) -> ResponseReturnValue:
    """Write a message; it stays a draft until it is sent."""
    found = found_edition(series, edition)
    form = MessageForm(data={"state": RegistrationState.CONFIRMED.value})
    form.offer(found)
    if form.validate_on_submit():
        try:
            with transaction():
                key = service.create(found, form.texts(), form.audience()).id
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            return redirect(_address("desk.message", found, key), 303)
    return _show_form(form, found, None)


@pages.route("/<series>/<edition>/messages/<int:key>/edit", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def edit_message(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Change a draft."""
    found = found_edition(series, edition)
    message = queries.announcement_of(found, key) or abort(404)
    form = MessageForm(data=_stored(message))
    form.offer(found)
    if form.validate_on_submit():
        try:
            with transaction():
                lock(message)
                form.require_unchanged(_stored(message))
                service.change(message, form.texts(), form.audience())
        except Stale as stale:
            return _show_form(form, found, message, stale)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            return redirect(_address("desk.message", found, key), 303)
    return _show_form(form, found, message)


@pages.route("/<series>/<edition>/messages/<int:key>/", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def message(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Show a message, whom it reaches and each of its mails; send, schedule, stop or drop it."""
    found = found_edition(series, edition)
    shown = queries.announcement_of(found, key) or abort(404)
    if request.method == "GET":
        return _show(found, shown, ScheduleForm(formdata=None), FileForm(formdata=None))
    schedule, file = ScheduleForm(), FileForm()
    try:
        with transaction():
            words = _do(shown, request.form.get("do", ""), schedule, file)
    except RuleBroken as broken:
        form = file if broken.field == "file" else schedule
        form.refuse(broken)
        return _show(found, shown, schedule, file)
    flash(words, "ok")
    if request.form["do"] == "delete":
        return redirect(path_to("desk.messages", series=series, edition=edition), 303)
    return redirect(_address("desk.message", found, key), 303)


def _do(message: Announcement, what: str, schedule: ScheduleForm, file: FileForm) -> str:
    if what == "send":
        number = service.send(message)
        return ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", number)
    if what == "schedule":
        service.schedule(message, _due(message.edition, schedule))
        return _("Scheduled. Whom it reaches is looked up again then.")
    if what == "stop":
        was_sent = message.state is AnnouncementState.SENT
        number = service.stop(message)
        return (
            ngettext("%(num)s mail is stopped.", "%(num)s mails are stopped.", number)
            if was_sent
            else _("The message is a draft again.")
        )
    if what == "delete":
        service.delete(message)
        return _("The message is deleted.")
    if what == "attach":
        service.attach(message, *_file(file))
        return _("The file goes along.")
    if what == "detach" and is_key(request.form.get("file_key", "")):
        service.detach(message, int(request.form["file_key"]))
        return _("The file is taken out.")
    raise RuleBroken(_("Choose what to do."))


def _due(edition: Edition, form: ScheduleForm) -> datetime:
    if not form.validate() or form.due_at.data is None:
        raise RuleBroken(_("Enter day and time"), field=None if form.due_at.errors else "due_at")
    moment = form.due_at.data
    return local_to_utc(edition.zone, moment.date(), moment.time(), "due_at")


def _file(form: FileForm) -> tuple[str, bytes]:
    sent = form.file.data
    if not sent:
        raise RuleBroken(_("Choose a file"), field="file")
    try:
        return files.accepted(sent.stream, sent.filename or "")
    except Refused as refused:
        raise RuleBroken(str(refused), field="file") from None


def _stored(message: Announcement) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for spoken, text in message.texts().items():
        values |= {f"subject_{spoken}": text.subject, f"body_{spoken}": text.body}
    audience = audience_of(message.audience)
    return {
        **values,
        "state": audience.state,
        "role": str(audience.role or ""),
        "slot": str(audience.slot or ""),
        "answer": audience.answer,
        "attendance": audience.attendance,
        "presence": audience.presence,
    }


def _show_form(
    form: MessageForm, edition: Edition, message: Announcement | None, stale: Stale | None = None
) -> ResponseReturnValue:
    by = last_author("message.changed", edition.zone, row=message.id) if stale and message else ""
    page = render_template(
        "desk/messages/edit.html",
        edition=edition,
        form=form,
        message=message,
        placeholders=placeholders(allowed()),
        languages=LANGUAGES,
        stale=stale,
        stale_by=by,
    )
    return page, 409 if stale else 422 if form.errors or form.form_errors else 200


def _show(
    edition: Edition, message: Announcement, schedule: ScheduleForm, file: FileForm
) -> ResponseReturnValue:
    audience = audience_of(message.audience)
    page = page_of(queries.reached(edition.id, audience), 1)
    letter = mails.preview(page.items[0], message) if page.items else None
    errors = [*schedule.form_errors, *schedule.errors, *file.errors]
    shown = render_template(
        "desk/messages/one.html",
        edition=edition,
        message=message,
        states=STATES,
        kinds=_STATE_KINDS,
        audience=_audience_words(edition, message),
        page=page,
        letter=letter,
        text=without_secrets(letter.text) if letter else "",
        names=queries.first_names(edition.id, audience, MOST_NAMES),
        not_reached=queries.not_reached(edition.id, audience),
        outcome=queries.mail_states(message) if message.sent_at else {},
        state_words=state_words,
        schedule=schedule,
        file=file,
        who=who,
    )
    return shown, 422 if errors else 200


def _audience_words(edition: Edition, message: Announcement) -> Sequence[tuple[str, str]]:
    """Return the filter in words."""
    form = MessageForm(formdata=None, data=_stored(message))
    form.offer(edition)
    fields: Mapping[str, Any] = {one.name: form[one.name] for one in dataclasses.fields(Audience)}
    found = []
    for name, field in fields.items():
        known = {choice.value: choice.label for choice in field.choices}
        if field.data or name == "state":
            found.append((str(field.label.text), str(known.get(field.data, _("no longer there")))))
    return found


def _address(endpoint: str, edition: Edition, key: int) -> str:
    return path_to(endpoint, series=edition.series.slug, edition=edition.key, key=key)
