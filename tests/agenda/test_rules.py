"""Clashes of a programme."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.agenda.rules import Booking, ClashKind, Frame, clashes, concerned

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
    assert kinds(clashes([late], Frame(DAY, date(2027, 3, 17)))) == [(ClashKind.OUTSIDE, 7, None, "")]
    assert clashes([late]) == []
    assert clashes([Booking(8, DAY, None, None)], Frame(DAY)) == []


def test_outside_of_the_hours():
    frame = Frame(DAY, DAY, NINE, NINE + timedelta(hours=3))
    fitting, early, late = booking(1, 0, 180), booking(2, -30, 60), booking(3, 660, 60)
    assert kinds(one for one in clashes([fitting, early, late], frame) if one.kind is ClashKind.HOURS) == [
        (ClashKind.HOURS, 2, None, ""),
        (ClashKind.HOURS, 3, None, ""),
    ]
    assert clashes([booking(4, 180, None)], frame) != []  # begins when all is over
    assert clashes([late], Frame(DAY, DAY, NINE)) == []


def test_an_edition_over_midnight_ends_in_the_night():
    night = Frame(DAY, DAY + timedelta(days=1), NINE, NINE + timedelta(hours=17))
    inside, outside = booking(1, 930, 60), booking(2, 990, 60)
    assert clashes([inside], night) == []
    assert kinds(clashes([outside], night)) == [(ClashKind.HOURS, 2, None, "")]


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
        (clash.kind, frozenset((clash.slot_id, clash.other_id)), clash.name)
        for clash in clashes(planned)
        if clash.kind is not ClashKind.BREAK
    ]
    assert set(found) == expected
    assert len(found) == len(expected)


def breakless(found):
    return [(clash.slot_id, clash.name) for clash in found if clash.kind is ClashKind.BREAK]


def test_more_than_three_hours_without_a_break():
    talks = [booking(number, number * 60, 55, "A") for number in range(4)]
    assert breakless(clashes(talks)) == [(3, "A")]
    assert breakless(clashes(talks[:3])) == []


def test_ten_minutes_are_a_break_and_so_is_what_lets_people_rest():
    assert breakless(clashes([booking(1, 0, 120, "A"), booking(2, 130, 120, "A")])) == []
    coffee = Booking(9, DAY, NINE, NINE + timedelta(hours=4), "A", rests=True)
    assert breakless(clashes([coffee])) == []


def test_what_is_for_everybody_tires_each_room():
    found = clashes([booking(1, 0, 120), booking(2, 120, 90, "A"), booking(3, 120, 30, "B")])
    assert breakless(found) == [(2, "A")]


def test_breaks_inside_a_slot_are_its_parts():
    whole = booking(1, 0, 240, "A")
    parts = [booking(2, 0, 110, "A", parent_id=1), booking(3, 130, 110, "A", parent_id=1)]
    assert breakless(clashes([whole])) == [(1, "A")]
    assert breakless(clashes([whole, *parts])) == []


def test_more_places_than_seats():
    def seated(places, seats):
        return Booking(1, DAY, None, None, "A", capacity=places, seats=seats)

    (clash,) = clashes([seated(31, 30)])
    assert (clash.kind, clash.numbers) == (ClashKind.CAPACITY, (31, 30))
    assert clashes([seated(30, 30)]) == clashes([seated(None, 30)]) == clashes([seated(31, None)]) == []


def test_what_builds_on_another_comes_after_it():
    def sequel(start):
        starts_at = NINE + timedelta(minutes=start)
        return Booking(2, DAY, starts_at, starts_at + timedelta(minutes=30), needs_id=1)

    basics = booking(1, 0, 60)
    assert kinds(clashes([basics, sequel(30)])) == [(ClashKind.ORDER, 1, 2, "")]
    assert clashes([basics, sequel(60)]) == []
    assert clashes([sequel(0)]) == []


def test_who_has_not_said_yes():
    (clash,) = clashes([Booking(1, None, None, None, unconfirmed=frozenset({"Mona"}))])
    assert (clash.kind, clash.name) == (ClashKind.UNCONFIRMED, "Mona")
    (clash,) = clashes([Booking(1, None, None, None, declined=frozenset({"Mona"}))])
    assert (clash.kind, clash.name) == (ClashKind.DECLINED, "Mona")


@given(programmes())
def test_finds_a_missing_break_where_a_look_at_every_minute_finds_one(planned):
    expected = set()
    for room in {one.room for one in planned if one.room} or {None}:
        busy = [False] * 500
        for one in planned:
            if one.room in (room, None):
                start = int((one.starts_at - NINE).total_seconds() // 60)
                end = int((one.ends_at - NINE).total_seconds() // 60)
                busy[start:end] = [True] * (end - start)
        run = free = 0
        for minute in busy:
            free = 0 if minute else free + 1
            run = 0 if free >= 10 else run + 1 if minute or run else 0
            if run - free > 180 and minute:
                expected.add(room)
    found = [clash for clash in clashes(planned) if clash.kind is ClashKind.BREAK]
    assert bool(found) == bool(expected)
    assert {clash.name for clash in found if clash.name} <= {room or "" for room in expected}
    assert all(clash.ends_at - clash.starts_at > timedelta(hours=3) for clash in found)


@given(
    st.permutations([booking(1, 0, 60, "A", [MONA]), booking(2, 30, 60, "A"), booking(3, 50, 5, "B", [MONA])])
)
def test_the_order_of_the_rows_does_not_matter(planned):
    assert sorted(kinds(clashes(planned))) == [
        (ClashKind.PERSON, 1, 3, "Mona"),
        (ClashKind.ROOM, 1, 2, "A"),
    ]
