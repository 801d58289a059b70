"""Divisions into groups in a file: their names, rooms and rules, never who is in them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sqlalchemy import select

from eventhub.agenda.models import Room
from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.exchange import values
from eventhub.exchange.reading import Node, fail
from eventhub.extensions import db
from eventhub.groups import queries, service
from eventhub.groups.forms import LONGEST_NAME, LONGEST_TOPIC, MOST_GROUPS
from eventhub.groups.models import Balance, Group, Grouping, GroupingKind
from eventhub.questionnaires.queries import definition_of
from eventhub.registration.queries import roles

TEAM_SIZE = 10
"""How many fit into a team where the file does not say it."""


class Counts(Protocol):
    """What counts rows for the report."""

    notes: list[str]

    def count(self, what: str, new: bool, changed: Iterable[str]) -> None: ...


def take_groups(edition: Edition, node: Node | None, report: Counts) -> None:
    """Bring the divisions of an edition in; those that are not in the file stay, as people may be in them."""
    listed = values.items(node)
    if not listed:
        return
    db.session.flush()  # groups need the keys of rooms
    lock(edition)
    known = {one.title.casefold(): one for one in queries.groupings_of(edition)}
    taker = _Taker(edition, report)
    seen: set[str] = set()
    for one in listed:
        title = values.needed_text(one, "title", values.room_for(Grouping.title))
        if title.casefold() in seen:
            fail(one, f"the groups “{title}” stand here twice")
        seen.add(title.casefold())
        taker.take(known.get(title.casefold()), title, one)


class _Taker:
    """Brings divisions into one edition."""

    def __init__(self, edition: Edition, report: Counts) -> None:
        self.edition, self.report = edition, report
        self.roles = {role.title: role.id for role in reversed(roles(edition))}
        self.questions = _questions(edition)
        found = db.session.execute(select(Room.name, Room.id).where(Room.edition_id == edition.id))
        self.rooms = {row[0]: row[1] for row in found}

    def take(self, row: Grouping | None, title: str, node: Node) -> None:
        said = values.mapping(node)
        kind = GroupingKind.OPEN if "challenges" in said else GroupingKind.ALLOTTED
        if row is not None and row.kind is not kind:
            fail(node, f"“{title}” are groups of the other kind here: people join them or are divided")
        new = row is None
        row = row or Grouping(
            edition=self.edition,
            title=title,
            kind=kind,
            seed=None if kind is GroupingKind.OPEN else secrets.randbits(32),
        )
        columns = self._teams(said, title) if row.is_open else self._rules(said, title)
        changed = {name for name, value in columns.items() if getattr(row, name) != value}
        for name in changed:
            setattr(row, name, columns[name])
        db.session.add(row)
        changed |= self._challenges(row, said["challenges"]) if row.is_open else self._groups(row, node)
        db.session.flush()
        self.report.count("groups", new, changed)

    def _rules(self, said: Mapping[str, Node], title: str) -> dict[str, Any]:
        balance = values.word(said.get("mix"), Balance)
        if balance is Balance.QUESTION:
            fail(said["mix"], "say which question under “mix_question”")
        columns = {
            "most_of_one": values.whole(said.get("most_of_one"), least=1, most=999),
            "asks_companions": values.flag(said.get("asks_companions")),
            **self._named("role_id", said.get("only"), self.roles, title),
            **self._named("wish_id", said.get("wish_question"), self.questions, title),
        }
        question = self._named("question_id", said.get("mix_question"), self.questions, title)
        if question:
            columns |= question
            columns["balance"] = Balance.QUESTION if question["question_id"] else balance
        return columns

    def _teams(self, said: Mapping[str, Node], title: str) -> dict[str, Any]:
        size = values.whole(said.get("team_size"), least=1, most=999)
        return {
            "capacity": TEAM_SIZE if size is None else size,
            "results_public": values.flag(said.get("results_public")),
            **self._named("mentor_role_id", said.get("mentors"), self.roles, title),
        }

    def _named(self, name: str, node: Node | None, known: Mapping[str, int], title: str) -> dict[str, Any]:
        """Return the column of a role or question; nothing where this edition has none of that name."""
        words = values.text(node)
        if not words or words in known:
            return {name: known.get(words)}
        self.report.notes.append(f"groups “{title}”: there is no “{words}” here, so that is left as it is")
        return {}

    def _groups(self, row: Grouping, node: Node) -> set[str]:
        listed = values.items(values.mapping(node).get("groups"))
        if not listed and not row.groups:
            fail(node, "groups are missing; name at least one")
        present = {one.name.casefold(): one for one in row.groups}
        changed: set[str] = set()
        seen: set[str] = set()
        for one in listed:
            said = values.mapping(one)
            name = values.needed_text(one, "name", LONGEST_NAME)
            if name.casefold() in seen:
                fail(one, f"the group “{name}” stands here twice")
            seen.add(name.casefold())
            columns = {
                "name": name,
                "room_id": self._room(said.get("room")),
                "link": values.web_address(said.get("link"), 1000) or "",
            }
            known = present.get(name.casefold())
            if known is None:
                row.groups.append(Group(position=len(row.groups), **columns))
                changed.add("groups")
            elif service.update_group(known, columns):
                changed.add("groups")
        if len(row.groups) > MOST_GROUPS:
            fail(node, f"these are too many groups; at most {MOST_GROUPS} are possible")
        return changed

    def _room(self, node: Node | None) -> int | None:
        name = values.text(node)
        if node is not None and name and name not in self.rooms:
            fail(node, f"“{name}” is no room of this edition")
        return self.rooms.get(name)

    def _challenges(self, row: Grouping, node: Node) -> set[str]:
        """Open one team on each challenge that has none."""
        topics = [values.text(one, LONGEST_TOPIC) for one in values.items(node)]
        if not topics or not all(topic.strip() for topic in topics):
            fail(node, "name at least one challenge, and leave none empty")
        present = {one.topic for one in row.groups}
        missing = [topic for topic in dict.fromkeys(topics) if topic not in present]
        taken = {one.name.casefold() for one in row.groups}
        for topic in missing:
            name = topic[:LONGEST_NAME]
            if name.casefold() in taken:
                fail(node, f"a team is called “{name}” already")
            taken.add(name.casefold())
            position = len(row.groups) + 1
            row.groups.append(Group(name=name, topic=topic, capacity=row.capacity, position=position))
        return {"challenges"} if missing else set()


def _questions(edition: Edition) -> dict[str, int]:
    definition = definition_of(edition.asks)
    return {one.label: one.id for one in reversed(definition.questions)} if definition else {}


# back to the file --------------------------------------------------------------------------------------


def written_groups(edition: Edition) -> list[dict[str, Any]]:
    """Return the divisions of an edition as its file names them."""
    found = queries.groupings_of(edition)
    if not found:
        return []
    titles = {role.id: role.title for role in roles(edition)}
    labels = {key: label for label, key in _questions(edition).items()}
    return [_teams(one, titles) if one.is_open else _division(one, titles, labels) for one in found]


def _division(row: Grouping, titles: Mapping[int, str], labels: Mapping[int, str]) -> dict[str, Any]:
    mixed = row.balance is Balance.QUESTION
    return _said(
        title=row.title,
        only=titles.get(row.role_id or 0),
        mix=row.balance.value if row.balance and not mixed else None,
        mix_question=labels.get(row.question_id or 0) if mixed else None,
        most_of_one=row.most_of_one,
        wish_question=labels.get(row.wish_id or 0),
        asks_companions=row.asks_companions,
        groups=[
            _said(name=one.name, room=one.room.name if one.room else None, link=one.link)
            for one in row.groups
        ],
    )


def _teams(row: Grouping, titles: Mapping[int, str]) -> dict[str, Any]:
    return _said(
        title=row.title,
        challenges=list(dict.fromkeys(one.topic for one in row.groups)),
        team_size=row.capacity if row.capacity != TEAM_SIZE else None,
        mentors=titles.get(row.mentor_role_id or 0),
        results_public=row.results_public,
    )


def _said(**found: Any) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value not in (None, False, "")}
