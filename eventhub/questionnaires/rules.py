"""What a questionnaire asks whom, and what counts as an answer; none needs a database.

The same `Definition` draws the form and checks what comes back.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from email_validator import EmailNotValidError, validate_email

from eventhub.errors import RuleBroken
from eventhub.questionnaires.models import Kind, Purpose
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext

LONGEST = {Kind.SHORT_TEXT: 200, Kind.LONG_TEXT: 4000, Kind.EMAIL: 254, Kind.PHONE: 40, Kind.NUMBER: 20}
CHOOSING = frozenset({Kind.ONE_OF, Kind.SEVERAL_OF, Kind.RANKING})
SILENT = frozenset({Kind.HEADING, Kind.PAGE})
"""Kinds that ask nothing."""
DECIDING = frozenset({Kind.ONE_OF, Kind.SEVERAL_OF, Kind.YES_NO, Kind.CONSENT})
"""Kinds whose answer can decide whether another question is asked."""
COUNTED = frozenset({*DECIDING, Kind.RANKING})
WRITTEN = frozenset(Kind) - COUNTED - SILENT
"""Kinds whose answers are texts of people's own, dates and numbers included."""
LIMITED = frozenset({Kind.ONE_OF, Kind.SEVERAL_OF})
"""Kinds whose options may have a number of places."""
YES, NO = "yes", "no"
MOST_QUESTIONS = 60
MOST_OPTIONS = 60

_PHONE = re.compile(r"\+?[0-9 ()/.\-]+")
_DATES = ("%Y-%m-%d", "%d.%m.%Y")
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose; `capacity` is None where everybody can have it."""

    key: str
    label: str
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is asked: one version of it."""

    id: int
    kind: Kind
    label: str
    version: int = 1
    help: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    only_if: int | None = None
    only_if_value: str = ""
    roles: frozenset[str] = frozenset()
    purpose: Purpose | None = None
    keep_days: int | None = None
    gone: tuple[Option, ...] = ()
    """What could be chosen before and is no longer offered."""

    @property
    def keys(self) -> list[str]:
        return [option.key for option in self.options]

    def option(self, key: str) -> Option | None:
        return next((option for option in self.options + self.gone if option.key == key), None)


@dataclass(frozen=True, slots=True)
class Sense:
    """A question in one sense that it has or had: all versions of it that say the same to who answers."""

    question: Asked
    """The latest of these versions."""
    versions: tuple[int, ...]
    until: datetime | None = None
    """Since when it is asked in another sense; None for the one that holds."""

    @property
    def key(self) -> str:
        """Name it for ever: later versions may join, earlier ones can't."""
        return sense_key(self.question.id, self.versions[0])

    def answer_key(self, value: str) -> str:
        """Name an answer to it, as filters of people do: `12:o3`."""
        return f"{self.key}:{value}"


def sense_key(question_id: int, first: int) -> str:
    """Name a sense by its question and first version: `12` is what a question began with, `12.3` another."""
    return str(question_id) if first == 1 else f"{question_id}.{first}"


def read_sense(key: str) -> tuple[int, int]:
    """Return question and first version of what `sense_key` wrote."""
    question, _dot, first = key.partition(".")
    return int(question), int(first or 1)


@dataclass(frozen=True, slots=True)
class Definition:
    """A questionnaire as it is at one moment."""

    id: int
    version: int
    questions: tuple[Asked, ...]

    def question(self, key: int | None) -> Asked | None:
        return next((question for question in self.questions if question.id == key), None)

    @property
    def asks_by_role(self) -> bool:
        """Whether some questions are asked only of people in certain roles."""
        return any(question.roles for question in self.questions)

    @property
    def asking(self) -> list[Asked]:
        """The questions that want an answer."""
        return [question for question in self.questions if question.kind not in SILENT]

    @property
    def pages(self) -> list[list[Asked]]:
        """The questions by page. Files come last, for no browser keeps them over a change of page."""
        pages: list[list[Asked]] = [[]]
        files = [question for question in self.questions if question.kind is Kind.FILE]
        for question in self.questions:
            if question.kind is Kind.FILE:
                continue
            if question.kind is Kind.PAGE and any(one.kind is not Kind.PAGE for one in pages[-1]):
                pages.append([])
            pages[-1].append(question)
        pages[-1] += files
        return pages


