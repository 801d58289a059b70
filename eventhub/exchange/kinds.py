"""Words of agendas for the kinds of slots that eventhub knows."""

from __future__ import annotations

from eventhub.agenda.models import Kind

WORDS: dict[Kind, str] = {
    Kind.TALK: (
        "talk, lecture, input, vortrag, vorträge, impuls, impulse, keynote, kurzbericht, bericht, berichte, "
        "praxisbericht, praxisberichte, praxisbeispiel, praxisbeispiele, pitch, pitches, rückblick, "
        "input und diskussion"
    ),
    Kind.PLENARY: (
        "plenary, opening, closing, welcome, plenum, begrüßung, eröffnung, grußwort, grußworte, abschluss"
    ),
    Kind.WORKSHOP: (
        "workshop, workshops, arbeitsphase, gruppenarbeit, gruppenarbeiten, arbeitsforum, arbeitsforen"
    ),
    Kind.DISCUSSION: (
        "discussion, panel, diskussion, podium, podiumsdiskussion, fallberatung, austausch, gespräch"
    ),
    Kind.EXCURSION: "excursion, exkursion, führung, rundgang",
    Kind.GAME: "game, planspiel, simulation",
    Kind.BREAK: "break, lunch, pause, kaffeepause, mittagspause, mittagessen",
    Kind.OPEN_SPACE: "open space, barcamp",
}
_KINDS = {word: kind for kind, words in WORDS.items() for word in words.split(", ")}


def kind_of(label: str) -> Kind:
    """Return the kind that a word stands for; OTHER where it says nothing to us."""
    return _KINDS.get(label.strip().lower(), Kind.OTHER)
