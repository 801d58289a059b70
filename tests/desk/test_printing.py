"""Badges, cards, lists and signs come out on paper as they should: read from the pages of the PDF."""

from __future__ import annotations

import io
import re
from datetime import date, time, timedelta
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFile, ImageOps, ImageStat
from sqlalchemy import select

from eventhub.agenda.models import Room
from eventhub.database import transaction
from eventhub.desk import printing
from eventhub.desk.printing import length_of
from eventhub.editions.models import Edition, Mode
from eventhub.extensions import db
from eventhub.presence.models import Way
from eventhub.presence.service import note
from eventhub.registration import tickets
from eventhub.registration.models import Attendance, Registration
from eventhub.tokens import derive
from eventhub.web import documents
from tests.conftest import FrozenClock
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
    order = ("Çelik", "Oberhauser", "Yıldız", "Zuse")
    assert sorted(order, key=page.index) == list(order), "letters with marks stand with those without"


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


LONG = (
    "Prof. Dr. Hans-Christian Schmidt-Rimpler-Oberhauser v. Hohen",
    "Maximiliane-Charlottenburgerstraßenbahnhaltestellenübergänge",
    "Ayşegül Łukasz-Żółć",
)
DOTS = 4
OFFICE = "Senatsverwaltung für Wirtschaft, Energie und Betriebe, Referat für Innovationsförderung & Grundsatz"


def fill_to_the_brim(desk: Desk) -> int:
    """Let people with long names come to rooms with long names, which are full all day."""
    key = desk.publish(5, mode=Mode.ON_SITE, venue_name="Alte Mälzerei", end_date=date(2026, 5, 6))
    with desk.app.app_context():
        for number, name in enumerate(LONG):
            signed_up(key, number, name=name, organisation=OFFICE)
        with transaction():
            edition = db.session.get_one(Edition, key)
            hall = Room(edition_id=key, name="Großer Saal der Verwaltungsakademie im Obergeschoß")
            db.session.add_all([hall, Room(edition_id=key, name="Kabinett", position=1)])
            db.session.flush()
            for hour in range(6, 22):
                slot = add_slot(edition, f"at-{hour}", time(hour), time(hour, 45))
                slot.title = f"Wirkung zeigen ohne Zahlenfriedhof, und andere Überlegungen {hour}"
                slot.room_id = hall.id
    return key


def ink(page: pypdfium2.PdfPage) -> Image.Image:
    """Return a page as a picture in which what is printed dark is white, with DOTS for each millimetre."""
    return page.render(scale=DOTS * 25.4 / 72).to_pil().convert("L").point(lambda grey: 255 * (grey < 128))


@as_files
@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "margin", "below"),
    [
        ("lists.pdf", 14, 7),
        ("needs.pdf", 14, 7),
        ("signs.pdf?size=a4", 14, 14),
        ("signs.pdf?size=a3", 20, 20),
        ("cards.pdf?size=half", 4, 4),
        ("cards.pdf?size=a4", 4, 4),
        ("badges.pdf?size=a6", 4, 4),
        ("badges.pdf?size=label", 2, 2),
    ],
)
def test_nothing_reaches_into_the_margin_and_no_page_is_blank(
    desk: Desk, path: str, margin: int, below: int
) -> None:
    fill_to_the_brim(desk)
    for page in pdf_of(desk, path):
        picture = ink(page)
        box = picture.getbbox()
        assert box
        left, top, right, bottom = box
        assert min(left, top, picture.width - right) >= DOTS * margin, box
        assert picture.height - bottom >= DOTS * below, box
    if not path.startswith(("needs", "signs")):
        words = "".join(text_on(page) for page in pdf_of(desk, path))
        printed = re.sub(r"[^\w]", "", words)
        assert all(re.sub(r"[^\w]", "", name) in printed for name in LONG)