class Refused(Exception):
    """An answer can't be taken; the message says what to do instead."""


# who is asked what -------------------------------------------------------------------------------------


def shown(definition: Definition, values: Mapping[int, str], role: str | None = None) -> set[int]:
    """Return the questions that somebody in this role sees who has given these answers so far.

    The answer to a question that is itself not shown decides nothing.
    """
    found: set[int] = set()
    for question in definition.questions:
        if question.roles and role not in question.roles:
            continue
        if question.only_if is None or (
            question.only_if in found and says(values.get(question.only_if, ""), question.only_if_value)
        ):
            found.add(question.id)
    return found


def for_role(definition: Definition, role: str | None) -> Definition:
    """Return what somebody in this role may be asked at all."""
    kept: set[int] = set()
    for question in definition.questions:
        if question.only_if in {None, *kept} and (not question.roles or role in question.roles):
            kept.add(question.id)
    return replace(definition, questions=tuple(one for one in definition.questions if one.id in kept))


def says(value: str, wanted: str) -> bool:
    """Tell whether an answer is or contains a choice."""
    return wanted in chosen(value) if value.startswith("[") else value == wanted


def chosen(value: str) -> list[str]:
    """Return the keys of the options in an answer."""
    if value.startswith("["):
        keys: list[str] = json.loads(value)
        return keys
    return [value] if value else []


def offering(definition: Definition, answered: Iterable[tuple[Asked, str]]) -> Definition:
    """Return the questionnaire as it is asked of somebody who has answered before.

    Options that they chose and that are no longer offered to others stay for them.
    """
    earlier = {question.id: value for question, value in answered}
    questions = tuple(_with_earlier(one, earlier.get(one.id, "")) for one in definition.questions)
    return definition if questions == definition.questions else replace(definition, questions=questions)


def _with_earlier(question: Asked, value: str) -> Asked:
    kept = tuple(option for option in question.gone if option.key in chosen(value))
    return replace(question, options=question.options + kept) if kept else question


def limited_options(definition: Definition, values: Mapping[int, str]) -> list[tuple[int, str]]:
    """Return question and option of every choice in these answers whose places are counted."""
    return [
        (question.id, option.key)
        for question in definition.questions
        if question.kind in LIMITED
        for option in question.options
        if option.capacity is not None and option.key in chosen(values.get(question.id, ""))
    ]


# what counts as an answer ----------------------------------------------------------------------------


def checked(question: Asked, texts: Sequence[str]) -> str:
    """Return what was sent in the one writing that is kept; "" where nothing was said.

    Raises Refused where it is no answer to this question. `texts` are what a form sends: one text, or one
    for each option that was chosen.
    """
    value = _CHECKS.get(question.kind, _no_answer)(question, texts)
    if question.required and not value:
        raise Refused(missing(question))
    return value


def missing(question: Asked) -> str:
    """Return what to say where a required answer is missing."""
    name = short(question.label)
    if question.kind is Kind.CONSENT:
        return _("Agree to “%(name)s” to go on", name=name)
    if question.kind in CHOOSING or question.kind is Kind.YES_NO:
        return _("Choose an answer to “%(name)s”", name=name)
    if question.kind is Kind.FILE:
        return _("Choose a file for “%(name)s”", name=name)
    return _("Answer “%(name)s”", name=name)


def short(text: str, signs: int = 60) -> str:
    """Return a text as an error or a head of a table names it."""
    line = " ".join(text.split())
    return line if len(line) <= signs else f"{line[: signs - 1].rstrip()}…"


