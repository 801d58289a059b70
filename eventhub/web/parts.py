"""Values that the macros in templates/components need; what is visible stands there."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g
from flask_login import current_user
from markupsafe import Markup
from wtforms.fields import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    RadioField,
    SelectFieldBase,
    SelectMultipleField,
)
from wtforms.form import BaseForm
from wtforms.widgets import HiddenInput, ListWidget

WIDTHS = {"date": "w-s", "time": "w-s", "number": "w-s", "datetime-local": "w-m"}
FEW_PLACES = 3
FEW_CHOICES = 8


@lru_cache
def _icon(sprite: str, name: str, css: str) -> Markup:
    return Markup('<svg class="i{}" aria-hidden="true" viewBox="0 0 24 24"><use href="{}#{}"/></svg>').format(
        f" {css}" if css else "", sprite, name
    )


def icon(name: str, css: str = "") -> Markup:
    """Return an icon of the sprite; decoration only, the word beside it carries the meaning."""
    return _icon(current_app.extensions["assets"].url("img/icons.svg"), name, css)


def initials(name: str) -> str:
    """Return the first letters of first and last word, without titles ("Dr.") or remarks in brackets."""
    words = [word for word in name.split() if word[0].isalpha() and not word.endswith(".")] or name.split()
    letters = [word[0] for word in (words[:1] + words[1:][-1:]) if word]
    return "".join(letters).upper()


# forms --------------------------------------------------------------------------------------------


def field_kind(field: Field) -> str:
    """Return how a field is laid out: "hidden", "checkbox", "choices", "select" or "input"."""
    if isinstance(field.widget, HiddenInput):
        return "hidden"
    if isinstance(field, BooleanField):
        return "checkbox"
    if isinstance(field, RadioField) or isinstance(field.widget, ListWidget):
        return "choices"
    return "select" if isinstance(field, SelectFieldBase) else "input"


def many(field: Field) -> bool:
    """Return whether a list of boxes is so long that only what is chosen stays unfolded."""
    return isinstance(field, SelectMultipleField) and len(field.choices or ()) > FEW_CHOICES


def field_optional(field: Field) -> bool:
    """Return whether a field is marked as optional: text may stay empty, a choice says so itself."""
    if field_kind(field) == "input":
        return not field.flags.required
    return bool(field.flags.optional)


def field_target(field: Field) -> str:
    """Return the id that a link to the field leads to."""
    first = f"{field.id}-0" if field_kind(field) == "choices" else field.id
    return str(first)


def input_attributes(field: Field, described: list[str], given: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an input: class, description and state for assistive technology."""
    kind = getattr(field.widget, "input_type", "")
    found = {"class": " ".join(filter(None, ["input", given.pop("width", None) or WIDTHS.get(kind, "")]))}
    if field_kind(field) == "checkbox":
        found = {}
    if described:
        found["aria-describedby"] = " ".join(described)
    if field.errors:
        found["aria-invalid"] = "true"
    return found | given


def form_errors(form: BaseForm) -> list[tuple[str | None, str]]:
    """Return every error with the id of its field; errors of the whole form have none."""
    return [(None, message) for message in form.form_errors] + list(_errors_of(form))


def _errors_of(fields: Any) -> Iterator[tuple[str | None, str]]:
    for field in fields:
        if isinstance(field, FormField):
            yield from _errors_of(field.form)
        elif isinstance(field, FieldList) and not isinstance(field, SelectMultipleField):
            yield from _errors_of(field)
        else:
            yield from ((field_target(field), str(message)) for message in field.errors)


# capacity and disc -----------------------------------------------------------------------------------


def capacity_ticks(capacity: int) -> list[tuple[float, bool]]:
    """Return the places of the ticks on the bar from 0 to 100 and whether each is the middle one."""
    parts = 12 if capacity % 12 == 0 else 10
    return [(round(100 * step / parts, 1), step * 2 == parts) for step in range(1, parts)]


def few_places(free: int, capacity: int) -> bool:
    """Return whether so few places are free that the page says "only"."""
    return free > 0 and (free <= FEW_PLACES or free < capacity * 0.05)


def disc_dash(start: int, minutes: int) -> tuple[float, float, int]:
    """Return stroke, gap and offset of a segment: one unit is one minute on a face of twelve hours."""
    stroke = max(min(minutes, 720) - 2.5, 1.0)
    return stroke, 720 - stroke, -(start % 720 + 1)


def cached_page() -> bool:
    """Return whether this page is kept for everybody, so that it must not show anything personal."""
    return "cacheable" in g


def init_app(app: Flask) -> None:
    """Offer everything to templates."""
    functions = (icon, field_kind, many, field_optional, field_target, input_attributes, form_errors)
    functions += (capacity_ticks, few_places, disc_dash, cached_page)  # type: ignore[assignment]
    app.jinja_env.globals.update({function.__name__: function for function in functions})
    app.jinja_env.globals["current_user"] = current_user  # looked up when a template asks for it
    app.jinja_env.filters["initials"] = initials
