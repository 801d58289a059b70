"""Sign-in through a real OpenID provider, by its own form, in Chromium, on another site than eventhub's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import needs
from tests.browser.conftest import DESK, PHONE
from tests.running import Server, free_port

pytest.importorskip("authlib")
pytestmark = [pytest.mark.browser, pytest.mark.oidc_provider, pytest.mark.slow]
FOLDER = Path(__file__).parent
OWNER = "organiser@localhost"
BUTTON = "Sign in with Lab account"


@dataclass
class House:
    """eventhub, the provider beside it, and whom the provider knows."""

    server: Server
    provider: subprocess.Popen[str]
    people: Path

    def know(self, **people: dict[str, object]) -> None:
        self.people.write_text(json.dumps(people), encoding="utf-8")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Start both; their names differ, so for the browser they are two sites."""
    port, provider_port = free_port(), free_port()
    people = tmp_path / "people.json"
    address = f"http://localhost:{port}"
    script = [
        str(FOLDER / "openid_provider.mjs"),
        str(provider_port),
        f"{address}/manage/sign-in/openid/back",
    ]
    provider = subprocess.Popen(
        [needs.node(), *script, str(people)],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert provider.stdout
    assert any(line.strip() == "ready" for line in provider.stdout)
    server = Server(
        tmp_path / "instance",
        port,
        BASE_URL=address,
        OPENID_ISSUER=f"http://127.0.0.1:{provider_port}",
        OPENID_CLIENT_ID="eventhub",
        OPENID_CLIENT_SECRET="a secret of both",
        OPENID_NAME="Lab account",
    )
    server.address = address
    server.wait()
    yield House(server, provider, people)
    server.kill()
    provider.kill()
    provider.wait()
    provider.stdout.close()


@pytest.fixture
def open_browser(browser: Browser, house: House) -> Iterator[object]:
    """Return a function that opens another browser each time; none asks hosts beyond this machine."""
    opened: list[BrowserContext] = []

    def open_one(viewport: dict[str, int] = DESK) -> Page:
        context = browser.new_context(base_url=house.server.address, locale="en-GB", viewport=viewport)
        context.route(lambda url: "127.0.0.1" not in url and "localhost" not in url, lambda way: way.abort())
        opened.append(context)
        return context.new_page()

    yield open_one
    for context in opened:
        context.close()


def sign_in(page: Page, name: str, target: str = "/manage/account") -> None:
    """Follow the button, fill in the provider's form and let it tell eventhub who one is."""
    page.goto(f"/manage/sign-in?next={target}")
    page.get_by_role("link", name=BUTTON).click()
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_the_provider_signs_in_and_is_linked(house: House, open_browser: object) -> None:
    assert callable(open_browser)
    house.know(ada={"email": OWNER, "email_verified": True})
    page = open_browser()
    sign_in(page, "ada", "/manage/series/")
    expect(page).to_have_url(f"{house.server.address}/manage/series/")
    page.goto("/manage/account")
    expect(page.get_by_text(f"Signed in as {OWNER}")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="this one")).to_have_count(1)

    house.know(ada={"email": "ada@elsewhere.example", "email_verified": False})
    phone = open_browser(PHONE)
    sign_in(phone, "ada")
    expect(phone.get_by_text(f"Signed in as {OWNER}")).to_be_visible()

    phone.get_by_role("button", name="Sign out everywhere").click()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in to organise")).to_be_visible()


def test_what_goes_wrong_is_a_sentence(house: House, open_browser: object) -> None:
    assert callable(open_browser)
    house.know(
        mallory={"email": OWNER, "email_verified": False},
        eve={"email": "eve@elsewhere.example", "email_verified": True},
    )
    for name, words in {
        "mallory": "Lab account does not say that your email address is checked",
        "eve": "There is no account for eve@elsewhere.example",
    }.items():
        page = open_browser()
        sign_in(page, name)
        expect(page.get_by_role("alert")).to_contain_text(words)
        page.goto("/manage/account")
        expect(page.get_by_role("heading", name="Sign in to organise")).to_be_visible()

    page = open_browser()
    page.goto("/manage/sign-in")
    page.get_by_role("link", name=BUTTON).click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("You were not signed in at Lab account")
