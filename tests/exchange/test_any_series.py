"""Whatever a series looks like: export, import into an empty database, and nothing is different."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventhub.agenda.models import Kind, Room, Slot, SlotSpeaker, Speaker, SpeakerRole, Track
from eventhub.agenda.shift import set_instants
from eventhub.announcements.models import Anchor, Seen, TimedMail
from eventhub.database import transaction
from eventhub.editions.inheritance import DATES, SHARED
from eventhub.editions.models import (
    Admission,
    Edition,
    EditionOrganisation,
    EditionState,
    FormOfAddress,
    Mode,
    Part,
    Series,
    SeriesOrganisation,
    SeriesRule,
    Visibility,
)
from eventhub.editions.recurrence import Frequency
from eventhub.editions.times import span
from eventhub.exchange.service import export_series, import_file
from eventhub.extensions import db, metadata
from eventhub.groups.models import Balance, Group, Grouping, GroupingKind
from eventhub.organisations.models import Level, Organisation
from eventhub.registration.models import MailText
from eventhub.registration.own_texts import FURTHER
from tests.effort import examples

words = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
texts = st.just("") | st.text(st.characters(exclude_categories=["C"]) | st.just("\n"), max_size=60)
lines = st.just("") | words
slugs = st.from_regex(r"[a-z]{1,8}(-[a-z0-9]{1,4})?", fullmatch=True)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | words | days.map(date.isoformat),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(slugs, inner, max_size=3),
    max_leaves=6,
).filter(lambda value: value is not None)
extras = st.dictionaries(slugs.map(lambda slug: f"fact-{slug}"), plain, max_size=2)
web = st.just("") | slugs.map(lambda slug: f"https://{slug}.example.org/?a=1&b=[2]")


@st.composite
def organisations(draw: Any) -> list[Organisation]:
    return [
        Organisation(
            slug=slug,
            name=draw(words),
            short_name=draw(lines),
            level=draw(st.none() | st.sampled_from(Level)),
            city=draw(lines),
            address=draw(texts),
            url=draw(web),
            extra=draw(extras),
        )
        for slug in draw(st.lists(slugs, min_size=1, max_size=3, unique=True))
    ]


@st.composite
def all_series(draw: Any) -> tuple[Series, list[Organisation], list[Any]]:
    known = draw(organisations())
    series = Series(
        slug="any-series",
        title=draw(words),
        subtitle=draw(lines),
        description=draw(texts),
        language=draw(st.sampled_from(["de", "en"])),
        zone=draw(st.sampled_from(["Europe/Berlin", "America/New_York"])),
        form_of_address=draw(st.sampled_from(FormOfAddress)),
        contact_name=draw(lines),
        contact_email=draw(st.sampled_from(["", "lab@example.org"])),
        contact_organisation=draw(st.none() | st.sampled_from(known)),
        brand_hue=draw(st.none() | st.integers(0, 360)),
        default_mode=draw(st.none() | st.sampled_from(Mode)),
        default_capacity=draw(st.none() | st.integers(1, 500)),
        default_closes_hours=draw(st.integers(0, 48)),
        frees_declined=draw(st.booleans()),
        default_admission=draw(st.sampled_from(Admission)),
        erase_after_days=draw(st.integers(1, 3650)),
        is_example=draw(st.booleans()),
        extra=draw(extras),
        organisation_links=[
            SeriesOrganisation(organisation=one, position=at)
            for at, one in enumerate(draw(st.lists(st.sampled_from(known), max_size=2, unique=True)))
        ],
    )
    people = [draw(speakers(series, slug, known)) for slug in draw(st.lists(slugs, max_size=3, unique=True))]
    numbers = draw(st.lists(st.integers(0, 99), max_size=3, unique=True))
    parts = [draw(editions(series, number, known, people)) for number in numbers]
    rule = draw(st.none() | rules(series))
    rows = [
        *people,
        *([rule] if rule else []),
        *draw(mails()),
        *(row for several in parts for row in several),
    ]
    return series, known, rows


@st.composite
def mails(draw: Any) -> list[Any]:
    """Draw own words and timed mails; their series is known when it has its key."""
    subjects = words.filter(lambda text: "{" not in text)
    bodies = subjects | st.just("Hello {series},\n\n- **{series}**")
    kinds = draw(
        st.sets(st.tuples(st.sampled_from(list(FURTHER)), st.sampled_from(["de", "en"])), max_size=3)
    )
    texts = [
        MailText(kind=kind, language=spoken, subject=draw(st.just("") | subjects), body=draw(bodies))
        for kind, spoken in sorted(kinds)
    ]
    return texts + [
        TimedMail(
            anchor=(anchor := draw(st.sampled_from(Anchor))),
            hours=draw(st.integers(0, 2160)),
            seen=draw(st.none() | st.sampled_from(Seen)) if anchor is Anchor.AFTER_END else None,
            subject_de=draw(subjects),
            body_de=draw(bodies),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]


@st.composite
def rules(draw: Any, series: Series) -> SeriesRule:
    first = draw(days)
    start = draw(st.none() | st.just(time(9, 30)))
    return SeriesRule(
        series=series,
        frequency=draw(st.sampled_from(Frequency)),
        every=draw(st.integers(1, 52)),
        day_of_week=draw(st.integers(0, 6)),
        week=draw(st.sampled_from([1, 2, 3, 4, 5, -1])),
        from_day=first,
        until=draw(st.none() | st.just(first + timedelta(days=400))),
        holidays_of=draw(st.sampled_from(["", "BE", "HE"])),
        left_out=[day.isoformat() for day in draw(st.lists(days, max_size=2))],
        start_time=start,
        end_time=draw(st.none() | st.just(time(17, 45))) if start else None,
        nights=draw(st.integers(0, 2)),
        ahead=draw(st.integers(1, 24)),
        made_through=draw(st.none() | days),
    )


@st.composite
def speakers(draw: Any, series: Series, slug: str, known: list[Organisation]) -> Speaker:
    organisation = draw(st.none() | st.sampled_from(known))
    return Speaker(
        series=series,
        slug=slug,
        name=draw(words),
        title=draw(lines),
        given_name=draw(lines),
        family_name=draw(lines),
        role=draw(lines),
        about=draw(texts),
        organisation=organisation,
        organisation_name="" if organisation else draw(st.sampled_from(["", "A Place Without a Row"])),
        extra=draw(extras),
    )


@st.composite
def editions(
    draw: Any, series: Series, number: int, known: list[Organisation], people: list[Speaker]
) -> list[Any]:
    start = draw(st.none() | days)
    end = start + timedelta(days=draw(st.integers(0, 3))) if start and draw(st.booleans()) else None
    reconfirm = draw(st.none() | st.integers(1, 60))
    row = Edition(
        series=series,
        number=number,
        slug=draw(st.none() | st.just(f"edition-{number}")),
        calendar_uid=f"uid-{number}",
        title=draw(words),
        theme=draw(texts),
        description=draw(texts),
        language=draw(st.none() | st.sampled_from(["de", "en"])),
        zone=draw(st.sampled_from([series.zone, "UTC"])),
        start_date=start,
        end_date=end,
        start_time=draw(st.none() | st.just(time(9, 30))),
        end_time=draw(st.none() | st.just(time(17, 45))),
        date_inferred=bool(start) and draw(st.booleans()),
        date_as_published=draw(lines),
        planned=draw(st.sampled_from(["", "2027-05", "in autumn"])),
        mode=draw(st.none() | st.sampled_from(Mode)),
        venue_name=draw(lines),
        venue_address=draw(texts),
        venue_city=draw(lines),
        venue_directions=draw(texts),
        venue_access=draw(texts),
        join_url=draw(web),
        join_details=draw(texts),
        capacity=draw(st.none() | st.integers(1, 500)),
        takes_registrations=draw(st.booleans()),
        registration_opens_at=draw(st.none() | st.just(datetime(2024, 10, 27, 1, 30, tzinfo=UTC))),
        registration_closes_at=draw(st.none() | st.just(datetime(2025, 1, 2, 3, 4, tzinfo=UTC))),
        admission=draw(st.sampled_from(Admission)),
        reconfirm_days=reconfirm,
        release_days=draw(st.none() if reconfirm in {None, 1} else st.integers(1, reconfirm - 1)),
        visibility=draw(st.sampled_from(Visibility)),
        state=draw(st.sampled_from(EditionState)),
        state_reason=draw(texts),
        is_example=draw(st.booleans()),
        extra=draw(extras),
        own_fields=sorted(draw(st.sets(st.sampled_from((*SHARED, *DATES)), max_size=4))),
        organisation_links=[
            EditionOrganisation(organisation=one, part=part, position=at)
            for part in Part
            for at, one in enumerate(draw(st.lists(st.sampled_from(known), max_size=2, unique=True)))
        ],
    )
    row.starts_at, row.ends_at = span(row.zone, row.start_date, row.start_time, row.end_date, row.end_time)
    return [row, *draw(programmes(row, number, known, people))]


@st.composite
def programmes(
    draw: Any, edition: Edition, number: int, known: list[Organisation], people: list[Speaker]
) -> list[Any]:
    rooms = [
        {"name": name, "capacity": draw(st.none() | st.integers(1, 90)), "position": draw(st.integers(0, 3))}
        for name in draw(st.lists(words, max_size=2, unique=True))
    ]
    tracks = [
        {"slug": slug, "name": f"{slug} {draw(words)}", "position": draw(st.integers(0, 3))}
        for slug in draw(st.lists(slugs, max_size=2, unique=True))
    ]
    slots = [
        draw(programme_slots(edition, known, people, rooms, tracks)) for _ in range(draw(st.integers(0, 5)))
    ]
    titles = draw(st.lists(words, max_size=2, unique_by=str.casefold))
    divisions = [draw(groupings(title, rooms) | teams(title)) for title in titles]
    parts = (rooms, tracks, slots, divisions)
    return [(edition, number, *parts)] if any(parts) else []


@st.composite
def groupings(draw: Any, title: str, rooms: list[Any]) -> dict[str, Any]:
    names = draw(st.lists(words, min_size=1, max_size=3, unique_by=str.casefold))
    places = st.none() | st.sampled_from(rooms) if rooms else st.none()
    return {
        "title": title,
        "seed": 1,
        "balance": draw(st.none() | st.sampled_from(sorted(set(Balance) - {Balance.QUESTION}))),
        "most_of_one": draw(st.none() | st.integers(1, 9)),
        "asks_companions": draw(st.booleans()),
        "groups": [{"name": name, "link": draw(web), "room": draw(places)} for name in names],
    }


@st.composite
def teams(draw: Any, title: str) -> dict[str, Any]:
    capacity = draw(st.integers(1, 20))
    topics = draw(st.lists(words, min_size=1, max_size=3, unique_by=str.casefold))
    return {
        "title": title,
        "kind": GroupingKind.OPEN,
        "capacity": capacity,
        "results_public": draw(st.booleans()),
        "groups": [{"name": topic, "topic": topic, "capacity": capacity, "room": None} for topic in topics],
    }


@st.composite
def programme_slots(
    draw: Any,
    edition: Edition,
    known: list[Organisation],
    people: list[Speaker],
    rooms: list[Any],
    tracks: list[Any],
) -> dict[str, Any]:
    first = edition.start_date
    day = first + timedelta(days=draw(st.integers(0, 2))) if first and draw(st.booleans()) else None
    start = draw(st.none() | clocks.filter(lambda at: at.hour not in (1, 2, 3) and at.hour < 20))
    end = start.replace(hour=start.hour + 1) if start and draw(st.booleans()) else None
    speaking = draw(st.lists(st.sampled_from(people), max_size=2, unique=True)) if people else []
    return {
        "title": draw(words | st.sampled_from(["Break", "Welcome"])),
        "abstract": draw(texts),
        "kind": draw(st.sampled_from(Kind)),
        "kind_label": draw(st.sampled_from(["", "Vortrag", "Planspiel", "workshop", "Fishbowl"])),
        "position": draw(st.integers(0, 4)),
        "day": day,
        "start_time": start,
        "end_time": end,
        "parallel": draw(st.booleans()),
        "language": draw(st.none() | st.just("en")),
        "level": draw(lines),
        "cancelled": draw(st.booleans()),
        "extra": draw(extras),
        "organisation": draw(st.none() | st.sampled_from(known)),
        "room": draw(st.none() | st.sampled_from(rooms)) if rooms else None,
        "track": draw(st.none() | st.sampled_from(tracks)) if tracks else None,
        "people": [(one, draw(st.sampled_from(SpeakerRole))) for one in speaking],
        "parts": draw(st.lists(words, max_size=2)),
    }


def store(series: Series, known: list[Organisation], rows: list[Any]) -> None:
    """Put a drawn series into the database; programmes are made here, where their editions have keys."""
    mailed = [row for row in rows if isinstance(row, MailText | TimedMail)]
    db.session.add_all(
        [*known, series, *(row for row in rows if row not in mailed and not isinstance(row, tuple))]
    )
    db.session.flush()
    for row in mailed:
        row.series_id = series.id
    db.session.add_all(mailed)
    for row in rows:
        if isinstance(row, tuple):
            _store_programme(*row)


def _store_programme(
    edition: Edition, number: int, rooms: Any, tracks: Any, slots: Any, divisions: Any
) -> None:
    room_rows = {one["name"]: Room(edition_id=edition.id, **one) for one in rooms}
    track_rows = {one["slug"]: Track(edition_id=edition.id, extra={}, **one) for one in tracks}
    db.session.add_all([*room_rows.values(), *track_rows.values()])
    for one in divisions:
        groups = [Group(**group, position=at) for at, group in enumerate(_in_rooms(one["groups"], room_rows))]
        db.session.add(Grouping(edition_id=edition.id, **one | {"groups": groups}))
    for at, one in enumerate(slots):
        one = dict(one)  # noqa: PLW2901
        people, parts = one.pop("people"), one.pop("parts")
        room, track = one.pop("room"), one.pop("track")
        row = Slot(
            edition_id=edition.id,
            slug=f"slot-{at}",
            calendar_uid=f"slot-{number}-{at}",
            room=room_rows[room["name"]] if room else None,
            track=track_rows[track["slug"]] if track else None,
            speaker_links=[
                SlotSpeaker(speaker=who, role=role, position=n) for n, (who, role) in enumerate(people)
            ],
            **one,
        )
        set_instants(row, edition.zone)
        db.session.add(row)
        db.session.flush()
        db.session.add_all(
            Slot(
                edition_id=edition.id,
                parent_id=row.id,
                slug=f"slot-{at}-{n}",
                calendar_uid=f"part-{number}-{at}-{n}",
                title=title,
                day=row.day,
                position=n,
                track=row.track,
                extra={},
            )
            for n, title in enumerate(parts)
        )
    db.session.flush()


def _in_rooms(groups: list[dict[str, Any]], rooms: dict[str, Room]) -> list[dict[str, Any]]:
    return [one | {"room": rooms[one["room"]["name"]] if one["room"] else None} for one in groups]


MADE_ANEW = frozenset(
    {"id", "created_at", "updated_at", "changed_at", "published_at", "calendar_uid", "version", "sequence"}
    | {"seed"}
)


def picture(text: str) -> list[Any]:
    """Return all that the database says of a series, without keys and what an import makes anew."""
    named = yaml.safe_load(text).get("organisations", {})
    found = [_values(row) for row in db.session.scalars(select(Organisation)) if row.slug in named]
    for model in (
        *(Series, SeriesRule, MailText, TimedMail),
        *(Speaker, Edition, Room, Track, Slot, SlotSpeaker, Grouping, Group),
    ):
        found.extend(_values(row) for row in db.session.scalars(select(model)))
    return sorted(found)


def _values(row: Any) -> tuple[str, ...]:
    columns = [column.key for column in row.__table__.columns if not column.foreign_keys]
    # of these only the order counts, which the text shows
    unordered = isinstance(row, Room | Track | SlotSpeaker | Group)
    plain_columns = set(columns) - MADE_ANEW - {"extra"} - ({"position"} if unordered else set())
    extra = {key: value for key, value in (getattr(row, "extra", None) or {}).items() if key != "_file"}
    values = [f"{name}={getattr(row, name)!r}" for name in sorted(plain_columns)]
    return (type(row).__name__, *values, json.dumps(extra, sort_keys=True))


def empty_the_database() -> None:
    with transaction():
        for table in reversed(metadata.sorted_tables):
            if table.name != "content_revision":
                db.session.execute(table.delete())


@pytest.mark.slow
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=st.data())
def test_export_and_import_into_an_empty_database_is_the_same(
    here: Flask, tmp_path: Path, drawn: Any
) -> None:
    path = tmp_path / "any.yaml"
    empty_the_database()
    with transaction():
        store(*drawn.draw(all_series()))
    text = export_series("any-series")
    before = picture(text)
    path.write_text(text, encoding="utf-8")
    with transaction():
        assert import_file(path).unchanged
    empty_the_database()
    with transaction():
        import_file(path)
    assert export_series("any-series") == text
    assert picture(text) == before
    with transaction():
        assert import_file(path).unchanged
