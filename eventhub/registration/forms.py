"""What participants type about themselves; the rules of the domain are checked by the service."""

from __future__ import annotations

from markupsafe import Markup
from wtforms import BooleanField, EmailField, HiddenField, StringField, TextAreaField
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length, StopValidation

from eventhub.registration import rules
from eventhub.registration.service import Applicant, Details
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to

CONSENT_VERSION = "2026-11"
"""Changes whenever the words of the consent change; kept with each registration."""
LONGEST_ONCE_KEY = 64


def _one_line(text: str | None) -> str:
    return rules.one_line(text or "")


def _several_lines(text: str | None) -> str:
    return rules.several_lines(text or "")


def _is_name(_form: Form, field: Field) -> None:
    if not rules.has_letters(field.data):
        raise StopValidation(_l("Enter the name you want to be called by"))


def _is_address(form: AddressForm, field: Field) -> None:
    form.address = rules.mail_address(field.data) or ""
    if not form.address:
        raise StopValidation(_l("Enter an email address like name@example.org"))


class AddressForm(Form):
    """Asks for the address to which a link goes once more."""

    address = ""
    """The address as mail servers take it; `email.data` stays as it was typed."""

    email = EmailField(
        _l("Email address"),
        filters=[_one_line],
        validators=[InputRequired(_l("Enter your email address")), _is_address],
    )


class PersonForm(AddressForm):
    """What somebody says about themselves."""

    name = StringField(
        _l("Name"),
        filters=[_one_line],
        validators=[
            InputRequired(_l("Enter your name")),
            Length(max=rules.LONGEST_NAME, message=_l("Use at most %(max)d characters for the name")),
            _is_name,
        ],
    )
    organisation = StringField(
        _l("Organisation or lab"),
        filters=[_one_line],
        validators=[
            Length(
                max=rules.LONGEST_ORGANISATION,
                message=_l("Use at most %(max)d characters for the organisation"),
            )
        ],
    )
    note = TextAreaField(
        _l("Message to the organisers"),
        filters=[_several_lines],
        validators=[
            Length(max=rules.LONGEST_NOTE, message=_l("Use at most %(max)d characters for the message"))
        ],
    )

    def details(self) -> Details:
        """Return what was typed, by the names that the service knows."""
        return {
            "name": self.name.data,
            "email": self.address,
            "organisation": self.organisation.data,
            "note": self.note.data,
        }


class RegistrationForm(PersonForm):
    """The form of the public page."""

    consent = BooleanField(
        validators=[InputRequired(_l("Agree to the privacy notice, or else we may not keep your details"))]
    )
    once_key = HiddenField()

    def applicant(self) -> Applicant:
        """Return who wants to come."""
        return Applicant(**self.details(), language=language(), consent_version=CONSENT_VERSION)


class DecisionForm(Form):
    """What an organiser adds to the mail of an approval or a rejection."""

    words = TextAreaField(
        _l("Words of your own in the mail"),
        description=_l("They stand in the mail as you write them. May stay empty"),
        filters=[_several_lines],
        validators=[
            Length(max=rules.LONGEST_NOTE, message=_l("Use at most %(max)d characters for the message"))
        ],
    )


def consent_text() -> Markup:
    """Return what people agree to; a change of its meaning needs a new CONSENT_VERSION."""
    notice = Markup('<a href="{}">{}</a>').format(path_to("site.privacy"), _("privacy notice"))
    words = Markup.escape(_("I have read the %(notice)s. My details may be processed for this meeting."))
    return words % {"notice": notice}
