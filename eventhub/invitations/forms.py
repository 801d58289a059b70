"""The list that an organiser pastes or uploads, with what they say to everybody on it."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms.fields import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from eventhub.editions.fields import LongText
from eventhub.web.forms import Form
from eventhub.web.languages import LANGUAGES
from eventhub.web.languages import lazy_gettext as _l

LONGEST_LIST = 300_000
LONGEST_WORDS = 2000


class InviteForm(Form):
    """Whom to invite, and how."""

    addresses = LongText(
        _l("Addresses, one a line"),
        most=LONGEST_LIST,
        rows=10,
        description=_l(
            "ada@example.org, or Ada Lovelace <ada@example.org>, or rows of a table copied from elsewhere"
        ),
    )
    upload = FileField(
        _l("Or a file"),
        description=_l("CSV or Excel workbook (.xlsx); the column with the addresses is found"),
    )
    language = SelectField(
        _l("Language of the mail"), choices=[SelectChoice(*item) for item in LANGUAGES.items()]
    )
    words = LongText(
        _l("Your words to those you invite"),
        most=LONGEST_WORDS,
        rows=5,
        description=_l("Stands before date and place, in the mail and on the page. Empty: a plain sentence"),
    )
    skips_approval = BooleanField(_l("Whoever accepts needs no further approval"))
    gets_place = BooleanField(
        _l("Whoever accepts gets a place, even when all are taken"),
        description=_l(
            "Also before those who wait. The number of places then grows by one for each and stays so; "
            "the history notes it"
        ),
    )
