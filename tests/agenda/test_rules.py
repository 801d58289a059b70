"""Clashes of a programme."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.agenda.rules import Booking, ClashKind, clashes, concerned

DAY = date(2027, 3, 16)
NINE = datetime(2027, 3, 16, 9, tzinfo=UTC)
MONA, EVA = (1, "Mona"), (2, "Eva")


def booking(slot_id, start, minutes, room=None, people=(), parent_id=None):
    starts_at = NINE + timedelta(minutes=start)
    ends_at = starts_at + timedelta(minutes=minutes) if minutes else None
    return Booking(slot_id, DAY, starts_at, ends_at, room, frozenset(people), parent_id)


def kinds(found):
    return [(clash.kind, clash.slot_id, clash.other_id, clash.name) for clash in found]


def test_room_and_person_booked_twice():
    found = clashes([booking(1, 0, 60, "Saal", [MONA, EVA]), booking(2, 30, 60, "Saal", [MONA])])
    assert kinds(found) == [(ClashKind.ROOM, 1, 2, "Saal"), (ClashKind.PERSON, 1, 2, "Mona")]
    assert {(clash.starts_at, clash.ends_at) for clash in found} == {
        (NINE + timedelta(minutes=30), NINE + timedelta(minutes=60))
    }


def test_one_after_the_other_is_fine():
    assert clashes([booking(1, 0, 60, "Saal", [MONA]), booking(2, 60, 60, "Saal", [MONA])]) == []


def test_an_open_end_takes_its_moment_only():
    assert clashes([booking(1, 0, None, "Saal"), booking(2, 5, 30, "Saal")]) == []
    assert kinds(clashes([booking(1, 0, None, "Saal"), booking(2, 0, None, "Saal")])) == [
        (ClashKind.ROOM, 1, 2, "Saal")
    ]


def test_a_part_shares_room_and_people_with_the_whole():
    whole, part = booking(1, 0, 90, "Saal", [MONA]), booking(2, 0, 30, "Saal", [MONA], parent_id=1)
    assert clashes([whole, part]) == []


def test_outside_of_the_days():
    late = Booking(7, date(2027, 3, 18), None, None)
    assert kinds(clashes([late], DAY, date(2027, 3, 17))) == [(ClashKind.OUTSIDE, 7, None, "")]
    assert clashes([late]) == []
    assert clashes([Booking(8, DAY, None, None)], DAY) == []


def test_concerned_names_both_sides():
    found = clashes([booking(1, 0, 60, "Saal"), booking(2, 0, 60, "Saal")])
    assert sorted(concerned(found)) == [1, 2]


@st.composite
def programmes(draw):
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 300),
                st.integers(1, 120),
                st.sampled_from([None, "A", "B"]),
                st.sets(st.sampled_from([MONA, EVA])),
            ),
            max_size=12,
        )
    )
    return [booking(number, *row) for number, row in enumerate(rows, 1)]


@given(programmes())
def test_finds_exactly_what_a_look_at_every_pair_finds(planned):
    expected = set()
    for one in planned:
        for other in planned:
            if (
                one.slot_id < other.slot_id
                and one.starts_at < other.ends_at
                and other.starts_at < one.ends_at
            ):
                if one.room and one.room == other.room:
                    expected.add((ClashKind.ROOM, frozenset((one.slot_id, other.slot_id)), one.room))
                for _key, name in one.people & other.people:
                    expected.add((ClashKind.PERSON, frozenset((one.slot_id, other.slot_id)), name))
    found = [
        (clash.kind, frozenset((clash.slot_id, clash.other_id)), clash.name) for clash in clashes(planned)
    ]
    assert set(found) == expected
    assert len(found) == len(expected)


@given(
    st.permutations([booking(1, 0, 60, "A", [MONA]), booking(2, 30, 60, "A"), booking(3, 50, 5, "B", [MONA])])
)
def test_the_order_of_the_rows_does_not_matter(planned):
    assert sorted(kinds(clashes(planned))) == [
        (ClashKind.PERSON, 1, 3, "Mona"),
        (ClashKind.ROOM, 1, 2, "A"),
    ]
