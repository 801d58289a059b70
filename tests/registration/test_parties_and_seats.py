"""People who wait together, of whom some have a right to seats held back: what is fair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from eventhub.registration import rules
from eventhub.registration.models import Quota, QuotaKind
from eventhub.registration.needs import Wish, needs_of, ways
from eventhub.registration.rules import HOUSE, Places, Waiting

SEATS = 1
Party = Sequence[bool]
"""For each of them, whether they have a right to a seat."""
PARTIES = st.lists(st.lists(st.booleans(), min_size=1, max_size=4), max_size=6)


def quotas(seats: int) -> dict[int, Quota]:
    return {SEATS: Quota(id=SEATS, kind=QuotaKind.RESERVE, reference="x", capacity=seats, taken_count=0)}


def wishes(party: Party) -> list[Wish]:
    return [Wish(frozenset(), SEATS if entitled else None) for entitled in party]


@given(party=st.lists(st.booleans(), min_size=1, max_size=6), seats=st.integers(0, 6))
def test_only_who_has_a_right_takes_a_seat_and_each_of_them_one_at_most(party: Party, seats: int) -> None:
    for claimed in ways(quotas(seats), wishes(party), online=False):
        assert len(claimed) == len(party)
        for entitled, keys in zip(party, claimed, strict=True):
            assert entitled or SEATS not in keys
        needs = needs_of(quotas(seats), claimed)
        assert needs[SEATS] <= seats
        assert needs[HOUSE] + needs[SEATS] == len(party), "everybody has one place, here or there"


@given(parties=PARTIES, house=st.integers(0, 6), seats=st.integers(0, 4))
def test_a_party_moves_up_as_a_whole_in_its_turn_or_on_its_seats_alone(
    parties: list[list[bool]], house: int, seats: int
) -> None:
    """Told in words in the architecture: whoever of a party has no right needs the house, in its line."""
    limits = {HOUSE: Places(house, 0, sum(map(len, parties))), SEATS: Places(seats)}
    left = Counter({HOUSE: house, SEATS: seats})
    moved: dict[int, Counter[int]] = {}

    def line(everybody: bool) -> Iterator[Waiting]:
        for place, party in enumerate(parties, start=1):
            if place in moved or not (everybody or any(party)):
                continue
            plain = needs_of({}, [frozenset()] * len(party))
            found = ways(quotas(left[SEATS]), wishes(party), online=False)
            yield Waiting(place, HOUSE, plain, [needs_of(quotas(seats), one) for one in found])

    open_lines = {HOUSE: line(everybody=True), SEATS: line(everybody=False)}
    for step in rules.moving_up(limits, {key: rows for key, rows in open_lines.items() if left[key]}):
        assert step.needs is not None
        moved[step.party.place] = Counter(step.needs)
        left.subtract(step.needs)
    assert {place: +needs for place, needs in moved.items()} == fair(parties, house, seats)


def fair(parties: Sequence[Party], house: int, seats: int) -> dict[int, Counter[int]]:
    """Say the same in the plainest way: one look at each party, in their order."""
    found, house_is_awaited = {}, False
    for place, party in enumerate(parties, start=1):
        on_seats = min(sum(party), seats)
        in_house = len(party) - on_seats
        if in_house and (house_is_awaited or in_house > house):
            house_is_awaited = True
            continue
        house, seats = house - in_house, seats - on_seats
        found[place] = +Counter({HOUSE: in_house, SEATS: on_seats})
    return found
