"""What organisers type about places in slots; syntax only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wtforms.validators import NumberRange, Optional

from eventhub.agenda.forms import choice, line, offered
from eventhub.editions.checks import local_to_utc
from eventhub.editions.fields import LongText, Moment, Number
from eventhub.errors import RuleBroken
from eventhub.signups.service import Settings
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm

MOST_PLACES = 100_000


class SignupForm(SeenForm):
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


class WishesForm(Form):
    """Until when participants rank alternatives."""

    until: Any = Moment(
        _l("Allocate the places on"),
        description=_l("In the time zone of the meeting. Empty: you start the allocation yourself"),
        validators=[Optional()],
    )

    def instant(self, zone: str) -> datetime | None:
        """Return the cut-off; raises RuleBroken for a local time that doesn't exist."""
        moment: datetime | None = self.until.data
        if moment is None:
            return None
        if not 1970 < moment.year < 2199:
            raise RuleBroken(_("Choose a year between 1970 and 2199"), field="until")
        return local_to_utc(zone, moment.date(), moment.time(), "until")
