"""What may stand in braces in mails that organisers word themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eventhub.mail.sheets import Words, lay_out
from eventhub.registration.own_texts import FURTHER, OF_A_SERIES, WITHOUT_EDITION, allowed
from eventhub.registration.placeholders import PERSONAL, SHARED, marked, unknown


@given(st.lists(st.sampled_from(SHARED + PERSONAL)), st.text(alphabet=st.characters(exclude_characters="{}")))
def test_what_is_known_is_never_refused(names: list[str], between: str) -> None:
    text = between.join(f"{{{name}}}" for name in names)
    assert unknown(text, SHARED + PERSONAL) == []


@given(st.text(max_size=40))
def test_nothing_else_in_braces_passes(inside: str) -> None:
    text = f"Hello {{{inside}}}!"
    known = SHARED + PERSONAL
    opened = inside.rpartition("{")[2].partition("}")[0]
    if "\n" not in inside and opened not in known:
        assert unknown(text, known)


def test_attributes_and_formats_are_only_words() -> None:
    for text in ("{name.__class__}", "{name!r}", "{name:>9}", "{0}", "{}", "{ name }", "{Name}"):
        assert unknown(text, SHARED + PERSONAL) == [text[1:-1]]
    assert marked("no braces") == "no braces"


def test_subjects_know_nothing_of_one_reader() -> None:
    for kind in FURTHER:
        assert set(OF_A_SERIES if kind in WITHOUT_EDITION else SHARED) <= set(allowed(kind))
        assert not set(SHARED) & {*PERSONAL, *FURTHER[kind]}


def test_values_stay_words_whatever_they_contain(app: object) -> None:
    words = Words(
        subject=marked("To {place}"),
        heading="",
        lead=("default",),
        own=marked("Hello {name}, **{place}**"),
        fixed=("Until Friday",),
        shared={"place": "*R&D* <b>"},
    )
    with app.test_request_context():  # type: ignore[attr-defined]
        sheet = lay_out(words)
    text, html = sheet.fill({"spaced_name": " <i>Ada</i>", "name": "<i>Ada</i>"})
    assert sheet.subject == "To *R&D* <b>"
    assert "Hello <i>Ada</i>, ***R&D* <b>**" in text
    assert "Hello &lt;i&gt;Ada&lt;/i&gt;, <strong>*R&amp;D* &lt;b&gt;</strong>" in html
    assert "default" not in text + html
    assert text.index("Hello") < text.index("Until Friday")
    assert "Hello, " in sheet.fill({"spaced_name": "", "name": ""})[0]
