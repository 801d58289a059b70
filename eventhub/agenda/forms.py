"""What organisers type about slots, rooms, tracks and speakers; syntax only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, FieldList, FormField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, NumberRange, Optional
from wtforms.widgets import RangeInput

from eventhub.agenda.models import AnySlot, Kind, SpeakerRole
from eventhub.agenda.service import Person
from eventhub.editions.fields import Clock, Day, LongText, Number, at_most, stripped
from eventhub.web.forms import Form
from eventhub.web.languages import LANGUAGES
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.pictures import Square, small_picture, square_of
from eventhub.web.seen import SeenForm

KINDS = {
    Kind.TALK: _l("Talk"),
    Kind.PLENARY: _l("Plenary"),
    Kind.WORKSHOP: _l("Workshop"),
    Kind.DISCUSSION: _l("Discussion"),
    Kind.EXCURSION: _l("Excursion"),
    Kind.GAME: _l("Simulation game"),
    Kind.BREAK: _l("Break"),
    Kind.OPEN_SPACE: _l("Open space"),
    Kind.OTHER: _l("Session"),
}
ROLES = {
    SpeakerRole.SPEAKER: _l("Speaker"),
    SpeakerRole.MODERATOR: _l("Moderation"),
    SpeakerRole.HOST: _l("Host"),
}
PARTS = {"whole": _l("all of it"), "square": _l("a square of it")}
SMALLEST_SQUARE = 20
"""Percent of the largest one; what is smaller would be blurred."""
MOST_PEOPLE = 40
SPARE_ROWS = 2


def key_or_none(value: Any) -> int | None:
    """Read the key of a row from a choice; nothing chosen is None."""
    return int(value) if value not in (None, "", "None") else None


def line(label: Any, longest: int, required: Any = None, **more: Any) -> StringField:
    """Return a field for one line of text."""
    first = [DataRequired(required)] if required else []
    return StringField(label, filters=[stripped], validators=[*first, at_most(longest)], **more)


def choice(label: Any, **more: Any) -> SelectField:
    """Return a field that chooses a row by its key, or none; its choices come with the request."""
    return SelectField(label, coerce=key_or_none, **more)


def offered(rows: Iterable[tuple[int, str]], nothing: str) -> list[SelectChoice]:
    """Return the choices of such a field."""
    return [SelectChoice("", nothing), *(SelectChoice(key, name) for key, name in rows)]


class PersonRow(Form):
    """One person of a slot."""

    class Meta(Form.Meta):
        csrf = False

    speaker = choice(_l("Person"))
    role = SelectField(
        _l("Role"),
        choices=[SelectChoice(role.value, name) for role, name in ROLES.items()],
        default=SpeakerRole.SPEAKER.value,
    )


class SlotForm(SeenForm):
    """One slot of the programme."""

    title = line(_l("Title"), 300, _l("Enter a title"))
    kind = SelectField(_l("Kind"), choices=[SelectChoice(kind.value, name) for kind, name in KINDS.items()])
    day: Any = Day(_l("Day"), validators=[Optional()])
    start_time = Clock(_l("Start"), validators=[Optional()])
    end_time = Clock(_l("End"), validators=[Optional()])
    end_day = Day(_l("Last day"), description=_l("Only if it ends after midnight"), validators=[Optional()])
    shift_later = BooleanField(_l("Move later slots along"))
    room_id = choice(_l("Room"))
    people = FieldList(FormField(PersonRow), _l("People"), max_entries=MOST_PEOPLE)
    abstract = LongText(
        _l("What it is about"),
        rows=6,
        description=_l("Markdown: **bold**, lists with -, links [text](address)"),
    )
    track_id = choice(_l("Track"))
    parent_id = choice(_l("Part of"))
    kind_label = line(_l("Your own word for the kind"), 80)
    level = line(_l("Level"), 80, description=_l("Such as: for beginners"))
    language = SelectField(_l("Language"), default="")
    organisation_id = choice(_l("Organisation that contributes it"))
    position = Number(
        _l("Place in the order"),
        description=_l("Counts among slots without a time; the same number leaves the order open"),
        validators=[Optional(), NumberRange(0, 9999, message=_l("Enter a number from 0 to 9999"))],
    )
    parallel = BooleanField(_l("Stands for several that run at the same time"))
    cancelled = BooleanField(_l("Does not take place"))
    reason = line(
        _l("Why does it change?"), 300, description=_l("Goes into the mail; one sentence is enough")
    )

    def offer(self, slot: AnySlot | None, **rows: Sequence[tuple[int, str]]) -> None:
        """Set what can be chosen: rooms, tracks, parents, organisations and speakers by key and name."""
        self.room_id.choices = offered(rows["rooms"], _("All or none"))
        self.track_id.choices = offered(rows["tracks"], _("None"))
        self.parent_id.choices = offered(rows["parents"], _("Nothing"))
        self.organisation_id.choices = offered(rows["organisations"], _("None"))
        codes = dict(LANGUAGES)
        if slot is not None and slot.language:
            codes.setdefault(slot.language, slot.language)
        self.language.choices = [SelectChoice("", _("As the edition"))] + [
            SelectChoice(code, name) for code, name in codes.items()
        ]
        if not self.is_submitted():
            for _row in range(SPARE_ROWS):
                self.people.append_entry()
        for row in self.people:
            row.form.speaker.choices = offered(rows["speakers"], _("Nobody"))
        self._names = dict(rows["speakers"])

    def words(self, field: Any, value: Any) -> str:
        """Name the people of a slot."""
        if field is not self.people:
            return super().words(field, value)
        return ", ".join(self._names.get(row["speaker"], "") for row in value) or _("Nobody")

    def validate(self, extra_validators: Any = None) -> bool:
        """Let nobody stand in a slot twice."""
        fine = bool(super().validate(extra_validators))
        seen = set()
        for row in self.people:
            key = row.form.speaker.data
            if key is not None and key in seen:
                row.form.speaker.errors = [_("This person stands above already")]
                self.people.errors = [*self.people.errors, row.form.speaker.errors]
                fine = False
            seen.add(key)
        return fine

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        names = ("title", "day", "start_time", "end_time", "end_day", "room_id", "track_id", "parent_id")
        found = {name: self[name].data for name in (*names, "organisation_id", "parallel", "cancelled")}
        found |= {name: self[name].data or "" for name in ("abstract", "kind_label", "level")}
        found |= {"kind": Kind(self.kind.data), "language": self.language.data or None}
        return found | ({} if self.position.data is None else {"position": self.position.data})

    def chosen_people(self) -> list[Person]:
        """Return who does what, without the rows left empty."""
        rows = [row.form for row in self.people]
        return [
            Person(row.speaker.data, SpeakerRole(row.role.data))
            for row in rows
            if row.speaker.data is not None
        ]


def slot_data(slot: AnySlot) -> dict[str, Any]:
    """Return what the form shows of a stored slot."""
    names = (
        "title abstract kind kind_label day start_time end_time end_day room_id track_id parent_id "
        "organisation_id level position parallel cancelled"
    )
    found = {name: getattr(slot, name) for name in names.split()}
    people = [{"speaker": link.speaker_id, "role": link.role} for link in slot.speaker_links]
    return found | {"language": slot.language or "", "people": people}


class SplitForm(Form):
    """Where a slot becomes two."""

    at = Clock(
        _l("Split at"),
        description=_l("The second half begins then; it has the same people and the same room."),
        validators=[DataRequired(_l("Enter the time at which the second half begins"))],
    )


class PasteForm(Form):
    """A programme pasted as text."""

    day: Any = Day(_l("Day"), validators=[Optional()])
    room_id = choice(_l("Room"))
    lines = TextAreaField(
        _l("One slot per line"),
        filters=[stripped],
        validators=[DataRequired(_l("Paste at least one line")), at_most(50_000)],
        render_kw={"rows": 12},
    )
    close_gaps = BooleanField(_l("Where no end is given, a slot lasts until the next one starts"))


class RoomForm(SeenForm):
    """A room."""

    name = line(_l("Name"), 120, _l("Enter a name"))
    description = line(_l("Where it is"), 500, description=_l("Such as: second floor, step-free"))
    capacity = Number(
        _l("Seats"),
        validators=[Optional(), NumberRange(1, 100_000, message=_l("Enter a number from 1 to 100,000"))],
    )
    position = Number(
        _l("Place in the order"),
        validators=[Optional(), NumberRange(0, 9999, message=_l("Enter a number from 0 to 9999"))],
    )


class TrackForm(SeenForm):
    """A track: slots that belong together."""

    name = line(_l("Name"), 300, _l("Enter a name"))
    description = LongText(_l("What it is about"))
    position = Number(
        _l("Place in the order"),
        validators=[Optional(), NumberRange(0, 9999, message=_l("Enter a number from 0 to 9999"))],
    )


class Percent(Number):
    """A slider; where nothing was sent it stays in its place."""

    widget = RangeInput(step=1)

    def __init__(self, label: Any, least: int, usual: int, **more: Any) -> None:
        within = NumberRange(least, 100, message=_l("Enter a number from %(least)s to 100", least=least))
        super().__init__(label, [Optional(), within], default=usual, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        super().process_formdata(valuelist)
        if self.data is None:
            self.data = self.default


class PhotoSquare:
    """What forms with a photo ask about it: whether a square is kept, and where that lies."""

    photo_part = SelectField(
        _l("Which part of the photo"),
        choices=[SelectChoice(*item) for item in PARTS.items()],
        default="whole",
    )
    photo_across = Percent(_l("From the left"), 0, 50)
    photo_down = Percent(_l("From the top"), 0, 50)
    photo_size = Percent(_l("Size"), SMALLEST_SQUARE, 100)

    photo: FileField
    without_photo: BooleanField

    def portrait(self, present: bytes | None) -> dict[str, bytes | None]:
        """Return the new photo, where there is one: uploaded, cut out of the present one, or none at all."""
        square = None
        if self.photo_part.data == "square":
            square = Square(self.photo_across.data, self.photo_down.data, self.photo_size.data)
        if self.photo.data:
            return {"photo": small_picture(self.photo.data.stream, "photo", square)}
        if self.without_photo.data:
            return {"photo": None}
        return {"photo": square_of(present, square)} if square and present else {}


class SpeakerForm(PhotoSquare, SeenForm):
    """A person on the programme."""

    title = line(_l("Title"), 60, description=_l("Such as Prof. Dr.-Ing."))
    given_name = line(_l("Given name"), 100)
    family_name = line(_l("Family name"), 100, _l("Enter the family name, or the only name"))
    role = line(_l("Role"), 200, description=_l("What the person does there, such as: heads the lab"))
    organisation_id = choice(_l("Organisation"))
    organisation_name = line(_l("Another organisation"), 200, description=_l("Where it is not in the list"))
    about = LongText(
        _l("About the person"),
        rows=6,
        description=_l("Markdown: **bold**, lists with -, links [text](address)"),
    )
    photo = FileField(
        _l("Photo"),
        description=_l("JPEG, PNG or WebP, at most 3.5 MB; it is made smaller, and its metadata is removed"),
    )
    photo_alt = line(
        _l("What the photo shows"),
        300,
        description=_l("For people who do not see it, such as: laughing, in front of a map"),
    )
    without_photo = BooleanField(_l("Remove the photo"))
