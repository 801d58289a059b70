"""S15: excursions of 15 and 12 seats are ranked; places follow wishes, and the mail says where to meet."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from flask import Flask

from eventhub.signups.jobs import allocate_due
from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, text_of
from tests.journeys.training_days import SESSIONS, come, give_places, run_training
from tests.mail.post_office import PostOffice

pytestmark = pytest.mark.both_databases

HUB, LAB = "Besuch im Impact Hub", "Besuch im Social Impact Lab"
WISHES = "/manage/lab/5/wishes/1/"
NAMES = [f"Person{number:02}" for number in range(29)]
HUB_FIRST = frozenset(NAMES[:20])
HUB_ONLY = frozenset(NAMES[:4])


def table_of(text: str) -> dict[str, str]:
    """Return the state of each person in the table for the guide."""
    rows = [line.split(";") for line in text.splitlines()[1:]]
    return {row[1]: row[3] for row in rows}


@pytest.mark.slow
def test_excursions_respect_seats_and_wishes(app: Flask, clock: FrozenClock, post_office: PostOffice) -> None:
    desk = run_training(app)
    meeting = {
        "hub": "Treffpunkt: Haupteingang\nAbfahrt 9:15 Uhr",
        "lab": "Treffpunkt: Südtor\nAbfahrt 9:00 Uhr",
    }
    for slug, capacity in (("hub", "15"), ("lab", "12")):
        give_places(desk, slug, capacity=capacity, alternatives="Exkursionen", directions=meeting[slug])
    assert desk.client.post(WISHES, data={"until": "2026-03-03T12:00"}).status_code == 303

    people = come(app, post_office, *NAMES)
    hub, lab = (people[NAMES[0]].rank_of(title) for title in (HUB, LAB))
    for name, person in people.items():
        first, second = (hub, lab) if name in HUB_FIRST else (lab, hub)
        ranks = {first: "1"} if name in HUB_ONLY else {first: "1", second: "2"}
        assert person.client.post(f"{person.home}sessions", data=ranks).status_code == 303
    wished = text_of(arrived(app, post_office)[-1])
    assert "1. Wunsch" in wished
    before = len(arrived(app, post_office))

    clock.set(datetime(2026, 3, 3, 11, 0, tzinfo=UTC))
    with app.app_context():
        allocate_due(lambda: False)
        allocate_due(lambda: False)
    mails = arrived(app, post_office)[before:]
    told = {mail["To"].addresses[0].display_name: text_of(mail) for mail in mails}
    assert sorted(told) == NAMES
    assert len(mails) == len(NAMES)

    hub_table, lab_table = (desk.client.get(f"{SESSIONS}{slug}.csv").text for slug in ("hub", "lab"))
    assert "@" not in hub_table + lab_table
    at_hub, at_lab = table_of(hub_table), table_of(lab_table)
    assert Counter(at_hub.values())["Hat einen Platz"] == 15
    assert Counter(at_lab.values())["Hat einen Platz"] == 12
    placed = {
        HUB: {name for name, state in at_hub.items() if state == "Hat einen Platz"},
        LAB: {name for name, state in at_lab.items() if state == "Hat einen Platz"},
    }
    assert not placed[HUB] & placed[LAB]
    assert len(placed[HUB] | placed[LAB]) == 27
    # nine wish for the lab first and get it; three of those who wanted the hub have it as their second wish
    assert set(NAMES) - HUB_FIRST <= placed[LAB]
    assert not HUB_ONLY & placed[LAB]

    for title, directions in ((HUB, meeting["hub"]), (LAB, meeting["lab"])):
        for name in placed[title]:
            assert title in told[name]
            for line in directions.splitlines():
                assert line in told[name]
    waiting = set(NAMES) - placed[HUB] - placed[LAB]
    for name in waiting:
        assert "Keiner deiner Wünsche" in told[name]
        assert re.search(r"Impact Hub[^(]*\(Nummer \d", told[name])

    leaving = min(placed[HUB])
    people[leaving].client.post(f"{people[leaving].home}cancel")
    next_one = next(name for name, state in at_hub.items() if state != "Hat einen Platz")
    assert HUB in people[next_one].calendar()
