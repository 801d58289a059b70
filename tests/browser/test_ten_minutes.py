"""From nothing to a published LabCamp #5 with three speakers and seven slots, each step counted."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.visits import heading, labelled
from tests.running import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_STEPS = 60
PROGRAMME = """15:00 Ankommen und Begrüßung | Moderation: Kim Beispiel
15:15 Beitrag öffentlicher Labore zur modernen Verwaltung | Alex Muster
15:45 Erfolgsfaktoren für die Teenager-Jahre eines Labors | Robin Probe
16:15-16:30 Pause
16:30 Kollegiale Beratung in Kleingruppen
17:15 Was wir mitnehmen
17:45-18:00 Ausblick auf die nächste Ausgabe"""
SPEAKERS = {
    "Alex Muster": ("Leitung der Denkfabrik", "Ministerium für Beispiele"),
    "Robin Probe": ("Beratung", "Partnerschaft Probe"),
    "Kim Beispiel": ("Innovationseinheit", "Land Beispiel"),
}


class Organiser:
    """Somebody at a browser, whose every step counts: a page opened, something pressed, a field filled in."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps = page, 0

    def opens(self, address: str) -> None:
        self.steps += 1
        self.page.goto(address)

    def presses(self, what: Locator) -> None:
        self.steps += 1
        what.click()

    def fills(self, label: str, words: str) -> None:
        self.steps += 1
        labelled(self.page, label).fill(words)

    def chooses(self, label: str, words: str) -> None:
        self.steps += 1
        labelled(self.page, label).select_option(label=words)

    def follows(self, words: str | re.Pattern[str], **options: Any) -> None:
        self.presses(self.page.get_by_role("link", name=words, **options).first)

    def sends(self, words: str | re.Pattern[str]) -> None:
        self.presses(self.page.get_by_role("button", name=words).first)


def test_from_nothing_to_a_published_labcamp_in_sixty_steps(open_page: OpenPage, server: Server) -> None:
    page = open_page(locale="de-DE")
    organiser = Organiser(page)
    sign_in(organiser, server.new_sign_in_link())
    set_up_the_series(organiser)
    set_up_the_edition(organiser)
    paste_the_programme(organiser)
    present_the_speakers(organiser)
    publish(organiser)
    assert organiser.steps <= MOST_STEPS

    visitor = open_page(locale="de-DE")
    visitor.goto("/teenager-jahre/5/")
    expect(heading(visitor, re.compile("LabCamp #5"))).to_be_visible()
    programme = visitor.get_by_role("main")
    for line in PROGRAMME.splitlines():
        title = re.sub(r"^[\d:.-]+ ", "", line).partition(" | ")[0]
        expect(programme.get_by_role("heading", name=title)).to_be_visible()
    for name, (role, organisation) in SPEAKERS.items():
        for words in (name, role, organisation):
            expect(programme.get_by_text(words).first).to_be_visible()
    expect(visitor.get_by_role("link", name="Jetzt anmelden").first).to_be_visible()


def sign_in(organiser: Organiser, link: str) -> None:
    organiser.opens(link)
    organiser.sends("Anmelden")
    organiser.page.wait_for_url("**/manage/")


def set_up_the_series(organiser: Organiser) -> None:
    organiser.follows("Neue Reihe")
    organiser.fills("Titel", "LabCamp")
    organiser.fills("Kurzname in der Adresse", "teenager-jahre")
    organiser.presses(organiser.page.get_by_label("CityLAB Berlin"))
    organiser.fills("Kontaktadresse", "labcamp@lab.example")
    organiser.sends("Reihe anlegen")
    expect(heading(organiser.page, "LabCamp")).to_be_visible()


def set_up_the_edition(organiser: Organiser) -> None:
    organiser.follows("Erste Ausgabe")
    organiser.fills("Titel", "LabCamp #5")
    organiser.fills("Nummer", "5")
    organiser.fills("Thema", "Die Teenager-Jahre eines Labors")
    organiser.fills("Tag", f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}")
    organiser.fills("Beginn", "15:00")
    organiser.fills("Ende", "18:00")
    organiser.chooses("Form des Treffens", "online")
    organiser.fills("Zugangslink", "https://meet.example.org/labcamp")
    organiser.fills("Plätze", "60")
    organiser.sends("Als Entwurf speichern")
    expect(heading(organiser.page, "LabCamp #5")).to_be_visible()


def paste_the_programme(organiser: Organiser) -> None:
    organiser.follows("Agenda", exact=True)
    organiser.follows("Mehrere auf einmal")
    organiser.fills("Ein Programmpunkt je Zeile", PROGRAMME)
    organiser.sends("Vorschau")
    organiser.sends(re.compile("^7 Programmpunkte"))


def present_the_speakers(organiser: Organiser) -> None:
    for name, (role, organisation) in SPEAKERS.items():
        organiser.opens("/manage/teenager-jahre/speakers/")
        organiser.follows(name)
        organiser.fills("Rolle", role)
        organiser.fills("Andere Organisation", organisation)
        organiser.sends("Speichern")


def publish(organiser: Organiser) -> None:
    organiser.opens("/manage/teenager-jahre/5/")
    organiser.sends("Veröffentlichen")
    expect(organiser.page.get_by_role("status")).to_contain_text("Veröffentlicht.")
