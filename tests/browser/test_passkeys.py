"""Passkeys with Chromium's virtual authenticator: made on the account page, they sign in without a mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.watching import Watch
from tests.running import Server, free_port

pytest.importorskip("webauthn")
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Server]:
    """Start eventhub under a name: browsers keep no passkeys for bare addresses."""
    port = free_port()
    server = Server(tmp_path, port, BASE_URL=f"http://localhost:{port}")
    server.address = f"http://localhost:{port}"
    server.wait()
    yield server
    server.process.terminate()
    server.process.wait()


def give_authenticator(page: Page) -> None:
    """Let the browser have a device that keeps passkeys and whose owner always agrees."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def test_a_passkey_signs_in(browser: Browser, named: Server) -> None:
    context = browser.new_context(base_url=named.address, locale="en-GB")
    page = context.new_page()
    watch = Watch(page)
    give_authenticator(page)
    page.goto(named.first_sign_in_link)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/manage/account")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is kept and opens this account")
    page.get_by_role("button", name="Sign out", exact=True).click()

    page.goto("/manage/sign-in?next=/manage/series/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{named.address}/manage/series/")
    page.goto("/manage/account")
    expect(page.get_by_role("cell", name="never")).to_have_count(0)
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Sign out", exact=True).click()

    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be checked")
    assert set(watch.findings()) <= {"asked localhost"}
    context.close()
