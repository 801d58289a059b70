"""Check-in with a phone: its camera is a film of a ticket, and its connection drops."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright, Route, expect
from sqlalchemy import select

from config import load_settings
from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.editions.models import Edition, Mode
from eventhub.extensions import db
from eventhub.presence.models import Presence
from eventhub.registration import tickets
from eventhub.registration.models import Registration
from eventhub.registration.service import register
from tests import needs
from tests.browser.conftest import BERLIN, FLAGS, PHONE
from tests.browser.visits import sign_in, tick
from tests.editions.making import add_slot
from tests.registration.samples import applicant
from tests.running import Server, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOOR = "/manage/labcamp/11/check-in/"


class Hall:
    """A running eventhub with a meeting on site, some people, and the film of the first one's ticket."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.app = create_app(load_settings({}, folder))
        with self.app.app_context():
            with transaction():
                edition = db.session.scalars(select(Edition).filter_by(title="LabCamp #11 (Beispiel)")).one()
                edition.mode = Mode.ON_SITE
                people = [
                    register(edition, applicant(name, name=f"{name} Muster"), name).registration
                    for name in ("Ada", "Bo", "Cem", "Dee", "Eva", "Fay", "Gil")
                ]
            ticket = tickets.picture(tickets.text_of(people[0]))
        self.film = folder / "ticket.y4m"
        self.film.write_bytes(film_of(ticket))

    def present(self) -> int:
        """Count who is noted."""
        with self.app.app_context():
            return len(db.session.scalars(select(Presence.id)).all())

    def is_present(self, name: str) -> bool:
        """Tell whether somebody is noted."""
        with self.app.app_context():
            found = select(Presence.id).join(Registration).where(Registration.name.startswith(name))
            return bool(db.session.scalars(found).all())

    def add(self, name: str) -> None:
        """Register one more person."""
        with self.app.app_context(), transaction():
            edition = db.session.scalars(select(Edition).filter_by(title="LabCamp #11 (Beispiel)")).one()
            register(edition, applicant(name, name=f"{name} Muster"), name)

    def take_place_today(self) -> None:
        """Move the meeting to this day."""
        with self.app.app_context(), transaction():
            edition = db.session.scalars(select(Edition).filter_by(title="LabCamp #11 (Beispiel)")).one()
            edition.start_date = clock.now().astimezone(ZoneInfo(edition.zone)).date()

    def offer_workshop(self) -> None:
        """Put a session into the programme."""
        with self.app.app_context(), transaction():
            edition = db.session.scalars(select(Edition).filter_by(title="LabCamp #11 (Beispiel)")).one()
            add_slot(edition, "workshop", time(16), time(17))

    def drop_workshop(self) -> None:
        """Take it out of the programme."""
        with self.app.app_context(), transaction():
            db.session.delete(db.session.scalars(select(Slot).filter_by(slug="workshop")).one())


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


