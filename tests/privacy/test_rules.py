from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.editions.models import Edition, Series
from eventhub.editions.rules import erases_on
from eventhub.errors import RuleBroken
from eventhub.privacy.rules import LONGEST, check_day
from eventhub.web.languages import speaking

days = st.dates(date(1970, 1, 2), date(2199, 12, 30))
TODAY = date(2026, 3, 2)


def edition_on(
    start: date | None, end: date | None = None, *, keep: int = 90, chosen: date | None = None
) -> Edition:
    return Edition(start_date=start, end_date=end, erase_on=chosen, series=Series(erase_after_days=keep))


@given(start=days, length=st.integers(0, 30), keep=st.integers(1, 3650), chosen=st.none() | days)
def test_nobody_is_forgotten_before_the_meeting_is_over(
    start: date, length: int, keep: int, chosen: date | None
) -> None:
    last = start + timedelta(days=length)
    day = erases_on(edition_on(start, last, keep=keep, chosen=chosen))
    assert day is not None
    assert day > last


@given(start=days, keep=st.integers(1, 3650))
def test_the_series_decides_unless_the_edition_does(start: date, keep: int) -> None:
    assert erases_on(edition_on(start, keep=keep)) == start + timedelta(days=keep)
    chosen = start + timedelta(days=7)
    assert erases_on(edition_on(start, keep=keep, chosen=chosen)) == chosen


def test_without_a_date_there_is_no_day_to_forget() -> None:
    assert erases_on(edition_on(None)) is None


@given(start=days, chosen=days)
def test_a_chosen_day_is_taken_as_it_is_or_refused_in_words(start: date, chosen: date) -> None:
    edition = edition_on(start)
    fits = max(start, TODAY) < chosen <= start + LONGEST
    with speaking("en"):
        if fits:
            check_day(edition, chosen, TODAY)
        else:
            with pytest.raises(RuleBroken) as refused:
                check_day(edition, chosen, TODAY)
            assert refused.value.field == "erase_on"
    edition.erase_on = chosen
    assert not fits or erases_on(edition) == chosen
