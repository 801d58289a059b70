"""Whatever happens in whatever order, the rules keep places, lines and parties right; without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from eventhub.registration import rules
from eventhub.registration.rules import HOUSE, Limits, Places, Waiting
from tests.effort import examples

ON_SITE, ONLINE, ROLE = 1, 2, 3
WISHES = ((), (ON_SITE,), (ONLINE,), (ROLE,), (ON_SITE, ROLE), (ONLINE, ROLE))


@dataclass
class Group:
    place: int
    needs: Counter[int]
    otherwise: Counter[int] | None
    line: int | None
    """What it waits for; None while it has its places."""

    @property
    def ways(self) -> list[Counter[int]]:
        return [self.needs] if self.otherwise is None else [self.needs, self.otherwise]


class Lines(RuleBasedStateMachine):
    """Parties of one to three people in a small house with a few quotas."""

    groups: list[Group]

    @initialize(
        capacities=st.tuples(*(st.none() | st.integers(least, 4) for least in (1, 0, 0, 0))),
    )
    def open(self, capacities: tuple[int | None, ...]) -> None:
        self.capacity = dict(enumerate(capacities))
        self.groups = []
        self.places = count(1)

    def limits(self) -> dict[int, Places]:
        taken: Counter[int] = Counter()
        waiting: Counter[int] = Counter()
        for group in self.groups:
            if group.line is None:
                taken.update(group.needs)
            else:
                waiting[group.line] += group.needs[HOUSE]
        return {key: Places(self.capacity[key], taken[key], waiting[key]) for key in self.capacity}

    def waiting(self) -> list[Group]:
        return sorted((one for one in self.groups if one.line is not None), key=lambda one: one.place)

    def fill(self) -> None:
        limits = self.limits()
        for step in rules.moving_up(limits, {key: self.line(key) for key in limits}):
            group = next(one for one in self.groups if one.place == step.party.place)
            group.line = step.line
            if step.needs is not None:
                group.needs = Counter(step.needs)
                earlier = {one.line for one in self.waiting() if one.place < group.place}
                assert not earlier & group.needs.keys(), "somebody earlier waits for what this party got"

    def line(self, key: int) -> Iterator[Waiting]:
        for group in self.waiting():
            visits = key == ONLINE and group.line == ON_SITE and group.otherwise is not None
            if group.line == key or visits:
                assert group.line is not None
                yield Waiting(group.place, group.line, group.needs, group.ways)

    @rule(size=st.integers(1, 3), wish=st.sampled_from(WISHES), accepts=st.booleans())
    def somebody_comes(self, size: int, wish: tuple[int, ...], accepts: bool) -> None:
        needs = Counter(dict.fromkeys((HOUSE, *wish), size))
        otherwise = None
        if accepts and ON_SITE in wish:
            otherwise = Counter({ONLINE if key == ON_SITE else key: size for key in needs})
        limits = self.limits()
        line = rules.admission(limits, needs)
        if line is not None and otherwise is not None and rules.admission(limits, otherwise) is None:
            needs, line = otherwise, None
        self.groups.append(Group(next(self.places), needs, otherwise, line))

    @precondition(lambda self: self.groups)
    @rule(data=st.data())
    def one_of_a_group_leaves(self, data: st.DataObject) -> None:
        group = data.draw(st.sampled_from(self.groups))
        for needs in (group.needs, group.otherwise or Counter()):
            for key in needs:
                needs[key] -= 1
        if not group.needs[HOUSE]:
            self.groups.remove(group)
        self.fill()

    @rule(key=st.sampled_from([HOUSE, ON_SITE, ONLINE, ROLE]), more=st.none() | st.integers(1, 4))
    def there_is_more_room(self, key: int, more: int | None) -> None:
        before = self.capacity[key]
        self.capacity[key] = None if more is None or before is None else before + more
        self.fill()

    @rule(key=st.sampled_from([HOUSE, ON_SITE, ONLINE, ROLE]))
    def what_is_free_goes_away(self, key: int) -> None:
        if self.capacity[key] is not None:
            self.capacity[key] = max(self.limits()[key].taken, 1 if key == HOUSE else 0)

    @invariant()
    def nothing_is_overbooked(self) -> None:
        if hasattr(self, "groups"):
            assert all(places.free >= 0 for places in self.limits().values())

    @invariant()
    def no_place_is_idle_that_the_head_of_a_line_could_take(self) -> None:
        if not hasattr(self, "groups"):
            return
        limits, heads = self.limits(), {}
        for group in self.waiting():
            assert group.line is not None
            heads.setdefault(group.line, group)
        for key, group in heads.items():
            assert limits[key].free < group.needs[key], (key, group)

    @invariant()
    def whoever_waits_has_a_reason(self) -> None:
        if not hasattr(self, "groups"):
            return
        limits: Limits = self.limits()
        for group in self.waiting():
            earlier = {one.line for one in self.waiting() if one.place < group.place and one.line is not None}
            assert rules.bottleneck(limits, group.needs, earlier) is not None


TestLines = Lines.TestCase
TestLines.settings = settings(max_examples=examples(60), stateful_step_count=25, deadline=None)
