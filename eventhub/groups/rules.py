"""Who comes into which group; pure functions of plain values.

People are edges between their organisation and what they answered. The edges of such a graph can always be
coloured with as many colours as there are groups, so that each colour is equally frequent at every end
(de Werra 1971). So every group gets equally many people, of each organisation and of each answer, up to one.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from eventhub.signups.allocation import allocate

End = tuple[str, str, int]
"""A side of the graph, what it stands for, and a part of it with no more edges than there are groups."""
Ends = Mapping[int, tuple[End, End]]


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

    @property
    def home(self) -> str:
        """The organisation, however it was written; without one somebody is alone."""
        return " ".join(self.organisation.casefold().split()) or f"#{self.id}"


def divide(people: Iterable[Person], groups: int, seed: int, most: int | None = None) -> dict[int, int]:
    """Return the group of each person; the same seed gives the same groups.

    It comes first that groups differ in size by one at most, and mix what was answered in the same way. Then
    no group has more than `most` of one organisation, where that is possible, and then wishes count.
    """
    drawn = _drawn(people, groups, seed)
    found = _mixed(drawn, groups)
    if not any(person.wishes for person in drawn):
        return found
    wished = _wished(drawn, found, seed)
    if most is None or _most_of_one(drawn, wished) <= max(most, _most_of_one(drawn, found)):
        return wished
    return _exchanged(drawn, found, most)


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


def smallest(groups: Sequence[Sequence[Person]], person: Person) -> int:
    """Return where somebody who comes late fits in: few people, few of their organisation and answer."""

    def fullness(position: int) -> tuple[int, int, int]:
        members = groups[position]
        fellows = sum(one.home == person.home for one in members)
        return len(members), fellows, sum(one.answer == person.answer for one in members)

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


def _drawn(people: Iterable[Person], groups: int, seed: int) -> list[Person]:
    """Return the people in the order of their lots, wishing for nothing that is not there."""
    found = [
        Person(one.id, one.organisation, one.answer, tuple(wish for wish in one.wishes if wish < groups))
        for one in sorted(people, key=lambda one: one.id)
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


def _exchanged(people: Sequence[Person], mixed: Mapping[int, int], most: int) -> dict[int, int]:
    """Let two who answered alike change places as long as it fulfils wishes and `most` allows it."""
    found = dict(mixed)
    limit = max(most, _most_of_one(people, mixed))
    of_one = Counter((person.home, found[person.id]) for person in people)
    value = _value(people)

    def fits(person: Person, other: Person) -> bool:
        if person.home == other.home:
            return True
        return all(of_one[one.home, found[two.id]] < limit for one, two in ((person, other), (other, person)))

    def gain(person: Person, other: Person) -> int:
        here, there = found[person.id], found[other.id]
        return value(person, there) + value(other, here) - value(person, here) - value(other, there)

    def suits(person: Person, other: Person) -> bool:
        if other.answer != person.answer or found[other.id] not in person.wishes:
            return False  # a pair in which only the other one gains is seen from there
        return gain(person, other) > 0 and fits(person, other)

    def exchange(person: Person, other: Person) -> bool:
        for one, two in ((person, other), (other, person)):
            of_one[one.home, found[one.id]] -= 1
            of_one[one.home, found[two.id]] += 1
        found[person.id], found[other.id] = found[other.id], found[person.id]
        return True

    wishing = [person for person in people if person.wishes]
    while sum(exchange(one, other) for one in wishing for other in people if suits(one, other)):
        pass  # until nobody gains any more
    return found


def _value(people: Sequence[Person]) -> Callable[[Person, int], int]:
    """Return how much a group is worth to somebody: a wish at all is worth more than all ranks together."""
    longest = max(len(person.wishes) for person in people)
    at_all = longest * len(people)

    def value(person: Person, group: int) -> int:
        return at_all + longest - person.wishes.index(group) if group in person.wishes else 0

    return value


def _most_of_one(people: Sequence[Person], found: Mapping[int, int]) -> int:
    return max(Counter((person.home, found[person.id]) for person in people).values(), default=0)
