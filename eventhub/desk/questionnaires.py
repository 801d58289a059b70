"""The builder of own forms, for a series and for an edition: questions, their order, a preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from eventhub.database import lock, transaction
from eventhub.desk import questionnaire_queries as reads
from eventhub.desk.blueprint import found_edition, found_series, pages
from eventhub.desk.moving_up import ask_first, went_back, would_move_up
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.editions.models import Edition, Series
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.questionnaires import queries, rules, service
from eventhub.questionnaires.fields import QuestionsForm, asking
from eventhub.questionnaires.forms import QuestionForm, question_form, stored
from eventhub.questionnaires.models import Kind, Purpose, Question, Questionnaire
from eventhub.questionnaires.names import KIND_NAMES, READY_MADE_NAMES, ready_made
from eventhub.questionnaires.rules import Definition
from eventhub.registration import answers
from eventhub.registration.queries import peopled_editions_asking
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@dataclass(frozen=True)
class Owner:
    """Whose questions these are: those of a series, or of one edition."""

    series: Series
    edition: Edition | None = None

    @property
    def row(self) -> Series | Edition:
        return self.edition or self.series

    @property
    def inherits(self) -> bool:
        """Whether an edition asks what its series asks."""
        return self.edition is not None and self.edition.questionnaire_id is None

    @property
    def address(self) -> dict[str, str]:
        found = {"series": self.series.slug}
        return found if self.edition is None else found | {"edition": self.edition.key}

    @property
    def about(self) -> service.About:
        return {"edition_id": self.edition.id} if self.edition else {"series_id": self.series.id}

    def definition(self) -> Definition | None:
        asks = self.edition.asks if self.edition else self.series.questionnaire_id
        return queries.definition_of(asks)

    def questionnaire(self) -> Questionnaire:
        """Return the questionnaire to change; makes it where there is none yet."""
        lock(self.row)
        if self.row.questionnaire is None:
            self.row.questionnaire = service.create()
        return self.row.questionnaire


@pages.get("/<series>/questions/", defaults={"edition": None})
@pages.get("/<series>/<edition>/questions/")
@needs(Capability.EDIT)
def questions(series: str, edition: str | None) -> ResponseReturnValue:
    """Show what registration asks, with a preview."""
    owner = _owner(series, edition)
    definition = owner.definition()
    roles = reads.roles_of(owner.row) if definition and definition.asks_by_role else {}
    preview = asking(QuestionsForm, definition)(formdata=None)
    preview.roles = {name: (name, title) for name, title in roles.items()}
    return render_template(
        "desk/questions/list.html",
        **_common(owner),
        definition=definition,
        roles=roles,
        preview=preview,
        kinds=KIND_NAMES,
        ready_made=_ready_made(definition),
        sources=reads.sources(current_user, owner.row),
        choices=rules.choices,
    )


@pages.route("/<series>/questions/new", methods=["GET", "POST"], defaults={"edition": None})
@pages.route("/<series>/<edition>/questions/new", methods=["GET", "POST"])
@needs(Capability.EDIT)
def new_question(series: str, edition: str | None) -> ResponseReturnValue:
    """Add a question of a kind."""
    owner = _own(series, edition)
    kind = _kind(request.values.get("kind")) or abort(404)
    definition = owner.definition()
    form = question_form(kind, definition, roles=reads.roles_of(owner.row).items())
    if form.validate_on_submit() and "preview" not in request.form:
        try:
            with transaction():
                made = service.add(owner.questionnaire(), kind, form.wording(kind, ()), owner.about)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The question is added."), "ok")
            return _back(owner, made.id)
    return _show(owner, form, kind, None)


@pages.route("/<series>/questions/<int:key>/", methods=["GET", "POST"], defaults={"edition": None})
@pages.route("/<series>/<edition>/questions/<int:key>/", methods=["GET", "POST"])
@needs(Capability.EDIT)
def question(series: str, edition: str | None, key: int) -> ResponseReturnValue:
    """Change a question; what was answered stays as it was asked."""
    owner = _own(series, edition)
    found = _question(owner, key)
    definition = owner.definition()
    asked = (definition.question(key) if definition else None) or abort(404)
    form = question_form(found.kind, definition, asked, reads.roles_of(owner.row).items())
    stale = None
    if form.validate_on_submit() and "preview" not in request.form and not went_back():
        try:
            moving_up = would_move_up(_peopled(owner), lambda: _change(owner, found, form))
            if moving_up:
                here = path_to("desk.question", key=key, **owner.address)
                return ask_first(moving_up, here, **_common(owner), tab="questions")
            with transaction():
                _change(owner, found, form)
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return _back(owner, key)
    return _show(owner, form, found.kind, found, stale)


def _change(owner: Owner, question: Question, form: QuestionForm) -> None:
    questionnaire = owner.questionnaire()
    lock(questionnaire)
    definition = owner.definition()
    asked = definition.question(question.id) if definition else None
    if asked is None:
        raise RuleBroken(_("Somebody else has removed this question in the meantime."))
    form.require_unchanged(stored(asked))
    wording = form.wording(question.kind, (*asked.options, *asked.gone))
    service.change(questionnaire, question, wording, owner.about)


@pages.post("/<series>/questions/<int:key>/move", defaults={"edition": None})
@pages.post("/<series>/<edition>/questions/<int:key>/move")
@needs(Capability.EDIT)
def move_question(series: str, edition: str | None, key: int) -> ResponseReturnValue:
    """Put a question at another position."""
    owner = _own(series, edition)
    found = _question(owner, key)
    position = request.form.get("position", "")
    if not (position.isascii() and position.isdecimal() and len(position) < 4):
        abort(400)
    try:
        with transaction():
            service.move(owner.questionnaire(), found, int(position))
    except RuleBroken as broken:
        flash(broken.message, "danger")
    return _back(owner, key)


@pages.post("/<series>/questions/<int:key>/remove", defaults={"edition": None})
@pages.post("/<series>/<edition>/questions/<int:key>/remove")
@needs(Capability.EDIT)
def remove_question(series: str, edition: str | None, key: int) -> ResponseReturnValue:
    """Stop asking a question."""
    owner = _own(series, edition)
    found = _question(owner, key)

    def remove() -> None:
        service.remove(owner.questionnaire(), found, owner.about)

    try:
        moving_up = would_move_up(_peopled(owner), remove)
        if moving_up:
            here = path_to("desk.remove_question", key=key, **owner.address)
            back = path_to("desk.question", key=key, **owner.address)
            return ask_first(moving_up, here, back, **_common(owner), tab="questions")
        with transaction():
            remove()
    except RuleBroken as broken:
        flash(broken.message, "danger")
        return _back(owner, key)
    flash(_("The question is removed. Answers that were given stay with the registrations."), "ok")
    return _back(owner)


@pages.post("/<series>/questions/ready-made", defaults={"edition": None})
@pages.post("/<series>/<edition>/questions/ready-made")
@needs(Capability.EDIT)
def add_ready_made(series: str, edition: str | None) -> ResponseReturnValue:
    """Add one of the ready-made questions."""
    owner = _own(series, edition)
    purpose = next((one for one in Purpose if one.value == request.form.get("purpose")), None) or abort(400)
    kind, wording = ready_made(purpose)
    with transaction():
        made = service.add(owner.questionnaire(), kind, wording, owner.about, purpose)
    flash(_("The question is added."), "ok")
    return _back(owner, made.id)


@pages.post("/<series>/questions/copy", defaults={"edition": None})
@pages.post("/<series>/<edition>/questions/copy")
@needs(Capability.EDIT)
def copy_questions(series: str, edition: str | None) -> ResponseReturnValue:
    """Add the questions of another edition or series."""
    owner = _own(series, edition)
    source = next(
        (one for one in reads.sources(current_user, owner.row) if str(one.key) == request.form.get("source")),
        None,
    )
    definition = queries.definition_of(source.key) if source else None
    if definition is None:
        abort(400)
    with transaction():
        copied = service.append_copy(owner.questionnaire(), definition, owner.about)
    flash(ngettext("%(num)s question is copied.", "%(num)s questions are copied.", len(copied)), "ok")
    return _back(owner)


@pages.post("/<series>/<edition>/questions/own")
@needs(Capability.EDIT)
def own_questions(series: str, edition: str) -> ResponseReturnValue:
    """Let an edition ask questions of its own: first the same as its series."""
    owner = _owner(series, edition)
    if owner.edition is not None and owner.inherits:
        with transaction():
            answers.make_own(owner.edition)
        flash(_("The edition has questions of its own now. Those of the series stay as they are."), "ok")
    return _back(owner)


@pages.post("/<series>/<edition>/questions/inherit")
@needs(Capability.EDIT)
def inherit_questions(series: str, edition: str) -> ResponseReturnValue:
    """Let an edition ask what its series asks."""
    owner = _owner(series, edition)
    found = owner.edition
    if found is not None and not owner.inherits:
        moving_up = would_move_up([found], lambda: answers.inherit(found))
        if moving_up:
            here = path_to("desk.inherit_questions", **owner.address)
            back = path_to("desk.questions", **owner.address)
            return ask_first(moving_up, here, back, **_common(owner), tab="questions")
        with transaction():
            answers.inherit(found)
        flash(_("The edition asks the questions of its series now."), "ok")
    return _back(owner)


def _owner(series: str, edition: str | None) -> Owner:
    if edition is None:
        return Owner(found_series(series))
    found = found_edition(series, edition)
    return Owner(found.series, found)


def _own(series: str, edition: str | None) -> Owner:
    """Return an owner whose questions may be changed here; those of a series are changed there."""
    owner = _owner(series, edition)
    if owner.inherits and owner.series.questionnaire_id is not None:
        raise RuleBroken(
            _("This edition asks the questions of its series. Give it questions of its own first.")
        )
    return owner


def _question(owner: Owner, key: int) -> Question:
    return queries.question_of(owner.row.questionnaire_id, key) or abort(404)


def _peopled(owner: Owner) -> Sequence[Edition]:
    """Return the editions in which a change of these questions may let somebody move up."""
    key = owner.row.questionnaire_id
    return peopled_editions_asking(key) if key is not None else ()


def _kind(text: str | None) -> Kind | None:
    return next((kind for kind in Kind if kind.value == text), None)


def _ready_made(definition: Definition | None) -> dict[Purpose, Any]:
    """Return the ready-made questions that are not asked yet."""
    present = {one.purpose for one in definition.questions} if definition else set()
    return {purpose: name for purpose, name in READY_MADE_NAMES.items() if purpose not in present}


def _common(owner: Owner) -> dict[str, Any]:
    return {"owner": owner, "series": owner.series, "edition": owner.edition, "where": owner.address}


def _back(owner: Owner, key: int | None = None) -> ResponseReturnValue:
    anchor = f"#question-{key}" if key else ""
    return redirect(path_to("desk.questions", **owner.address) + anchor, 303)


def _show(
    owner: Owner, form: QuestionForm, kind: Kind, found: Question | None, stale: Stale | None = None
) -> ResponseReturnValue:
    by = last_author("question.changed", owner.series.zone, row=found.id) if found and stale else ""
    page = render_template(
        "desk/questions/edit.html",
        **_common(owner),
        form=form,
        kind=kind,
        kind_name=KIND_NAMES[kind],
        question=found,
        answered=found is not None and queries.is_answered(found.id),
        preview=_preview(form, kind),
        stale=stale,
        stale_by=by,
    )
    if stale is not None:
        return page, 409
    return page, 422 if form.errors and "preview" not in request.form else 200


def _preview(form: QuestionForm, kind: Kind) -> QuestionsForm:
    """Draw the question as it is typed so far; what can't be read yet is left out."""
    try:
        wording = form.wording(kind, ())
    except RuleBroken:
        options: tuple[rules.Option, ...] = ()
    else:
        options = wording.options
    asked = rules.Asked(
        id=0,
        kind=kind,
        label=form.label.data or _("Your question"),
        help=form.help.data or "",
        required=bool(form.required.data) if "required" in form else False,
        options=options,
        keep_days=form.keep_days.data if "keep_days" in form else None,
    )
    return asking(QuestionsForm, Definition(0, 0, (asked,)))(formdata=None)
