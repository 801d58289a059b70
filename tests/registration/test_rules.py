from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.registration import rules
from eventhub.registration.rules import HOUSE, Places

capacities = st.none() | st.integers(1, 200)
counts = st.integers(0, 250)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@given(capacities, counts, st.integers(1, 250))
def test_nobody_overtakes_those_who_wait(capacity: int | None, taken: int, waiting: int) -> None:
    assert rules.admission({HOUSE: Places(capacity, taken, waiting)}, {HOUSE: 1}) == HOUSE


@given(capacities, counts, st.integers(1, 5))
def test_places_are_given_exactly_while_there_are_enough(
    capacity: int | None, taken: int, number: int
) -> None:
    given_places = rules.admission({HOUSE: Places(capacity, taken)}, {HOUSE: number}) is None
    assert given_places == (capacity is None or taken + number <= capacity)


def test_seats_held_back_are_for_nobody_else() -> None:
    house = Places(10, taken=7, held_back=3)
    assert rules.is_full(house)
    assert rules.admission({HOUSE: house, 5: Places(3)}, {HOUSE: 0, 5: 1}) is None


@given(st.integers(1, 720), st.none() | st.integers(-300, 50_000))
def test_an_offer_leaves_time_to_answer_and_ends_with_the_start(hours: int, minutes: int | None) -> None:
    starts_at = None if minutes is None else NOW + timedelta(minutes=minutes)
    until = rules.offered_until(hours, starts_at, NOW)
    if until is None:
        assert starts_at is not None
        assert starts_at - NOW < rules.LEAST_TO_ANSWER
    else:
        assert NOW + rules.LEAST_TO_ANSWER <= until <= NOW + timedelta(hours=hours)
        assert starts_at is None or until <= starts_at


def test_the_house_is_named_before_its_quotas() -> None:
    limits = {HOUSE: Places(1, 1), 3: Places(1, 1), 4: Places(1)}
    assert rules.admission(limits, {HOUSE: 1, 3: 1}) == HOUSE
    assert rules.admission(limits | {HOUSE: Places(None)}, {HOUSE: 1, 4: 1, 3: 1}) == 3


@given(st.text())
def test_one_line_is_one_line_and_stays_so(text: str) -> None:
    once = rules.one_line(text)
    assert rules.one_line(once) == once
    assert "\n" not in once
    assert once == once.strip()


@pytest.mark.parametrize(
    "text", ["Yıldız", "محمد علي", "שרה כהן", "👩🏽‍🔬 Ada", "O’Neill", "a\tb", "ab\u200fcd"]
)
def test_names_of_all_scripts_are_welcome(text: str) -> None:
    assert rules.has_letters(text)
    assert rules.one_line(text) == text.replace("\t", " ")


def test_line_breaks_belong_into_long_text_only() -> None:
    assert rules.one_line("one\r\ntwo\u2028three") == "one two three"
    assert rules.several_lines(" one\r\ntwo\r\n") == "one\ntwo"


@pytest.mark.parametrize("text", ["", " ", "😀", "…", "\u200b\u200d", "123"])
def test_what_nobody_can_be_called_by(text: str) -> None:
    assert not rules.has_letters(text)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Anna@Lab.Example ", "Anna@lab.example"),
        ("anna@müller.de", "anna@xn--mller-kva.de"),
        ("anna", None),
        ("anna@lab", None),
        ("Anna <anna@lab.example>", None),
        ("a@b.de\r\nBcc: c@d.de", None),
        ("a" * 300 + "@lab.example", None),
        ("ännä@lab.example", None),
        ("a@\ud800.de", None),
    ],
)
def test_mail_addresses(typed: str, address: str | None) -> None:
    assert rules.mail_address(typed) == address


@given(st.text())
def test_no_text_breaks_the_check_of_addresses(text: str) -> None:
    found = rules.mail_address(text)
    assert found is None or "@" in found


@pytest.mark.parametrize(
    ("alias", "box"),
    [
        ("Anna+LabCamp@Lab.example", "anna@lab.example"),
        ("an.na@googlemail.com", "anna@googlemail.com"),
        ("an.na@lab.example", "an.na@lab.example"),
        ("+x@lab.example", "+x@lab.example"),
    ],
)
def test_limits_see_through_aliases(alias: str, box: str) -> None:
    assert rules.mailbox(alias) == box


def ago(kind: str, **span: int) -> tuple[str, datetime]:
    return kind, NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("mails", "allowed"),
    [
        ([], True),
        ([ago("confirmed", minutes=1)], False),
        ([ago("confirmed", minutes=3)], True),
        ([ago("existing", minutes=5), ago("existing", minutes=15)], True),
        ([ago("existing", minutes=5), ago("existing", minutes=15), ago("existing", minutes=59)], False),
        ([ago("existing", minutes=5), ago("existing", minutes=15), ago("existing", minutes=61)], True),
        ([ago("existing", hours=hour) for hour in range(2, 12)], False),
        ([ago("promoted", hours=hour) for hour in range(2, 22)], True),
    ],
)
def test_how_often_a_link_is_mailed(mails: list[tuple[str, datetime]], allowed: bool) -> None:
    assert rules.may_mail_again(mails, NOW) == allowed