def one_line(text: str) -> str:
    """Return the text in composed characters with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _first(texts: Sequence[str]) -> str:
    return texts[0] if texts else ""


def _fitting(question: Asked, text: str) -> str:
    most = LONGEST[question.kind]
    if len(text) > most:
        raise Refused(
            _("Use at most %(max)d characters for “%(name)s”", max=most, name=short(question.label))
        )
    return text


def _short_text(question: Asked, texts: Sequence[str]) -> str:
    return _fitting(question, one_line(_first(texts)))


def _long_text(question: Asked, texts: Sequence[str]) -> str:
    text = unicodedata.normalize("NFC", _first(texts))
    return _fitting(question, text.replace("\r\n", "\n").replace("\r", "\n").strip())


def _email(question: Asked, texts: Sequence[str]) -> str:
    text = _fitting(question, one_line(_first(texts)))
    if not text:
        return ""
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except (EmailNotValidError, ValueError):
        raise Refused(_("Enter an email address like name@example.org")) from None
    return found.ascii_email or ""


def _phone(question: Asked, texts: Sequence[str]) -> str:
    text = _fitting(question, one_line(_first(texts)))
    digits = sum(sign.isdecimal() for sign in text)
    if text and not (_PHONE.fullmatch(text) and 5 <= digits <= 15):
        raise Refused(_("Enter a phone number like +49 30 1234567"))
    return text


def _number(question: Asked, texts: Sequence[str]) -> str:
    text = _fitting(question, one_line(_first(texts)).replace(" ", ""))
    if not text:
        return ""
    if not text.isascii() or not re.fullmatch(r"[+-]?\d+([.,]\d+)?", text):
        raise Refused(_("Enter a number such as 12 or 2.5"))
    try:
        number = Decimal(text.replace(",", ".")).normalize()
    except InvalidOperation:
        raise Refused(_("Enter a number such as 12 or 2.5")) from None
    return f"{number + 0:f}"


def _date(_question: Asked, texts: Sequence[str]) -> str:
    text = one_line(_first(texts))
    if not text:
        return ""
    for writing in _DATES if text.isascii() else ():
        try:
            day = datetime.strptime(text, writing).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
        if _EARLIEST <= day <= _LATEST:
            return day.isoformat()
    raise Refused(_("Enter the date like 7.12.2026 or 2026-12-07"))


def _yes_no(question: Asked, texts: Sequence[str]) -> str:
    text = _first(texts)
    if text not in {"", YES, NO}:
        raise Refused(_("Choose one of the answers to “%(name)s”", name=short(question.label)))
    return text


def _consent(_question: Asked, texts: Sequence[str]) -> str:
    return YES if _first(texts) not in {"", "false"} else ""


def _one_of(question: Asked, texts: Sequence[str]) -> str:
    key = _first(texts)
    _require_options(question, [key] if key else [])
    return key


def _several_of(question: Asked, texts: Sequence[str]) -> str:
    keys = {text for text in texts if text}
    _require_options(question, keys)
    return _written([key for key in question.keys if key in keys])


def _ranking(question: Asked, texts: Sequence[str]) -> str:
    keys = [text for text in texts if text]
    _require_options(question, keys)
    if len(set(keys)) < len(keys):
        raise Refused(_("Give each answer to “%(name)s” one place only", name=short(question.label)))
    return _written(keys)


def _file(_question: Asked, texts: Sequence[str]) -> str:
    return one_line(_first(texts))


def _no_answer(_question: Asked, _texts: Sequence[str]) -> str:
    return ""


def _require_options(question: Asked, keys: Collection[str]) -> None:
    if not set(keys) <= set(question.keys):
        raise Refused(_("Choose again at “%(name)s”: the answers have changed", name=short(question.label)))


def _written(keys: Sequence[str]) -> str:
    return json.dumps(keys, separators=(",", ":")) if keys else ""


_CHECKS: dict[Kind, Callable[[Asked, Sequence[str]], str]] = {
    Kind.SHORT_TEXT: _short_text,
    Kind.LONG_TEXT: _long_text,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.NUMBER: _number,
    Kind.YES_NO: _yes_no,
    Kind.ONE_OF: _one_of,
    Kind.SEVERAL_OF: _several_of,
    Kind.RANKING: _ranking,
    Kind.DATE: _date,
    Kind.FILE: _file,
    Kind.CONSENT: _consent,
}


def writings(word: str) -> set[str]:
    """Return a word as answers may keep it that hold it, such as a date or a number."""
    found = {word}
    for kind, check in ((Kind.DATE, _date), (Kind.NUMBER, _number)):
        with suppress(Refused):
            found.add(check(Asked(0, kind, ""), [word]))
    return found - {""}


# answers in words --------------------------------------------------------------------------------------


def words(question: Asked, value: str) -> str:
    """Return an answer as a person reads it."""
    if not value:
        return ""
    if question.kind in CHOOSING:
        return _in_words(question, chosen(value))
    if question.kind in {Kind.YES_NO, Kind.CONSENT}:
        return _("yes") if value == YES else _("no")
    if question.kind is Kind.DATE:
        return times.day(date.fromisoformat(value))
    return value


def _in_words(question: Asked, keys: Sequence[str]) -> str:
    found = [question.option(key) for key in keys]
    labels = [option.label for option in found if option is not None]
    if question.kind is Kind.RANKING:
        labels = [f"{place}. {label}" for place, label in enumerate(labels, 1)]
    return ", ".join(labels)


def explanation(question: Asked) -> str:
    """Return what stands below a question: help, and for how long an answer is kept."""
    return " ".join(part for part in (question.help, _kept_for(question.keep_days)) if part)


def _kept_for(days: int | None) -> str:
    if days is None:
        return ""
    if not days:
        return _("The answer is erased as soon as the meeting is over.")
    return ngettext(
        "The answer is erased %(num)s day after the meeting.",
        "The answer is erased %(num)s days after the meeting.",
        days,
    )


def choices(question: Asked) -> list[tuple[str, str]]:
    """Return value and words of every answer that can be counted."""
    if question.kind is Kind.YES_NO:
        return [(YES, _("yes")), (NO, _("no"))]
    if question.kind is Kind.CONSENT:
        return [(YES, _("agreed"))]
    return [(option.key, option.label) for option in question.options]


# building -----------------------------------------------------------------------------------------------


def options_from(text: str, present: Iterable[Option]) -> tuple[Option, ...]:
    """Read options, one in a line, with a number of places behind a bar: `Workshop A | 12`.

    A line with a known label keeps its key; any other gets a key that was never used. So a key stands for
    one label for ever. `present` are the options of all versions.
    """
    known = {option.label: option.key for option in present}
    found: dict[str, Option] = {}
    for line in text.splitlines():
        label, capacity = _option(line)
        if not label:
            continue
        if label in found:
            raise RuleBroken(_("“%(name)s” stands there twice", name=short(label)), field="options")
        key = known.setdefault(label, f"o{_next_number(known.values())}")
        found[label] = Option(key, label, capacity)
    if len(found) > MOST_OPTIONS:
        raise RuleBroken(_("Use at most %(max)d options", max=MOST_OPTIONS), field="options")
    return tuple(found.values())


def _option(line: str) -> tuple[str, int | None]:
    label, bar, places = line.rpartition("|")
    if not bar:
        return one_line(line)[:200], None
    text = places.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise RuleBroken(
            _("Behind the bar of “%(name)s”, enter a whole number", name=short(label or line)),
            field="options",
        )
    return one_line(label)[:200], int(text)


def _next_number(keys: Iterable[str]) -> int:
    return max((int(key[1:]) for key in keys), default=0) + 1


def options_text(options: Iterable[Option]) -> str:
    """Return options as an organiser types them; the reverse of `options_from`."""
    return "\n".join(
        option.label if option.capacity is None else f"{option.label} | {option.capacity}"
        for option in options
    )


def moved(order: Sequence[int], key: int, position: int) -> list[int]:
    """Return the keys with one of them moved to a position, as near as that is possible."""
    rest = [one for one in order if one != key]
    place = max(0, min(position, len(rest)))
    return [*rest[:place], key, *rest[place:]]


def misplaced(definition: Definition) -> Asked | None:
    """Find a question that stands before the one whose answer decides about it."""
    seen: set[int] = set()
    for question in definition.questions:
        if question.only_if is not None and question.only_if not in seen:
            return question
        seen.add(question.id)
    return None
