"""Search by words in everything that lists may name, whatever accents and umlauts were typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    SQLColumnExpression,
    String,
    and_,
    cast,
    event,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from eventhub.agenda.models import Slot, SlotSpeaker, Speaker
from eventhub.editions.models import Edition, Series
from eventhub.editions.queries import is_listed
from eventhub.extensions import db
from eventhub.organisations.models import Organisation
from eventhub.web.pagination import Page, wanted_page

LONGEST_QUERY = 200
MOST_WORDS = 8
PAGE = 20

PLAIN = {
    letter: unicodedata.normalize("NFKD", letter)[0].lower()
    for letter in map(chr, range(0xC0, 0x180))
    if unicodedata.decomposition(letter) and unicodedata.normalize("NFKD", letter)[0].isascii()
} | {"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d"}
DIGRAPHS = (("ß", "ss"), ("æ", "a"), ("œ", "o"), ("ae", "a"), ("oe", "o"), ("ue", "u"))
"""Folded alike in the query and in what is searched, so „Borggraefe“ finds „Borggräfe“ and the reverse."""
_TABLE = str.maketrans(PLAIN)


def folded(text: str | None) -> str:
    """Return the text as search compares it: without case, accents, and ways to write umlauts."""
    plain = unicodedata.normalize("NFC", text or "").translate(_TABLE).lower()
    for written, compared in DIGRAPHS:
        plain = plain.replace(written, compared)
    return plain


class fold(FunctionElement[str]):  # noqa: N801  # a function in SQL
    """`folded` inside the database."""

    type = String()
    inherit_cache = True
    name = "eventhub_fold"


@compiles(fold)
def _fold(element: fold, compiler: SQLCompiler, **options: Any) -> str:
    return f"eventhub_fold({compiler.process(element.clauses, **options)})"


@compiles(fold, "postgresql")
def _fold_on_postgresql(element: fold, compiler: SQLCompiler, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    sql = f"lower(translate({inner}, '{''.join(PLAIN)}', '{''.join(PLAIN.values())}'))"
    for written, compared in DIGRAPHS:
        sql = f"replace({sql}, '{written}', '{compared}')"
    return sql


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found; a speaker has no edition, a series nothing but itself."""

    kind: str
    series_slug: str
    series_title: str
    language: str
    slug: str | None
    title: str
    text: str
    edition_number: int | None
    edition_slug: str | None
    edition_title: str | None
    start_date: date | None
    planned: str | None

    @property
    def edition_key(self) -> str:
        return str(self.edition_number) if self.edition_number is not None else str(self.edition_slug)


def words_of(query: str) -> list[str]:
    """Return the words to look for, as search compares them."""
    return [folded(word) for word in query[:LONGEST_QUERY].split()][:MOST_WORDS]


def search(query: str) -> Page[Hit]:
    """Return the page of what contains all words; series first, then editions, sessions and speakers."""
    words = words_of(query)
    found = union_all(_series(words), _editions(words), _slots(words), _speakers(words)).subquery()
    total = db.session.scalar(select(func.count()).select_from(found)) or 0 if words else 0
    number = min(max(1, wanted_page()), max(1, -(-total // PAGE)))
    if not total:
        return Page([], 1, PAGE, 0)
    columns = found.c
    rows = db.session.execute(
        select(*list(columns)[2:])
        .order_by(columns.rank, columns.start_date.desc().nulls_last(), columns.title, columns.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    return Page([Hit(*row) for row in rows], number, PAGE, total)


def _contains(words: Sequence[str], *columns: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Match rows in whose columns together every word occurs."""
    text = columns[0]
    for column in columns[1:]:
        text = text + literal(" ") + func.coalesce(column, "")
    comparable = type_coerce(fold(text), String)
    return and_(*(comparable.contains(word, autoescape=True) for word in words))


def _none(kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return an empty column of a type: the parts of a union have to agree."""
    return cast(null(), kind)


def _series(words: Sequence[str]) -> Select[*tuple[Any, ...]]:
    listed = select(Edition.id).where(Edition.series_id == Series.id, is_listed()).exists()
    return select(
        literal(1).label("rank"),
        Series.id.label("id"),
        literal("series").label("kind"),
        Series.slug.label("series_slug"),
        Series.title.label("series_title"),
        Series.language.label("language"),
        _none(String()).label("slug"),
        Series.title.label("title"),
        Series.subtitle.label("text"),
        _none(Integer()).label("edition_number"),
        _none(String()).label("edition_slug"),
        _none(String()).label("edition_title"),
        _none(Date()).label("start_date"),
        _none(String()).label("planned"),
    ).where(listed, _contains(words, Series.title, Series.subtitle, Series.description))


def _editions(words: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            literal(2),
            Edition.id,
            literal("edition"),
            Series.slug,
            Series.title,
            func.coalesce(Edition.language, Series.language),
            _none(String()),
            Edition.title,
            Edition.theme,
            Edition.number,
            Edition.slug,
            Edition.title,
            Edition.start_date,
            Edition.planned,
        )
        .join(Edition.series)
        .where(
            is_listed(),
            _contains(
                words,
                Edition.title,
                Edition.theme,
                Edition.description,
                Edition.venue_name,
                Edition.venue_city,
                Series.title,
            ),
        )
    )


def _slots(words: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            literal(3),
            Slot.id,
            literal("slot"),
            Series.slug,
            Series.title,
            func.coalesce(Slot.language, Edition.language, Series.language),
            Slot.slug,
            Slot.title,
            Slot.abstract,
            Edition.number,
            Edition.slug,
            Edition.title,
            Edition.start_date,
            Edition.planned,
        )
        .join(Slot.edition)
        .join(Edition.series)
        .where(is_listed(), _contains(words, Slot.title, Slot.abstract, Slot.kind_label))
    )


def _speakers(words: Sequence[str]) -> Select[*tuple[Any, ...]]:
    appears = (
        select(SlotSpeaker.slot_id)
        .join(SlotSpeaker.slot)
        .join(Slot.edition)
        .where(SlotSpeaker.speaker_id == Speaker.id, is_listed())
        .exists()
    )
    organisation = func.coalesce(Organisation.name, Speaker.organisation_name)
    return (
        select(
            literal(4),
            Speaker.id,
            literal("speaker"),
            Series.slug,
            Series.title,
            Series.language,
            Speaker.slug,
            Speaker.name,
            organisation,
            _none(Integer()),
            _none(String()),
            _none(String()),
            _none(Date()),
            _none(String()),
        )
        .join(Speaker.series)
        .outerjoin(Speaker.organisation)
        .where(
            appears,
            _contains(
                words, Speaker.name, Speaker.role, Speaker.about, organisation, Organisation.short_name
            ),
        )
    )


def init_app(app: Flask) -> None:
    """Teach SQLite the function; PostgreSQL has its parts."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _add_function)


def _add_function(connection: Any, _record: Any) -> None:
    connection.create_function("eventhub_fold", 1, folded, deterministic=True)
