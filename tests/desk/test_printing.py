"""Badges, cards, lists and signs come out on paper as they should: read from the pages of the PDF."""

from __future__ import annotations

import io
from datetime import date, time
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import ImageFile, ImageOps, ImageStat

from eventhub.agenda.models import Room
from eventhub.database import transaction
from eventhub.desk import printing
from eventhub.desk.printing import length_of
from eventhub.editions.models import Edition, Mode
from eventhub.extensions import db
from eventhub.registration import tickets
from eventhub.registration.models import Attendance
from eventhub.web import documents
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk
from tests.editions.making import add_slot
from tests.registration.samples import signed_up

PRINT = "/manage/labcamp/5/print/"
NAMES = ("Ada Zuse", "Bo Yıldız", "Prof. Dr. Hans-Christian Schmidt-Rimpler-Oberhauser", "Şükrü Çelik")
as_files = pytest.mark.skipif(not documents.can_make_documents(), reason="left out: no Pango")


def fill(desk: Desk, *names: str, **values: Any) -> int:
    key = desk.publish(5, mode=Mode.ON_SITE, venue_name="Alte Mälzerei", **values)
    with desk.app.app_context():
        for number, name in enumerate(names):
            signed_up(key, number, name=name, organisation="Innovationslabor & Söhne")
    return key


def pdf_of(desk: Desk, path: str) -> pypdfium2.PdfDocument:
    answer = desk.client.get(f"{PRINT}{path}")
    assert answer.content_type == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    return pypdfium2.PdfDocument(io.BytesIO(answer.data))


def text_on(page: pypdfium2.PdfPage) -> str:
    return " ".join(page.get_textpage().get_text_range().split())


@as_files
@pytest.mark.parametrize(
    ("size", "paper", "pages"),
    [("90x54", (210, 297), 2), ("80x50", (210, 297), 2), ("a6", (210, 297), 3), ("label", (100, 62), 11)],
)
@pytest.mark.slow
def test_badges_fill_sheets_of_their_size(desk: Desk, size: str, paper: tuple[int, int], pages: int) -> None:
    fill(desk, *(f"Person Nummer{number:02}" for number in range(11)))
    made = pdf_of(desk, f"badges.pdf?size={size}")
    assert len(made) == pages
    for page in made:
        assert tuple(round(side * 25.4 / 72) for side in page.get_size()) == paper
    assert "Nummer10" in text_on(made[pages - 1])


@as_files
def test_a_badge_has_name_organisation_and_a_ticket_that_can_be_read(desk: Desk) -> None:
    key = fill(desk, *NAMES)
    with desk.app.app_context():
        online = signed_up(key, "away", name="Carla Fern").registration
        expected = {
            tickets.text_of(one) for one in db.session.query(type(online)).all() if one.id != online.id
        }
        with transaction():
            db.session.get_one(type(online), online.id).attendance = Attendance.ONLINE
    made = pdf_of(desk, "badges.pdf?size=90x54")
    words = text_on(made[0])
    assert all(part in words for name in NAMES for part in name.replace("-", " ").split())
    assert "Innovationslabor & Söhne" in words
    assert "Carla" not in words
    picture = made[0].render(scale=3).to_pil()
    assert {one.text for one in zxingcpp.read_barcodes(picture)} == expected