class Held:
    """Requests that are on their way and don't arrive before they may."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.holding = True

    def __call__(self, route: Route) -> None:
        if self.holding and route.request.method == "POST":
            self.routes.append(route)
        else:
            route.continue_()

    def wait(self, page: Page) -> None:
        """Wait until something is on its way."""
        while not self.routes:
            page.wait_for_timeout(50)

    def release(self) -> None:
        """Let all of them arrive, and those to come."""
        self.holding = False
        for route in self.routes:
            route.continue_()


def test_taking_somebody_back_drops_nobody_else_who_waits_to_be_sent(hall: Hall, phone: Page) -> None:
    held = Held()
    phone.route(f"**{DOOR}", held)
    phone.get_by_role("button", name="Present: Dee Muster").click()
    held.wait(phone)
    phone.get_by_role("button", name="Present: Eva Muster").click()
    phone.get_by_role("button", name="Take back: Dee Muster").click()
    expect(phone.locator("[data-queue]")).to_contain_text("Not sent yet: 1")
    held.release()
    expect(phone.locator("[data-status]")).to_have_text("Dee Muster is no longer noted as present.")
    expect(phone.locator("[data-queue]")).to_have_text("")
    assert hall.is_present("Eva")
    assert not hall.is_present("Dee")


def test_two_tabs_of_a_phone_lose_nobody(hall: Hall, phone: Page) -> None:
    held = Held()
    second = phone.context.new_page()
    second.goto(DOOR)
    phone.context.route(f"**{DOOR}", held)
    phone.get_by_role("button", name="Present: Fay Muster").click()
    held.wait(phone)
    second.get_by_role("button", name="Present: Gil Muster").click()
    held.release()
    for page in (phone, second):
        expect(page.locator("[data-queue]")).to_have_text("")
    assert hall.is_present("Fay")
    assert hall.is_present("Gil")


def test_what_is_never_accepted_is_set_aside_and_holds_nobody_up(hall: Hall, phone: Page) -> None:
    hall.offer_workshop()
    phone.goto(f"{DOOR}?slot=workshop")
    expect(phone.get_by_role("button", name="Present: Dee Muster")).to_be_visible()
    hall.drop_workshop()
    phone.get_by_role("button", name="Present: Dee Muster").click()
    aside = phone.get_by_role("region", name="Not accepted")
    expect(aside.get_by_role("listitem")).to_contain_text("Dee Muster")
    expect(aside).to_contain_text("The session may be gone")
    phone.goto(DOOR)
    phone.get_by_role("button", name="Present: Dee Muster").click()
    expect(phone.locator("[data-queue]")).to_have_text("")
    expect(aside.get_by_role("listitem")).to_have_count(1)
    assert hall.is_present("Dee")
    aside.get_by_role("button", name="Discard: Dee Muster").click()
    expect(aside).to_be_hidden()
    assert phone.evaluate("localStorage.length") == 0

    phone.context.clear_cookies()
    phone.get_by_role("button", name="Take back: Dee Muster").click()
    expect(phone.locator("[data-status]")).to_contain_text("Load this page again")
    expect(phone.get_by_role("button", name="Take back: Dee Muster")).to_be_visible()
    assert hall.is_present("Dee")


def test_a_ticket_that_is_not_on_the_list_yet_is_judged_by_the_server(hall: Hall, phone: Page) -> None:
    phone.route("**/people.json*", lambda route: route.fulfill(json={"people": []}))
    phone.reload()
    expect(phone.locator("[data-guests]")).to_contain_text("Nobody is found")
    phone.route(f"**{DOOR}", lambda route: route.abort())
    phone.get_by_role("button", name="Scan tickets with the camera").click()
    status = phone.locator("[data-status]")
    expect(status).to_have_text(re.compile(r"^Ticket \w{4}-\w{4} is noted"))
    expect(phone.locator("[data-queue]")).to_contain_text("Not sent yet")
    phone.unroute(f"**{DOOR}")
    expect(status).to_have_text(re.compile("^Ada Muster (is present|was checked in already)"))


def test_whoever_comes_unannounced_costs_the_page_nothing_without_connection(hall: Hall, phone: Page) -> None:
    phone.get_by_label("Name", exact=True).fill("Hanna Neu")
    phone.get_by_label("Email address").fill("hanna@lab.example")
    tick(phone, "They know our privacy notice and agree")
    register = phone.get_by_role("button", name="Register and let in")
    status = phone.locator("[data-walk-in-status]")
    phone.context.set_offline(True)
    register.click()
    expect(status).to_contain_text("No connection. What you typed stays here")
    expect(phone.get_by_label("Name", exact=True)).to_have_value("Hanna Neu")
    expect(phone.locator("[data-guests]")).to_contain_text("Ada Muster")
    assert "Hanna" not in phone.evaluate("JSON.stringify(localStorage)")

    phone.context.set_offline(False)
    register.click()
    expect(status).to_have_text("Hanna Neu is registered and present.")
    expect(phone.get_by_label("Name", exact=True)).to_have_value("")
    expect(phone.locator("[data-guests]")).to_contain_text("Hanna Neu")
    register.click()
    summary = phone.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Enter")
    expect(phone.locator("[data-guests]")).to_contain_text("Hanna Neu")
    assert hall.is_present("Hanna")


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


class Kept:
    """What a browser keeps of doors: by day, how many addresses."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def days(self) -> list[str]:
        names: list[str] = self._page.evaluate("caches.keys()")
        return [name.split()[0] for name in names]

    def number(self) -> int:
        number: int = self._page.evaluate(
            "caches.keys().then(([name]) => (name ? caches.open(name) : null))"
            ".then((one) => one?.keys() ?? []).then((all) => all.length)"
        )
        return number

    def wait_for_the_worker(self) -> None:
        """Wait until it answers for this page, too, which it does soon after it began to keep."""
        for _ in range(100):
            if self._page.evaluate("Boolean(navigator.serviceWorker.controller)"):
                return
            self._page.wait_for_timeout(100)
        raise AssertionError("no worker answers for the page")

    def wait(self, *, filled: bool) -> None:
        """Wait until everything that the page needs is kept, or nothing at all."""
        for _ in range(100):
            if (self.number() > 8) if filled else not self.days():
                return
            self._page.wait_for_timeout(100)
        raise AssertionError(f"kept: {self.days()}, {self.number()}")


def test_on_its_day_the_door_opens_again_without_connection_and_signing_out_forgets_it(
    hall: Hall, phone: Page
) -> None:
    kept = Kept(phone)
    assert kept.days() == [], "before its day nothing is kept"
    hall.add("Ida")
    hall.take_place_today()
    phone.reload()
    expect(phone.get_by_text("open on this device without connection")).to_be_visible()
    kept.wait(filled=True)

    phone.context.set_offline(True)
    phone.reload()
    phone.get_by_label("Name, organisation or number").fill("ida")
    phone.get_by_role("button", name="Present: Ida Muster").click()
    expect(phone.locator("[data-queue]")).to_contain_text("Not sent yet: 1")
    phone.context.set_offline(False)
    expect(phone.locator("[data-queue]")).to_have_text("", timeout=30_000)
    assert hall.is_present("Ida")

    phone.goto("/manage/account")
    assert kept.number() > 8
    phone.get_by_role("button", name="Sign out", exact=True).click()
    expect(phone.get_by_role("heading", name="Sign in to organise")).to_be_visible()
    kept.wait(filled=False)


def test_whoever_may_no_longer_see_the_list_keeps_none_of_it(hall: Hall, phone: Page) -> None:
    kept = Kept(phone)
    hall.take_place_today()
    phone.reload()
    expect(phone.get_by_text("open on this device without connection")).to_be_visible()
    kept.wait(filled=True)
    kept.wait_for_the_worker()
    phone.context.clear_cookies()
    phone.evaluate("fetch(document.querySelector('[data-door]').dataset.people, {redirect: 'manual'})")
    kept.wait(filled=False)


def test_a_door_of_another_day_is_forgotten_on_the_next_page(hall: Hall, phone: Page) -> None:
    phone.goto("/manage/account")
    phone.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))")
    phone.evaluate("caches.open('2026-01-31 https://events.example/manage/labcamp/11/check-in/')")
    phone.goto("/manage/")
    Kept(phone).wait(filled=False)
