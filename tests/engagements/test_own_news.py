"""Which speakers a version of an agenda concerns: exactly those in slots that are other for them."""

from hypothesis import given
from hypothesis import strategies as st

from eventhub.engagements.rules import own_news
from eventhub.facts import SlotNews

SHOWN = st.none() | st.fixed_dictionaries({"title": st.sampled_from("AB"), "cancelled": st.booleans()})
PEOPLE = st.frozensets(st.integers(1, 3))
NEWS = st.builds(
    lambda was, now, before, after: SlotNews(
        was, now, before if was else frozenset(), after if now else frozenset()
    ),
    *(SHOWN, SHOWN, PEOPLE, PEOPLE),
)


@given(st.lists(NEWS, max_size=5), st.integers(1, 4))
def test_a_speaker_hears_of_each_slot_that_is_other_for_them_and_of_no_other(
    news: list[SlotNews], speaker: int
) -> None:
    found = own_news(speaker, news)
    for one in found:
        assert one.was != one.now
    joined = [one for one in news if (speaker in one.before) != (speaker in one.after)]
    changed = [one for one in news if speaker in one.before & one.after and one.was != one.now]
    assert len(found) == len(joined) + len(changed)
    assert [one.now for one in found if one.was is None] == [
        one.now for one in news if speaker in one.after - one.before
    ]
