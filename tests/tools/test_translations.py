"""The translation lint: completeness, placeholders, forms of address; and what `make translate` keeps."""

import re
from pathlib import Path

import pytest

from tools.catalogues import DOMAINS, Message, extract, load, path_of, save
from tools.translate import renewed
from tools.translations import addresses_informally, faults, faults_of_one


def catalogue(*messages: Message) -> dict[tuple[str, str | None], Message]:
    return {message.key: message for message in messages}


PLACES = Message("%(num)s place", "%(num)s places", translations=("ein Platz", "%(num)s Plätze"))
REGISTER = Message("Register", translations=("Anmelden",))
YOURS = Message("Your place", translations=("Dein Platz",))
YOURS_FORMALLY = Message("Your place", translations=("Ihr Platz",))


def test_complete_catalogues_have_no_fault() -> None:
    texts = [PLACES, REGISTER, YOURS]
    assert list(faults(texts, catalogue(*texts), catalogue(YOURS_FORMALLY))) == []


@pytest.mark.parametrize(
    ("messages", "formal", "fault"),
    [
        ([], [], "untranslated: “Register”"),
        ([Message("Register", translations=("",))], [], "untranslated: “Register”"),
        ([Message("Register", translations=("Anmelden",), fuzzy=True)], [], "untranslated: “Register”"),
        ([Message("Register", translations=("Melde dich an",))], [], "has no Sie-form: “Register”"),
        ([REGISTER, YOURS], [], "messages: no longer used: “Your place”"),
        ([REGISTER], [YOURS_FORMALLY], "formal: no longer used: “Your place”"),
        ([REGISTER], [Message("Register", translations=("Melde dich",))], "formal: says du: “Register”"),
        ([REGISTER], [Message("Register", translations=("",))], "formal: empty: “Register”"),
    ],
)
def test_what_is_wrong_is_named(messages: list[Message], formal: list[Message], fault: str) -> None:
    texts = [Message("Register")]
    assert list(faults(texts, catalogue(*messages), catalogue(*formal))) == [fault]


def test_a_text_that_only_names_the_du_form_is_confirmed_by_the_same_words() -> None:
    names_it = Message("informal (du)", translations=("informell (du)",))
    assert list(faults([names_it], catalogue(names_it), catalogue(names_it))) == []


@pytest.mark.parametrize(
    ("msgid", "german", "right"),
    [
        ("Hello %(name)s", "Hallo %(name)s", True),
        ("Hello %(name)s", "Hallo %(nam)s", False),
        ("Hello %(name)s", "Hallo", False),
        ("100 %% full", "100 %% voll", True),
        ("full", "100 % voll", False),
    ],
)
def test_placeholders_have_to_agree(msgid: str, german: str, right: bool) -> None:
    assert (list(faults_of_one(Message(msgid, translations=(german,)))) == []) is right


@pytest.mark.parametrize(
    "german", ["Deine Anmeldung", "Das gehört dir", "Wähle einen Tag", "Bitte prüfe das", "Nur Du"]
)
def test_the_du_form_is_recognised(german: str) -> None:
    assert addresses_informally(german)


@pytest.mark.parametrize(
    "german", ["Suche", "Wählen Sie einen Tag", "Direkt hier", "eindeutig", "Teile des Programms"]
)
def test_other_german_is_not_taken_for_it(german: str) -> None:
    assert not addresses_informally(german)


def test_texts_of_code_and_templates_are_found(tmp_path: Path) -> None:
    (tmp_path / "babel.cfg").write_text("[python: *.py]\n[jinja2: *.html]\n")
    (tmp_path / "a.py").write_text('lazy_gettext("Later")\nngettext("%(num)s place", "%(num)s places", 2)\n')
    (tmp_path / "b.html").write_text('<p>{{ _("Later") }}</p>{{ _("Now") }}')
    texts = extract(tmp_path)
    assert [(text.msgid, text.plural) for text in texts] == [
        ("%(num)s place", "%(num)s places"),
        ("Later", None),
        ("Now", None),
    ]
    assert sorted(texts[1].places) == ["a.py:1", "b.html:1"]


def test_renewed_catalogues_keep_translations_and_drop_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "de" / "messages.po"
    save(path, [PLACES, REGISTER])
    texts = [Message("New"), Message("%(num)s place", "%(num)s places")]
    save(path, renewed(texts, load(path), sparse=False))
    assert [message.translations for message in load(path).values()] == [
        ("",),
        ("ein Platz", "%(num)s Plätze"),
    ]
    assert renewed(texts, {}, sparse=True) == []


OF_A_BARCAMP = {
    "Planning of the sessions",
    "Sessions that the participants propose",
    "Sessions, round %(number)s",
}
"""There the participants call them so; anything else in an agenda is a Programmpunkt."""


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_stands_in_an_agenda_has_one_word_in_german(domain: str) -> None:
    german = load(path_of(domain)).values()
    called_so = {
        one.msgid for one in german if re.search(r"\bSessions?\b|Session-", " ".join(one.translations))
    }
    assert called_so <= OF_A_BARCAMP
