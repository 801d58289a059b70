"""Forms of series and editions: syntax of what people type; the rules are in checks and service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from wtforms.fields import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    URLField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from eventhub.accounts.forms import ADDRESS
from eventhub.calendars.zones import to_local
from eventhub.editions.checks import local_to_utc
from eventhub.editions.fields import Clock, Day, LongText, Moment, Number, at_most, stripped
from eventhub.editions.models import Admission, Edition, FormOfAddress, Mode, Part, Series, Visibility
from eventhub.editions.naming import RESERVED_FOR_SERIES, SLUG
from eventhub.editions.together import Scope
from eventhub.editions.zones import offered_zones
from eventhub.errors import RuleBroken
from eventhub.organisations.models import Organisation
from eventhub.web.forms import Form
from eventhub.web.languages import LANGUAGES, language
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm

MODE_NAMES = {Mode.ONLINE: _l("online"), Mode.ON_SITE: _l("on site"), Mode.HYBRID: _l("on site and online")}
VISIBILITY_NAMES = {Visibility.PUBLIC: _l("public"), Visibility.UNLISTED: _l("only with the link")}
ADMISSION_NAMES = {
    Admission.OPEN: _l("everybody, at once"),
    Admission.CONFIRM_ADDRESS: _l("everybody who confirms their address within 24 hours"),
    Admission.APPROVAL: _l("whom you approve"),
    Admission.INVITATION: _l("only those whom you invite, with a personal link"),
}
ADDRESS_NAMES = {FormOfAddress.DU: _l("informal (du)"), FormOfAddress.SIE: _l("formal (Sie)")}
HUES = {
    "": _l("as eventhub"),
    "25": _l("red"),
    "50": _l("orange"),
    "75": _l("amber"),
    "110": _l("olive"),
    "140": _l("green"),
    "165": _l("emerald"),
    "195": _l("teal"),
    "225": _l("sky"),
    "255": _l("blue"),
    "285": _l("violet"),
    "320": _l("magenta"),
    "350": _l("pink"),
}
SCOPE_NAMES = {
    Scope.THIS: _l("only this one"),
    Scope.FOLLOWING: _l("this one and those after it"),
    Scope.ALL: _l("all that are still to come"),
}
LARGEST = 100_000


class Checkboxes(SelectMultipleField):  # type: ignore[misc]
    """Any number of choices, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, **rest: Any) -> None:
        super().__init__(label, coerce=int, choices=[], **rest)


def _named(names: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(member.value, name) for member, name in names.items()]


def _or_none(value: str) -> str | None:
    return value or None


def _required(message: Any) -> DataRequired:
    return DataRequired(message)


def _positive(message: Any) -> NumberRange:
    return NumberRange(min=1, max=LARGEST, message=message)


def organisation_choices(organisations: Iterable[Organisation]) -> list[SelectChoice]:
    return [SelectChoice(str(one.id), one.name) for one in organisations]


