"""Form fields that are drawn from a questionnaire and checked by its rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import DateField, Field, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from eventhub.questionnaires import files, rules
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Asked, Definition, Option, Refused
from eventhub.questionnaires.service import Given
from eventhub.web import times
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language

MOST_CLASSES = 64
MOST_RADIOS = 8
"""Longer lists of options are a menu."""


class _Day(DateField):  # type: ignore[misc]
    """A date whose text is read by the rules of the questionnaire."""

    def _value(self) -> str:
        return str(self.raw_data[0] if self.raw_data else self.data or "")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the text as it is."""
        self.data = valuelist[0] if valuelist else ""


class Boxes(SelectMultipleField):  # type: ignore[misc]
    """Several options, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Ranking(SelectMultipleField):  # type: ignore[misc]
    """As many menus as there are options: the first choice, the second …"""

    widget = ListWidget(prefix_label=False)

    @property
    def places(self) -> list[tuple[str, str, str]]:
        """Id, words and chosen option of each menu."""
        given = list(self.data or ())
        return [
            (
                f"{self.id}-{place}",
                _("%(nth)s choice", nth=times.ordinal(place + 1)),
                given[place] if place < len(given) else "",
            )
            for place in range(len(self.choices))
        ]


class _Checked:
    """Lets the rules of the questionnaire decide about a field."""

    def __init__(self, question: Asked) -> None:
        self.question = question
        self.field_flags = {"required": True} if question.required else {"optional": True}

    def __call__(self, form: QuestionsForm, field: Field) -> None:
        try:
            form.given[self.question.id] = form.read(self.question, field)
        except Refused as refused:
            raise StopValidation(str(refused)) from None


class QuestionsForm(Form):
    """A form that asks the questions of a questionnaire besides its own."""

    definition: Definition | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.given: dict[int, str] = {}
        self.uploads: dict[int, bytes] = {}
        self.earlier_files: dict[int, str] = {}
        """Names of files that were given before; they stay unless a new one comes."""
        self.out_of_sight: dict[int, str] = {}
        """Answers from before a change of the organisers hid their questions."""
        self.asked_as: str | None = None
        """The role in which somebody comes, as questions name it."""
        self.roles: dict[str, tuple[str, str]] = {}
        """What can still be chosen as role here: value in the form and title, by the name of the role."""
        self.hints: dict[int, dict[str, str]] = {}
        """What stands next to options, by question and option."""
        self.full: dict[int, set[str]] = {}
        """Options that can't be chosen now."""
        super().__init__(*args, **kwargs)

    def read(self, question: Asked, field: Field) -> str:
        """Return the answer that a field holds; raises Refused where it is none."""
        if question.kind is not Kind.FILE:
            return rules.checked(question, [text for text in field.raw_data or () if isinstance(text, str)])
        if not field.data or isinstance(field.data, str):
            return rules.checked(question, [self.earlier_files.get(question.id, "")])
        name, content = files.accepted(field.data.stream, field.data.filename or "")
        self.uploads[question.id] = content
        return rules.checked(question, [name])

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Check all fields; questions that this person isn't asked have neither errors nor answers."""
        super().validate(*args, **kwargs)
        if self.definition is not None:
            shown = rules.shown(self.definition, self.given, self.asked_as)
            for question in self.definition.asking:
                if question.id not in shown:
                    self.field_of(question).errors = ()
                    self.given.pop(question.id, None)
                    self.uploads.pop(question.id, None)
            self.given |= {key: value for key, value in self.out_of_sight.items() if key not in shown}
        return not self.errors

    def field_of(self, question: Asked) -> Field:
        return self[field_name(question.id)]

    def answered(self) -> Given | None:
        """Return what was answered; None where nothing is asked."""
        if self.definition is None:
            return None
        said = {key: value for key, value in self.given.items() if value}
        files = {key: content for key, content in self.uploads.items() if key in said}
        return Given(self.definition, said, files)

    def note_option(self, question: Asked, option: Option, words: str, *, full: bool) -> None:
        """Show words next to an option; a full one can't be chosen unless it is already."""
        field = self.field_of(question)
        full = full and option.key not in ([field.data] if isinstance(field.data, str) else field.data or ())
        self.hints.setdefault(question.id, {})[option.key] = words
        if full:
            self.full.setdefault(question.id, set()).add(option.key)
        if type(field) is SelectField:
            field.choices = [
                replace(one, label=f"{one.label} ({words})", render_kw={"disabled": True} if full else {})
                if one.value == option.key
                else one
                for one in field.choices
            ]

    def keep_out_of_sight(
        self, definition: Definition, values: Mapping[int, str], asked_as: str | None
    ) -> None:
        """Keep the answers to questions that this person is no longer asked, though they changed nothing."""
        shown = rules.shown(definition, values, asked_as)
        self.out_of_sight = {
            question.id: values[question.id]
            for question in definition.asking
            if question.id not in shown and question.id in values
        }

    def fill(self, values: Mapping[int, str]) -> None:
        """Show the answers that were given before."""
        for question in self.definition.asking if self.definition else ():
            value = values.get(question.id)
            if not value:
                continue
            if question.kind is Kind.FILE:
                self.earlier_files[question.id] = value
            elif not self.is_submitted():
                self.field_of(question).data = _data(question, value)


