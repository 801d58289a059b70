"""Who comes into which group; pure functions of plain values.

People are edges between their organisation and what they answered. The edges of such a graph can always be
coloured with as many colours as there are groups, so that each colour is equally frequent at every end
(de Werra 1971). So every group gets equally many people, of each organisation and of each answer, up to one.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from eventhub import tokens
from eventhub.registration.rules import address_key, mail_address
from eventhub.signups.allocation import allocate

End = tuple[str, str, int]
"""A side of the graph, what it stands for, and a part of it with no more edges than there are groups."""
Ends = Mapping[int, tuple[End, End]]
MOST_COMPANIONS = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be put into a group, which is named by its position."""

    id: int
    organisation: str = ""
    """Empty where none is known; such people belong to none, not to the same one."""
    answer: str = ""
    """What is to be mixed."""
    wishes: tuple[int, ...] = ()
    """Groups they would like to be in, the dearest first."""
    companions: tuple[int, ...] = ()
    """People they would like to be in a group with, in no order."""

    @property
    def home(self) -> str:
        """The organisation, however it was written; without one somebody is alone."""
        return " ".join(self.organisation.casefold().split()) or f"#{self.id}"


def divide(people: Iterable[Person], groups: int, seed: int, most: int | None = None) -> dict[int, int]:
    """Return the group of each person; the same seed gives the same groups.

    It comes first that groups differ in size by one at most, and mix what was answered in the same way. Then
    no group has more than `most` of one organisation, where that is possible, and then wishes count: first
    for groups, then for people who name each other, then for others.
    """
    drawn = _drawn(people, groups, seed)
    found = _mixed(drawn, groups)
    limit = len(drawn) if most is None else max(most, _most_of_one(drawn, found))
    wished = _wished(drawn, found, seed) if any(person.wishes for person in drawn) else found
    crowds = _most_of_one(drawn, wished) > limit
    if crowds or any(person.companions for person in drawn):
        return _exchanged(drawn, found if crowds else wished, limit)
    return wished


def sought(text: str) -> str | None:
    """Return what a wish for somebody is kept as: an address or the number of a registration; else None."""
    if "@" in text:
        address = mail_address(text)
        return address and address_key(address)
    signs = "".join(filter(str.isalnum, text)).upper()
    return f"{signs[:4]}-{signs[4:]}" if len(signs) == 8 and set(signs) <= set(tokens.ALPHABET) else None


def crowded(people: Iterable[Person], groups: int, most: int | None) -> dict[str, int]:
    """Return how many come from the organisations that are too large for so few in each group."""
    people = list(people)
    numbers = Counter(person.home for person in people)
    names = {person.home: " ".join(person.organisation.split()) for person in reversed(people)}
    return {
        names[home]: number
        for home, number in sorted(numbers.items())
        if most is not None and number > most * groups
    }


def smallest(groups: Sequence[Sequence[Person]], person: Person, most: int | None = None) -> int:
    """Return where somebody who comes late fits in: few people, few of their organisation and answer.

    A group that has `most` of their organisation is taken only where all have.

    Among such groups it is the one with most of those who are named by them, or name them.
    """

    def fullness(position: int) -> tuple[bool, int, int, int, int]:
        members = groups[position]
        fellows = sum(one.home == person.home for one in members)
        alike = sum(one.answer == person.answer for one in members)
        companions = sum(one.id in person.companions or person.id in one.companions for one in members)
        return most is not None and fellows >= most, len(members), fellows, alike, -companions

    return min(range(len(groups)), key=fullness)


class Team(Protocol):
    """What counts about a team that people join by themselves."""

    @property
    def taken_count(self) -> int: ...

    @property
    def is_full(self) -> bool: ...


AnyTeam = TypeVar("AnyTeam", bound=Team)


def instead(teams: Iterable[AnyTeam]) -> AnyTeam | None:
    """Return the team to offer instead of a full one on the same challenge: that with the fewest people."""
    return min((team for team in teams if not team.is_full), key=lambda team: team.taken_count, default=None)


def fulfilled(people: Iterable[Person], found: Mapping[int, int]) -> Counter[int]:
    """Count who got which wish, 1 is the dearest; those who wish and got none count as 0."""
    return Counter(
        person.wishes.index(found[person.id]) + 1 if found[person.id] in person.wishes else 0
        for person in people
        if person.wishes and person.id in found
    )


