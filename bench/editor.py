"""The agenda editor in Chromium, with a big made-up agenda, and FOSDEM’s of 2025 where it is at hand."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bench.figures import Bench, Report
from bench.processes import ROOT
from bench.seed import WORDS, ZONE, add_edition, add_series, days_ahead
from eventhub.agenda.models import Kind, Room, Slot, SlotSpeaker, Speaker
from eventhub.database import transaction
from eventhub.editions.models import Edition, new_calendar_uid
from eventhub.editions.times import span
from eventhub.exchange import slot_offers
from eventhub.exchange.schedules.reading import read_programme
from eventhub.extensions import db
from eventhub.organisations.models import Organisation
from eventhub.organisations.service import first_organiser
from tests.needs import SHARED, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

SLOTS, ROOMS, DAYS = 1000, 40, 2
AGENDA = "/manage/fair/{number}/agenda/"
FOSDEM, ITS_DAYS = SHARED / "data" / "schedules" / "fosdem-2025.xml", (date(2025, 2, 1), date(2025, 2, 2))
OPENED = 7
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FRAMES = """() => { window.gaps = []; let last = performance.now();
const look = (now) => { window.gaps.push(now - last); last = now;
window.looking = requestAnimationFrame(look); };
window.looking = requestAnimationFrame(look); }"""

PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
"""Milliseconds from the start of the navigation until the frame after everything was there."""


def editor(report: Report, bench: Bench) -> None:
    """Open each agenda several times, then drag a slot through it."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    agendas: dict[str, Callable[[Edition], None]] = {"1000_slots": _make_up}
    if FOSDEM.exists():
        agendas["fosdem_2025"] = _take_fosdem
    link = _prepared(bench, list(agendas.values()))
    with bench.server(), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(link)
        page.get_by_role("button", name=re.compile("Sign in|Anmelden")).click()
        for number, name in enumerate(agendas, start=1):
            address = f"http://127.0.0.1:{bench.port}{AGENDA.format(number=number)}"
            usual = statistics.median([_open(page, address) for _ in range(OPENED)][1:])
            report.add(f"editor_opens_{name}", usual, "ms", "≤ 1000", usual <= 1000)
            longest = _drag(page)
            report.add(f"editor_longest_frame_{name}", longest, "ms", "≤ 100", longest <= 100)
        browser.close()


def _prepared(bench: Bench, agendas: list[Callable[[Edition], None]]) -> str:
    """Store an edition for each agenda, and an owner of them; return a link that signs in."""
    with bench.app.app_context():
        with transaction():
            lab = db.session.query(Organisation).filter_by(slug="lab").one()
            address = first_organiser([lab]).email
            series = add_series("fair", "Messe", lab)
        for number, fill in enumerate(agendas, start=1):
            with transaction():
                edition = add_edition(series, number, days_ahead(90))
                db.session.flush()
                fill(edition)
    command = [sys.executable, "-m", "eventhub", "accounts", "sign-in-link", address]
    environment = {**os.environ, **bench.env()}
    asked = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return asked.stdout.strip()


def _lasts(edition: Edition, first: date, last: date) -> None:
    edition.start_date, edition.end_date = first, last
    edition.starts_at, edition.ends_at = span(ZONE, first, edition.start_time, last, edition.end_time)


def _take_fosdem(edition: Edition) -> None:
    """Take all of its 943 sessions in, as the organiser's page does."""
    _lasts(edition, *ITS_DAYS)
    sessions = read_programme(FOSDEM.read_text(encoding="utf-8"), *ITS_DAYS, edition.zone).meetings
    offers, unread = slot_offers.offers_for(edition, sessions)
    assert not unread
    slot_offers.take(edition, offers, [offer.token for offer in offers])


def _make_up(edition: Edition) -> None:
    """Fill forty rooms on two days with a thousand slots."""
    assert edition.start_date is not None
    _lasts(edition, edition.start_date, edition.start_date + timedelta(days=DAYS - 1))
    rooms = [Room(edition_id=edition.id, name=f"Raum {n}", position=n) for n in range(ROOMS)]
    people = [
        Speaker(series=edition.series, slug=f"person-{n}", name=f"Dr. Person {n}") for n in range(SLOTS)
    ]
    db.session.add_all([*rooms, *people])
    db.session.flush()
    for at in range(SLOTS):
        room, row = at % ROOMS, at // ROOMS
        day, hour = row % DAYS, row // DAYS
        start = datetime.combine(edition.start_date, time(9)) + timedelta(days=day, minutes=hour * 35)
        end = start + timedelta(minutes=30)
        moments = span(ZONE, start.date(), start.time(), end.date(), end.time())
        slot = Slot(
            edition=edition,
            slug=f"slot-{at}",
            title=f"Beitrag {at}: Zieldimensionen",
            abstract=WORDS,
            kind=[Kind.TALK, Kind.WORKSHOP, Kind.DISCUSSION][at % 3],
            day=start.date(),
            start_time=start.time(),
            end_time=end.time(),
            starts_at=moments.starts_at,
            ends_at=moments.ends_at,
            room_id=rooms[room].id,
            calendar_uid=new_calendar_uid("slot", "bench.example.org"),
        )
        slot.speaker_links.append(SlotSpeaker(speaker=people[at]))
        db.session.add(slot)


def _open(page: Page, address: str) -> float:
    """Return the milliseconds from the click until all is loaded, drawn and can be used."""
    page.goto(address)
    page.locator("[data-slot] .grip").first.wait_for()
    return float(page.evaluate(PAINTED))


def _drag(page: Page) -> float:
    """Drag a slot over half the screen; return the longest time between two frames (ms)."""
    grip = page.locator("[data-slot] .grip").first
    grip.evaluate("one => one.scrollIntoView({block: 'center'})")
    box = grip.bounding_box()
    assert box
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.evaluate(FRAMES)
    page.mouse.move(box["x"] + 400, box["y"] + 200, steps=60)
    gaps: list[float] = page.evaluate("() => { cancelAnimationFrame(window.looking); return window.gaps; }")
    page.keyboard.press("Escape")
    page.mouse.up()
    return max(gaps[1:], default=0.0)
