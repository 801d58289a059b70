"""What organisers type about places in slots; syntax only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms.validators import NumberRange, Optional

from eventhub.agenda.forms import choice, line, offered
from eventhub.editions.fields import LongText, Number
from eventhub.signups.service import Settings
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l

MOST_PLACES = 100_000


class SignupForm(Form):
    """How a slot takes sign-ups."""

    capacity: Any = Number(
        _l("Places"),
        description=_l("Empty: no limit"),
        validators=[Optional(), NumberRange(1, MOST_PLACES, message=_l("Enter a number from 1 to 100,000"))],
    )
    alternatives = line(
        _l("One of several"),
        200,
        description=_l("The same words for all slots of which each person has one, such as: Excursions"),
    )
    needs_id = choice(_l("Builds on"))
    directions = LongText(
        _l("Meeting point and departure"),
        most=2000,
        rows=3,
        description=_l("Stands in the mail and on the page of those who have a place"),
    )

    def offer(self, others: Iterable[tuple[int, str]]) -> None:
        """Set on which slots it can build."""
        self.needs_id.choices = offered(others, _("Nothing"))

    def settings(self) -> Settings:
        """Return what the service takes."""
        return Settings(
            capacity=self.capacity.data,
            alternatives=self.alternatives.data or "",
            needs_id=self.needs_id.data,
            directions=self.directions.data or "",
        )
