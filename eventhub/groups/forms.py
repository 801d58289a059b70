"""What organisers type about groups; syntax only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import SelectField, URLField
from wtforms.validators import DataRequired, NumberRange, Optional, Regexp

from eventhub.agenda.forms import choice, line, offered
from eventhub.editions.fields import Number, at_most, stripped
from eventhub.groups.models import Balance
from eventhub.groups.service import Settings
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import CHOOSING, Asked, short
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm

MOST_GROUPS = 200
LONGEST_NAME = 120
BALANCES = {
    Balance.LEVEL: _l("Level of the organisation, where it is known"),
    Balance.ORGANISATION: _l("Organisation"),
    Balance.ROLE: _l("What people come as"),
    Balance.ATTENDANCE: _l("On site or online"),
}
MIXABLE = frozenset({Kind.ONE_OF, Kind.YES_NO})
"""Kinds of questions whose answers can be mixed."""


class GroupingForm(Form):
    """How to divide people into groups."""

    title = line(
        _l("What the groups are for"),
        200,
        _l("Enter a title"),
        description=_l("Such as: World café, round 1"),
    )
    number: Any = Number(
        _l("Number of groups"),
        default=5,
        validators=[
            DataRequired(message=_l("Enter a number from 1 to 200")),
            NumberRange(1, MOST_GROUPS, message=_l("Enter a number from 1 to 200")),
        ],
    )
    balance: Any = SelectField(_l("Mix evenly"))
    most_of_one: Any = Number(
        _l("At most so many of one organisation in a group"),
        description=_l("Empty: no limit"),
        validators=[Optional(), NumberRange(1, 999, message=_l("Enter a number from 1 to 999"))],
    )
    wish_id = choice(
        _l("Wishes"),
        description=_l(
            "A question of your form whose options are the topics; the groups are named after them"
        ),
    )
    role_id = choice(_l("Who is divided"))

    def offer(self, questions: Sequence[Asked], roles: Iterable[tuple[int, str]]) -> None:
        """Set what can be mixed, and for whom."""
        mixable = [(f"question:{one.id}", short(one.label)) for one in questions if one.kind in MIXABLE]
        self.balance.choices = [
            ("", _("Nothing in particular")),
            *((balance.value, str(name)) for balance, name in BALANCES.items()),
            *mixable,
        ]
        wishes = [(one.id, short(one.label)) for one in questions if one.kind in CHOOSING]
        self.wish_id.choices = offered(wishes, _("Nobody was asked"))
        self.role_id.choices = offered(roles, _("Everybody with a place"))

    def settings(self, questions: Sequence[Asked]) -> Settings:
        """Return what the service takes."""
        kind, _colon, key = (self.balance.data or "").partition(":")
        wished = next((one for one in questions if one.id == self.wish_id.data), None)
        return Settings(
            title=self.title.data,
            names=_names(self.number.data, wished),
            balance=Balance(kind) if kind else None,
            question_id=int(key) if key else None,
            most_of_one=self.most_of_one.data,
            wish_id=wished.id if wished else None,
            role_id=self.role_id.data,
        )


def _names(number: int, wished: Asked | None) -> list[str]:
    """Return as many names: those of the topics first, so that wishes find their groups."""
    topics = [option.label[:LONGEST_NAME] for option in wished.options] if wished else []
    names = list({name.casefold(): name for name in topics}.values())[:number]
    return names + [_("Group %(num)s", num=position) for position in range(len(names) + 1, number + 1)]


class GroupForm(SeenForm):
    """A group: its name and where it meets."""

    name = line(_l("Name"), LONGEST_NAME, _l("Enter a name"))
    room_id = choice(_l("Room"))
    link = URLField(
        _l("Link"),
        description=_l("Where the group meets online; only its members see it"),
        filters=[stripped],
        validators=[
            Optional(),
            at_most(1000),
            Regexp(
                r"https?://[^\s\x00-\x1f<>\"]+\Z", message=_l("Enter an address that starts with https://")
            ),
        ],
    )

    def offer(self, rooms: Iterable[tuple[int, str]]) -> None:
        """Set in which rooms it can meet."""
        self.room_id.choices = offered(rooms, _("No room"))

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {"name": self.name.data, "room_id": self.room_id.data, "link": self.link.data or ""}
