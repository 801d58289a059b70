"""The four files of real data: nothing invented, nothing lost, nothing done twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy import event, func, select

from eventhub.agenda.models import Kind, Slot, Track
from eventhub.database import current_revision, transaction
from eventhub.editions.models import Edition, EditionState, Mode, Series
from eventhub.exchange.service import export_series, import_file
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry

FILES = {
    "series": "labcamp",
    "kosi-lab": "kosi-lab",
    "lab-of-the-labs": "lab-of-the-labs",
    "innovationswerkstatt": "innovationswerkstatt",
}


@pytest.fixture
def labcamp(shared: Path) -> Path:
    return shared / "data" / "labcamp"


@pytest.fixture
def imported(here: Flask, labcamp: Path) -> None:
    with transaction():
        for name in FILES:
            import_file(labcamp / f"{name}.yaml")


@contextmanager
def written_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SELECT", "BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def edition(series: str, key: str) -> Edition:
    named = Edition.number == int(key) if key.isdecimal() else Edition.slug == key
    found = db.session.scalar(select(Edition).join(Edition.series).where(Series.slug == series, named))
    assert found is not None
    return found


def slots(one: Edition) -> list[Slot]:
    return list(
        db.session.scalars(
            select(Slot).where(Slot.edition_id == one.id, Slot.parent_id.is_(None)).order_by(Slot.id)
        )
    )


@pytest.mark.both_databases
@pytest.mark.parametrize("name", FILES)
def test_an_export_gives_back_the_data_of_the_file(imported: None, labcamp: Path, name: str) -> None:
    exported = export_series(FILES[name])
    original = yaml.safe_load((labcamp / f"{name}.yaml").read_text(encoding="utf-8"))
    again = yaml.safe_load(exported)
    assert again == original
    assert list(again) == list(original)


@pytest.mark.parametrize("name", FILES)
def test_a_second_import_writes_nothing(
    here: Flask, imported: None, labcamp: Path, tmp_path: Path, name: str
) -> None:
    exported = tmp_path / "exported.yaml"
    exported.write_text(export_series(FILES[name]), encoding="utf-8")
    revision, entries = current_revision(here, 0), db.session.scalar(select(func.count(HistoryEntry.id)))
    with written_statements() as statements:
        for path in (labcamp / f"{name}.yaml", exported):
            with transaction():
                report = import_file(path)
            assert report.unchanged
            assert "unchanged" in report.words()
    assert statements == []
    assert current_revision(here, 0) == revision
    assert db.session.scalar(select(func.count(HistoryEntry.id))) == entries


def test_an_export_into_an_empty_database_is_the_same(
    imported: None, empty_app: Flask, tmp_path: Path
) -> None:
    texts = {slug: export_series(slug) for slug in FILES.values()}
    with empty_app.app_context():
        for slug, text in texts.items():
            path = tmp_path / f"{slug}.yaml"
            path.write_text(text, encoding="utf-8")
            with transaction():
                import_file(path)
            assert export_series(slug) == text


@pytest.mark.parametrize("number", ["3", "6", "7", "8", "9"])
def test_what_is_not_known_stays_empty(imported: None, number: str) -> None:
    one = edition("labcamp", number)
    values = [one.start_date, one.end_date, one.start_time, one.starts_at, one.mode, one.capacity, one.theme]
    assert not any(values)
    assert (one.planned, one.date_as_published, one.venue_name) == ("", "", "")
    assert one.state is EditionState.PUBLISHED
    assert not one.takes_registrations
    assert not slots(one)


def test_a_month_stays_a_month(imported: None) -> None:
    one = edition("labcamp", "1")
    assert (one.start_date, one.planned, one.date_as_published) == (None, "2020-05", "Mai 2020")
    assert one.state is EditionState.COMPLETED
    assert [host.slug for host in one.hosts] == ["citylab-berlin", "politics-for-tomorrow"]
    assert [supporter.slug for supporter in one.supporters] == ["pg-dit", "next-ev"]


def test_a_concluded_date_is_marked_as_such(imported: None) -> None:
    one = edition("labcamp", "5")
    assert (one.start_date, one.date_inferred, one.date_as_published) == (date(2021, 12, 7), True, "07.12.")
    assert (one.start_time, one.end_time) == (time(15), time(18))
    assert [slot.day for slot in slots(one)] == [None, None, None]
    assert [link.speaker.name for slot in slots(one) for link in slot.speaker_links] == [
        "Dr. Julia Borggräfe",
        "Sascha Stutzenberger",
        "Jan Seifert",
    ]


def test_meetings_of_a_project_get_no_numbers(imported: None) -> None:
    found = db.session.scalars(select(Edition).join(Edition.series).where(Series.slug == "kosi-lab")).all()
    assert [one.number for one in found] == [None, None, None]
    assert {one.mode for one in found} == {Mode.ON_SITE}


def test_two_days_keep_an_open_order(imported: None) -> None:
    programme = slots(edition("kosi-lab", "kosi-lab-fortbildung-2019"))
    assert [(slot.day.day if slot.day else None, slot.position) for slot in programme] == [
        (13, 1),
        (13, 2),
        (13, 3),
        (14, 1),
        (14, 1),
        (14, 2),
        (14, 3),
    ]
    assert [slot.kind for slot in programme[3:]] == [Kind.EXCURSION, Kind.EXCURSION, Kind.GAME, Kind.GAME]
    parts = db.session.scalars(select(Slot.title).where(Slot.parent_id == programme[2].id)).all()
    assert len(parts) == 4


def test_parts_of_a_day_become_tracks(imported: None) -> None:
    one = edition("kosi-lab", "kosi-lab-abschluss-2019")
    tracks = db.session.scalars(
        select(Track).where(Track.edition_id == one.id).order_by(Track.position)
    ).all()
    assert [track.slug for track in tracks] == ["werkstatt-4", "abschlusskonferenz"]
    assert tracks[1].extra["moderation"] == ["christoph-kaletka"]
    reception = slots(one)[0]
    assert reception.starts_at is not None
    assert reception.starts_at.isoformat() == "2019-04-02T07:30:00+00:00"


def test_related_meetings_become_series_of_one(imported: None) -> None:
    one = edition("wirvsvirus", "wirvsvirus")
    assert one.series.related_to_id == edition("innovationswerkstatt", "5").series_id
    assert (one.number, one.start_date, one.end_date) == (None, date(2020, 3, 20), date(2020, 3, 22))
    assert one.extra["numbers"]["registrations"]["value"] == 42968
    assert edition("innovationswerkstatt", "2").title == "Innovationswerkstatt 2"


def test_a_related_meeting_can_be_exported_by_itself(
    imported: None, empty_app: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "alone.yaml"
    path.write_text(export_series("wirvsvirus"), encoding="utf-8")
    with empty_app.app_context():
        with transaction():
            import_file(path)
        assert edition("wirvsvirus", "wirvsvirus").extra["duration_hours"] == 48


def test_every_slug_of_a_slot_comes_from_its_title(imported: None) -> None:
    assert [slot.slug for slot in slots(edition("labcamp", "10"))][:2] == [
        "fuehrung-und-umsetzung-im-oeffentlichen-sektor",
        "labcamp-highlights-aus-vier-jahren",
    ]
