"""What an answer does, whatever comes together: nothing unproven changes a place, nothing old wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.replies.authentication import Verdict, verdict
from eventhub.replies.models import Answer, Outcome
from eventhub.replies.reading import MailKind
from eventhub.replies.rules import Place, Said, Standing, Token, effect
from tests.effort import examples

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
moments = st.integers(-3, 3).map(lambda hours: NOON + timedelta(hours=hours))
numbers = st.integers(0, 3)
said = st.builds(
    Said,
    kind=st.sampled_from([MailKind.REPLY, MailKind.COUNTER, MailKind.REFRESH]),
    answer=st.none() | st.sampled_from(Answer),
    sequence=numbers,
    stamped_at=moments,
    sent_at=moments,
    day=st.integers(1, 2),
)
standings = st.builds(
    Standing,
    token=st.sampled_from(Token),
    verdict=st.sampled_from(Verdict),
    from_them=st.booleans(),
    about_them=st.booleans(),
    place=st.sampled_from(Place),
    since=moments,
    takes_place=st.booleans(),
    sequence=numbers,
    latest=st.none() | st.tuples(numbers, moments, moments),
    frees_at_once=st.booleans(),
    too_many=st.booleans(),
    days=st.sampled_from([frozenset(), frozenset({1}), frozenset({2}), frozenset({1, 2})]),
    days_since=st.none() | moments,
    moved_to=numbers,
)
TELLS = {Outcome.ASKED, Outcome.WAY_BACK, Outcome.WISH, Outcome.SENT_AGAIN}
"""What sends a mail to the registered address."""

PROVEN = Standing(
    token=Token.VALID,
    verdict=Verdict.UNKNOWN,
    from_them=True,
    about_them=True,
    place=Place.HAS,
    since=NOON - timedelta(days=1),
    takes_place=True,
    sequence=0,
    latest=None,
    frees_at_once=False,
    too_many=False,
)
DECLINED = Said(MailKind.REPLY, Answer.DECLINED, 0, NOON, NOON)
ACCEPTED = replace(DECLINED, answer=Answer.ACCEPTED)


@given(said, standings)
def test_only_what_is_proven_and_new_and_declined_frees_a_place(answer: Said, standing: Standing) -> None:
    if effect(answer, standing).outcome is not Outcome.FREED:
        return
    assert answer.kind is MailKind.REPLY
    assert answer.answer is Answer.DECLINED
    assert standing.proven
    assert standing.frees_at_once
    assert standing.days == {answer.day} or (not standing.days and answer.day == 1)
    assert standing.place is Place.HAS
    assert answer.sequence >= standing.sequence
    assert standing.latest is None or answer.moment >= standing.latest


@given(said, standings)
def test_a_day_changes_by_what_is_proven_new_and_different(answer: Said, standing: Standing) -> None:
    found = effect(answer, standing)
    if not found.changes_day:
        return
    assert found.outcome is Outcome.NOTED
    assert standing.proven
    assert standing.takes_place
    assert standing.place is Place.HAS
    assert answer.kind is MailKind.REPLY
    assert answer.answer is (Answer.DECLINED if answer.day in standing.days else Answer.ACCEPTED)
    assert standing.days ^ {answer.day}, "somebody who has a place comes on some day"
    assert answer.sequence >= standing.moved_to
    assert standing.days_since is None or answer.sent_at >= standing.days_since


@given(said, standings)
def test_what_is_shown_is_proven(answer: Said, standing: Standing) -> None:
    if effect(answer, standing).shows:
        assert standing.proven
        assert standing.about_them
        assert standing.takes_place
        assert answer.kind is MailKind.REPLY


@given(said, standings)
def test_nothing_is_sent_where_our_server_warns_or_the_token_is_wrong_or_it_is_too_much(
    answer: Said, standing: Standing
) -> None:
    doubtful = standing.verdict is Verdict.FAIL or standing.token is Token.WRONG or standing.too_many
    if doubtful or not standing.takes_place or not standing.about_them:
        assert effect(answer, standing).outcome not in TELLS | {Outcome.FREED}


@settings(max_examples=examples(2_000))
@given(said, standings)
def test_without_proof_the_most_that_happens_is_one_question(answer: Said, standing: Standing) -> None:
    if not standing.proven:
        assert effect(answer, standing).outcome not in TELLS - {Outcome.ASKED} | {Outcome.FREED}


@given(said, standings)
def test_an_old_date_is_never_accepted(answer: Said, standing: Standing) -> None:
    if (
        standing.place is Place.HAS
        and answer.answer is Answer.ACCEPTED
        and answer.sequence < standing.sequence
    ):
        assert not effect(answer, standing).shows


@given(st.lists(st.tuples(st.sampled_from(Answer), moments, moments), min_size=1, max_size=5), st.randoms())
def test_whatever_the_order_the_latest_answer_is_shown(answers: list, chance) -> None:
    given_answers = [Said(MailKind.REPLY, one, 0, stamp, sent) for one, stamp, sent in answers]
    newest = max(one.moment for one in given_answers)
    if sum(one.moment == newest for one in given_answers) > 1:
        return  # nothing tells them apart
    chance.shuffle(given_answers)
    standing, shown = PROVEN, None
    for one in [*given_answers, *given_answers]:  # each comes twice
        if effect(one, standing).shows:
            shown, standing = one, replace(standing, latest=one.moment)
    assert shown
    assert shown.moment == newest


def test_a_declined_place_is_freed_or_asked_about_as_the_series_wants() -> None:
    assert effect(DECLINED, PROVEN).outcome is Outcome.ASKED
    assert effect(DECLINED, replace(PROVEN, frees_at_once=True)).outcome is Outcome.FREED
    assert effect(replace(DECLINED, answer=Answer.TENTATIVE), PROVEN).outcome is Outcome.NOTED


def test_a_declined_old_date_counts_but_frees_nothing_unasked() -> None:
    moved = replace(PROVEN, sequence=1, frees_at_once=True)
    assert effect(DECLINED, moved).outcome is Outcome.ASKED
    assert effect(ACCEPTED, moved).outcome is Outcome.OLD_DATE


def test_accepting_without_a_place_shows_the_way_back_unless_it_is_older_than_the_loss() -> None:
    gone = replace(PROVEN, place=Place.GONE)
    assert effect(ACCEPTED, gone).outcome is Outcome.WAY_BACK
    assert effect(ACCEPTED, replace(gone, since=NOON + timedelta(hours=1))).outcome is Outcome.SUPERSEDED


def test_the_only_day_is_the_place_and_one_of_several_is_not() -> None:
    second = replace(DECLINED, day=2)
    both = replace(PROVEN, days=frozenset({1, 2}), frees_at_once=True)
    assert effect(second, both).changes_day
    assert effect(DECLINED, both).changes_day
    assert effect(DECLINED, both).outcome is not Outcome.FREED
    alone = replace(both, days=frozenset({2}))
    assert effect(second, alone).outcome is Outcome.FREED
    assert not effect(DECLINED, alone).changes_day
    assert effect(ACCEPTED, alone).changes_day


def test_only_our_own_server_is_believed() -> None:
    ours = "mx.lab.example; dmarc=pass (p=none) header.from=people.example"
    assert verdict([ours], "mx.lab.example", "kim@people.example") is Verdict.PASS
    assert verdict([ours], None, "kim@people.example") is Verdict.UNKNOWN
    assert verdict([ours], "mx.other.example", "kim@people.example") is Verdict.UNKNOWN
    assert verdict([ours], "mx.lab.example", "kim@rogue.example") is Verdict.UNKNOWN
    failed = "mx.lab.example; spf=pass smtp.mailfrom=x.example; dmarc=fail header.from=people.example"
    assert verdict([ours, failed], "mx.lab.example", "kim@people.example") is Verdict.FAIL
    signed = "mx.lab.example; dkim=pass header.d=people.example header.s=1"
    assert verdict([signed], "mx.lab.example", "kim@mail.people.example") is Verdict.PASS
    assert verdict([signed], "mx.lab.example", "kim@otherpeople.example") is Verdict.UNKNOWN