class SeriesForm(SeenForm):
    """Everything that a series says about itself, and what its editions start with."""

    title = StringField(
        _l("Title"), filters=[stripped], validators=[_required(_l("Enter a title")), at_most(200)]
    )
    slug = StringField(
        _l("Short name in the address"),
        description=_l("Small letters, digits and hyphens, such as labcamp"),
        filters=[stripped],
        validators=[
            _required(_l("Enter a short name")),
            at_most(80),
            Regexp(SLUG, message=_l("Use small letters, digits and single hyphens")),
        ],
    )
    subtitle = StringField(_l("Subtitle"), filters=[stripped], validators=[at_most(300)])
    description = LongText(
        _l("What it is about"),
        rows=8,
        description=_l("Markdown: **bold**, lists with -, links [text](address)"),
    )
    language = SelectField(_l("Language"), choices=[SelectChoice(*item) for item in LANGUAGES.items()])
    form_of_address = RadioField(_l("Form of address in German"), choices=_named(ADDRESS_NAMES))
    zone = SelectField(_l("Time zone"))
    organisations = Checkboxes(_l("Organisations that run the series"))
    contact_name = StringField(_l("Contact person"), filters=[stripped], validators=[at_most(120)])
    contact_email = EmailField(
        _l("Contact address"),
        description=_l("Answers to mails go there, and notices to organisers"),
        filters=[stripped],
        validators=[
            Optional(),
            at_most(254),
            Regexp(ADDRESS, message=_l("Enter an email address like name@example.org")),
        ],
    )
    default_mode = SelectField(
        _l("How people usually meet"),
        coerce=_or_none,
        choices=[SelectChoice("", _l("open")), *_named(MODE_NAMES)],
    )
    default_capacity = Number(
        _l("Usual number of places"),
        description=_l("Empty means no limit"),
        validators=[Optional(), _positive(_l("Enter at least 1 place"))],
    )
    default_closes_hours = Number(
        _l("Registration ends so many hours before the start"),
        validators=[NumberRange(min=0, max=8760, message=_l("Enter 0 to 8760 hours"))],
    )
    remind_hours = Number(
        _l("People are reminded so many hours before the start"),
        description=_l("With the link or the way there; 0 reminds nobody"),
        validators=[NumberRange(min=0, max=720, message=_l("Enter 0 to 720 hours"))],
    )
    gather_minutes = Number(
        _l("Changes of sessions are gathered for so many minutes"),
        description=_l("Then those who have chosen them get one mail about all that is new"),
        validators=[NumberRange(min=0, max=120, message=_l("Enter 0 to 120 minutes"))],
    )
    erase_after_days = Number(
        _l("Names are erased so many days after a meeting"),
        description=_l("Registrations stay as numbers; names, addresses and mails go"),
        validators=[NumberRange(min=1, max=3650, message=_l("Enter 1 to 3650 days"))],
    )
    default_admission = RadioField(_l("Who usually gets a place"), choices=_named(ADMISSION_NAMES))
    frees_declined = BooleanField(
        _l("Declining in the calendar gives the place back at once"),
        description=_l("Otherwise a mail asks first, so that a slip of the finger costs nobody their place"),
    )
    brand_hue = SelectField(_l("Colour"), choices=[SelectChoice(*item) for item in HUES.items()])

    def validate_slug(self, field: StringField) -> None:
        if field.data in RESERVED_FOR_SERIES:
            raise ValidationError(_("eventhub itself uses this name. Choose another one"))

    def validate_organisations(self, field: Checkboxes) -> None:
        if not field.data:
            raise ValidationError(_("Choose at least one organisation"))

    def values(self) -> dict[str, Any]:
        """Return what belongs into the row of the series."""
        names = (name for name in self._fields if name not in ("organisations", "csrf_token", "seen"))
        found = {name: self._fields[name].data for name in names}
        found["brand_hue"] = int(found["brand_hue"]) if found["brand_hue"] else None
        found["form_of_address"] = FormOfAddress(found["form_of_address"])
        found["default_admission"] = Admission(found["default_admission"])
        found["default_mode"] = Mode(found["default_mode"]) if found["default_mode"] else None
        return found


def series_data(series: Series) -> dict[str, Any]:
    """Return what the form shows of a stored series."""
    found = {column.key: getattr(series, column.key) for column in Series.__table__.columns}
    found["brand_hue"] = "" if series.brand_hue is None else str(series.brand_hue)
    found["organisations"] = [link.organisation_id for link in series.organisation_links]
    return found


def series_form(series: Series | None, organisations: Iterable[Organisation]) -> SeriesForm:
    """Return the form, filled from a series or with the usual values of a new one."""
    if series is not None:
        start = series_data(series)
    else:
        start = {
            "language": language(),
            "zone": "Europe/Berlin",
            "form_of_address": "du",
            "default_closes_hours": 0,
            "remind_hours": 24,
            "gather_minutes": 5,
            "erase_after_days": 90,
            "default_admission": Admission.OPEN,
        }
    form = SeriesForm(data=start)
    form.zone.choices = [SelectChoice(zone) for zone in offered_zones(start["zone"])]
    form.organisations.choices = organisation_choices(organisations)
    known = {option.value for option in form.brand_hue.choices}
    if start.get("brand_hue") and start["brand_hue"] not in known:
        form.brand_hue.choices = [*form.brand_hue.choices, SelectChoice(start["brand_hue"])]
    return form


