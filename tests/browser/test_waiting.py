"""A full house on a phone, in German and by keyboard: waiting, leaving, moving up, taking offered places."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.keyboard import Keyboard
from tests.browser.visits import heading, labelled, open_newest_mail, personal_link, sign_in
from tests.running import Server, serving

pytestmark = pytest.mark.browser

WAIT = "Auf die Warteliste"
SIGN_UP = re.compile("^(Jetzt|Verbindlich) anmelden$")


@pytest.fixture
def full_house(tmp_path: Path, browser: Browser) -> Iterator[Server]:
    """Run an eventhub whose meeting has one place."""
    with serving(tmp_path) as server:
        desk = browser.new_page(base_url=server.address, locale="en-GB")
        sign_in(desk, server.first_sign_in_link)
        set_places(desk, "Places in all", "1")
        desk.context.storage_state(path=tmp_path / "organiser.json")
        desk.close()
        yield server


def set_places(desk: Page, label: str, value: str) -> None:
    desk.goto("/manage/labcamp/11/places/")
    labelled(desk, label).fill(value)
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("status")).to_be_visible()


class Phone:
    """Somebody who reads German and uses keys alone."""

    def __init__(self, open_page: OpenPage, server: Server, name: str) -> None:
        self.page = open_page(base_url=server.address, viewport=PHONE)
        self.keys = Keyboard(self.page)
        self.name, self.email = name, f"{name.lower()}@example.org"

    def register(self, button: str | re.Pattern[str]) -> None:
        self.open_form(button)
        self.keys.tab_to(self.page.get_by_label("Name", exact=True))
        self.keys.type(self.name)
        self.keys.tab_to(self.page.get_by_label("E-Mail-Adresse"))
        self.keys.type(self.email)
        self.keys.tab_to(self.page.get_by_label(re.compile("Meine Angaben dürfen")))
        self.keys.press("Space")
        self.press(button)
        expect(heading(self.page, "Schau in dein Postfach")).to_be_visible()

    def open_form(self, button: str | re.Pattern[str]) -> None:
        """Open the form as it is now: for a second, visitors see how many places there were."""
        for _ in range(10):
            self.page.goto("/labcamp/11/register")
            if self.page.get_by_role("button", name=button).count():
                return
            self.page.wait_for_timeout(300)

    def press(self, button: str | re.Pattern[str]) -> None:
        self.keys.tab_to(self.page.get_by_role("button", name=button))
        self.keys.press("Enter")

    def read(self, subject: str) -> None:
        """Open the newest mail in the mailbox, and from there the page of one's own."""
        open_newest_mail(self.page, self.email, re.compile(subject))
        self.keys.tab_to(personal_link(self.page))
        self.keys.press("Enter")
        self.page.wait_for_url("**/my/**")

    def give_up(self, summary: str, button: str) -> None:
        self.page.reload()
        self.keys.tab_to(self.page.locator("summary").filter(has_text=summary))
        self.keys.press("Enter")
        self.press(button)
        expect(heading(self.page, re.compile("Anmeldung ist abgesagt"))).to_be_visible()

    def sees(self, title: str, words: str) -> None:
        self.page.reload()
        expect(heading(self.page, f"{title}, {self.name}")).to_be_visible()
        expect(self.page.get_by_role("main")).to_contain_text(words)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"]


def test_whoever_waits_knows_their_position_and_moves_up_when_others_leave(
    open_page: OpenPage, full_house: Server
) -> None:
    ada, bo, cem = (Phone(open_page, full_house, name) for name in ("Ada", "Bo", "Cem"))
    ada.register(SIGN_UP)
    for one in (cem, bo):
        one.register(WAIT)
        one.read("Auf der Warteliste")
    cem.sees("Du stehst auf der Warteliste", "Du bist als Nächstes dran")
    bo.sees("Du stehst auf der Warteliste", "Du stehst auf Platz 2 der Warteliste")

    cem.give_up("Ich möchte nicht mehr warten", "Warteliste verlassen")
    bo.sees("Du stehst auf der Warteliste", "Du bist als Nächstes dran")
    ada.read("Du bist dabei")
    ada.give_up("Ich kann doch nicht", "Teilnahme absagen")
    bo.read("Ein Platz für dich")
    bo.sees("Du bist dabei", "Deine Anmeldung ist bestätigt")


def test_an_offered_place_has_a_deadline_and_is_taken_with_one_key(
    open_page: OpenPage, full_house: Server, tmp_path: Path
) -> None:
    desk = open_page(base_url=full_house.address, locale="en-GB", storage_state=tmp_path / "organiser.json")
    set_places(desk, "Offer free places for so many hours", "24")
    ada, dana = (Phone(open_page, full_house, name) for name in ("Ada", "Dana"))
    ada.register(SIGN_UP)
    dana.register(WAIT)
    dana.read("Auf der Warteliste")
    dana.sees("Du stehst auf der Warteliste", "24 Stunden")
    ada.read("Du bist dabei")
    ada.give_up("Ich kann doch nicht", "Teilnahme absagen")
    dana.read("Möchtest du den Platz?")
    dana.sees("Es gibt einen Platz für dich", "für dich frei")
    dana.press("Platz annehmen")
    expect(heading(dana.page, "Du bist dabei, Dana")).to_be_visible()
    open_newest_mail(dana.page, dana.email, re.compile("Ein Platz für dich|Du bist dabei"))
