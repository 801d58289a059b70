"""Check-in with a phone: its camera is a film of a ticket, and its connection drops."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy import select

from config import load_settings
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.editions.models import Edition, Mode
from eventhub.extensions import db
from eventhub.presence.models import Presence
from eventhub.registration import tickets
from eventhub.registration.service import register
from tests import needs
from tests.browser.conftest import BERLIN, FLAGS, PHONE
from tests.browser.visits import sign_in
from tests.registration.samples import applicant
from tests.running import Server, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOOR = "/manage/labcamp/11/check-in/"


class Hall:
    """A running eventhub with a meeting on site, three people, and the film of the first one's ticket."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.app = create_app(load_settings({}, folder))
        with self.app.app_context():
            with transaction():
                edition = db.session.scalars(select(Edition).filter_by(title="LabCamp #11 (Beispiel)")).one()
                edition.mode = Mode.ON_SITE
                people = [
                    register(edition, applicant(name, name=f"{name} Muster"), name).registration
                    for name in ("Ada", "Bo", "Cem")
                ]
            ticket = tickets.picture(tickets.text_of(people[0]))
        self.film = folder / "ticket.y4m"
        self.film.write_bytes(film_of(ticket))

    def present(self) -> int:
        """Count who is noted."""
        with self.app.app_context():
            return len(db.session.scalars(select(Presence.id)).all())


def film_of(picture: bytes) -> bytes:
    """Return a film that shows a picture as a phone's camera would: small, on a grey table."""
    scene = Image.new("L", (640, 480), 150)
    ticket = Image.open(io.BytesIO(picture)).convert("L").rotate(7, expand=True, fillcolor=150)
    scene.paste(ticket, (200, 120))
    grey = bytes([128]) * (320 * 240)
    frame = b"FRAME\n" + scene.tobytes() + grey * 2
    return b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * 5


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("hall")
    with serving(folder) as server:
        yield Hall(server, folder)


@pytest.fixture
def phone(hall: Hall, driver: Playwright) -> Iterator[Page]:
    """Open the door's page on a phone whose camera shows the film."""
    camera = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={hall.film}",
    )
    browser = driver.chromium.launch(executable_path=needs.chromium(), args=[*FLAGS, *camera])
    options = {**BERLIN, "locale": "en-GB", "viewport": PHONE, "base_url": hall.server.address}
    context = browser.new_context(**options, permissions=["camera"])
    context.set_default_timeout(20_000)
    page = context.new_page()
    sign_in(page, hall.server.new_sign_in_link())
    page.goto(DOOR)
    yield page
    browser.close()


def test_tickets_are_read_and_names_found_also_without_connection(hall: Hall, phone: Page) -> None:
    errors: list[str] = []
    phone.on("pageerror", lambda error: errors.append(str(error)))
    phone.get_by_role("button", name="Scan tickets with the camera").click()
    status = phone.locator("[data-status]")
    expect(status).to_have_text("Ada Muster is present.")
    expect(phone.locator("li.is-present")).to_have_count(1)
    # the same ticket stays before the camera and counts once
    expect(status).to_have_text("Ada Muster was checked in already.")
    phone.get_by_role("button", name="Scan tickets with the camera").click()
    expect(phone.locator("[data-queue]")).to_have_text("")
    assert hall.present() == 1

    phone.context.set_offline(True)
    phone.get_by_label("Name, organisation or number").fill("bo")
    phone.get_by_role("button", name="Present: Bo Muster").click()
    expect(status).to_have_text("Bo Muster is present.")
    expect(phone.locator("[data-queue]")).to_contain_text("Not sent yet: 1")
    kept = phone.evaluate("JSON.stringify(localStorage)")
    assert "Muster" not in kept
    assert "@" not in kept
    assert hall.present() == 1

    phone.context.set_offline(False)
    expect(phone.locator("[data-queue]")).to_have_text("")
    assert hall.present() == 2
    assert phone.evaluate("localStorage.length") == 0
    phone.reload()
    expect(phone.locator("li.is-present")).to_have_count(2)

    phone.get_by_role("button", name="Take back: Bo Muster").click()
    expect(status).to_contain_text("no longer noted")
    assert hall.present() == 1
    assert errors == []


def test_the_door_works_without_a_script(hall: Hall, phone: Page) -> None:
    context = phone.context.browser.new_context(  # type: ignore[union-attr]
        base_url=hall.server.address, java_script_enabled=False, storage_state=phone.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"{DOOR}?lang=en")
    plain.get_by_label("Name, organisation or number").fill("cem")
    plain.get_by_role("button", name="Search").click()
    plain.get_by_role("button", name=re.compile("^Present")).click()
    expect(plain.get_by_role("status").filter(has_text="Cem Muster is present.")).to_be_visible()
    plain.get_by_role("link", name="Who is there").click()
    expect(plain.get_by_role("heading", name="Who is there")).to_be_visible()