def edition_slug() -> StringField:
    return StringField(
        _l("Short name in the address"),
        description=_l("Only for an edition without a number"),
        filters=[stripped, _or_none],
        validators=[Optional(), at_most(80)],
    )


class WhenForm(Form):
    """The fields that say when an edition is."""

    zone = SelectField(_l("Time zone"))
    start_date = Day(_l("Day"), validators=[Optional()])
    start_time = Clock(_l("Start"), validators=[Optional()])
    end_time = Clock(_l("End"), validators=[Optional()])
    end_date = Day(_l("Last day"), description=_l("Only if it ends on another day"), validators=[Optional()])
    number = Number(
        _l("Number"),
        description=_l("Given by you; it stays whatever happens to other editions"),
        validators=[
            Optional(),
            NumberRange(min=0, max=LARGEST, message=_l("Enter a number from 0 to 100000")),
        ],
    )
    title = StringField(
        _l("Title"), filters=[stripped], validators=[_required(_l("Enter a title")), at_most(300)]
    )

    def offer_zones(self, current: str) -> None:
        self.zone.choices = [SelectChoice(zone) for zone in offered_zones(current)]

    def when(self) -> dict[str, Any]:
        """Return day and time; a last day that is the first is no other day."""
        names = ("zone", "start_date", "start_time", "end_time", "end_date")
        found = {name: self._fields[name].data for name in names}
        if found["end_date"] == found["start_date"]:
            found["end_date"] = None
        return found


