"""What organisers type about groups; syntax only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import BooleanField, SelectField, URLField
from wtforms.fields import Field
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp, ValidationError

from eventhub.agenda.forms import choice, line, offered
from eventhub.editions.fields import LongText, Number, at_most, stripped
from eventhub.groups.models import Balance, Group
from eventhub.groups.rules import sought
from eventhub.groups.service import RESULT, Settings
from eventhub.groups.teams import Plan
from eventhub.groups.wishes import FIELDS
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import CHOOSING, Asked, short
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.seen import SeenForm

MOST_GROUPS = 200
LONGEST_NAME = 120
LONGEST_TOPIC = 200
MOST_AT_FIRST = 1000
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
            InputRequired(_l("Enter a number from 1 to 200")),
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
    asks_companions = BooleanField(
        _l("People may name up to three others they would like to be with"),
        description=_l(
            "On their own page, until the groups are published. Only you see it; wishes count as far as the "
            "groups stay mixed."
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
            asks_companions=self.asks_companions.data,
        )


def _names(number: int, wished: Asked | None) -> list[str]:
    """Return as many names: those of the topics first, so that wishes find their groups."""
    topics = [option.label[:LONGEST_NAME] for option in wished.options] if wished else []
    names = list({name.casefold(): name for name in topics}.values())[:number]
    return names + [_("Group %(num)s", num=position) for position in range(len(names) + 1, number + 1)]


def _address(label: Any, description: Any) -> URLField:
    words = _l("Enter an address that starts with https://")
    sound = Regexp(r"https?://[^\s\x00-\x1f<>\"]+\Z", message=words)
    checks = [Optional(), at_most(1000), sound]
    return URLField(label, description=description, filters=[stripped], validators=checks)


class GroupForm(SeenForm):
    """A group: its name and where it meets."""

    name = line(_l("Name"), LONGEST_NAME, _l("Enter a name"))
    room_id = choice(_l("Room"))
    link = _address(_l("Link"), _l("Where the group meets online; only its members see it"))

    def offer(self, rooms: Iterable[tuple[int, str]]) -> None:
        """Set in which rooms it can meet."""
        self.room_id.choices = offered(rooms, _("No room"))

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {"name": self.name.data, "room_id": self.room_id.data, "link": self.link.data or ""}


# wishes for people -------------------------------------------------------------------------------------

LONGEST_SOUGHT = 254


def _companion(label: Any) -> Any:
    return line(label, LONGEST_SOUGHT, description=_l("Email address or registration number"))


class CompanionsForm(SeenForm):
    """Whom somebody would like to be in a group with."""

    first = _companion(_l("First person"))
    second = _companion(_l("Second person"))
    third = _companion(_l("Third person"))

    def validate_first(self, field: Field) -> None:
        """Ask for an address or a number, whoever has it; the same holds for the others."""
        if field.data and sought(field.data) is None:
            raise ValidationError(_("Enter an email address, or a registration number like 7K4M-2QXR"))

    validate_second = validate_third = validate_first

    def wishes(self) -> list[str]:
        """Return what the service takes; a part that stays empty moves nobody else's mistake."""
        return [sought(getattr(self, name).data or "") or "" for name in FIELDS]


def companions_data(named: Sequence[str]) -> dict[str, str]:
    """Return what the form shows of wishes."""
    return dict.fromkeys(FIELDS, "") | dict(zip(FIELDS, named, strict=False))


# teams -------------------------------------------------------------------------------------------------


def _size(label: Any, **more: Any) -> Any:
    words = _l("Enter a number from 1 to 999")
    return Number(label, validators=[InputRequired(words), NumberRange(1, 999, message=words)], **more)


class TeamsForm(Form):
    """Teams that people form by themselves."""

    title = line(
        _l("What the teams are for"), 200, _l("Enter a title"), description=_l("Such as: Hackathon teams")
    )
    topics = LongText(_l("Challenges"), most=50_000, rows=8, description=_l("One per line"))
    each: Any = _size(_l("Teams on each challenge to begin with"), default=1)
    capacity: Any = _size(_l("Largest size of a team"), default=10)
    mentor_role_id = choice(_l("Mentors come as"))

    def offer(self, roles: Iterable[tuple[int, str]]) -> None:
        """Set who can be mentor."""
        self.mentor_role_id.choices = offered(roles, _("There are no mentors"))

    def validate_topics(self, _field: Any) -> None:
        """Ask for at least one challenge, none too long, and not for more teams than there can be."""
        titles = self._titles()
        if not titles:
            raise ValidationError(_("Enter at least one challenge"))
        long = next((title for title in titles if len(title) > LONGEST_TOPIC), None)
        if long:
            raise ValidationError(_("“%(title)s …” is too long. Use at most 200 characters", title=long[:40]))
        if len(titles) * (self.each.data or 1) > MOST_AT_FIRST:
            raise ValidationError(_("These are too many teams. People can found more by themselves."))

    def _titles(self) -> list[str]:
        titles = [" ".join(text.split()) for text in (self.topics.data or "").splitlines()]
        return list(dict.fromkeys(title for title in titles if title))

    def plan(self) -> Plan:
        """Return what the service takes."""
        return Plan(
            self.title.data, self._titles(), self.each.data, self.capacity.data, self.mentor_role_id.data
        )


class FoundForm(Form):
    """A team that somebody founds."""

    name = line(_l("Name of the team"), LONGEST_NAME, _l("Enter a name"))
    topic: Any = SelectField(_l("Challenge"))


class ResultForm(SeenForm):
    """What came out in a team."""

    project = line(_l("Project"), 200, description=_l("What it is called"))
    status = line(_l("Status"), 80, description=_l("How far it is, such as: prototype, in use, paused"))
    result = LongText(_l("What came out"), most=2000)
    result_link = _address(_l("Link to the project"), "")

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: getattr(self, name).data or "" for name in RESULT}


class TeamForm(GroupForm, ResultForm):
    """A team as its organiser sees it."""

    topic = line(_l("Challenge"), LONGEST_TOPIC, _l("Enter the challenge"))
    capacity: Any = _size(_l("Largest size of a team"))
    mentor_id = choice(_l("Mentor"))

    def offer_mentors(self, mentors: Iterable[tuple[int, str]]) -> None:
        """Set who can look after the team."""
        self.mentor_id.choices = offered(mentors, _("Nobody yet"))

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        more = {"topic": self.topic.data, "capacity": self.capacity.data, "mentor_id": self.mentor_id.data}
        return GroupForm.values(self) | ResultForm.values(self) | more


def group_data(group: Group) -> dict[str, Any]:
    """Return what the form of a group shows of it."""
    return {name: getattr(group, name) for name in ("name", "room_id", "link")}


def result_data(group: Group) -> dict[str, Any]:
    """Return what its members say about a team."""
    return {name: getattr(group, name) for name in RESULT}


def team_data(group: Group) -> dict[str, Any]:
    """Return what the form of a team shows of it."""
    more = {name: getattr(group, name) for name in ("topic", "capacity", "mentor_id")}
    return group_data(group) | result_data(group) | more