def field_name(question_id: int) -> str:
    return f"q{question_id}"


F = TypeVar("F", bound=QuestionsForm)
_classes: dict[tuple[type[QuestionsForm], Definition, str], Any] = {}
"""Making a class costs more than everything else about a form, so each is made once."""


def asking(base: type[F], definition: Definition | None) -> type[F]:
    """Return a form class that asks these questions besides what `base` asks."""
    if definition is None or not definition.questions:
        return base
    key = base, definition, language()
    found = _classes.get(key)
    if found is None:
        if len(_classes) >= MOST_CLASSES:
            _classes.clear()
        fields = {field_name(question.id): _field(question) for question in definition.asking}
        found = _classes[key] = type(base)(  # type: ignore[misc]
            base.__name__, (base,), {"definition": definition, **fields}
        )
    return cast("type[F]", found)


def _field(question: Asked) -> Field:
    common: dict[str, Any] = {
        "label": question.label,
        "description": rules.explanation(question),
        "validators": [_Checked(question)],
    }
    if question.kind in _MAKERS:
        return _MAKERS[question.kind](question, common)
    return _PLAIN[question.kind](**common)


def _one_of(question: Asked, common: dict[str, Any]) -> Field:
    choices = [SelectChoice(option.key, option.label) for option in question.options]
    if len(choices) <= MOST_RADIOS:
        return RadioField(choices=choices, validate_choice=False, **common)
    return SelectField(
        choices=[SelectChoice("", _("Please choose")), *choices], validate_choice=False, **common
    )


def _yes_no(_question: Asked, common: dict[str, Any]) -> Field:
    choices = [SelectChoice(rules.YES, _("Yes")), SelectChoice(rules.NO, _("No"))]
    return RadioField(choices=choices, validate_choice=False, **common)


def _several(question: Asked, common: dict[str, Any]) -> Field:
    choices = [SelectChoice(option.key, option.label) for option in question.options]
    kind = Ranking if question.kind is Kind.RANKING else Boxes
    return kind(choices=choices, validate_choice=False, **common)


def _number(_question: Asked, common: dict[str, Any]) -> Field:
    return StringField(render_kw={"inputmode": "decimal", "class": "input w-s"}, **common)


def _long_text(_question: Asked, common: dict[str, Any]) -> Field:
    return TextAreaField(render_kw={"rows": 4}, **common)


def _file(_question: Asked, common: dict[str, Any]) -> Field:
    return FileField(render_kw={"accept": files.ACCEPT}, **common)


_PLAIN = {
    Kind.SHORT_TEXT: StringField,
    Kind.EMAIL: EmailField,
    Kind.PHONE: TelField,
    Kind.DATE: _Day,
    Kind.CONSENT: BooleanField,
}
_MAKERS = {
    Kind.LONG_TEXT: _long_text,
    Kind.NUMBER: _number,
    Kind.YES_NO: _yes_no,
    Kind.ONE_OF: _one_of,
    Kind.SEVERAL_OF: _several,
    Kind.RANKING: _several,
    Kind.FILE: _file,
}


def _data(question: Asked, value: str) -> Any:
    """Return an answer as its field shows it."""
    if question.kind in {Kind.SEVERAL_OF, Kind.RANKING}:
        return rules.chosen(value)
    return value == rules.YES if question.kind is Kind.CONSENT else value
