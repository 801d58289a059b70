"""S14: one registration for two days, and one calendar entry for each slot that somebody chooses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, text_of
from tests.journeys.training_days import Participant, come, give_places, run_training
from tests.mail.post_office import PostOffice
from tests.signups.training import SECOND

pytestmark = pytest.mark.both_databases

BERLIN = ZoneInfo("Europe/Berlin")


def days_of(person: Participant) -> dict[str, date]:
    return {
        title: event["DTSTART"].dt.astimezone(BERLIN).date() for title, event in person.calendar().items()
    }


def test_one_day_or_both_are_chosen_after_one_registration(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = run_training(app)
    give_places(desk, "day-1", capacity="30")
    give_places(desk, "day-2", capacity="1")
    give_places(desk, "game-1", capacity="20")
    people = come(app, post_office, "Ada", "Bo")
    ada, bo = people["Ada"], people["Bo"]
    assert len(arrived(app, post_office)) == 4  # the second day comes to each in a mail of its own

    picks = [ada.value_of(title) for title in ("Erster Tag", "Zweiter Tag", "Planspiel 1")]
    assert ada.client.post(f"{ada.home}sessions", data={"slot": picks}).status_code == 303
    assert days_of(ada) == {
        "Erster Tag": date(2026, 4, 13),
        "Zweiter Tag": SECOND,
        "Planspiel 1": SECOND,
    }
    told = text_of(arrived(app, post_office)[-1])
    for words in ("Erster Tag", "Zweiter Tag", "Planspiel 1"):
        assert words in told

    day_two = bo.value_of("Zweiter Tag")
    assert day_two.endswith("w")  # full: Bo would wait
    first_day = bo.value_of("Erster Tag")
    assert bo.client.post(f"{bo.home}sessions", data={"slot": [first_day, day_two]}).status_code == 303
    assert days_of(bo) == {"Erster Tag": date(2026, 4, 13)}
    ada.client.post(f"{ada.home}sessions", data={"slot": picks[:1]})
    assert days_of(ada) == {"Erster Tag": date(2026, 4, 13)}
    assert days_of(bo) == {"Erster Tag": date(2026, 4, 13), "Zweiter Tag": SECOND}


def test_each_entry_has_its_own_hours_and_blocks_no_night(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    run_training(app)
    ada = come(app, post_office, "Ada")["Ada"]
    days = sorted(ada.calendar().values(), key=lambda event: event["DTSTART"].dt)
    assert [one["DTSTART"].dt.astimezone(BERLIN).date() for one in days] == [date(2026, 4, 13), SECOND]
    assert all(one["DTEND"].dt - one["DTSTART"].dt < timedelta(hours=16) for one in days)
    page = ada.client.get(ada.home).text
    assert "an einem Tag oder an mehreren" in page
    chosen = [str(number) for number in range(1, 8) if f'name="slot" value="{number}"' in page]
    assert len(chosen) == 7
    ada.client.post(f"{ada.home}slots", data={"slot": chosen})
    entries = ada.calendar()
    assert len(entries) == 7
    assert len({event["UID"] for event in entries.values()}) == 7
    for event in entries.values():
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        assert isinstance(start, datetime)
        assert start.astimezone(BERLIN).date() == end.astimezone(BERLIN).date()
        assert event["TRANSP"] == "OPAQUE"
    assert entries["Planspiel 1"]["DTSTART"].dt.astimezone(BERLIN).strftime("%d %H:%M") == "14 13:00"
