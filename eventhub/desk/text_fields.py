"""Fields of texts that organisers write for mails, and what may stand in braces in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.fields import StringField, TextAreaField
from wtforms.validators import Regexp

from eventhub.editions.fields import at_most, stripped
from eventhub.registration.own_texts import LONGEST_BODY, LONGEST_SUBJECT, OwnText
from eventhub.registration.placeholders import SHARED
from eventhub.web.languages import LANGUAGES
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm

MEANINGS = {
    "edition": _l("title and theme of the edition"),
    "series": _l("title of the series"),
    "date": _l("day and hours"),
    "place": _l("where it is"),
    "organisers": _l("who invites"),
    "contact": _l("the contact address of the series"),
    "name": _l("name of the reader"),
    "code": _l("number of their registration"),
    "position": _l("their place on the waitlist"),
    "until": _l("the deadline"),
}


def placeholders(names: Sequence[str]) -> list[tuple[str, Any, bool]]:
    """Return names with what they mean, and whether they may stand in the subject."""
    return [(name, MEANINGS[name], name in SHARED) for name in names]


def _subject(label: Any) -> StringField:
    one_line = Regexp(r"[^\r\n]*\Z", message=_l("A subject has one line"))
    return StringField(label, filters=[stripped], validators=[at_most(LONGEST_SUBJECT), one_line])


def _body(label: Any) -> TextAreaField:
    return TextAreaField(label, filters=[stripped], validators=[at_most(LONGEST_BODY)])


class TextsForm(SeenForm):
    """Subject and introduction in both languages; empty is as it is by default."""

    subject_de = _subject(_l("Subject in German"))
    body_de = _body(_l("Introduction in German"))
    subject_en = _subject(_l("Subject in English"))
    body_en = _body(_l("Introduction in English"))

    def texts(self) -> dict[str, OwnText]:
        """Return what was typed, by language."""
        return {
            spoken: OwnText(self[f"subject_{spoken}"].data or "", self[f"body_{spoken}"].data or "")
            for spoken in LANGUAGES
        }
