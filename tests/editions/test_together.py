"""Whatever is changed for one, for the following or for all: own values stay, and undoing leads back."""

from __future__ import annotations

from datetime import date, time

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions import together
from eventhub.editions.models import Edition
from eventhub.editions.together import Scope
from eventhub.editions.undo import Version, undo
from eventhub.extensions import db
from tests.conftest import FrozenClock
from tests.editions.making import make_edition, make_series
from tests.effort import examples

MANY = 5
PLACES = ("", "Rathaus", "Werkstatt")
CHANGES = st.lists(
    st.tuples(st.integers(1, MANY), st.sampled_from(Scope), st.sampled_from(PLACES), st.booleans()),
    max_size=8,
)
Truth = dict[int, tuple[str, list[str], str, int]]


def truth() -> Truth:
    """Return place, own fields and identity of every edition of the series."""
    db.session.rollback()
    rows = db.session.scalars(select(Edition).where(Edition.series.has(slug="labcamp")))
    return {
        one.number: (one.venue_name, one.own_fields, one.calendar_uid, one.id) for one in rows if one.number
    }


def change(number: int, scope: Scope, place: str) -> list[Version]:
    with transaction():
        edition = db.session.scalars(select(Edition).filter_by(number=number)).one()
        seen = together.seen(together.plan(edition, {"venue_name": place}, scope))
        shares = together.carry_out(edition, {"venue_name": place}, scope, edition.version, seen)
        return [Version(share.edition.id, share.edition.version) for share in shares]


def reached(number: int, scope: Scope, editions: Truth) -> set[int]:
    """Return the editions that a change of one is meant for and that have no value of their own."""
    others = {one for one, row in editions.items() if "venue_name" not in row[1]}
    following = {one for one in others if one > number}
    return {number} | {Scope.THIS: set(), Scope.FOLLOWING: following, Scope.ALL: others}[scope]


@pytest.fixture
def series(app: Flask, clock: FrozenClock) -> Flask:
    with app.app_context(), transaction():
        made = make_series()
        for number in range(1, MANY + 1):
            make_edition(made, number, start_date=date(2026, 4 + number, 7))
    return app


@pytest.mark.slow
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_own_values_stay_and_undoing_leads_back(
    series: Flask, changes: list[tuple[int, Scope, str, bool]]
) -> None:
    with series.app_context():
        for number, scope, place, undone in changes:
            before = truth()
            versions = change(number, scope, place)
            after = truth()
            meant = reached(number, scope, before) if place != before[number][0] else set()
            for one, (was, own, *identity) in before.items():
                assert list(after[one][2:]) == identity, "numbers and UIDs stay"
                assert after[one][0] == (place if one in meant else was)
                if one != number:
                    assert after[one][1] == own
            if undone and versions:
                with transaction():
                    undo(versions)
                assert truth() == before


def test_new_hours_reach_only_those_whose_day_is_known(series: Flask) -> None:
    with series.app_context():
        with transaction():
            first = db.session.scalars(select(Edition).filter_by(number=1)).one()
            make_edition(first.series, 6, start_date=None, start_time=None, end_time=None)
        values = {"start_time": time(17), "venue_name": "Rathaus"}
        with transaction():
            first = db.session.scalars(select(Edition).filter_by(number=1)).one()
            seen = together.seen(together.plan(first, values, Scope.FOLLOWING))
            together.carry_out(first, values, Scope.FOLLOWING, first.version, seen)
        rows = db.session.scalars(select(Edition).where(Edition.series.has(slug="labcamp"))).all()
        assert [one.start_time for one in rows if one.number != 6] == [time(17)] * MANY
        assert [(one.start_time, one.venue_name) for one in rows if one.number == 6] == [(None, "Rathaus")]
