"""Tables become slots once it was said what their columns mean; the agenda's own comes back unchanged."""

from __future__ import annotations

import csv
import io
from datetime import date, time

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from eventhub.agenda.models import Slot
from eventhub.database import transaction
from eventhub.desk.agenda_tables import COLUMNS
from eventhub.exchange.schedules.table import suggested
from eventhub.extensions import db
from tests.desk.setting import Desk, fields_of

PATH = "/manage/labcamp/5/agenda/import"
TABLE = (
    "Titel;Beginn;Ende;Raum;Wer\nAnkommen;15:00;15:15;Saal;\nLabs im Alltag;15:15;16:00;Saal;Alex Muster\n"
)


@pytest.fixture(autouse=True)
def _an_edition(desk: Desk) -> None:
    desk.client.set_cookie("language", "en")
    desk.publish(5, start_date=date(2026, 10, 5), end_date=date(2026, 10, 6))


def upload(desk: Desk, content: bytes, name: str) -> str:
    """Return the page that asks what the columns mean."""
    fields = desk.form_of(PATH) | {"file": FileStorage(io.BytesIO(content), name)}
    boundary, body = encode_multipart(fields)  # in memory: the client's own way leaves a file open
    answer = desk.client.post(PATH, data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 200
    assert "What do the columns mean?" in answer.text
    return answer.text


def say(desk: Desk, page: str, **meanings: str) -> str:
    """Answer what the columns mean, and return the preview."""
    answer = desk.client.post(PATH, data=fields_of(page) | meanings)
    assert answer.status_code == 200
    return answer.text


def take(desk: Desk, page: str, **more: str) -> str:
    fields = fields_of(page) | {"confirmed": "1"} | more
    return desk.client.post(PATH, data=fields, follow_redirects=True).text


@pytest.mark.both_databases
def test_a_table_becomes_slots(desk: Desk) -> None:
    page = upload(desk, TABLE.encode("cp1252"), "programm.csv")
    assert "Labs im Alltag" in page
    shown = say(desk, page)
    assert "2 new, 0 differ, 0 others." in shown
    assert "2 slots are in the agenda." in take(desk, shown)
    with desk.app.app_context():
        last = db.session.scalars(select(Slot).order_by(Slot.starts_at)).all()[-1]
        assert (last.title, last.start_time, last.end_time) == ("Labs im Alltag", time(15, 15), time(16))
        assert [link.speaker.name for link in last.speaker_links] == ["Alex Muster"]
        assert last.room is not None
        assert last.room.name == "Saal"


def test_a_meaning_that_was_guessed_wrong_is_corrected(desk: Desk) -> None:
    page = upload(desk, b"Name;When;Note\nTalk;10:00;Bring a pen\n", "table.csv")
    refused = desk.client.post(PATH, data=fields_of(page) | {"column-0": ""})
    assert refused.status_code == 422
    assert "Say which column holds the title" in refused.text
    shown = say(desk, refused.text, **{"column-0": "title", "column-1": "start", "column-2": "abstract"})
    assert "1 new" in shown


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_agenda_goes_out_as_a_table_and_comes_back_with_what_was_changed(
    desk: Desk, ending: str, language: str
) -> None:
    take(desk, say(desk, upload(desk, TABLE.encode(), "programm.csv")))
    with desk.app.app_context(), transaction():
        slot = db.session.scalars(select(Slot).where(Slot.title == "Ankommen")).one()
        slot.abstract = "- =first\n- second; third\n\n'quoted'"
        slot.source_key = None
    desk.client.set_cookie("language", language)
    sent = desk.client.get(f"/manage/labcamp/5/agenda.{ending}")
    assert sent.status_code == 200
    desk.client.set_cookie("language", "en")
    shown = say(desk, upload(desk, sent.data, f"agenda.{ending}"))
    assert "0 new, 0 differ, 2 others." in shown
    if ending == "csv":
        changed = sent.data.replace(b"16:00", b"16:30")
        shown = say(desk, upload(desk, changed, "agenda.csv"))
        assert "0 new, 1 differs, 1 other." in shown


@pytest.mark.parametrize("language", ["en", "de"])
def test_heads_of_the_own_table_say_what_they_mean(desk: Desk, language: str) -> None:
    desk.client.set_cookie("language", language)
    text = desk.client.get("/manage/labcamp/5/agenda.csv").data.decode("utf-8-sig")
    [heads] = csv.reader(io.StringIO(text), delimiter=";")
    assert suggested(heads) == COLUMNS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Titel;Beginn\n", "The table has no rows below its head"),
        (b"PK\x03\x04 no workbook", "This is no table that can be read"),
        (b"Titel;Beginn;" + b";" * 60 + b"\nA;10:00\n", "more than 40 columns"),
    ],
)
def test_what_can_not_be_read_gets_a_sentence(desk: Desk, content: bytes, words: str) -> None:
    fields = desk.form_of(PATH) | {"file": FileStorage(io.BytesIO(content), "table.csv")}
    boundary, body = encode_multipart(fields)
    answer = desk.client.post(PATH, data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 422
    assert words in answer.text


def test_a_forged_table_is_a_sentence(desk: Desk) -> None:
    answer = desk.client.post(PATH, data=desk.form_of(PATH) | {"table": "nonsense"})
    assert answer.status_code == 422
    assert "Choose the file again" in answer.text
