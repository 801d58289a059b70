"""What ships, and the commands around it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from flask import Flask
from sqlalchemy import select

from eventhub.agenda.models import Slot, Speaker
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.exchange.cli import series_commands
from eventhub.exchange.dates import tuesday_after
from eventhub.exchange.service import SAMPLES, export_series, load_samples
from eventhub.extensions import db
from tests.conftest import FrozenClock

MEETING = (
    "series: {slug: meeting, title: Meeting, timezone: Europe/Berlin}\n"
    "editions:\n"
    "  - {number: 1, title: First}\n"
)


def example() -> Edition:
    return db.session.scalars(select(Edition).where(Edition.is_example)).one()


def test_a_newcomer_finds_a_series_with_an_example_to_register_for(here: Flask, clock: FrozenClock) -> None:
    with transaction():
        found = load_samples()
    assert [(series.slug, len(series.editions)) for series in found] == [("kosi-lab", 1), ("labcamp", 11)]
    assert all(series.organisations for series in found)
    one = example()
    assert "Beispiel" in one.title
    assert (one.state, one.takes_registrations, one.capacity) == (EditionState.PUBLISHED, True, 60)
    assert one.start_date == date(2026, 5, 5)
    assert one.starts_at == datetime(2026, 5, 5, 13, tzinfo=UTC)
    assert one.ends_at == datetime(2026, 5, 5, 16, tzinfo=UTC)
    assert one.join_url.startswith("https://meet.example.org/")
    slots = db.session.scalars(select(Slot).where(Slot.edition_id == one.id)).all()
    assert all(slot.starts_at and slot.ends_at for slot in slots)
    assert len({slot.starts_at for slot in slots}) == len(slots) - 1


def test_invented_people_are_marked(here: Flask) -> None:
    with transaction():
        load_samples()
    one = example()
    people = db.session.scalars(
        select(Speaker).where(Speaker.slug.in_(["erika-beispiel", "max-muster"]))
    ).all()
    assert len(people) == 2
    assert all("erfunden" in person.name for person in people)
    assert "erfunden" in one.description


def test_samples_can_be_exported_and_are_then_ordinary_files(
    here: Flask, tmp_path: Path, clock: FrozenClock
) -> None:
    with transaction():
        load_samples()
    path = tmp_path / "labcamp.yaml"
    path.write_text(export_series("labcamp"), encoding="utf-8")
    result = here.test_cli_runner().invoke(series_commands, ["import", str(path)])
    assert result.output == "labcamp.yaml: unchanged\n"
    clock.advance(timedelta(days=30))
    assert yaml.safe_load(export_series("labcamp"))["editions"][10]["date"] == {"start": date(2026, 5, 5)}


@pytest.mark.parametrize("day", range(1, 8))
def test_the_example_is_always_on_a_tuesday(day: int) -> None:
    found = tuesday_after(date(2026, 6, day))
    assert found.weekday() == 1
    assert 0 <= (found - date(2026, 6, day)).days < 7


def test_samples_share_no_sentence_with_the_data_they_come_from(shared: Path) -> None:
    theirs = _sentences((shared / "data" / "labcamp").glob("*.yaml"))
    assert theirs
    assert {text for text in _sentences(SAMPLES.glob("*.yaml")) & theirs if len(text.split()) > 4} == set()


def _sentences(paths: Iterable[Path]) -> set[str]:
    return {text for path in paths for edition in _editions(path) for text in _summaries(edition)}


def _editions(path: Path) -> list[object]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    editions: list[object] = found.get("editions") or found.get("events")
    return editions


def _summaries(value: object) -> set[str]:
    if isinstance(value, dict):
        texts = {str(value["summary"])} if value.get("summary") else set()
        return texts.union(*(_summaries(one) for one in value.values()))
    return set().union(*(_summaries(one) for one in value)) if isinstance(value, list) else set()


def test_the_commands_say_what_they_did(here: Flask, tmp_path: Path) -> None:
    path = tmp_path / "meeting.yaml"
    path.write_text(MEETING, encoding="utf-8")
    run = here.test_cli_runner().invoke
    assert run(series_commands, ["import", str(path)]).output == (
        "meeting.yaml: 1 series, 1 editions created\n"
    )
    exported = run(series_commands, ["export", "meeting"])
    assert yaml.safe_load(exported.output) == yaml.safe_load(MEETING)
    path.write_text(MEETING.replace("title: First", "title: Second"), encoding="utf-8")
    assert run(series_commands, ["import", str(path)]).output == "meeting.yaml: 1 editions changed\n"
    refused = run(series_commands, ["export", "nothing"])
    assert refused.exit_code == 1
    assert "There is no series “nothing”." in refused.output


def test_one_broken_file_among_several_changes_nothing(here: Flask, tmp_path: Path) -> None:
    good, broken = tmp_path / "good.yaml", tmp_path / "broken.yaml"
    good.write_text(MEETING, encoding="utf-8")
    broken.write_text(MEETING.replace("slug: meeting", "slug: other").replace("number: 1", "number: -1"))
    result = here.test_cli_runner().invoke(series_commands, ["import", str(good), str(broken)])
    assert result.exit_code == 1
    assert result.output.startswith("broken.yaml, line 3, editions[1].number: must be a whole number")
    assert db.session.scalars(select(Series)).all() == []


def test_somebody_can_be_put_in_charge_of_an_imported_series(here: Flask, tmp_path: Path) -> None:
    path = tmp_path / "meeting.yaml"
    path.write_text(
        MEETING.replace("editions:", "organisations:\n  lab: {name: Lab}\neditions:"), encoding="utf-8"
    )
    run = here.test_cli_runner().invoke
    assert run(series_commands, ["import", "--organisation", "lab", str(path)]).exit_code == 0
    series = db.session.scalars(select(Series)).one()
    assert [one.slug for one in series.organisations] == ["lab"]
    assert "unchanged" in run(series_commands, ["import", str(path)]).output
    refused = run(series_commands, ["import", "--organisation", "hall", str(path)])
    assert refused.exit_code == 1
    assert "There is no organisation “hall”." in refused.output
