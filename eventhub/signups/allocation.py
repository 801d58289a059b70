"""Who gets which wish: the assignment with the greatest total satisfaction; none of it needs a database."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

Wishes = Mapping[int, Sequence[int]]
"""The slots that each person wishes for, the dearest first."""

MOST_CELLS = 20_000_000
"""So many pairs of person and seat are weighed at once, in 160 MB. A larger crowd goes by turns, as drawn."""


def allocate(wishes: Wishes, places: Mapping[int, int], seed: int) -> dict[int, int]:
    """Return which slot each person gets; who gets none of their wishes is missing.

    It comes first that as many as possible get one of their wishes, then that the wishes are as dear as
    possible. Where several solutions are equally good, a lot decides that follows from the seed alone.
    """
    left, found = Counter(places), dict[int, int]()
    for people in _turns(by_lot(wishes, seed), left.total()):
        given = _assign(people, wishes, left)
        left -= Counter(given.values())
        found |= given
    return found


def by_lot(wishes: Wishes, seed: int) -> list[int]:
    """Return the people in the order of their lots."""
    people = sorted(person for person, wanted in wishes.items() if wanted)
    random.Random(seed).shuffle(people)  # noqa: S311  # a lot that anybody can draw again, not a secret
    return people


def satisfaction(wishes: Wishes, found: Mapping[int, int]) -> tuple[int, int]:
    """Return how many got a wish, and how dear these wishes are: the last counts 1, the one before it 2."""
    longest = _longest(wishes)
    return len(found), sum(longest - wishes[person].index(slot) for person, slot in found.items())


def _longest(wishes: Wishes) -> int:
    return max((len(wanted) for wanted in wishes.values()), default=0)


def _turns(people: list[int], seats: int) -> Iterator[list[int]]:
    size = max(1, MOST_CELLS // max(1, min(seats, len(people))))
    for start in range(0, len(people), size):
        yield people[start : start + size]


def _assign(people: Sequence[int], wishes: Wishes, places: Mapping[int, int]) -> dict[int, int]:
    """Solve the assignment of people, in the order of their lots, to seats."""
    import numpy as np  # noqa: PLC0415  # large, and needed at a cut-off only
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    wanted = Counter(slot for person in people for slot in wishes[person])
    seats = [slot for slot in sorted(wanted) for _seat in range(min(places.get(slot, 0), wanted[slot]))]
    columns: dict[int, list[int]] = {}
    for column, slot in enumerate(seats):
        columns.setdefault(slot, []).append(column)
    longest = _longest(wishes)
    # whole numbers, each kind larger than all of the next together: a wish at all, its rank, the lot
    per_point = longest * len(people) ** 2 + 1
    per_wish = per_point * (longest * len(people) + 1)
    values = np.zeros((len(people), len(seats)))
    for row, person in enumerate(people):
        for rank, slot in enumerate(wishes[person]):
            points = longest - rank
            values[row, columns.get(slot, [])] = per_wish + points * (per_point + len(people) - row)
    rows, chosen = linear_sum_assignment(values, maximize=True)
    pairs = zip(rows, chosen, strict=True)
    return {people[row]: seats[column] for row, column in pairs if values[row, column]}
