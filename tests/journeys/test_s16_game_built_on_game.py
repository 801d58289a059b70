"""S16: game 2 builds on game 1; what clashes or lacks it is refused in words, with a way out."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import FrozenClock
from tests.desk.setting import Desk
from tests.journeys.letters_of import arrived, text_of
from tests.journeys.training_days import Participant, come, give_places, run_training
from tests.mail.post_office import PostOffice
from tests.signups.training import slot_of

pytestmark = pytest.mark.both_databases


def choose(person: Participant, *titles: str) -> tuple[int, str]:
    """Send the form with these sessions; return status and page."""
    picks = [person.value_of(title) for title in titles]
    answer = person.client.post(f"{person.home}sessions", data={"slot": picks})
    return answer.status_code, answer.text


def move(desk: Desk, slot: str, **hours: str) -> None:
    """Give a session other hours, on the organiser's page."""
    path = f"/manage/lab/5/agenda/?slot={slot}"
    assert desk.client.post(path, data=desk.form_of(path) | hours).status_code == 303


def test_game_2_needs_game_1_and_the_form_says_why(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = run_training(app)
    give_places(desk, "game-1", capacity="1")
    with app.app_context():
        game_1 = str(slot_of(2, "game-1").id)
    give_places(desk, "game-2", capacity="5", needs_id=game_1)
    give_places(desk, "hub", capacity="5")
    give_places(desk, "walk", capacity="5")
    people = come(app, post_office, "Ada", "Bo")
    ada, bo = people["Ada"], people["Bo"]
    assert "Baut auf „Planspiel 1“ auf" in ada.client.get(f"{ada.home}sessions").text

    status, page = choose(ada, "Planspiel 2")
    assert status == 422
    assert "„Planspiel 2“ (15 bis 16:30\N{NO-BREAK SPACE}Uhr) baut auf „Planspiel 1“" in page
    assert "Wähle auch" in page
    status, page = choose(ada, "Besuch im Impact Hub", "Rundgang")
    assert status == 422
    assert "überschneidet sich mit" in page
    assert "Noch frei" not in page

    move(desk, "lab", start_time="14:00", end_time="15:00")
    give_places(desk, "lab", capacity="5")
    status, page = choose(ada, "Besuch im Impact Hub", "Rundgang")
    assert status == 422
    assert "Noch frei: „Besuch im Social Impact Lab“ (14 bis 15\N{NO-BREAK SPACE}Uhr)." in page
    assert ada.calendar().keys() == {"Fortbildung (1/2)", "Fortbildung (2/2)"}

    assert choose(ada, "Planspiel 1", "Planspiel 2")[0] == 303
    assert ada.calendar().keys() == {"Planspiel 1", "Planspiel 2"}
    assert "Planspiel 2" in text_of(arrived(app, post_office)[-1])

    status, page = choose(bo, "Planspiel 1", "Planspiel 2")
    assert status == 422
    assert "Warteliste" in page
    assert choose(bo, "Planspiel 1")[0] == 303

    assert choose(ada, "Planspiel 2")[0] == 422
    ada.client.post(f"{ada.home}cancel")
    assert bo.calendar().keys() == {"Planspiel 1"}
    assert choose(bo, "Planspiel 1", "Planspiel 2")[0] == 303
    assert bo.calendar().keys() == {"Planspiel 1", "Planspiel 2"}
