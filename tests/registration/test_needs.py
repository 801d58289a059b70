"""Which ways people can have places together: pure, so with properties."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eventhub.registration import needs, rules
from eventhub.registration.models import Quota, QuotaKind
from eventhub.registration.needs import Wish
from eventhub.registration.rules import HOUSE

ON_SITE, ONLINE, ROLE, CITY, LAND = 1, 2, 3, 4, 5
KINDS = {
    ON_SITE: (QuotaKind.ATTENDANCE, "on_site"),
    ONLINE: (QuotaKind.ATTENDANCE, "online"),
    ROLE: (QuotaKind.ROLE, "7"),
    CITY: (QuotaKind.RESERVE, "city"),
    LAND: (QuotaKind.RESERVE, "land"),
}
KEYS = st.sampled_from([frozenset(), frozenset({ON_SITE}), frozenset({ONLINE}), frozenset({ON_SITE, ROLE})])
WISHES = st.lists(st.builds(Wish, KEYS, st.sampled_from([None, CITY, LAND])), min_size=1, max_size=6)
SEATS = st.fixed_dictionaries({CITY: st.integers(0, 3), LAND: st.integers(0, 3)})


def quotas(seats: dict[int, int]) -> dict[int, Quota]:
    return {
        key: Quota(kind=kind, reference=reference, capacity=seats.get(key, 9), taken_count=0, domains="")
        for key, (kind, reference) in KINDS.items()
    }


@given(WISHES, SEATS, st.booleans())
def test_nobody_gets_a_seat_without_a_right_and_no_more_than_there_are(
    wishes: list[Wish], seats: dict[int, int], online: bool
) -> None:
    for claimed in needs.ways(quotas(seats), wishes, online=online):
        assert len(claimed) == len(wishes)
        for keys, wish in zip(claimed, wishes, strict=True):
            assert keys & seats.keys() <= {wish.reserve}
        for key, left in seats.items():
            assert sum(key in keys for keys in claimed) <= left


@given(WISHES, SEATS)
def test_seats_come_before_places_of_the_house_and_as_many_as_there_are(
    wishes: list[Wish], seats: dict[int, int]
) -> None:
    first, *others = needs.ways(quotas(seats), wishes, online=False)
    for key, left in seats.items():
        entitled = sum(wish.reserve == key for wish in wishes)
        assert sum(key in keys for keys in first) == min(left, entitled)
    assert others in ([], [[wish.keys for wish in wishes]])


@given(WISHES, SEATS)
def test_a_way_needs_a_seat_or_a_place_of_the_house_for_each(
    wishes: list[Wish], seats: dict[int, int]
) -> None:
    known = quotas(seats)
    for claimed in needs.ways(known, wishes, online=True):
        counted = needs.needs_of(known, claimed)
        assert counted[HOUSE] + counted[CITY] + counted[LAND] == len(wishes)


@given(WISHES, SEATS)
def test_online_places_are_only_taken_instead_of_those_on_site(
    wishes: list[Wish], seats: dict[int, int]
) -> None:
    known = quotas(seats)
    plain = needs.ways(known, wishes, online=False)
    both = needs.ways(known, wishes, online=True)
    assert both[: len(plain)] == plain
    for before, after in zip(plain, both[len(plain) :], strict=True):
        assert not any(ON_SITE in keys for keys in after)
        assert [keys - {ON_SITE, ONLINE} for keys in before] == [keys - {ON_SITE, ONLINE} for keys in after]


DOMAIN = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,6}){1,2}", fullmatch=True)


@given(DOMAIN, DOMAIN)
def test_an_address_is_from_its_domain_and_those_above_it(domain: str, other: str) -> None:
    assert rules.is_from(f"Ada@{domain.upper()}", [other, domain])
    assert rules.is_from(f"ada@it.{domain}", [domain])
    assert not rules.is_from(f"ada@not{domain}", [domain])
    assert not rules.is_from(f"{domain}@elsewhere.example", [domain])
    assert not rules.is_from("ada@" + domain, [])


def test_domains_are_read_however_they_are_typed() -> None:
    found = rules.mail_domains(" @City.example;it.city.example, ada@land.example\tcity.example\n")
    assert found == ["city.example", "it.city.example", "land.example"]
    assert rules.mail_domains("") == []


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_domains(text: str) -> None:
    try:
        found = rules.mail_domains(text)
    except ValueError as wrong:
        found = [] if str(wrong) in text.lower() else ["names what nobody typed"]
    assert rules.mail_domains(" ".join(found)) == found