@as_files
def test_a_card_says_the_name_on_both_sides(desk: Desk) -> None:
    fill(desk, "Ada Zuse", "Bo Yıldız", "Cem Ay")
    assert len(pdf_of(desk, "cards.pdf?size=half")) == 2
    made = pdf_of(desk, "cards.pdf?size=a4")
    assert len(made) == 3
    assert text_on(made[0]).count("Cem Ay") == 2
    assert [round(side * 25.4 / 72) for side in made[0].get_size()] == [297, 210]
    sheet = ImageOps.invert(made[0].render(scale=0.5).to_pil().convert("L"))
    halves = [sheet.crop((0, top, sheet.width, top + sheet.height // 2)) for top in (0, sheet.height // 2)]
    upper, lower = (ImageStat.Stat(half).sum[0] for half in halves)
    assert upper == pytest.approx(lower, rel=0.05)
    assert lower > 0


@as_files
def test_a_list_is_ordered_by_surname_and_has_a_column_for_each_day(desk: Desk) -> None:
    fill(desk, *NAMES, end_date=date(2026, 5, 6))
    words = text_on(pdf_of(desk, "lists.pdf")[0])
    assert all(name.split()[-1][-5:] in words for name in NAMES)
    page = desk.client.get(f"{PRINT}lists").text
    assert page.count(">Unterschrift<") == 2
    assert page.index("Oberhauser") < page.index("Yıldız") < page.index("Zuse")


@as_files
def test_each_room_gets_a_sign_for_each_day(desk: Desk) -> None:
    key = fill(desk, end_date=date(2026, 5, 6))
    with desk.app.app_context(), transaction():
        hall = Room(edition_id=key, name="Großer Saal")
        db.session.add_all([hall, Room(edition_id=key, name="Kabinett", position=1)])
        db.session.flush()
        for day in (5, 6):
            slot = add_slot(
                db.session.get_one(Edition, key), f"day-{day}", time(15), time(16), day=date(2026, 5, day)
            )
            slot.title, slot.room_id = f"Tag {day}", hall.id
    made = pdf_of(desk, "signs.pdf?size=a3")
    assert [("Tag 5" in text_on(page), "Tag 6" in text_on(page)) for page in made] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert [round(side * 25.4 / 72) for side in made[0].get_size()] == [420, 297]


def test_without_the_packages_the_page_says_so_and_the_browser_prints(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(desk, *NAMES)
    monkeypatch.setattr(printing, "can_make_documents", lambda: False)
    page = desk.client.get(PRINT, headers={"Accept-Language": "en"}).text
    assert "This installation makes no PDF files" in page
    assert ".pdf" not in page
    for kind in ("badges", "cards", "lists", "signs"):
        answer = desk.client.get(f"{PRINT}{kind}.pdf", headers={"Accept-Language": "en"})
        assert answer.mimetype == "text/html"
        assert "makes no PDF files" in answer.text


@pytest.mark.parametrize("path", ["nothing", "nothing.pdf", "lists?slot=nothing"])
def test_what_does_not_exist_is_not_printed(desk: Desk, path: str) -> None:
    fill(desk)
    assert desk.client.get(f"{PRINT}{path}").status_code == 404


def test_documents_do_not_let_pictures_in_that_are_cut_off(desk: Desk) -> None:
    with desk.app.app_context():
        documents.document("<html lang='en'><title>One</title><p>One</p></html>")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_document_fetches_nothing_from_elsewhere(desk: Desk) -> None:
    with desk.app.app_context():
        for address in ("file:///etc/hostname", "http://127.0.0.1:1/x.png", "/static/../config.py"):
            with pytest.raises(ValueError, match="from elsewhere"):
                documents._own_files().fetch(address)


@pytest.mark.parametrize("kind", ["badges", "cards", "lists", "signs"])
def test_the_number_of_queries_does_not_grow_with_people(desk: Desk, kind: str) -> None:
    key = fill(desk, "Ada Zuse")
    with counted_queries(desk.app) as few:
        desk.client.get(f"{PRINT}{kind}")
    with desk.app.app_context():
        for number in range(10, 30):
            signed_up(key, number)
    with counted_queries(desk.app) as many:
        desk.client.get(f"{PRINT}{kind}")
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("name", "length"),
    [("Ada Zuse", "short"), ("Anna-Katharina Meier", "middle"), (NAMES[2], "long"), ("", "short")],
)
def test_long_names_are_printed_smaller(name: str, length: str) -> None:
    assert length_of(name) == length
