"""What a participant does: register without an account, read the mail, choose, keep dates, cancel."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.keyboard import Keyboard
from tests.browser.visits import (
    EXAMPLE,
    REGISTER,
    cancel,
    choose,
    download_calendar,
    heading,
    open_newest_mail,
    personal_link,
    register,
    titles_and_times,
)

pytestmark = pytest.mark.browser

TALK, WORKSHOP = "Was bleibt, wenn das Projekt endet?", "Wirkung zeigen ohne Zahlenfriedhof"


def english_phone(open_page: OpenPage, **options: object) -> Page:
    return open_page(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-GB", **options)


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_phone_is_enough_from_the_start_page_to_the_cancellation(
    open_page: OpenPage, javascript: bool
) -> None:
    page = english_phone(open_page, java_script_enabled=javascript)
    email = f"ada-{'with' if javascript else 'without'}@example.org"
    register(page, "Ada Beispiel", email)

    open_newest_mail(page, email, re.compile("LabCamp #11"))
    personal_link(page).click()
    expect(heading(page, "You’re in, Ada Beispiel")).to_be_visible()
    expect(page.get_by_role("link", name="https://meet.example.org/labcamp-11")).to_be_visible()

    choose(page, TALK, WORKSHOP)
    found = titles_and_times(download_calendar(page))
    assert len(found) == 3
    assert [time for title, time in found.items() if EXAMPLE in title] == ["15:00 CET"]
    assert [time for title, time in found.items() if TALK in title] == ["15:15 CET"]
    assert [time for title, time in found.items() if WORKSHOP in title] == ["15:45 CET"]

    cancel(page)
    open_newest_mail(page, email, re.compile("cancelled", re.IGNORECASE))
    expect(page.get_by_text("Takes an entry out of the calendar")).to_be_visible()


def test_a_keyboard_is_enough(open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    keys = Keyboard(page)
    page.goto("/")
    keys.tab()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()

    keys.tab_to(page.get_by_role("link", name=EXAMPLE, exact=True).first)
    keys.press("Enter")
    keys.tab_to(page.get_by_role("link", name=REGISTER).first)
    keys.press("Enter")
    submit = page.get_by_role("button", name=REGISTER)
    keys.tab_to(submit)
    keys.press("Enter")

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error:"))
    keys.tab_to(page.get_by_role("alert").get_by_role("link", name="Enter your name"))
    keys.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    keys.type("Kim Tastatur")
    keys.tab_to(page.get_by_label("Email address"))
    keys.type("kim@example.org")
    keys.tab_to(page.get_by_label(re.compile("I have read the privacy notice")))
    keys.press("Space")
    keys.tab_to(submit)
    keys.press("Space")
    expect(heading(page, "Look into your mailbox")).to_be_visible()

    open_newest_mail(page, "kim@example.org", re.compile("LabCamp #11"))
    keys.tab_to(personal_link(page))
    keys.press("Enter")
    keys.tab_to(page.get_by_label(TALK))
    keys.press("Space")
    keys.tab_to(page.get_by_role("button", name="Save my programme"))
    keys.press("Enter")
    expect(page.get_by_label(TALK)).to_be_checked()
    keys.tab_to(page.locator("summary").filter(has_text="I can’t come after all"))
    keys.press("Enter")
    keys.tab_to(page.get_by_role("button", name="Cancel my registration"))
    keys.press("Space")
    expect(heading(page, re.compile("is cancelled"))).to_be_visible()


def test_a_menu_closes_on_escape_and_gives_the_focus_back(open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    keys = Keyboard(page)
    page.goto("/labcamp/11/")
    menu = page.locator("summary").filter(has_text="Add to calendar").first
    keys.tab_to(menu)
    keys.press("Enter")
    file = page.get_by_role("link", name="Calendar file (.ics)").first
    keys.tab_to(file)
    keys.press("Escape")
    expect(file).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_reader_in_new_york_sees_her_own_time_next_to_ours(open_page: OpenPage) -> None:
    page = open_page(locale="en-GB", timezone_id="America/New_York")
    page.goto("/labcamp/11/")
    hours = page.locator("time[data-local]").filter(has_text="3 to 6 pm (Berlin)").first
    expect(hours).to_be_visible()
    shown = page.locator("[data-own]").evaluate_all("all => all.map(one => one.dataset.own)")
    assert any("9:00" in words and "12:00" in words and "New York" in words for words in shown)
    assert "New York" in hours.evaluate("one => getComputedStyle(one, '::after').content")


def test_a_reader_in_berlin_sees_one_time_only(open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    page.goto("/labcamp/11/")
    expect(page.locator("time[data-local]").first).to_be_visible()
    expect(page.locator("[data-own]")).to_have_count(0)


def test_the_chosen_language_and_display_stay(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/labcamp/11/")
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-mode", "dark")
    page.get_by_role("link", name=REGISTER).first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_attribute("data-mode", "dark")
