"""Forms of several pages: what was typed travels along in hidden fields, so nothing is kept of who leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask import request
from wtforms.fields import Field

from eventhub.questionnaires import rules
from eventhub.questionnaires.fields import field_name
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Asked
from eventhub.registration.forms import PlaceForm, SlotsField, TogetherForm

Paged = PlaceForm | TogetherForm
"""A form about one person, or one with a part for each of several."""
ABOUT = ("name", "email", "organisation", "note", "attendance", "accepts_online", "role", "days")
AT_LAST = ("slots", "consent")
NEVER_CARRIED = ("csrf_token", "once_key", "code", "people")


@dataclass(frozen=True)
class Page:
    """A page of the form; `carried` are the names and texts of what stands on the others."""

    number: int
    of: int
    parts: Sequence[Sequence[Asked]]
    """The questions of this page, for each person that the form asks about."""
    carried: Sequence[tuple[str, str]] = ()

    @property
    def questions(self) -> Sequence[Asked]:
        """The questions of a form about one person."""
        return self.parts[0]

    @property
    def takes_files(self) -> bool:
        return any(one.kind is Kind.FILE for part in self.parts for one in part)

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_last(self) -> bool:
        return self.number == self.of


def page_of(form: Paged, number: int = 1) -> Page:
    """Return a page of the form with what stands on the others; the first is 1."""
    people = _people(form)
    of = _length(form)
    if of == 1:
        return Page(1, 1, [_here(person, 1) for person in people])
    return Page(number, of, [_shown(person, number) for person in people], list(_carried(form, number)))


def last_page(form: Paged) -> Page:
    """Return the last page of a form."""
    return page_of(form, _length(form))


def turned(form: Paged) -> Page | None:
    """Return the page to show after a form of several pages was sent; None where that is all.

    Going back asks for nothing. Going on needs the pages so far to be right; errors on later ones come later.
    """
    of = _length(form)
    number = _number(of, request.form.get("page", ""))
    go = request.form.get("go")
    if go == "back":
        _forget_errors(form, range(1, of + 1))
        return page_of(form, _next(form, number, -1))
    if go == "next" or number < of:
        _forget_errors(form, range(number + 1, of + 1))
        wrong = _first_wrong(form, number)
        return page_of(form, wrong or _next(form, number, 1))
    wrong = _first_wrong(form, of)
    if wrong is None and form.errors:  # at a field that nobody sees
        wrong = of
    return page_of(form, wrong) if wrong else None


def shown_again(form: Paged, number: str = "") -> Page:
    """Return a page of a form as it was typed, without a word about what is wrong or missing."""
    form.form_errors.clear()
    for part in _parts(form):
        for field in part._fields.values():  # as above
            field.errors = ()
    return page_of(form, _number(_length(form), number or request.form.get("page", "")))


def wrong_page(form: Paged) -> Page:
    """Return the first page on which something is wrong, else the first of all."""
    return page_of(form, _first_wrong(form, _length(form)) or 1)


def _people(form: Paged) -> Sequence[PlaceForm]:
    return form.parts if isinstance(form, TogetherForm) else [form]


def _parts(form: Paged) -> Sequence[Paged]:
    return [form, *form.parts] if isinstance(form, TogetherForm) else [form]


def _length(form: Paged) -> int:
    definition = _people(form)[0].definition
    return len(definition.pages) if definition else 1


def _number(of: int, text: str) -> int:
    return (
        min(int(text), of) if text.isascii() and text.isdecimal() and 0 < len(text) < 4 and int(text) else 1
    )


def _carried(form: Paged, number: int) -> Iterator[tuple[str, str]]:
    for part in _parts(form):
        here = _names(form, number)
        for name, field in part._fields.items():  # iterating yields fields, not their names here
            if name not in here and name not in NEVER_CARRIED:
                yield from _sent(field)


def _sent(field: Field) -> Iterable[tuple[str, str]]:
    if isinstance(field, SlotsField):
        return field.typed
    return ((field.name, text) for text in field.raw_data or () if isinstance(text, str))


def _names(form: Paged, number: int) -> set[str]:
    """Return the fields of a page: who somebody is stands on the first, slots and consent on the last."""
    names = {field_name(question.id) for question in _here(_people(form)[0], number)}
    if number == 1:
        names.update(ABOUT)
    if number == _length(form):
        names.update(AT_LAST)
    return names


def _here(person: PlaceForm, number: int) -> Sequence[Asked]:
    return person.definition.pages[number - 1] if person.definition else ()


def _shown(person: PlaceForm, number: int) -> list[Asked]:
    """Return the questions of a page, without those that an earlier page rules out."""
    here = list(_here(person, number))
    on_this_page = {question.id for question in here}
    if person.definition is None or person.attendance.raw_data is None:  # nothing was sent yet
        return here
    shown = rules.shown(person.definition, person.given, person.asked_as)
    if number > 1:  # the role is chosen on the first
        here = [one for one in here if not one.roles or person.asked_as in one.roles]
    return [one for one in here if one.only_if is None or one.only_if in on_this_page or one.id in shown]


def _next(form: Paged, number: int, step: int) -> int:
    """Return the next page in a direction, without those on which nothing is asked of these people."""
    of = _length(form)
    number += step
    while 1 < number < of and all(_is_for_others(person, number) for person in _people(form)):
        number += step
    return max(1, min(number, of))


def _is_for_others(person: PlaceForm, number: int) -> bool:
    def asks(questions: Iterable[Asked]) -> bool:
        return any(one.kind not in rules.SILENT for one in questions)

    return asks(_here(person, number)) and not asks(_shown(person, number))


def _forget_errors(form: Paged, numbers: Iterable[int]) -> None:
    for number in numbers:
        for part in _parts(form):
            for name in _names(form, number) & part._fields.keys():  # as above
                part[name].errors = ()
    if isinstance(form, TogetherForm):
        form.gather_errors()


def _first_wrong(form: Paged, last: int) -> int | None:
    return next(
        (
            number
            for number in range(1, last + 1)
            if any(
                part[name].errors
                for part in _parts(form)
                for name in _names(form, number) & part._fields.keys()
            )
        ),
        None,
    )
