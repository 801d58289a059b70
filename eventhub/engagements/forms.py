"""What organisers ask speakers, and what speakers say; syntax only."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from eventhub.agenda.forms import PhotoSquare, line
from eventhub.editions.fields import Day, LongText
from eventhub.engagements.models import Engagement
from eventhub.web.forms import Form
from eventhub.web.languages import LANGUAGES
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm

LONGEST_WORDS = 2000
LONGEST_TEXT = 1000


class AskForm(Form):
    """What is said to all whom an organiser asks at once; their addresses are read beside it."""

    language = SelectField(
        _l("Language of the mail"), choices=[SelectChoice(*item) for item in LANGUAGES.items()]
    )
    answer_by: Any = Day(
        _l("Please answer by"),
        description=_l("Who is silent gets a reminder in the last three days before"),
        validators=[Optional()],
    )
    words = LongText(
        _l("Your words to the speakers"),
        most=LONGEST_WORDS,
        rows=5,
        description=_l("Stand at the top of the mail and on their page. Empty: a plain sentence"),
    )


class AnswerForm(Form):
    """Words that go along with an answer."""

    message = LongText(_l("Anything you want to say to the organisers"), most=LONGEST_TEXT, rows=3)


class DetailsForm(Form):
    """What a speaker says to the organisers alone, and what they agree to."""

    availability = LongText(
        _l("When you can’t"),
        most=LONGEST_TEXT,
        rows=3,
        description=_l("Such as: not before 4 pm, I have to leave at 5:30 pm"),
    )
    access_needs = LongText(
        _l("What you need"),
        most=LONGEST_TEXT,
        rows=3,
        description=_l(
            "Such as a step-free way, captions, an interpreter. Only the organisers read it; "
            "it is erased two weeks after the meeting"
        ),
    )
    may_publish = RadioField(
        _l("May your slides stand on the public page of your session?"),
        choices=[
            SelectChoice("yes", _l("Yes, everybody may read them")),
            SelectChoice("no", _l("No, only people who are registered")),
        ],
        validators=[InputRequired(_l("Choose yes or no; you can change it at any time"))],
    )
    may_record = RadioField(
        _l("May your session be recorded?"),
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))],
        validators=[InputRequired(_l("Choose yes or no; you can change it at any time"))],
    )

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {
            "availability": self.availability.data or "",
            "access_needs": self.access_needs.data or "",
            "may_publish": self.may_publish.data == "yes",
            "may_record": self.may_record.data == "yes",
        }


class AboutForm(PhotoSquare, SeenForm):
    """How a speaker is presented; everybody reads it."""

    role = line(_l("Role"), 200, description=_l("What you do there, such as: heads the lab"))
    organisation_name = line(_l("Organisation"), 200)
    about = LongText(
        _l("About you"),
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


class SlidesForm(Form):
    """A file for one of the speaker's sessions."""

    slot = SelectField(_l("Session"), coerce=int)
    file = FileField(_l("File"), description=_l("PDF, PNG or JPEG, at most 3.5 MB"))


def details_of(engagement: Engagement) -> dict[str, Any]:
    """Return what the form shows."""
    words = {True: "yes", False: "no", None: None}
    return {
        "availability": engagement.availability,
        "access_needs": engagement.access_needs,
        "may_publish": words[engagement.may_publish],
        "may_record": words[engagement.may_record],
    }


def about_of(engagement: Engagement) -> dict[str, Any]:
    """Return what the form shows."""
    speaker = engagement.speaker
    return {
        "role": speaker.role,
        "organisation_name": speaker.affiliation,
        "about": speaker.about,
        "photo_alt": speaker.photo_alt,
    }
