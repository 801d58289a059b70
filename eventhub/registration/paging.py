"""Forms of several pages: what was typed travels along in hidden fields, so nothing is kept of who leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import request

from eventhub.questionnaires import rules
from eventhub.questionnaires.fields import field_name
from eventhub.questionnaires.rules import Asked
from eventhub.registration.forms import RegistrationForm

ABOUT = ("name", "email", "organisation", "note", "attendance", "accepts_online", "role", "days")
NEVER_CARRIED = ("csrf_token", "once_key", "code")


@dataclass(frozen=True)
class Page:
    """A page of the form; `carried` are the names and texts of what stands on the others."""

    number: int
    of: int
    questions: Sequence[Asked]
    carried: Sequence[tuple[str, str]] = ()

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_last(self) -> bool:
        return self.number == self.of


def page_of(form: RegistrationForm, number: int = 1) -> Page:
    """Return a page of the form with what stands on the others; the first is 1."""
    if form.definition is None:
        return Page(1, 1, ())
    pages = form.definition.pages
    here = _names(form, number)
    typed = [
        (name, text)
        for name, field in form._fields.items()  # iterating yields fields, not their names here
        if name not in here and name not in NEVER_CARRIED
        for text in field.raw_data or ()
        if isinstance(text, str)
    ]
    return Page(number, len(pages), _shown(form, pages, number), typed)


def turned(form: RegistrationForm) -> Page | None:
    """Return the page to show after a form of several pages was sent; None where that is all.

    Going back asks for nothing. Going on needs the pages so far to be right; errors on later ones come later.
    """
    of = len(form.definition.pages) if form.definition else 1
    number = _number(of)
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


def wrong_page(form: RegistrationForm) -> Page:
    """Return the first page on which something is wrong, else the first of all."""
    of = len(form.definition.pages) if form.definition else 1
    return page_of(form, _first_wrong(form, of) or 1)


def _number(of: int) -> int:
    text = request.form.get("page", "")
    return (
        min(int(text), of) if text.isascii() and text.isdecimal() and 0 < len(text) < 4 and int(text) else 1
    )


def _names(form: RegistrationForm, number: int) -> set[str]:
    """Return the fields of a page: who somebody is stands on the first, the consent on the last."""
    pages = form.definition.pages if form.definition else [[]]
    names = {field_name(question.id) for question in pages[number - 1]}
    return names | set(ABOUT if number == 1 else ()) | ({"consent"} if number == len(pages) else set())


def _shown(form: RegistrationForm, pages: Sequence[Sequence[Asked]], number: int) -> list[Asked]:
    """Return the questions of a page, without those that an earlier page rules out."""
    here = pages[number - 1]
    on_this_page = {question.id for question in here}
    if form.definition is None or not form.is_submitted():
        return list(here)
    shown = rules.shown(form.definition, form.given, form.asked_as)
    if number > 1:  # the role is chosen on the first
        here = [one for one in here if not one.roles or form.asked_as in one.roles]
    return [one for one in here if one.only_if is None or one.only_if in on_this_page or one.id in shown]


def _next(form: RegistrationForm, number: int, step: int) -> int:
    """Return the next page in a direction, without those on which nothing of this person is asked."""
    pages = form.definition.pages if form.definition else [[]]
    number += step
    while 1 < number < len(pages) and _is_for_others(pages[number - 1], _shown(form, pages, number)):
        number += step
    return max(1, min(number, len(pages)))


def _is_for_others(page: Sequence[Asked], shown: Sequence[Asked]) -> bool:
    def asks(questions: Sequence[Asked]) -> bool:
        return any(one.kind not in rules.SILENT for one in questions)

    return asks(page) and not asks(shown)


def _forget_errors(form: RegistrationForm, numbers: Iterator[int] | range) -> None:
    for number in numbers:
        for name in _names(form, number) & form._fields.keys():  # as above
            form[name].errors = ()


def _first_wrong(form: RegistrationForm, last: int) -> int | None:
    return next(
        (
            number
            for number in range(1, last + 1)
            if any(form[name].errors for name in _names(form, number) if name in form)
        ),
        None,
    )
