"""The verbs of teams: open groups that people form by themselves, and those who look after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.groups import mails, queries, rules, service
from eventhub.groups.models import Group, Grouping, GroupingKind, Membership
from eventhub.history.service import PARTICIPANT, record
from eventhub.registration.models import Registration, RegistrationState
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext

MOST_TEAMS = 5000


@dataclass(frozen=True, slots=True)
class Plan:
    """What an organiser opens: some teams on each challenge, and who mentors them."""

    title: str
    topics: Sequence[str]
    each: int
    """How many teams there are on each challenge to begin with."""
    capacity: int
    mentor_role_id: int | None = None


class Full(RuleBroken):
    """A team has no place left; the message names another one on the same challenge, if there is one."""

    def __init__(self, team: Group, instead: Group | None) -> None:
        words = _("“%(team)s” is full.", team=team.name)
        if instead is None:
            way = _("All teams on this challenge are. Choose another challenge, or found a team.")
        else:
            free = (instead.capacity or 0) - instead.taken_count
            way = ngettext(
                "On the same challenge “%(team)s” has %(num)s place left.",
                "On the same challenge “%(team)s” has %(num)s places left.",
                free,
                team=instead.name,
            )
        super().__init__(f"{words} {way}")
        self.topic = team.topic
        self.instead = instead


# organisers --------------------------------------------------------------------------------------------


def open_teams(edition: Edition, plan: Plan) -> Grouping:
    """Make empty teams; people join them once they are published."""
    lock(edition)
    service.require_free_title(edition, plan.title)
    grouping = Grouping(
        edition=edition,
        title=plan.title,
        kind=GroupingKind.OPEN,
        capacity=plan.capacity,
        mentor_role_id=plan.mentor_role_id,
    )
    topics = [topic for topic in plan.topics for _team in range(plan.each)]
    grouping.groups = [
        Group(name=_("Team %(num)s", num=number), topic=topic, capacity=plan.capacity, position=number)
        for number, topic in enumerate(topics, 1)
    ]
    db.session.add(grouping)
    db.session.flush()  # the answer leads to it
    record("groups.opened", edition_id=edition.id, title=grouping.title)
    return grouping


def add_team(grouping: Grouping, name: str, topic: str) -> Group:
    """Add a team on one of the challenges; the edition must be locked."""
    topics = queries.topics(grouping)
    number = sum(one.teams for one in topics)
    if topic not in {one.title for one in topics}:
        raise RuleBroken(_("Choose one of the challenges"), field="topic")
    if queries.is_taken(grouping, name):
        raise RuleBroken(_("Another team has this name already"), field="name")
    if number >= MOST_TEAMS:
        raise RuleBroken(_("There are as many teams as there can be. Join one of them."))
    team = Group(
        grouping_id=grouping.id, name=name, topic=topic, capacity=grouping.capacity, position=number + 1
    )
    db.session.add(team)
    db.session.flush()  # its first member refers to its key
    return team


def show_results(grouping: Grouping, *, public: bool) -> None:
    """Let everybody see the list of results, or nobody."""
    lock(grouping.edition)
    if grouping.results_public is not public:
        grouping.results_public = public
        record("groups.results", edition_id=grouping.edition_id, title=grouping.title, public=public)


def take_out(group: Group, registration: Registration) -> bool:
    """Take somebody out of a team; False where they are not in it."""
    lock(group.grouping.edition)
    own = queries.membership_of(registration, group.grouping)
    if own is None or own.group_id != group.id:
        return False
    _leave(registration, own)
    mails.gone(group.grouping, [registration])
    _note("groups.removed", group.grouping, registration, actor=None)
    return True


# participants ------------------------------------------------------------------------------------------


def join(registration: Registration, grouping: Grouping, group_id: int) -> bool:
    """Let somebody be in a team, and in no other; False where they are in it already."""
    _require_open(registration, grouping)
    _require_no_mentor(registration, grouping)
    team = queries.team(grouping, group_id)
    if team is None:
        raise RuleBroken(_("This team does not exist any more. Choose another one."))
    own = queries.membership_of(registration, grouping)
    if own is not None and own.group_id == team.id:
        return False
    if team.is_full:
        raise Full(team, rules.instead(queries.teams(grouping, team.topic)))
    if own is not None:
        _leave(registration, own)
    _enter(registration, team)
    mails.published(grouping, [registration])
    _note("groups.joined", grouping, registration)
    return True


def leave(registration: Registration, grouping: Grouping) -> bool:
    """Let somebody leave their team; False where they have none."""
    _require_open(registration, grouping)
    own = queries.membership_of(registration, grouping)
    if own is None:
        return False
    _leave(registration, own)
    mails.gone(grouping, [registration])
    _note("groups.left", grouping, registration)
    return True


def found(registration: Registration, grouping: Grouping, name: str, topic: str) -> Group:
    """Let somebody found a team on a challenge, and be in it."""
    _require_open(registration, grouping)
    _require_no_mentor(registration, grouping)
    team = add_team(grouping, name, topic)
    own = queries.membership_of(registration, grouping)
    if own is not None:
        _leave(registration, own)
    _enter(registration, team)
    mails.published(grouping, [registration])
    _note("groups.founded", grouping, registration)
    return team


def look_after(registration: Registration, grouping: Grouping, group_id: int) -> bool:
    """Let a mentor look after a team that has none; False where somebody else was faster."""
    _require_mentor(registration, grouping)
    team = queries.team(grouping, group_id)
    if team is None or team.mentor_id is not None:
        return False
    team.mentor_id = registration.id
    db.session.flush()  # the members' mails name the mentor
    mails.changed(grouping, queries.members(team))
    _note("groups.mentored", grouping, registration)
    return True


def stop_looking_after(registration: Registration, grouping: Grouping, group_id: int) -> bool:
    """Let a mentor give a team back; False where it is not theirs."""
    _require_mentor(registration, grouping)
    team = queries.team(grouping, group_id)
    if team is None or team.mentor_id != registration.id:
        return False
    team.mentor_id = None
    db.session.flush()  # as above
    mails.changed(grouping, queries.members(team))
    _note("groups.unmentored", grouping, registration)
    return True


def tell_result(registration: Registration, group: Group, values: Mapping[str, Any]) -> bool:
    """Let a member say what came out, also long after the meeting; False where nothing is new."""
    lock(group.grouping.edition)
    own = queries.membership_of(registration, group.grouping)
    if own is None or own.group_id != group.id or registration.state is not RegistrationState.CONFIRMED:
        raise RuleBroken(_("Only members of the team can say what came out."))
    changed = {name: value for name, value in values.items() if getattr(group, name) != value}
    for name, value in changed.items():
        setattr(group, name, value)
    if changed:
        _note("groups.result", group.grouping, registration)
    return bool(changed)


def _require_open(registration: Registration, grouping: Grouping) -> None:
    edition = grouping.edition
    lock(edition)
    lock(registration)
    if registration.state is not RegistrationState.CONFIRMED:
        raise RuleBroken(_("You can join a team as soon as you have a place in the meeting."))
    if edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        raise RuleBroken(_("This meeting is over or cancelled, so its teams stay as they are."))


def is_mentor(registration: Registration, grouping: Grouping) -> bool:
    """Tell whether somebody comes as a mentor of these teams."""
    return grouping.mentor_role_id is not None and registration.role_id == grouping.mentor_role_id


def _require_no_mentor(registration: Registration, grouping: Grouping) -> None:
    if is_mentor(registration, grouping):
        raise RuleBroken(_("Mentors look after teams and join none."))


def _require_mentor(registration: Registration, grouping: Grouping) -> None:
    _require_open(registration, grouping)
    if not is_mentor(registration, grouping):
        raise RuleBroken(_("Only mentors look after teams."))


def _enter(registration: Registration, team: Group) -> None:
    team.taken_count += 1
    own = Membership(registration_id=registration.id, grouping_id=team.grouping_id, group_id=team.id)
    db.session.add(own)
    db.session.flush()  # the mail tells of it


def _leave(registration: Registration, own: Membership) -> None:
    db.session.get_one(Group, own.group_id).taken_count -= 1
    where = (Membership.registration_id == registration.id, Membership.grouping_id == own.grouping_id)
    db.session.execute(delete(Membership).where(*where))
    db.session.flush()  # the mail tells of it


def _note(
    action: str, grouping: Grouping, registration: Registration, actor: str | None = PARTICIPANT
) -> None:
    record(
        action,
        edition_id=grouping.edition_id,
        registration_id=registration.id,
        actor=actor,
        title=grouping.title,
    )
