"""Who may do what: one table of roles and what each is good for. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is in an organisation, a series or an edition."""

    OWNER = "owner"
    ORGANISER = "organiser"
    AGENDA_EDITOR = "agenda_editor"
    REGISTRATION_DESK = "registration_desk"
    READER = "reader"


class Capability(StrEnum):
    """What a page asks for; each page of the desk declares one (`desk.blueprint.needs`)."""

    LOOK = "look"
    """See texts, dates, agenda and history, drafts too; nothing that names participants."""
    AGENDA = "agenda"
    """Change slots, rooms, tracks and speakers."""
    PEOPLE = "people"
    """See and change who takes part: registrations, answers, invitations, groups, mails to them."""
    EDIT = "edit"
    """Change everything else: texts, dates, places, questions, publication."""
    OWN = "own"
    """Decide who is in the team, hand over, delete."""


MAY: dict[Role, frozenset[Capability]] = {
    Role.OWNER: frozenset(Capability),
    Role.ORGANISER: frozenset(Capability) - {Capability.OWN},
    Role.AGENDA_EDITOR: frozenset((Capability.LOOK, Capability.AGENDA)),
    Role.REGISTRATION_DESK: frozenset((Capability.LOOK, Capability.PEOPLE)),
    Role.READER: frozenset((Capability.LOOK,)),
}


def roles_with(capability: Capability) -> tuple[Role, ...]:
    """Return the roles that include a capability."""
    return tuple(role for role, capabilities in MAY.items() if capability in capabilities)


@dataclass(frozen=True)
class Held:
    """A role that somebody has, in a whole series or in one edition.

    What an organisation was given, its members have within the bounds of their own role there.
    """

    edition_id: int | None
    role: Role
    within: Role = Role.OWNER

    @property
    def capabilities(self) -> frozenset[Capability]:
        return MAY[self.role] & MAY[self.within]


@dataclass(frozen=True)
class Rights:
    """What somebody may do in a series and its editions."""

    held: tuple[Held, ...] = ()

    def in_series(self) -> frozenset[Capability]:
        """Return what they may do in all editions and the series itself."""
        return _together(one for one in self.held if one.edition_id is None)

    def in_edition(self, edition_id: int) -> frozenset[Capability]:
        return _together(one for one in self.held if one.edition_id in (None, edition_id))

    def anywhere(self) -> frozenset[Capability]:
        """Return what they may do in the series or any of its editions."""
        return _together(self.held)


def _together(held: Iterable[Held]) -> frozenset[Capability]:
    return frozenset().union(*(one.capabilities for one in held))
