"""What participants type about themselves; the rules of the domain are checked by the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length, StopValidation

from eventhub.editions.forms import Checkboxes
from eventhub.errors import PersonRefused, RuleBroken, SlotsRefused
from eventhub.questionnaires import rules as questions
from eventhub.questionnaires.fields import MOST_CLASSES, QuestionsForm, asking
from eventhub.questionnaires.queries import answers_of, kept_definition
from eventhub.questionnaires.rules import Definition
from eventhub.registration import rules
from eventhub.registration.applicants import Applicant, Details, Place
from eventhub.registration.models import Attendance, Registration
from eventhub.registration.queries import asks_of
from eventhub.registration.wanted import SLOT, Wanted, read
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to

CONSENT_VERSION = "2026-11"
"""Changes whenever the words of the consent change; kept with each registration."""
CONSENT_BY_OTHERS = f"{CONSENT_VERSION}, by another person"
LONGEST_ONCE_KEY = 64
LEAST_TOGETHER = 2
LONGEST_KEY = 10
LONGEST_CODE = 80


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


NAME = (
    Length(max=rules.LONGEST_NAME, message=_l("Use at most %(max)d characters for the name")),
    _is_name,
)
ORGANISATION = (
    Length(max=rules.LONGEST_ORGANISATION, message=_l("Use at most %(max)d characters for the organisation")),
)


class AddressForm(Form):
    """Asks for the address to which a link goes once more."""

    address = ""
    """The address as mail servers take it; `email.data` stays as it was typed."""

    email = EmailField(
        _l("Email address"),
        filters=[_one_line],
        validators=[InputRequired(_l("Enter your email address")), _is_address],
    )


class DaysForm(QuestionsForm):
    """On which days somebody comes, besides the questions of the organisers."""

    # which days there are is known with the edition, so the service checks them
    days = Checkboxes(_l("On which days do you come?"), validate_choice=False)

    def chosen_days(self) -> frozenset[int]:
        return frozenset(self.days.data or ())


class PlaceForm(DaysForm):
    """Where somebody takes part and as what, besides the questions of the organisers."""

    # what can be chosen is known with the edition, so the service checks these
    attendance = RadioField(_l("How do you take part?"), choices=[], validate_choice=False)
    accepts_online = BooleanField(_l("If there is no place on site, I also take an online place"))
    role = RadioField(_l("What do you come as?"), choices=[], validate_choice=False)
    known_roles: Mapping[int, str] = {}
    """The names of roles by their keys."""

    @property
    def role_id(self) -> int | None:
        role = self.role.data or ""
        return int(role) if role.isascii() and role.isdecimal() and len(role) < LONGEST_KEY else None

    def ask_by_role(self, roles: Mapping[int, str]) -> None:
        """Ask what the role that was chosen is asked."""
        self.known_roles = roles
        self.asked_as = roles.get(self.role_id or 0)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Check all fields; a form that asks by role needs one."""
        super().validate(*args, **kwargs)
        by_role = self.known_roles and self.definition is not None and self.definition.asks_by_role
        if by_role and self.asked_as is None:
            self.refuse(RuleBroken(_("Choose what you come as"), field="role"))
        return not self.errors

    @property
    def chosen_attendance(self) -> Attendance | None:
        found = self.attendance.data
        return Attendance(found) if found in set(Attendance) else None

    def place(self) -> Place:
        """Return what was chosen and answered, by the names that the service knows."""
        attendance = self.chosen_attendance
        return {
            "attendance": attendance,
            "accepts_online": attendance is Attendance.ON_SITE and bool(self.accepts_online.data),
            "role_id": self.role_id,
            "days": self.chosen_days(),
            "asked": True,
            "answers": self.answered(),
        }


class PersonForm(AddressForm, DaysForm):
    """What somebody says about themselves."""

    name = StringField(
        _l("Name"), filters=[_one_line], validators=[InputRequired(_l("Enter your name")), *NAME]
    )
    organisation = StringField(_l("Organisation or lab"), filters=[_one_line], validators=ORGANISATION)
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


class ChangeForm(PersonForm, PlaceForm):
    """What somebody changes about themselves, and how they take part where that may change."""

    asks_place = False

    def changed_place(self) -> Place | None:
        """Return what was chosen; None where nothing could be."""
        return self.place() if self.asks_place else None


class SlotsField(Field):  # type: ignore[misc]
    """Which slots somebody wants: several names, as there are boxes, buttons and menus."""

    data: Wanted
    typed: Sequence[tuple[str, str]] = ()
    reasons: Mapping[int, str] = {}
    """Why slots were refused."""

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Return what is wrong with the id of its place, as the summary of errors shows it."""
        return [(f"slot-{key}", words) for key, words in self.reasons.items()]

    def process(self, formdata: Any, *_args: Any, **_kwargs: Any) -> None:
        """Read all fields whose names begin with that of the boxes."""
        self.raw_data = None
        names = [name for name in formdata or () if name.startswith(SLOT)]
        self.typed = [(name, value) for name in names for value in formdata.getlist(name)]
        self.data = read(self.typed)


class RegistrationForm(PersonForm, PlaceForm):
    """The form of the public page."""

    slots = SlotsField()

    consent = BooleanField(
        validators=[InputRequired(_l("Agree to the privacy notice, or else we may not keep your details"))]
    )
    once_key = HiddenField()
    code = HiddenField()
    """Of a link to seats held back."""

    @property
    def seat_code(self) -> str:
        return (self.code.data or "")[:LONGEST_CODE]

    def refuse(self, broken: RuleBroken) -> None:
        """Show at each slot why it can't be had, and all else as ever."""
        if isinstance(broken, SlotsRefused):
            self.slots.reasons = broken.reasons
        else:
            super().refuse(broken)

    def applicant(self) -> Applicant:
        """Return who wants to come."""
        return Applicant(
            **self.details(),
            **self.place(),
            language=language(),
            consent_version=CONSENT_VERSION,
            slots=self.slots.data,
        )


