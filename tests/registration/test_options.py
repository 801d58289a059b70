"""Options with a number of places of their own."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.announcements import service as announcements
from eventhub.announcements.models import Announcement
from eventhub.announcements.queries import Audience, audience_of, number_of
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.groups import service as groups
from eventhub.groups.models import Balance, Grouping
from eventhub.groups.service import Settings
from eventhub.questionnaires import service as questionnaires
from eventhub.questionnaires.models import Answer, Kind, Question
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Wording
from eventhub.registration import answers, service
from eventhub.registration.models import Quota, QuotaKind, Registration
from eventhub.registration.own_texts import OwnText
from tests.desk.counting import counted_queries
from tests.registration.asking import Asking
from tests.registration.browsing import AYLIN, FORM, cancel_place, my_link, once_key, registration_of, send

pytestmark = pytest.mark.both_databases
DRAWING, DANCING, CHESS = Option("o1", "Drawing", 1), Option("o2", "Dancing", 2), Option("o3", "Chess")
WORKSHOPS = (DRAWING, DANCING, CHESS)
FULL = "“Drawing” is full. Choose something else"


@pytest.fixture
def workshop(asking: Asking) -> str:
    return asking.ask("Which workshop?", Kind.ONE_OF, options=WORKSHOPS)


def come(asking: Asking, *names: str, **values: Any) -> list[int]:
    return [send(asking.client, email=f"{name}@lab.example", **values).status_code for name in names]


def states(asking: Asking) -> list[str]:
    with asking.app.app_context():
        return [one.value for one in db.session.scalars(select(Registration.state).order_by(Registration.id))]


def taken(asking: Asking) -> dict[str, int]:
    """Count the places that are taken, by option."""
    with asking.app.app_context():
        quotas = db.session.scalars(select(Quota).where(Quota.kind == QuotaKind.OPTION))
        return {one.label: one.taken_count for one in quotas if one.taken_count}


def change(asking: Asking, name: str, **values: Any) -> Any:
    email = f"{name}@lab.example"
    mine = f"{my_link(asking.app, email)}change"
    return asking.client.post(mine, data={**AYLIN, "note": "", "email": email, **values})


def test_a_full_option_is_refused_at_its_question_and_nothing_typed_is_lost(
    asking: Asking, workshop: str
) -> None:
    why = asking.ask("Why?")
    assert "1 of 1 places left" in asking.client.get(FORM).text
    tabs = [once_key(asking.client.get(FORM)) for _ in range(2)]
    answers = [
        asking.client.post(
            FORM,
            data={**AYLIN, "email": f"{number}@lab.example", "once_key": key, workshop: "o1", why: "For fun"},
        )
        for number, key in enumerate(tabs)
    ]
    assert [one.status_code for one in answers] == [303, 422]
    refused = answers[1].text
    assert FULL in refused
    assert f'href="#{workshop}-0"' in refused
    assert 'value="For fun"' in refused
    assert (asking.number(), taken(asking)) == (1, {"Drawing": 1})
    page = asking.client.get(FORM).text
    assert 'disabled id="' + workshop in page or f'id="{workshop}-0"' in page.partition("disabled")[2]
    assert "2 of 2 places left" in page


def test_the_page_of_the_question_is_shown_where_a_form_has_several(asking: Asking) -> None:
    asking.ask("One?")
    asking.ask("More", Kind.PAGE)
    workshop = asking.ask("Which workshop?", Kind.ONE_OF, options=WORKSHOPS)
    assert come(asking, "a", **{workshop: "o1"}, page="2") == [303]
    refused = send(asking.client, **{workshop: "o1"}, page="2")
    assert (refused.status_code, FULL in refused.text, "Page 2 of 2" in refused.text) == (422, True, True)


def test_sending_a_form_twice_takes_one_place(asking: Asking, workshop: str) -> None:
    key = once_key(asking.client.get(FORM))
    for _ in range(2):
        sent = asking.client.post(FORM, data={**AYLIN, "once_key": key, workshop: "o1"})
        assert sent.status_code == 303
    assert taken(asking) == {"Drawing": 1}


def test_another_answer_swaps_places(asking: Asking, workshop: str) -> None:
    come(asking, "a", **{workshop: "o1"})
    come(asking, "b", **{workshop: "o2"})
    assert change(asking, "b", **{workshop: "o1"}).status_code == 422
    assert FULL in change(asking, "b", **{workshop: "o1"}).text
    assert taken(asking) == {"Drawing": 1, "Dancing": 1}
    assert change(asking, "a", **{workshop: "o3"}).status_code == 303
    assert change(asking, "b", **{workshop: "o1"}).status_code == 303
    assert taken(asking) == {"Drawing": 1}
    assert change(asking, "b", **{workshop: ""}).status_code == 303
    assert taken(asking) == {}


def test_whoever_has_a_place_in_a_full_option_keeps_it_when_the_rest_is_changed(
    asking: Asking, workshop: str
) -> None:
    why = asking.ask("Why?")
    come(asking, "a", **{workshop: "o1"})
    form = asking.client.get(f"{my_link(asking.app, 'a@lab.example')}change").text
    assert "disabled" not in form
    assert change(asking, "a", **{workshop: "o1", why: "so"}).status_code == 303
    assert asking.answers("a@lab.example") == {"Which workshop?": "Drawing", "Why?": "so"}


def test_several_options_are_all_had_or_none(asking: Asking) -> None:
    workshops = asking.ask("Which workshops?", Kind.SEVERAL_OF, options=WORKSHOPS)
    assert come(asking, "a", **{workshops: ["o1", "o2", "o3"]}) == [303]
    assert come(asking, "b", **{workshops: ["o1", "o2"]}) == [422]
    assert come(asking, "b", **{workshops: ["o2", "o3"]}) == [303]
    assert taken(asking) == {"Drawing": 1, "Dancing": 2}


def test_cancelling_frees_the_option(asking: Asking, workshop: str) -> None:
    come(asking, "a", **{workshop: "o1"})
    assert come(asking, "b", **{workshop: "o1"}) == [422]
    cancel_place(asking.app, "a@lab.example")
    assert come(asking, "b", **{workshop: "o1"}) == [303]
    assert taken(asking) == {"Drawing": 1}
    assert come(asking, "a", **{workshop: "o1"}) == [422], "whoever comes back has no older right"


def test_a_hidden_question_takes_no_place(asking: Asking) -> None:
    wants = asking.ask("A workshop?", Kind.YES_NO)
    which = asking.ask(
        "Which workshop?", Kind.ONE_OF, options=WORKSHOPS, only_if=int(wants[1:]), only_if_value="yes"
    )
    assert come(asking, "a", **{wants: "no", which: "o1"}) == [303]
    assert taken(asking) == {}
    assert change(asking, "a", **{wants: "yes", which: "o1"}).status_code == 303
    assert change(asking, "a", **{wants: "no", which: "o1"}).status_code == 303
    assert taken(asking) == {}


def waiting(app: Flask, client: FlaskClient) -> tuple[Asking, str]:
    asking = Asking(app, client, capacity=1)
    return asking, asking.ask("Which workshop?", Kind.ONE_OF, options=WORKSHOPS)


def test_whoever_waits_takes_no_place_in_an_option_and_moves_up_only_into_one_that_is_free(
    app: Flask, client: FlaskClient
) -> None:
    asking, workshop = waiting(app, client)
    come(asking, "a", **{workshop: "o1"})
    assert come(asking, "b", **{workshop: "o1"}) == [422]
    come(asking, "b", "c", "d", **{workshop: "o2"})
    assert taken(asking) == {"Drawing": 1}
    for capacity in (2, 3, 4):
        with app.app_context(), transaction():
            edition = db.session.get_one(Edition, asking.edition_id)
            edition.capacity = capacity
            service.places.fill(edition)
    assert states(asking) == ["confirmed", "confirmed", "confirmed", "waitlisted"]
    assert come(asking, "e", **{workshop: "o2"}) == [422], "somebody waits for it"
    assert come(asking, "e", **{workshop: "o3"}) == [303]
    assert states(asking)[-1] == "confirmed", "who waits for a workshop keeps nobody from the house"
    asking.change(workshop, Wording("Which workshop?", options=(DRAWING, Option("o2", "Dancing", 9), CHESS)))
    assert states(asking) == ["confirmed"] * 3 + ["waitlisted"] + ["confirmed"], "now the house is full"
    cancel_place(app, "e@lab.example")
    assert states(asking)[3] == "confirmed"
    assert taken(asking) == {"Drawing": 1, "Dancing": 3}


def test_whoever_waits_for_an_option_moves_up_by_choosing_another(app: Flask, client: FlaskClient) -> None:
    asking, workshop = waiting(app, client)
    come(asking, "a", **{workshop: "o3"})
    come(asking, "b", "c", **{workshop: "o1"})
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, asking.edition_id)
        edition.capacity = 3
        service.places.fill(edition)
    assert states(asking) == ["confirmed", "confirmed", "waitlisted"]
    assert change(asking, "c", **{workshop: "o2"}).status_code == 303
    assert states(asking) == ["confirmed"] * 3
    assert taken(asking) == {"Drawing": 1, "Dancing": 1}


def test_an_organiser_cant_offer_fewer_places_than_are_taken(asking: Asking, workshop: str) -> None:
    come(asking, "a", "b", **{workshop: "o2"})
    fewer = Wording("Which workshop?", options=(DRAWING, Option("o2", "Dancing", 1), CHESS))
    with pytest.raises(RuleBroken) as raised:
        asking.change(workshop, fewer)
    assert raised.value.field == "options"
    assert come(asking, "c", **{workshop: "o2"}) == [422], "nothing has changed"


def test_a_limit_that_comes_later_counts_those_who_are_there(asking: Asking, workshop: str) -> None:
    come(asking, "a", "b", **{workshop: "o3"})
    limited = Wording("Which workshop?", options=(DRAWING, DANCING, Option("o3", "Chess", 2)))
    asking.change(workshop, limited)
    assert taken(asking) == {"Chess": 2}
    assert come(asking, "c", **{workshop: "o3"}) == [422]
    cancel_place(asking.app, "a@lab.example")
    assert come(asking, "c", **{workshop: "o3"}) == [303]


@pytest.mark.parametrize("gone", ["limit", "option", "question"])
def test_a_lifted_limit_holds_nobody_back(asking: Asking, workshop: str, gone: str) -> None:
    come(asking, "a", **{workshop: "o1"})
    if gone == "question":
        with asking.app.app_context(), transaction():
            edition = db.session.get_one(Edition, asking.edition_id)
            question = db.session.get_one(Question, int(workshop[1:]))
            assert edition.questionnaire
            questionnaires.remove(edition.questionnaire, question, {})
    else:
        free = (Option("o1", "Drawing"),) if gone == "limit" else ()
        asking.change(workshop, Wording("Which workshop?", options=(*free, DANCING, CHESS)))
    assert taken(asking) == {}
    assert asking.answers("a@lab.example") == {"Which workshop?": "Drawing"}
    cancel_place(asking.app, "a@lab.example")


def test_the_places_of_a_series_form_count_in_each_edition_and_stay_when_it_gets_its_own(
    app: Flask, client: FlaskClient
) -> None:
    asking = Asking(app, client)
    workshop = asking.ask("Which workshop?", Kind.ONE_OF, options=WORKSHOPS)
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, asking.edition_id)
        edition.series.questionnaire_id, edition.questionnaire_id = edition.questionnaire_id, None
    come(asking, "a", **{workshop: "o1"})
    with app.app_context(), transaction():
        answers.make_own(db.session.get_one(Edition, asking.edition_id))
    with app.app_context():
        own = f"q{db.session.scalars(select(Question.id).order_by(Question.id.desc())).first()}"
    assert come(asking, "b", **{own: "o1"}) == [422]
    assert taken(asking) == {"Drawing": 1}
    assert change(asking, "a", **{own: "o2"}).status_code == 303
    with app.app_context(), transaction():
        answers.inherit(db.session.get_one(Edition, asking.edition_id))
    assert taken(asking) == {}, "nobody has answered the question of the series"


def test_answers_to_every_wording_move_along_when_an_edition_gets_questions_of_its_own(
    app: Flask, client: FlaskClient
) -> None:
    asking = Asking(app, client)
    workshop = asking.ask("Which wrokshop?", Kind.ONE_OF, options=WORKSHOPS)
    come(asking, "a", **{workshop: "o1"})
    come(asking, "b", **{workshop: "o3"})
    asking.change(workshop, Wording("Which workshop?", options=(DRAWING, DANCING)))
    come(asking, "c", **{workshop: "o2"})
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, asking.edition_id)
        edition.series.questionnaire_id, edition.questionnaire_id = edition.questionnaire_id, None
    drawing = Audience(answer=f"{workshop[1:]}:o1")
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, asking.edition_id)
        message = announcements.create(edition, {"de": OwnText("Stifte", "Bringt sie mit")}, drawing).id
        mixing = Settings("Halves", ["A", "B"], Balance.QUESTION, question_id=int(workshop[1:]))
        grouping = groups.create(edition, mixing).id
    with app.app_context(), transaction():
        answers.make_own(db.session.get_one(Edition, asking.edition_id))
    with app.app_context():
        own = f"q{db.session.scalars(select(Question.id).order_by(Question.id.desc())).first()}"
        sent_to = audience_of(db.session.get_one(Announcement, message).audience)
        assert number_of(asking.edition_id, sent_to) == 1, "a message reaches whom it reached"
        assert db.session.get_one(Grouping, grouping).question_id == int(own[1:])
        assert set(db.session.scalars(select(Answer.question_id))) == {int(own[1:])}
    assert asking.answers("a@lab.example") == {"Which wrokshop?": "Drawing"}
    assert asking.answers("b@lab.example") == {"Which wrokshop?": "Chess"}, "though nobody else can choose it"
    assert asking.answers("c@lab.example") == {"Which workshop?": "Dancing"}
    why = asking.ask("Why?")
    assert change(asking, "a", **{own: "o1", why: "For fun"}).status_code == 303
    assert taken(asking) == {"Drawing": 1, "Dancing": 1}, "another answer gives up no place"


def test_whoever_waits_sees_as_many_places_of_an_option_as_there_are(app: Flask, client: FlaskClient) -> None:
    asking, workshop = waiting(app, client)
    come(asking, "a", "b", **{workshop: "o2"})
    pages = [asking.client.get(f"{my_link(app, f'{name}@lab.example')}change").text for name in ("a", "b")]
    assert "2 of 2 places left" in pages[0], "one of them is their own"
    assert "1 of 2 places left" in pages[1]


def test_an_answer_that_organisers_hid_keeps_its_place(asking: Asking) -> None:
    wants = asking.ask("A workshop?", Kind.YES_NO)
    which = asking.ask("Which workshop?", Kind.ONE_OF, options=WORKSHOPS)
    why = asking.ask("Why?")
    come(asking, "a", **{wants: "no", which: "o1"})
    condition = {"only_if": int(wants[1:]), "only_if_value": "yes"}
    asking.change(which, Wording("Which workshop?", options=WORKSHOPS, **condition))
    assert change(asking, "a", **{wants: "no", why: "For fun"}).status_code == 303
    assert asking.answers("a@lab.example") == {
        "A workshop?": "no",
        "Which workshop?": "Drawing",
        "Why?": "For fun",
    }
    assert taken(asking) == {"Drawing": 1}


def test_an_organiser_lets_somebody_in_whose_option_is_full_by_now(app: Flask, client: FlaskClient) -> None:
    asking = Asking(app, client, admission=Admission.APPROVAL)
    workshop = asking.ask("Which workshop?", Kind.ONE_OF, options=WORKSHOPS)
    come(asking, "a", "b", **{workshop: "o1"})
    for name in ("a", "b"):
        with app.app_context(), transaction():
            service.approve(registration_of(f"{name}@lab.example"))
    assert states(asking) == ["confirmed", "waitlisted"]
    assert change(asking, "b", **{workshop: "o3"}).status_code == 303
    assert states(asking) == ["confirmed", "confirmed"]


def test_the_place_in_an_option_does_not_go_to_a_substitute_who_was_not_asked(
    asking: Asking, workshop: str
) -> None:
    come(asking, "a", **{workshop: "o1"})
    other = {"name": "Bo", "email": "bo@lab.example", "consent": "y", "once_key": "x"}
    handed = asking.client.post(f"{my_link(asking.app, 'a@lab.example')}hand-over", data=other)
    assert (handed.status_code, taken(asking)) == (303, {})


def test_many_at_once_get_each_place_once(asking: Asking, workshop: str) -> None:
    sent: list[int] = []

    def register(number: int) -> None:
        client = asking.app.test_client()
        data = {**AYLIN, "email": f"{number}@lab.example", "once_key": f"key {number}", workshop: "o2"}
        sent.append(client.post(FORM, data=data).status_code)

    threads = [threading.Thread(target=register, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [303, 303] + [422] * 6
    assert taken(asking) == {"Dancing": 2}


def test_a_question_without_limits_costs_nothing_more(app: Flask, asking: Asking) -> None:
    drink = asking.ask("Drink?", Kind.ONE_OF, options=(CHESS, Option("o4", "Go")))

    def cost(**values: str) -> int:
        key = once_key(asking.client.get(FORM))
        email = f"{key[:9].lower()}@lab.example"
        with counted_queries(app) as statements:
            asking.client.post(FORM, data={**AYLIN, "once_key": key, "email": email, **values})
        assert not any("quota" in one.partition("FROM")[2] for one in statements if one.startswith("SELECT"))
        return len(statements)

    cost()
    assert cost(**{drink: "o3"}) == cost() + 1, "the answer itself"
