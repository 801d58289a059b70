"""What kinds of questions are called, and questions that are ready to be used."""

from __future__ import annotations

from eventhub.questionnaires.models import Kind, Purpose
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Wording
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l

KIND_NAMES = {
    Kind.SHORT_TEXT: _l("Short text"),
    Kind.LONG_TEXT: _l("Long text"),
    Kind.EMAIL: _l("Email address"),
    Kind.PHONE: _l("Phone number"),
    Kind.NUMBER: _l("Number"),
    Kind.YES_NO: _l("Yes or no"),
    Kind.ONE_OF: _l("One of several options"),
    Kind.SEVERAL_OF: _l("Any of several options"),
    Kind.RANKING: _l("Options in order of preference"),
    Kind.DATE: _l("Date"),
    Kind.FILE: _l("File (PDF, PNG or JPEG)"),
    Kind.CONSENT: _l("Consent"),
    Kind.HEADING: _l("Heading with explanation"),
    Kind.PAGE: _l("New page"),
}
READY_MADE_NAMES = {
    Purpose.ACCESS: _l("Access needs"),
    Purpose.DIET: _l("Food"),
    Purpose.NAME_SHOWN: _l("May others see my name?"),
}
WEEK = 7


def ready_made(purpose: Purpose) -> tuple[Kind, Wording]:
    """Return a question that many meetings ask, in the language that is spoken."""
    return {Purpose.ACCESS: _access, Purpose.DIET: _diet, Purpose.NAME_SHOWN: _name_shown}[purpose]()


def _access() -> tuple[Kind, Wording]:
    labels = (
        _("Sign language interpreting"),
        _("Step-free access"),
        _("Live captions"),
        _("A seat with a good view of the screen"),
    )
    wording = Wording(
        _("What do you need to take part well?"),
        help=_("Only the organisers read it."),
        options=_options(labels),
        keep_days=2 * WEEK,
    )
    return Kind.SEVERAL_OF, wording


def _diet() -> tuple[Kind, Wording]:
    labels = (_("vegetarian"), _("vegan"), _("without pork"), _("without gluten"), _("without lactose"))
    wording = Wording(
        _("What do you eat?"),
        help=_("Only the organisers read it."),
        options=_options(labels),
        keep_days=2 * WEEK,
    )
    return Kind.SEVERAL_OF, wording


def _name_shown() -> tuple[Kind, Wording]:
    wording = Wording(
        _("May other participants see your name?"),
        help=_("You can change your mind at any time."),
        keep_days=4 * WEEK,
    )
    return Kind.YES_NO, wording


def _options(labels: tuple[str, ...]) -> tuple[Option, ...]:
    return tuple(Option(f"o{number}", label) for number, label in enumerate(labels, 1))
