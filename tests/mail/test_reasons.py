"""Reasons of failure in the reader's language."""

from __future__ import annotations

import pytest

from eventhub.mail import reasons
from eventhub.mail.reasons import reason_words
from eventhub.web.languages import speaking

CASES = [
    (reasons.ANSWERED % {"words": "550 no such user"}, "Der Mailserver antwortete: 550 no such user"),
    (reasons.RETURNED % {"words": "5.1.1"}, "Der Mailserver schickte sie zurück: 5.1.1"),
    (
        reasons.OUT_OF_REACH % {"words": reasons.NO_ANSWER % {"seconds": 20}},
        "Der Mailserver ist nicht erreichbar: keine Antwort innerhalb von 20 Sekunden",
    ),
    (
        reasons.GIVEN_UP % {"tries": 9, "reason": reasons.BROKE % {"words": "100 % full"}},
        "Nach 9 Versuchen aufgegeben. Die Verbindung zum Mailserver brach ab: 100 % full",
    ),
    ("something of an older version", "something of an older version"),
    ("", ""),
]


@pytest.mark.parametrize(("stored", "german"), CASES)
def test_a_reason_is_told_in_the_language_of_the_page(stored: str, german: str) -> None:
    with speaking("de"):
        assert reason_words(stored) == german
    with speaking("en"):
        assert reason_words(stored) == stored
