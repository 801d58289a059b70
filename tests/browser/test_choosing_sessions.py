"""Sessions with few places, chosen on a phone while one registers."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.looking import barriers, too_wide
from tests.browser.visits import (
    EXAMPLE,
    REGISTER,
    fill_in,
    heading,
    labelled,
    open_newest_mail,
    sign_in,
    tick,
)
from tests.running import Server

pytestmark = pytest.mark.browser

WORKSHOP = "Wirkung zeigen ohne Zahlenfriedhof"


def give_one_place(desk: Page) -> str:
    """Let a session take one person; return the address of its page."""
    desk.goto("/manage/labcamp/11/signups/")
    desk.get_by_role("region", name="Open to everybody").get_by_role("link", name=WORKSHOP).click()
    labelled(desk, "Places").fill("1")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("status")).to_contain_text("Saved.")
    return desk.url


def begin(page: Page, name: str, email: str) -> None:
    """Fill in the form and tick the session."""
    page.goto("/labcamp/11/register")
    fill_in(page, name, email)
    tick(page, re.compile(WORKSHOP))


def send(page: Page) -> None:
    page.get_by_role("button", name=REGISTER).click()


def width(part: Locator) -> float:
    box = part.bounding_box()
    assert box
    return box["width"]


@pytest.mark.axe
def test_two_phones_want_the_last_place_of_a_session(open_page: OpenPage, server: Server) -> None:
    desk = open_page(locale="en-GB")
    sign_in(desk, server.new_sign_in_link())
    expect(desk.get_by_role("link", name=EXAMPLE).first).to_be_visible()
    session = give_one_place(desk)
    ada, bo = (
        open_page(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-GB", java_script_enabled=script)
        for script in (True, False)
    )
    begin(bo, "Bo Zwei", "bo-two@example.org")
    begin(ada, "Ada Eins", "ada-one@example.org")
    assert barriers(ada) == []
    assert too_wide(ada) == []
    send(ada)
    expect(heading(ada, "Look into your mailbox")).to_be_visible()

    send(bo)
    expect(bo.get_by_role("alert")).to_contain_text("has filled up in the meantime")
    card, reason = bo.locator(".choice.is-bad"), bo.locator(".choice.is-bad .error")
    assert width(reason) > 0.7 * width(card), "it stands beside the box, not below it word by word"
    expect(bo.get_by_label("Name", exact=True)).to_have_value("Bo Zwei")
    expect(bo.get_by_label(re.compile(WORKSHOP))).to_be_checked()
    send(bo)  # now it says that this is for the waitlist
    expect(heading(bo, "Look into your mailbox")).to_be_visible()

    open_newest_mail(ada, "ada-one@example.org", re.compile("Your sessions"))
    expect(ada.get_by_text("You have a place")).to_be_visible()
    open_newest_mail(bo, "bo-two@example.org", re.compile("Your sessions"))
    expect(bo.get_by_text("You are waiting for a place")).to_be_visible()

    desk.goto(session)
    desk.locator("summary").filter(has_text="Open to everybody again").click()
    desk.get_by_role("button", name="End sign-ups").click()
    expect(desk.get_by_role("status")).to_contain_text("is open to everybody again")
