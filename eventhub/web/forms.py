"""The base of all forms."""

from typing import Any

from flask import abort
from flask_wtf import FlaskForm
from wtforms.fields import Field, FieldList, FormField, MultipleFileField, SelectMultipleField
from wtforms.i18n import get_translations

from eventhub.errors import RuleBroken
from eventhub.web.languages import language
from eventhub.web.security import LARGEST_NUMBER

SEVERAL = (SelectMultipleField, FieldList, FormField, MultipleFileField)
_own_texts: dict[str, Any] = {}


class Form(FlaskForm):  # type: ignore[misc]
    """A form that takes each single value once and shows broken rules at their fields."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, _form: Any) -> Any:
            """Return WTForms' own texts; loaded once, where Flask-WTF reads them for each request."""
            spoken = language()
            if spoken not in _own_texts:
                _own_texts[spoken] = get_translations([spoken, "en"])
            return _own_texts[spoken]

    def process(self, *args: Any, **kwargs: Any) -> None:
        super().process(*args, **kwargs)
        if any(_sent_twice(field) for field in self):
            abort(400)

    def refuse(self, broken: RuleBroken) -> None:
        """Show why the domain says no, at the field where it belongs or above the form."""
        field = self._fields.get(broken.field) if broken.field else None
        if field is None:
            self.form_errors.append(str(broken.message))
        else:
            field.errors = [*field.errors, str(broken.message)]


def is_key(text: str) -> bool:
    """Tell whether a value that a form sends can be the key of a row."""
    return text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= LARGEST_NUMBER


def _sent_twice(field: Field) -> bool:
    return not isinstance(field, SEVERAL) and len(getattr(field, "raw_data", None) or ()) > 1
