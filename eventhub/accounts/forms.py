"""What people type to sign in; syntax only."""

from __future__ import annotations

import re

from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.fields import EmailField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from eventhub.web.forms import Form
from eventhub.web.languages import LANGUAGES
from eventhub.web.languages import lazy_gettext as _l

ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\Z")


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


class SignInForm(Form):
    """Asks for the address that the link goes to."""

    email = EmailField(
        _l("Email"),
        filters=[_stripped],
        validators=[
            InputRequired(_l("Enter your email address")),
            Length(max=254, message=_l("This address is too long")),
            Regexp(ADDRESS, message=_l("Enter an email address like name@example.org")),
        ],
    )
    target = HiddenField(name="next")


class CodeForm(Form):
    """Takes the code that another browser shows."""

    code = StringField(
        _l("Code"),
        description=_l("Six digits, shown where you opened the link"),
        filters=[lambda value: re.sub(r"\s", "", value) if value else value],
        validators=[
            InputRequired(_l("Enter the code")),
            Regexp(r"[0-9]{6}\Z", message=_l("The code has six digits")),
        ],
    )


class PasskeyForm(Form):
    """What the browser says about a passkey; `static/js/passkeys.js` fills it in."""

    answer = HiddenField(validators=[InputRequired(), Length(max=20_000)])


class AccountForm(Form):
    """What a user may change about themselves."""

    name = StringField(
        _l("Name"),
        description=_l("Shown to other organisers, for example in the history"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("Enter your name")),
            Length(max=120, message=_l("Use at most 120 characters")),
        ],
    )
    language = SelectField(
        _l("Language of mails to you"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()]
    )


class TokenForm(Form):
    """What a program gets a token for."""

    name = StringField(
        _l("What for"),
        description=_l("Such as: website of the lab"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("Enter what the token is for")),
            Length(max=80, message=_l("Use at most 80 characters")),
        ],
    )
    last_day = DateField(
        _l("Last day"),
        description=_l("At most a year from now; then make a new one"),
        format=["%Y-%m-%d", "%d.%m.%Y"],
        validators=[InputRequired(_l("Enter the last day"))],
    )
    reads_people = BooleanField(_l("May also read who takes part, where I may"))