@dataclass(frozen=True, slots=True)
class Met:
    """How many wishes for people are fulfilled, of how many that can be: both are divided here."""

    pairs: int
    """Two who name each other and are in the same group."""
    all_pairs: int
    others: int
    """Those who are with somebody whom they name and who does not name them."""
    all_others: int


def met(people: Iterable[Person], found: Mapping[int, int]) -> Met:
    """Count the wishes for people that groups fulfil."""
    divided = [one for one in people if one.id in found]
    there = {one.id for one in divided}
    named = {one.id: _present(one, there) for one in divided}
    pairs = [(one, other) for one, other in _named(named) if one < other and one in named[other]]
    others = [(one, other) for one, other in _named(named) if one not in named[other]]

    def together(wishes: Iterable[tuple[int, int]]) -> int:
        return sum(found[one] == found[other] for one, other in wishes)

    return Met(together(pairs), len(pairs), together(others), len(others))


def _named(companions: Mapping[int, Iterable[int]]) -> list[tuple[int, int]]:
    return [(one, other) for one, named in companions.items() for other in named]


def _present(person: Person, there: Container[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one for one in person.companions if one in there and one != person.id))


def _drawn(people: Iterable[Person], groups: int, seed: int) -> list[Person]:
    """Return the people in the order of their lots, wishing for nothing and nobody that is not there."""
    people = sorted(people, key=lambda one: one.id)
    there = {one.id for one in people}
    found = [
        replace(
            one,
            wishes=tuple(wish for wish in one.wishes if wish < groups),
            companions=_present(one, there),
        )
        for one in people
    ]
    random.Random(seed).shuffle(found)  # noqa: S311  # a lot that anybody can draw again, not a secret
    return found


# mixing ------------------------------------------------------------------------------------------------


def _mixed(people: Sequence[Person], groups: int) -> dict[int, int]:
    ends = _ends(people, groups)
    at: dict[End, dict[int, int]] = defaultdict(dict)
    """Who comes into each group, by end."""
    sizes = [0] * groups
    found: dict[int, int] = {}
    for person in people:
        here, there = ends[person.id]
        free = {side: [group for group in range(groups) if group not in at[side]] for side in (here, there)}
        both = [group for group in free[here] if group in free[there]]
        if both:
            group = min(both, key=lambda one: sizes[one])
        else:
            group = free[here][0]
            _turn(_chain(there, group, free[there][0], at, ends), at, ends, found, sizes)
        found[person.id] = group
        at[here][group] = at[there][group] = person.id
        sizes[group] += 1
    while max(sizes) - min(sizes) > 1:
        large, small = sizes.index(max(sizes)), sizes.index(min(sizes))
        _turn(_surplus(large, small, at, ends), at, ends, found, sizes)
    return found


def _ends(people: Sequence[Person], groups: int) -> Ends:
    numbers: Counter[tuple[str, str]] = Counter()

    def end(side: str, name: str) -> End:
        numbers[side, name] += 1
        return side, name, (numbers[side, name] - 1) // groups

    return {one.id: (end("organisation", one.home), end("answer", one.answer)) for one in people}


def _chain(
    start: End, first: int, second: int, at: Mapping[End, dict[int, int]], ends: Ends
) -> dict[int, int]:
    """Follow people of two groups in turns from one end; return who would change to which."""
    found: dict[int, int] = {}
    end, group, other = start, first, second
    while group in at[end]:
        person = at[end][group]
        found[person] = other
        here, there = ends[person]
        end, group, other = there if end == here else here, other, group
    return found


def _surplus(large: int, small: int, at: Mapping[End, dict[int, int]], ends: Ends) -> dict[int, int]:
    """Find a chain that begins and ends with somebody of the large group; a larger one always has such."""
    for end in list(at):
        if large in at[end] and small not in at[end]:
            chain = _chain(end, large, small, at, ends)
            if sum(1 if group == small else -1 for group in chain.values()) > 0:
                return chain
    raise AssertionError("a larger group has such a chain")


def _turn(
    chain: Mapping[int, int],
    at: dict[End, dict[int, int]],
    ends: Ends,
    found: dict[int, int],
    sizes: list[int],
) -> None:
    """Let the people of a chain change their groups; all its ends stay as well mixed."""
    for person in chain:
        sizes[found[person]] -= 1
        for end in ends[person]:
            del at[end][found[person]]
    for person, group in chain.items():
        sizes[group] += 1
        found[person] = group
        for end in ends[person]:
            at[end][group] = person


# wishes ------------------------------------------------------------------------------------------------


