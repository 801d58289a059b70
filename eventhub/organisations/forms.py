"""What organisers type about their organisation; syntax only."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields import URLField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp

from eventhub.organisations.levels import LEVELS
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=_l("Use at most %(max)d characters"))


class OrganisationForm(SeenForm):
    """An organisation as public pages show it."""

    name = StringField(
        _l("Name"), filters=[_stripped], validators=[DataRequired(_l("Enter a name")), _at_most(200)]
    )
    short_name = StringField(
        _l("Short name"),
        description=_l("Shown where there is little room"),
        filters=[_stripped],
        validators=[_at_most(60)],
    )
    level = SelectField(
        _l("Level of government"),
        choices=[
            SelectChoice("", _l("not said")),
            *(SelectChoice(level.value, name) for level, name in LEVELS.items()),
        ],
    )
    kind = StringField(
        _l("In its own words"),
        description=_l("Such as: public innovation lab"),
        filters=[_stripped],
        validators=[_at_most(120)],
    )
    city = StringField(_l("City"), filters=[_stripped], validators=[_at_most(120)])
    address = TextAreaField(_l("Address"), filters=[_stripped], validators=[_at_most(1000)])
    url = URLField(
        _l("Website"),
        filters=[_stripped],
        validators=[
            Optional(),
            _at_most(500),
            Regexp(
                r"https?://[^\s\x00-\x1f<>\"]+\Z", message=_l("Enter an address that starts with https://")
            ),
        ],
    )
    logo = FileField(
        _l("Logo"),
        description=_l("JPEG, PNG or WebP, at most 3.5 MB; it is made smaller, and its metadata is removed"),
    )
    without_logo = BooleanField(_l("Remove the logo"))
