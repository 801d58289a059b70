"""Who is really coming: what people said, altogether, by role and by where they take part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eventhub.desk.kinds_of_place import KindsOfPlace
from eventhub.editions.models import Edition
from eventhub.registration.reconfirmation import Answers, Place, Said, answers_by_place, total
from eventhub.web.languages import gettext as _


@dataclass(frozen=True)
class Part:
    """What those of one kind of place said; `filter` is what an address names to list them."""

    name: str
    filter: Mapping[str, str]
    answers: Answers


@dataclass(frozen=True)
class Coming:
    """What all with a place said, and what those said who take part or come as the same."""

    answers: Answers
    parts: tuple[Part, ...]


def coming(edition: Edition, kinds: KindsOfPlace) -> Coming | None:
    """Return who is coming, by what the edition tells apart; None where nobody was asked."""
    if not edition.asked_to_reconfirm_at:
        return None
    found = answers_by_place(edition)
    return Coming(total(found.values()), tuple(_parts(found, kinds)))


def _parts(found: Mapping[Place, Answers], kinds: KindsOfPlace) -> Iterator[Part]:
    for role, title in kinds.roles.items():
        same = total(said for place, said in found.items() if place.role_id == role)
        yield Part(title, {"role": str(role)}, same)
    for attendance, words in kinds.offered.items():
        same = total(said for place, said in found.items() if place.attendance is attendance)
        yield Part(words, {"attendance": attendance.value}, same)


def said_words(said: Said) -> str:
    """Return in words what somebody said, as filters name it."""
    return {Said.NOTHING: _("Asked and silent"), Said.YES: _("Said that they are coming")}[said]