class EditionForm(WhenForm):
    """Everything that an edition says about itself."""

    slug = edition_slug()
    theme = StringField(_l("Theme"), filters=[stripped], validators=[at_most(1000)])
    description = LongText(
        _l("Description"), rows=8, description=_l("Markdown: **bold**, lists with -, links [text](address)")
    )
    language = SelectField(
        _l("Language"),
        coerce=_or_none,
        choices=[SelectChoice("", _l("as the series")), *(SelectChoice(*item) for item in LANGUAGES.items())],
    )
    planned = StringField(
        _l("Or only planned for"),
        description=_l("A month such as 2026-05, or words, as long as no day is known"),
        filters=[stripped],
        validators=[at_most(200)],
    )
    mode = SelectField(
        _l("How people meet"), coerce=_or_none, choices=[SelectChoice("", _l("open")), *_named(MODE_NAMES)]
    )
    venue_name = StringField(_l("Venue"), filters=[stripped], validators=[at_most(300)])
    venue_address = LongText(_l("Address"), most=1000, rows=3)
    venue_city = StringField(_l("City"), filters=[stripped], validators=[at_most(120)])
    venue_directions = LongText(_l("How to get there"), most=5000)
    venue_access = LongText(
        _l("Access"), most=5000, description=_l("Steps, lift, hearing loop, quiet room, toilets")
    )
    join_url = URLField(
        _l("Join link"),
        description=_l("Only confirmed participants see it, on their page and in their mails"),
        filters=[stripped],
        validators=[
            Optional(),
            at_most(1000),
            Regexp(
                r"https?://[^\s\x00-\x1f<>\"]+\Z", message=_l("Enter an address that starts with https://")
            ),
        ],
    )
    join_details = LongText(
        _l("Dial-in and further details"), most=2000, description=_l("Only for confirmed participants, too")
    )
    joining_counts = BooleanField(
        _l("Joining by this link counts as being there"),
        description=_l(
            "Everybody gets a link of their own, which says so. From one hour before the start until the end"
            " it notes them as present and leads on to the meeting"
        ),
    )
    hosts = Checkboxes(_l("Hosts"))
    supporters = Checkboxes(_l("Supporters"))
    takes_registrations = BooleanField(_l("People can register here"))
    choose_days = BooleanField(
        _l("People choose on which days they come"),
        description=_l(
            "For a meeting of 2 to 14 days. Only the chosen days get into their calendar. Places count for"
            " the whole meeting: who comes on one day takes one as well"
        ),
    )
    capacity = Number(
        _l("Places"),
        description=_l("Empty means no limit. Whoever comes after the last place waits in line"),
        validators=[Optional(), _positive(_l("Enter at least 1 place"))],
    )
    registration_opens_at = Moment(
        _l("Registration opens"), description=_l("Empty: as soon as it is published"), validators=[Optional()]
    )
    registration_closes_at = Moment(
        _l("Registration ends"), description=_l("Empty: as the series says"), validators=[Optional()]
    )
    reconfirm_days = Number(
        _l("Ask people whether they come, so many days before the start"),
        description=_l("Everybody with a place gets a mail at 8 in the morning. Empty: nobody is asked"),
        validators=[Optional(), NumberRange(min=1, max=60, message=_l("Enter 1 to 60 days"))],
    )
    release_days = Number(
        _l("Free the places of those who do not answer, so many days before the start"),
        description=_l("At 6 in the evening; the mail says so. Empty: whoever is silent keeps the place"),
        validators=[Optional(), NumberRange(min=1, max=59, message=_l("Enter 1 to 59 days"))],
    )
    admission = RadioField(_l("Who gets a place"), choices=_named(ADMISSION_NAMES))
    visibility = RadioField(_l("Who finds it"), choices=_named(VISIBILITY_NAMES))
    version = HiddenField()
    scope = RadioField(
        _l("For which editions is this?"), choices=_named(SCOPE_NAMES), validators=[Optional()]
    )

    PLAIN = (
        "number slug title theme description language planned venue_name venue_address venue_city "
        "venue_directions venue_access join_url join_details joining_counts takes_registrations choose_days "
        "capacity reconfirm_days release_days"
    ).split()

    def values(self) -> dict[str, Any]:
        """Return what belongs into the row; raises RuleBroken for a local time that doesn't exist."""
        found = {name: self._fields[name].data for name in self.PLAIN} | self.when()
        for name in ("join_url", "planned", "theme"):
            found[name] = found[name] or ""
        found["mode"] = Mode(self.mode.data) if self.mode.data else None
        found["admission"] = Admission(self.admission.data)
        found["visibility"] = Visibility(self.visibility.data)
        for name in ("registration_opens_at", "registration_closes_at"):
            found[name] = self._instant(name)
        return found

    def chosen_scope(self) -> Scope:
        return Scope(self.scope.data or Scope.THIS)

    def seen_version(self) -> int:
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0

    def _instant(self, name: str) -> datetime | None:
        moment: datetime | None = self._fields[name].data
        if moment is None:
            return None
        if not 1970 < moment.year < 2199:
            raise RuleBroken(_("Choose a year between 1970 and 2199"), field=name)
        return local_to_utc(self.zone.data, moment.date(), moment.time(), name)


def edition_form(edition: Edition, organisations: Iterable[Organisation]) -> EditionForm:
    """Return the form, filled from an edition; the edition may be one that isn't stored yet."""
    start = {column.key: getattr(edition, column.key) for column in Edition.__table__.columns}
    for name in ("registration_opens_at", "registration_closes_at"):
        if start[name] is not None:
            start[name] = to_local(edition.zone, start[name]).replace(tzinfo=None)
    if edition.end_date == edition.start_date:
        start["end_date"] = None
    for part, name in ((Part.HOST, "hosts"), (Part.SUPPORTER, "supporters")):
        start[name] = [link.organisation_id for link in edition.organisation_links if link.part is part]
    form = EditionForm(data=start | {"scope": Scope.THIS.value})
    form.offer_zones(edition.zone)
    form.hosts.choices = form.supporters.choices = organisation_choices(organisations)
    return form


class NextForm(WhenForm):
    """What is said anew about the next edition, or one that is inserted between others."""

    slug = edition_slug()
    with_agenda = BooleanField(_l("Take over rooms, tracks and agenda, without the people"), default=True)

    def values(self) -> dict[str, Any]:
        """Return what is new; as long as no day is known, the usual times say nothing."""
        when = self.when()
        if when["start_date"] is None:
            when |= {"start_time": None, "end_time": None}
        return {"number": self.number.data, "slug": self.slug.data, "title": self.title.data} | when