def changing(registration: Registration, *, place: bool) -> ChangeForm:
    """Return the form by which details and answers are changed, filled in with the present ones.

    With `place` it also asks how somebody takes part, and what all roles are asked; else only what theirs is.
    """
    asks = asks_of(registration.edition)
    definition = kept_definition(asks.questionnaire_id)
    answered = answers_of(registration.id) if definition else ()
    role = registration.role.slug if registration.role else None
    values = {one.question.id: one.value for one in answered}
    if definition is not None:
        definition = questions.offering(definition, answered)
        by_role = definition.asks_by_role and not place
        asked = questions.for_role(definition, role) if by_role else definition
        form = asking(ChangeForm, asked)(data=_present(registration))
        form.keep_out_of_sight(definition, values, role)
    else:
        form = ChangeForm(data=_present(registration))
    form.asks_place, form.asked_as = place, role
    if place:
        form.ask_by_role(asks.roles)
    form.fill(values)
    return form


def _present(registration: Registration) -> dict[str, Any]:
    return {
        **{name: getattr(registration, name) for name in Details.__annotations__},
        "attendance": registration.attendance,
        "accepts_online": registration.accepts_online,
        "role": str(registration.role_id or ""),
    }


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


class SubstituteForm(AddressForm, PlaceForm):
    """Who comes instead of somebody."""

    name = StringField(_l("Name"), filters=[_one_line], validators=[InputRequired(_l("Enter a name")), *NAME])
    email = EmailField(
        _l("Email address"),
        filters=[_one_line],
        validators=[InputRequired(_l("Enter an email address")), _is_address],
    )
    organisation = StringField(_l("Organisation or lab"), filters=[_one_line], validators=ORGANISATION)
    consent = BooleanField(validators=[InputRequired(_l("Only give details of somebody who agrees to it"))])
    once_key = HiddenField()

    def applicant(self) -> Applicant:
        """Return who is to come; somebody else has agreed for them."""
        return Applicant(
            name=self.name.data,
            email=self.address,
            organisation=self.organisation.data,
            **self.place(),
            language=language(),
            consent_version=CONSENT_BY_OTHERS,
        )


class ColleagueForm(SubstituteForm):
    """One of several people in one form."""

    class Meta(SubstituteForm.Meta):
        csrf = False

    consent = once_key = None

    @property
    def empty(self) -> bool:
        """Whether nothing is said about somebody; how they take part is nothing without a name."""
        return not any(
            text
            for name, field in self._fields.items()
            if name not in PlaceForm.__dict__ and name not in DaysForm.__dict__
            for text in field.raw_data or ()
        )


class TogetherForm(Form):
    """Several people at once: each gets a place, mails and a link of their own."""

    people = FieldList(FormField(ColleagueForm), _l("People"), max_entries=rules.LARGEST_PARTY)
    consent = BooleanField(
        validators=[InputRequired(_l("Agree to the privacy notice, or else we may not keep your details"))]
    )
    once_key = HiddenField()
    code = HiddenField()

    @property
    def parts(self) -> list[ColleagueForm]:
        """The forms of the single people."""
        return [entry.form for entry in self.people.entries]

    def show(self, number: int) -> None:
        """Let the form ask for so many people, as far as that many may come together."""
        while len(self.people.entries) < min(number, rules.LARGEST_PARTY):
            self.people.append_entry()

    def leave_out_empty(self) -> None:
        """Forget the parts that nobody filled in, but ask for two at least."""
        self.people.entries = [entry for entry in self.people.entries if not entry.form.empty]
        self.show(LEAST_TOGETHER)

    def gather_errors(self) -> None:
        """Know what is wrong with the people after some of it was forgotten."""
        errors = [part.errors for part in self.parts]
        self.people.errors = errors if any(errors) else []

    def refuse(self, broken: RuleBroken) -> None:
        """Show what is wrong with one of the people at that person."""
        at = broken.at if isinstance(broken, PersonRefused) else None
        if at is not None and at < len(self.parts):
            self.parts[at].refuse(broken)
        else:
            super().refuse(broken)


def together_form(definition: Definition | None) -> type[TogetherForm]:
    """Return a form that asks these questions of each of several people."""
    part = asking(ColleagueForm, definition)
    if part not in _together:
        if len(_together) >= MOST_CLASSES:
            _together.clear()
        people = FieldList(FormField(part), _l("People"), max_entries=rules.LARGEST_PARTY)
        _together[part] = type(TogetherForm)(  # type: ignore[misc]
            "TogetherForm", (TogetherForm,), {"people": people}
        )
    return _together[part]


_together: dict[type[ColleagueForm], type[TogetherForm]] = {}


def consent_text_for_others() -> Markup:
    """Return what somebody says who gives the details of others."""
    notice = Markup('<a href="{}">{}</a>').format(path_to("site.privacy"), _("privacy notice"))
    words = Markup.escape(
        _("I have read the %(notice)s. Everybody whose details I give agrees that they are used for this.")
    )
    return words % {"notice": notice}


def consent_text() -> Markup:
    """Return what people agree to; a change of its meaning needs a new CONSENT_VERSION."""
    notice = Markup('<a href="{}">{}</a>').format(path_to("site.privacy"), _("privacy notice"))
    words = Markup.escape(_("I have read the %(notice)s. My details may be processed for this meeting."))
    return words % {"notice": notice}