def _wished(people: Sequence[Person], mixed: Mapping[int, int], seed: int) -> dict[int, int]:
    """Give those who answered alike each other's places, so that as many as possible get a wish."""
    alike: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        alike[person.answer].append(person)
    found: dict[int, int] = {}
    for same in alike.values():
        places = Counter(mixed[person.id] for person in same)
        given = allocate({person.id: person.wishes for person in same}, places, seed)
        left = iter(sorted((places - Counter(given.values())).elements()))
        found |= {person.id: given[person.id] if person.id in given else next(left) for person in same}
    return found


def _exchanged(people: Sequence[Person], start: Mapping[int, int], limit: int) -> dict[int, int]:
    """Let two who answered alike change places as long as it fulfils wishes and `limit` allows it."""
    found = dict(start)
    of_one = Counter((person.home, found[person.id]) for person in people)
    inside: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        inside[found[person.id]].append(person)
    wishes = _Wishes(people, found)

    def fits(person: Person, other: Person) -> bool:
        if person.home == other.home:
            return True
        return all(of_one[one.home, found[two.id]] < limit for one, two in ((person, other), (other, person)))

    def willing(person: Person) -> Person | None:
        """Return with whom to change places; a pair in which only the other one gains is seen from there."""
        others = (other for group in wishes.better(person) for other in inside[group])
        alike = (other for other in others if other.answer == person.answer and fits(person, other))
        return next((other for other in alike if wishes.gain(person, other) > 0), None)

    def exchange(person: Person, other: Person) -> None:
        here, there = found[person.id], found[other.id]
        for one, old, new in ((person, here, there), (other, there, here)):
            of_one[one.home, old] -= 1
            of_one[one.home, new] += 1
            inside[old].remove(one)
            inside[new].append(one)
            found[one.id] = new

    gained = True
    while gained:
        gained = False
        for person in people:
            other = willing(person)
            if other is not None:
                exchange(person, other)
                gained = True
    return found


class _Wishes:
    """What groups are worth to people, by what they wish; `found` changes while they exchange places."""

    def __init__(self, people: Sequence[Person], found: Mapping[int, int]) -> None:
        self.found = found
        self.in_group = _value(people)
        named = {person.id: set(person.companions) for person in people}
        self.mutual: dict[int, list[int]] = defaultdict(list)
        self.others: dict[int, list[int]] = defaultdict(list)
        """Those whom somebody names, or who name them, but not both."""
        for one, other in _named({person.id: person.companions for person in people}):
            if one in named[other]:
                self.mutual[one].append(other)
            else:
                self.others[one].append(other)
                self.others[other].append(one)
        self.more_than_all = 1 + sum(len(person.companions) for person in people)

    def better(self, person: Person) -> list[int]:
        """Return the groups that would fulfil more of what somebody wishes, or is wished for; best first."""
        bound = (*self.mutual[person.id], *self.others[person.id])
        wished = dict.fromkeys((*person.wishes, *(self.found[one] for one in bound)))
        worth = {group: self._worth(person, group) for group in wished}
        here = self._worth(person, self.found[person.id])
        return sorted((group for group in worth if worth[group] > here), key=worth.__getitem__, reverse=True)

    def gain(self, person: Person, other: Person) -> int:
        """Return what it is worth that two people change places."""
        here, there = self.found[person.id], self.found[other.id]
        before = self._worth(person, here) + self._worth(other, there)
        return self._worth(person, there, other.id) + self._worth(other, here, person.id) - before

    def _worth(self, person: Person, group: int, leaving: int | None = None) -> int:
        """Return the worth of a group: wishes for it come first, then mutual ones for people, then others."""
        mutual, others = (
            sum(self.found[one] == group and one != leaving for one in bound)
            for bound in (self.mutual[person.id], self.others[person.id])
        )
        return (self.in_group(person, group) * self.more_than_all + mutual) * self.more_than_all + others


def _value(people: Sequence[Person]) -> Callable[[Person, int], int]:
    """Return how much a group is worth to somebody: a wish at all is worth more than all ranks together."""
    longest = max(len(person.wishes) for person in people)
    at_all = longest * len(people)

    def value(person: Person, group: int) -> int:
        return at_all + longest - person.wishes.index(group) if group in person.wishes else 0

    return value


def _most_of_one(people: Sequence[Person], found: Mapping[int, int]) -> int:
    return max(Counter((person.home, found[person.id]) for person in people).values(), default=0)
