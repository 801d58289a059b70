"""What organisers type about a question; syntax only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields import IntegerField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from eventhub.questionnaires import rules
from eventhub.questionnaires.fields import Boxes
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Asked, Definition, Option
from eventhub.questionnaires.service import Wording
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm

LONGEST_KEPT = 3650
Roles = Iterable[tuple[str, str]]


def _one_line(text: str | None) -> str:
    return rules.one_line(text or "")


def _lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


class QuestionForm(SeenForm):
    """One question, whatever it asks for; what a kind does not need is left out by `question_form`."""

    label = StringField(
        _l("Question"),
        filters=[_one_line],
        validators=[
            InputRequired(_l("Enter what you want to ask")),
            Length(max=1000, message=_l("Use at most %(max)d characters")),
        ],
    )
    help = TextAreaField(
        _l("Help"),
        description=_l("Stands below the question."),
        filters=[_lines],
        validators=[Length(max=2000, message=_l("Use at most %(max)d characters"))],
        render_kw={"rows": 2},
    )
    options = TextAreaField(
        _l("Options"),
        description=_l("One in each line."),
        filters=[_lines],
        validators=[
            InputRequired(_l("Enter at least two options, one in each line")),
            Length(max=14_000, message=_l("Use at most %(max)d characters")),
        ],
        render_kw={"rows": 6},
    )
    required = BooleanField(_l("Everybody has to answer"))
    only_if = SelectField(_l("Ask it"), validate_choice=False)
    roles = Boxes(
        _l("Ask only people who come as"),
        description=_l("Nothing ticked: everybody is asked."),
    )
    keep_days = IntegerField(
        _l("Erase answers so many days after the meeting"),
        description=_l("Empty: they stay as long as the registration itself."),
        validators=[
            Optional(),
            NumberRange(0, LONGEST_KEPT, message=_l("Enter a number of days from %(min)d to %(max)d")),
        ],
        render_kw={"class": "input w-s", "inputmode": "numeric"},
    )

    def wording(self, kind: Kind, ever: Iterable[Option]) -> Wording:
        """Return what was typed; `ever` are the options that the question ever had."""
        only_if, _colon, value = (self.only_if.data or "" if "only_if" in self else "").partition(":")
        return Wording(
            label=self.label.data,
            help=self.help.data,
            required=bool(self.required.data) if "required" in self else False,
            options=rules.options_from(self.options.data, ever) if kind in rules.CHOOSING else (),
            only_if=int(only_if) if only_if.isascii() and only_if.isdecimal() and len(only_if) < 10 else None,
            only_if_value=value[:20],
            roles=tuple(sorted(self.roles.data or ())) if "roles" in self else (),
            keep_days=self.keep_days.data if "keep_days" in self else None,
        )


def question_form(
    kind: Kind, definition: Definition | None, asked: Asked | None = None, roles: Roles = ()
) -> QuestionForm:
    """Return the form for a question of this kind, filled in where it exists already.

    `roles` are names and titles of what people can come as.
    """
    form = QuestionForm(data=stored(asked) if asked else None)
    if kind not in rules.CHOOSING:
        del form.options
    elif kind in rules.LIMITED:
        form.options.description = _(
            "One in each line. Where places are limited, put their number behind a bar: Workshop A | 12"
        )
    if kind in rules.SILENT:
        del form.required, form.keep_days
        form.label.label.text = _("Heading")
        form.help.label.text = _("Explanation")
        form.help.description = ""
    if kind is Kind.CONSENT:
        form.label.label.text = _("What people agree to")
        form.required.label.text = _("Nobody can register without it")
    choices = _conditions(definition, asked)
    if kind is Kind.PAGE or len(choices) == 1:
        del form.only_if
    else:
        form.only_if.choices = choices
    form.roles.choices = _roles(roles, asked)
    if kind is Kind.PAGE or not form.roles.choices:
        del form.roles
    return form


def _roles(roles: Roles, asked: Asked | None) -> list[SelectChoice]:
    """Return what people can come as, and the roles of a question that are gone."""
    known = dict(roles)
    gone = sorted(asked.roles - known.keys()) if asked else []
    return [
        *(SelectChoice(name, title) for name, title in known.items()),
        *(SelectChoice(name, _("a role that is removed")) for name in gone),
    ]


def stored(asked: Asked) -> dict[str, Any]:
    """Return what the form shows of a question."""
    return {
        "label": asked.label,
        "help": asked.help,
        "required": asked.required,
        "options": rules.options_text(asked.options),
        "only_if": f"{asked.only_if}:{asked.only_if_value}" if asked.only_if else "",
        "roles": sorted(asked.roles),
        "keep_days": asked.keep_days,
    }


def _conditions(definition: Definition | None, asked: Asked | None) -> list[SelectChoice]:
    """Return the answers to the questions above this one that may decide whether it is asked."""
    found = [SelectChoice("", _("always"))]
    for question in definition.questions if definition else ():
        if asked is not None and question.id == asked.id:
            break
        if question.kind not in rules.DECIDING:
            continue
        name = rules.short(question.label)
        found += [
            SelectChoice(
                f"{question.id}:{value}", _("only if “%(name)s” is “%(words)s”", name=name, words=words)
            )
            for value, words in rules.choices(question)
        ]
    return found
