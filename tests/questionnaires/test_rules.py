"""What counts as an answer, and who is asked what."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.errors import RuleBroken
from eventhub.questionnaires import rules
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Asked, Option, Refused
from eventhub.web.languages import speaking
from tests.questionnaires.asking import OPTIONS, ask, form_of

KINDS = st.sampled_from(list(Kind))
TEXTS = st.lists(st.one_of(st.text(max_size=300), st.sampled_from(["o1", "o2", "o3", "yes", "no", "1.5"])))


def read(question: Asked, texts: list[str]) -> str | None:
    try:
        return rules.checked(question, texts)
    except Refused:
        return None


@given(KINDS, TEXTS, st.booleans())
def test_whatever_is_sent_is_kept_in_one_writing_or_refused_in_words(
    kind: Kind, texts: list[str], required: bool
) -> None:
    question = ask(kind, required=required and kind not in rules.SILENT)
    value = read(question, texts)
    if value is None:
        return
    assert value or not question.required
    assert rules.words(question, value) or not value
    if kind in {Kind.SEVERAL_OF, Kind.RANKING}:
        again = json.loads(value) if value else []
        assert len(set(again)) == len(again)
    else:
        again = [value]
    assert read(question, again) == value


@given(st.sampled_from([Kind.ONE_OF, Kind.SEVERAL_OF, Kind.RANKING]), TEXTS)
def test_no_answer_names_an_option_that_does_not_exist(kind: Kind, texts: list[str]) -> None:
    value = read(ask(kind), texts)
    if value:
        assert set(rules.chosen(value)) <= {option.key for option in OPTIONS}


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        (Kind.SHORT_TEXT, ["  two   words "], "two words"),
        (Kind.LONG_TEXT, ["a\r\nb "], "a\nb"),
        (Kind.EMAIL, [" Mona@Lab.example "], "Mona@lab.example"),
        (Kind.PHONE, ["+49 (0)30 / 12 34-56"], "+49 (0)30 / 12 34-56"),
        (Kind.NUMBER, ["1 000,50"], "1000.5"),
        (Kind.NUMBER, ["-0"], "0"),
        (Kind.DATE, ["7.12.2026"], "2026-12-07"),
        (Kind.YES_NO, ["no"], "no"),
        (Kind.ONE_OF, ["o2"], "o2"),
        (Kind.SEVERAL_OF, ["o3", "o1", "o1"], '["o1","o3"]'),
        (Kind.RANKING, ["o3", "", "o1"], '["o3","o1"]'),
        (Kind.CONSENT, ["y"], "yes"),
        (Kind.CONSENT, [], ""),
        (Kind.HEADING, ["forged"], ""),
    ],
)
def test_answers_are_kept_in_one_writing(kind: Kind, sent: list[str], kept: str) -> None:
    assert rules.checked(ask(kind), sent) == kept


@pytest.mark.parametrize(
    ("kind", "sent", "says"),
    [
        (Kind.SHORT_TEXT, ["x" * 201], "at most 200"),
        (Kind.EMAIL, ["mona"], "name@example.org"),
        (Kind.PHONE, ["call me"], "+49"),
        (Kind.PHONE, ["12"], "+49"),
        (Kind.NUMBER, ["ten"], "such as 12"),
        (Kind.NUMBER, ["٣"], "such as 12"),
        (Kind.DATE, ["31.2.2026"], "7.12.2026"),
        (Kind.YES_NO, ["maybe"], "Choose one"),
        (Kind.ONE_OF, ["o9"], "have changed"),
        (Kind.RANKING, ["o1", "o1"], "one place only"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(kind: Kind, sent: list[str], says: str) -> None:
    with speaking("en"), pytest.raises(Refused, match=says.replace("+", r"\+").replace(".", r"\.")):
        rules.checked(ask(kind), sent)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in rules.SILENT])
def test_a_required_question_says_what_is_missing(kind: Kind) -> None:
    with pytest.raises(Refused, match="Question 1"):
        rules.checked(ask(kind, required=True), [])


def test_a_question_is_asked_only_after_the_answer_that_it_depends_on() -> None:
    form = form_of(
        ask(Kind.YES_NO, 1),
        ask(Kind.SEVERAL_OF, 2, only_if=1, only_if_value="yes"),
        ask(Kind.LONG_TEXT, 3, only_if=2, only_if_value="o1"),
    )
    assert rules.shown(form, {}) == {1}
    assert rules.shown(form, {1: "yes"}) == {1, 2}
    assert rules.shown(form, {1: "yes", 2: '["o1","o2"]'}) == {1, 2, 3}
    assert rules.shown(form, {1: "no", 2: '["o1"]'}) == {1}, "a hidden answer decides nothing"


def test_a_question_for_speakers_is_not_asked_of_others() -> None:
    form = form_of(ask(key=1), ask(key=2, roles=frozenset({"speaker"})))
    assert rules.shown(form, {}, "speaker") == {1, 2}
    assert rules.shown(form, {}, "press") == rules.shown(form, {}) == {1}


LABELS = st.lists(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12).map(rules.one_line).filter(bool),
    min_size=1,
    max_size=8,
    unique=True,
)


@given(st.lists(LABELS, min_size=1, max_size=5))
def test_a_key_stands_for_one_label_for_ever(edits: list[list[str]]) -> None:
    ever: dict[str, str] = {}
    for labels in edits:
        present = [Option(key, label) for key, label in ever.items()]
        for option in rules.options_from("\n".join(labels), present):
            assert ever.setdefault(option.key, option.label) == option.label
    assert len(set(ever.values())) == len(ever)


@given(LABELS, st.none() | st.integers(0, 999_999))
def test_options_are_read_as_they_are_written(labels: list[str], capacity: int | None) -> None:
    options = tuple(Option(f"o{number}", label, capacity) for number, label in enumerate(labels, 1))
    assert rules.options_from(rules.options_text(options), options) == options


@pytest.mark.parametrize("text", ["Tea\nTea", "Tea | many", "Tea | -1", "Tea | ٣"])
def test_options_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        rules.options_from(text, ())
    assert broken.value.field == "options"


@given(st.permutations(range(5)), st.integers(-3, 9))
def test_moving_a_question_loses_none(order: list[int], position: int) -> None:
    moved = rules.moved(order, order[0], position)
    assert sorted(moved) == sorted(order)
    assert moved.index(order[0]) == max(0, min(position, 4))


def test_pages_begin_where_the_organiser_says() -> None:
    form = form_of(ask(key=1), ask(Kind.PAGE, 2), ask(key=3), ask(key=4))
    assert [[one.id for one in page] for page in form.pages] == [[1], [2, 3, 4]]
