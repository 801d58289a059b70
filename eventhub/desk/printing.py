"""What organisers print for the day: badges, name cards, sign-in sheets, signs for the rooms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.agenda.choices import slot_of
from eventhub.agenda.queries import people_by_slot
from eventhub.desk import answers, print_queries
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.models import Edition
from eventhub.organisations.roles import Capability
from eventhub.questionnaires.models import Purpose
from eventhub.registration import tickets
from eventhub.registration.choices import role_title
from eventhub.registration.days import away_on
from eventhub.registration.models import Registration
from eventhub.signups import queries as signups
from eventhub.web.documents import can_make_documents, download
from eventhub.web.forms import is_key
from eventhub.web.languages import gettext as _

EMPTY_LINES = 12
"""Lines of a sign-in sheet for people who come without having registered."""
FOR_THE_VENUE = frozenset({Purpose.ACCESS, Purpose.DIET})
"""What the venue has to know; who needs it stays with the organisers."""
MOST = 1500
"""People in one file; a thousand badges take a minute."""


@dataclass(frozen=True, slots=True)
class Size:
    """A format that printers and stationers have."""

    key: str
    words: str
    on_sheet: int = 1
    """How many fit on one sheet of paper."""


@dataclass(frozen=True, slots=True)
class Print:
    """One kind of printed matter."""

    key: str
    title: str
    words: str
    sizes: Sequence[Size]
    content: Callable[[Edition, Size], Mapping[str, Any]]
    in_parts: bool = False
    """It holds something for each person, so many people need several files."""


@dataclass(frozen=True, slots=True)
class Part:
    """The people of one file, by their place in the order of surnames."""

    number: int
    first: int
    last: int

    @property
    def words(self) -> str:
        return _("people %(first)s to %(last)s by surname", first=self.first, last=self.last)


@dataclass(frozen=True, slots=True)
class NameTag:
    """What a badge or a card says of somebody."""

    name: str
    organisation: str
    role: str
    code: str
    ticket: str
    length: str
    """How large the name may be: `short`, `middle` or `long`."""


def kinds() -> dict[str, Print]:
    """Return everything that can be printed, in the language that is spoken now."""
    badges = [
        Size("90x54", _("Cards 90 × 54 mm, 10 on A4"), 10),
        Size("80x50", _("Labels 80 × 50 mm, 10 on A4"), 10),
        Size("a6", _("A6 for lanyards, 4 on A4"), 4),
        Size("label", _("Label printer, 100 × 62 mm")),
    ]
    cards = [
        Size("half", _("210 × 74 mm folded, 2 on A4"), 2),
        Size("a4", _("A4 across, folded in the middle"), 1),
    ]
    signs = [Size("a4", _("A4 across")), Size("a3", _("A3 across"))]
    return {
        "badges": Print(
            "badges",
            _("Badges"),
            _("Name, organisation, role and ticket code."),
            badges,
            _name_tags,
            in_parts=True,
        ),
        "cards": Print(
            "cards",
            _("Name cards for tables"),
            _("To fold, readable from both sides."),
            cards,
            _name_tags,
            in_parts=True,
        ),
        "lists": Print(
            "lists",
            _("Sign-in sheets"),
            _("By surname, with a column to sign for each day and lines for walk-ins."),
            [Size("a4", _("A4 upright"))],
            _sign_in,
        ),
        "signs": Print(
            "signs",
            _("Signs for the rooms"),
            _("What takes place in each room, a sheet for each day."),
            signs,
            _signs,
        ),
        "needs": Print(
            "needs",
            _("Needs, for the venue"),
            _("Access and food of those who come, counted and without names."),
            [Size("a4", _("A4 upright"))],
            _needs,
        ),
    }


@pages.get("/<series>/<edition>/print/")
@needs(Capability.PEOPLE)
def printing(series: str, edition: str) -> ResponseReturnValue:
    """Offer everything that can be printed."""
    found = found_edition(series, edition)
    return render_template(
        "desk/print/choose.html",
        edition=found,
        kinds=kinds().values(),
        as_files=can_make_documents(),
        people_in_parts=parts_of(print_queries.number_coming_to(found)),
        sessions=list(signups.listed(found.id).values()),
    )


@pages.get("/<series>/<edition>/print/<kind>")
@needs(Capability.PEOPLE)
def print_page(series: str, edition: str, kind: str) -> ResponseReturnValue:
    """Show a document as a page, which the browser prints."""
    found = found_edition(series, edition)
    return _drawn(found, _kind(kind), preview=True)


@pages.get("/<series>/<edition>/print/<kind>.pdf")
@needs(Capability.PEOPLE)
def print_file(series: str, edition: str, kind: str) -> ResponseReturnValue:
    """Hand out the same as PDF; where nothing makes PDF files, the page says so."""
    found, wanted = found_edition(series, edition), _kind(kind)
    if not can_make_documents():
        return _drawn(found, wanted, preview=True)
    part = request.args.get("part", "")
    name = "-".join((found.series.slug, found.key, wanted.key, *([part] if is_key(part) else [])))
    return download(_drawn(found, wanted, preview=False), name)


def _kind(key: str) -> Print:
    return kinds().get(key) or abort(404)


def _drawn(edition: Edition, kind: Print, *, preview: bool) -> str:
    size = next((one for one in kind.sizes if one.key == request.args.get("size")), kind.sizes[0])
    return render_template(
        f"desk/print/{kind.key}.html",
        edition=edition,
        kind=kind,
        size=size,
        preview=preview,
        as_files=can_make_documents(),
        **kind.content(edition, size),
    )


def _name_tags(edition: Edition, size: Size) -> dict[str, Any]:
    people = print_queries.coming_to(edition)
    parts = parts_of(len(people))
    wanted = request.args.get("part", "1")
    part = next((one for one in parts if str(one.number) == wanted), None) or abort(404)
    tags = [_name_tag(one) for one in people[part.first - 1 : part.last]]
    return {"sheets": list(_sheets(tags, size.on_sheet)), "parts": parts, "part": part}


def parts_of(people: int) -> list[Part]:
    """Divide people into files that can be made in time; a few, or nobody, are in one."""
    starts = range(0, max(people, 1), MOST)
    return [Part(number, start + 1, min(start + MOST, people)) for number, start in enumerate(starts, 1)]


def _sheets(tags: Sequence[NameTag], on_sheet: int) -> Sequence[Sequence[NameTag]]:
    return [tags[start : start + on_sheet] for start in range(0, len(tags), on_sheet)]


def _name_tag(one: Registration) -> NameTag:
    return NameTag(
        name=one.name,
        organisation=one.organisation,
        role=role_title(one.role) if one.role else "",
        code=one.code,
        ticket=tickets.drawing(tickets.text_of(one)),
        length=length_of(one.name),
    )


def length_of(name: str) -> str:
    """Say how large a name may be printed, by its longest word and by all of it."""
    longest, whole = max((len(word) for word in name.split()), default=0), len(name)
    if longest <= 10 and whole <= 20:
        return "short"
    return "middle" if longest <= 16 and whole <= 34 else "long"


def _sign_in(edition: Edition, _size: Size) -> dict[str, Any]:
    wanted = request.args.get("slot", "")
    slot = slot_of(edition, wanted) if wanted else None
    if wanted and slot is None:
        abort(404)
    days = [slot.day] if slot is not None and slot.day else print_queries.dates_of(edition)
    return {
        "slot": slot,
        "people": print_queries.coming_to(edition, slot),
        "days": [(day, away_on(edition, day)) for day in days],
        "empty_lines": EMPTY_LINES,
    }


def _signs(edition: Edition, _size: Size) -> dict[str, Any]:
    return {"rooms": list(print_queries.room_days(edition)), "people": people_by_slot(edition.id)}


def _needs(edition: Edition, _size: Size) -> dict[str, Any]:
    people = [one.id for one in print_queries.coming_to(edition)]
    questions = [one for one in answers.questions_of(edition) if one.question.purpose in FOR_THE_VENUE]
    texts = answers.texts_of(people, questions) if questions else {}
    counts = {
        one: Counter(found[one.key] for found in texts.values() if found.get(one.key)) for one in questions
    }
    return {"counts": counts, "people": len(people)}
