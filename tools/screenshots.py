"""Renews docs/screenshots: starts eventhub with throw-away data and walks through its main pages."""

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.needs import chromium
from tools import ROOT

FOLDER = ROOT / "docs" / "screenshots"
EDITION = re.compile(r"^/(?!manage/)[a-z0-9-]+/[a-z0-9-]+/?$")
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)


def free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, str]]:
    """Run eventhub on its own data; give its address and the organiser's sign-in link."""
    port = str(free_port())
    own = {"PORT": port, "EVENTHUB_INSTANCE": str(folder), "EVENTHUB_BASE_URL": f"http://127.0.0.1:{port}"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EVENTHUB_")}
    command = [sys.executable, "-u", "-m", "eventhub", "serve"]
    with subprocess.Popen(
        command, cwd=ROOT, env=inherited | own, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            lines = [server.stdout.readline() for _ in range(3)] if server.stdout else []
            found = dict(line.split(maxsplit=1) for line in lines)
            yield found["eventhub"].strip().rstrip("/"), found["organiser"].strip()
        finally:
            server.terminate()


def shoot(page: Page, name: str) -> None:
    """Keep the whole page as an image, without anything that moves."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True, animations="disabled")
    print(f"docs/screenshots/{name}.png")


def links(page: Page) -> list[str]:
    """Return the addresses of all links of a page, as they stand there."""
    return [link.get_attribute("href") or "" for link in page.locator("a[href]").all()]


def open_edition(page: Page) -> str:
    """Go from the start page to an edition that takes registrations; return its address without the host."""
    editions = dict.fromkeys(link for link in links(page) if EDITION.match(link))
    for address in editions:
        page.goto(address)
        if any(link.rstrip("/").endswith("/register") for link in links(page)):
            return address.rstrip("/")
    raise SystemExit("No edition takes registrations; is the example edition there?")


def as_newcomer(page: Page) -> str:
    """Walk from the start page to a confirmed registration and its mail; return the edition's address."""
    page.goto("/")
    shoot(page, "start")
    edition = open_edition(page)
    shoot(page, "edition")
    page.goto(edition.rsplit("/", 1)[0] + "/")
    shoot(page, "series")
    page.goto(f"{edition}/register")
    shoot(page, "register")
    for name, value in {
        "name": "Ada Beispiel",
        "email": "ada@example.org",
        "organisation": "Musterlabor",
    }.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=consent]").check()
    page.locator("main form button[type=submit]").last.click()
    page.goto(personal_link(page))
    shoot(page, "my-registration")
    return edition


def personal_link(page: Page) -> str:
    """Wait for the confirmation in the mailbox and return the link in it."""
    for _ in range(40):
        page.goto("/mailbox")
        mails = [link for link in links(page) if link.startswith("/mailbox/")]
        if mails:
            page.goto(mails[0])
        found = [link for link in links(page) if "/my/" in link]
        if found:
            return found[0]
        page.wait_for_timeout(250)
    raise SystemExit("The confirmation did not arrive in the mailbox.")


def as_organiser(page: Page, sign_in_link: str, edition: str) -> None:
    """Sign in and look at the dashboard, the agenda and the registrations."""
    page.goto(sign_in_link)
    page.locator("main form button[type=submit]").first.click()
    page.goto("/manage/")
    shoot(page, "dashboard")
    for part in ("agenda", "registrations"):
        page.goto(f"/manage{edition}/{part}")
        shoot(page, f"manage-{part}")


def on_the_phone(page: Page, edition: str) -> None:
    """Look at the edition as most people do."""
    page.goto(f"{edition}/")
    shoot(page, "edition-phone")


def main() -> int:
    """Take all pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as (address, link),
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        desk = browser.new_page(base_url=address, viewport=DESK, locale="de-DE", timezone_id="Europe/Berlin")
        edition = as_newcomer(desk)
        as_organiser(desk, link, edition)
        phone = browser.new_page(
            base_url=address, viewport=PHONE, locale="de-DE", timezone_id="Europe/Berlin"
        )
        on_the_phone(phone, edition)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