@as_files
@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "first", "pitch", "height"), [("90x54", 13.5, 54, 54), ("80x50", 13.5, 55, 50)]
)
def test_long_words_stay_on_their_badge(
    desk: Desk, size: str, first: float, pitch: float, height: float
) -> None:
    fill_to_the_brim(desk)
    (page,) = pdf_of(desk, f"badges.pdf?size={size}")
    picture = ink(page)
    for row in range(5):
        bottom = round(DOTS * (first + row * pitch + height))
        assert picture.crop((0, bottom - 2 * DOTS, picture.width, bottom - 1)).getbbox() is None, row


@as_files
@pytest.mark.slow
def test_a_certificate_keeps_its_margin_whatever_somebody_is_called(desk: Desk, clock: FrozenClock) -> None:
    key = fill_to_the_brim(desk)
    with desk.app.app_context():
        people = db.session.scalars(select(Registration)).all()
        with transaction():
            for one in people:
                note(one, date(2026, 5, 5), Way.CHECK_IN)
        edition = db.session.get_one(Edition, key)
        assert edition.ends_at is not None
        clock.set(edition.ends_at + timedelta(days=1))
        paths = {one.name: f"/my/{derive('manage', one.token_seed)}/certificate.pdf" for one in people}
    for name, path in paths.items():
        made = pypdfium2.PdfDocument(io.BytesIO(desk.client.get(path).data))
        assert len(made) == 1
        assert name.split()[-1][-5:] in text_on(made[0])
        picture = ink(made[0])
        left, _top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
        assert min(left, picture.width - right) >= 23 * DOTS
        assert 200 * DOTS < bottom <= picture.height - 20 * DOTS


@as_files
@pytest.mark.parametrize("kind", ["badges", "cards", "lists", "signs", "needs"])
def test_what_is_empty_says_so_on_one_page(desk: Desk, kind: str) -> None:
    fill(desk)
    (page,) = pdf_of(desk, f"{kind}.pdf")
    assert len(text_on(page)) > 20


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


@pytest.mark.parametrize("kind", ["badges", "cards"])
def test_more_people_than_one_file_holds_are_in_several_and_nobody_is_left_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(printing, "MOST", 2)
    fill(desk, "Eva Emil", "Ada Anton", "Dora Dach", "Cem Cäsar", "Bo Berta")
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    offered = desk.client.get(PRINT).text
    assert "They are too many for one file, so there are 3." in offered
    words = re.findall(rf'id="{kind}-part".*?</select>', offered, re.DOTALL)[0]
    assert re.findall(r'value="(\d)">([^<]+)<', words) == [
        ("1", "people 1 to 2 by surname"),
        ("2", "people 3 to 4 by surname"),
        ("3", "people 5 to 5 by surname"),
    ]
    pages = [desk.client.get(f"{PRINT}{kind}?part={part}").text for part in (1, 2, 3)]
    for names, page in zip((("Anton", "Berta"), ("Cäsar", "Dach"), ("Emil",)), pages, strict=True):
        assert set(re.findall(r"Anton|Berta|Cäsar|Dach|Emil", page)) == set(names)
    assert "Here are people 3 to 4 by surname; there are 5." in pages[1]
    for part in (1, 3):
        assert f"part={part}" in pages[1]
    assert desk.client.get(f"{PRINT}{kind}").text == pages[0]
    assert desk.client.get(f"{PRINT}{kind}?part=4").status_code == 404


def test_a_few_people_are_in_one_file(desk: Desk) -> None:
    fill(desk, *NAMES)
    assert 'name="part"' not in desk.client.get(PRINT).text
    assert "part=" not in desk.client.get(f"{PRINT}badges").text


@as_files
def test_each_file_says_in_its_name_which_one_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "MOST", 2)
    fill(desk, *NAMES)
    answer = desk.client.get(f"{PRINT}badges.pdf?part=2")
    assert answer.headers["Content-Disposition"] == 'inline; filename="labcamp-5-badges-2.pdf"'
    assert "Schmidt" not in text_on(pypdfium2.PdfDocument(io.BytesIO(answer.data))[0])


@pytest.mark.parametrize(
    "path",
    ["nothing", "nothing.pdf", "lists?slot=nothing", "badges?part=2", "cards.pdf?part=0", "badges?part=x"],
)
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
