"""A running eventhub with its sample data, as a newcomer has it, and Chromium to look at it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests import needs
from tests.browser.watching import Watch
from tests.running import Server, serving

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
BERLIN = {"locale": "de-DE", "timezone_id": "Europe/Berlin", "reduced_motion": "reduce"}

OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def driver() -> Iterator[Playwright]:
    """Start what drives browsers; a process can have one of them only."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(driver: Playwright) -> Iterator[Browser]:
    """Start the system's Chromium; nothing is downloaded."""
    started = driver.chromium.launch(executable_path=needs.chromium(), args=FLAGS)
    yield started
    started.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start eventhub with nothing set, so that mails go to /mailbox."""
    with serving(tmp_path_factory.mktemp("newcomer")) as running:
        yield running


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[OpenPage]:
    """Return a function that opens an empty page, each with cookies of its own.

    Whatever pages do, in the end none may have written an error or asked another host.
    """
    opened: list[tuple[Page, Watch]] = []

    def open_one(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": server.address, "viewport": DESK, **BERLIN, **options})
        context.set_default_timeout(20_000)
        page = context.new_page()
        opened.append((page, Watch(page)))
        return page

    yield open_one
    for page, watch in opened:
        page.context.close()
        assert watch.findings() == []
