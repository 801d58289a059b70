"""A series by a rule: seen before it is made, changed from one date on, and changed back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, OpenPage
from tests.browser.looking import barriers, too_wide
from tests.browser.visits import fill_in, heading, labelled, open_newest_mail, sign_in, tick
from tests.running import Server

pytestmark = [pytest.mark.browser, pytest.mark.axe]

FROM = datetime.now(UTC) + timedelta(days=30)


def fits(page: Page) -> None:
    """Nothing on the page is a barrier, or wider than a phone."""
    assert barriers(page) == []
    assert too_wide(page) == []
    page.set_viewport_size(DESK)


def found_series(desk: Page) -> None:
    desk.goto("/manage/series/new")
    labelled(desk, "Title").fill("Stammtisch")
    labelled(desk, "Short name in the address").fill("stammtisch")
    labelled(desk, "Contact address").fill("lab@example.org")
    labelled(desk, "How people usually meet").select_option(label="online")
    tick(desk, "CityLAB Berlin")
    desk.get_by_role("button", name="Set up the series").click()
    expect(heading(desk, "Stammtisch")).to_be_visible()


def join(visitor: Page, number: int) -> str:
    """Register for an edition, and return the address that did."""
    email = f"stammtisch{number}@example.org"
    visitor.goto(f"/stammtisch/{number}/register")
    fill_in(visitor, f"Gast {number}", email)
    visitor.get_by_role("button", name="Register now").click()
    expect(heading(visitor, "Look into your mailbox")).to_be_visible()
    open_newest_mail(visitor, email, re.compile("Stammtisch"))
    return email


def start_of(desk: Page, number: int) -> str:
    desk.goto(f"/manage/stammtisch/{number}/edit")
    return labelled(desk, "Start").input_value()


def wait_for_mails(page: Page, guests: list[str], number: int) -> None:
    """Wait until each guest has got so many mails: the confirmation, the change, and that it is as before."""
    for _ in range(60):
        page.goto("/mailbox")
        counts = [page.get_by_role("row").filter(has_text=email).count() for email in guests]
        if counts == [number] * len(guests):
            return
        page.wait_for_timeout(250)
    raise AssertionError(counts)


def plan_by_rule(desk: Page) -> None:
    """See three dates in words and as a calendar, go back once, and make drafts of them."""
    desk.get_by_role("link", name="Several editions").click()
    fits(desk)
    labelled(desk, "Repeats").select_option(label="in weeks, on a weekday")
    labelled(desk, "Every so many weeks, months or years").fill("2")
    labelled(desk, "Weekday").select_option(label="Tuesday")
    labelled(desk, "From").fill(f"{FROM:%Y-%m-%d}")
    labelled(desk, "How many").fill("3")
    desk.get_by_label(re.compile("^Start")).last.fill("18:00")
    desk.get_by_label(re.compile("^End")).last.fill("20:00")
    desk.get_by_role("button", name="Show the dates").click()
    expect(desk.get_by_role("heading", name="3 editions to be made")).to_be_focused()
    expect(desk.get_by_text("The rule: every 2 weeks on Tuesday")).to_be_visible()
    dates = desk.get_by_role("table", name="Numbers and dates of the editions")
    expect(dates.get_by_role("row")).to_have_count(4)
    expect(dates.get_by_role("row").nth(1)).to_contain_text("6 to 8 pm")
    assert desk.locator("td.is-new").count() == 3
    fits(desk)
    desk.get_by_role("button", name="Back to the form").click()
    expect(labelled(desk, "How many")).to_have_value("3")
    desk.get_by_role("button", name="Show the dates").click()
    desk.get_by_role("button", name="Make 3 drafts").click()
    expect(desk.get_by_role("status")).to_contain_text("3 drafts are made.")


def start_later(desk: Page) -> None:
    """Let the first and all after it start half an hour later; see whom that changes before it is saved."""
    desk.goto("/manage/stammtisch/1/")
    desk.get_by_role("link", name="Edit", exact=True).first.click()
    labelled(desk, "Start").fill("18:30")
    tick(desk, "this one and those after it")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("heading", name="3 editions change. 2 people will be told")).to_be_focused()
    expect(desk.get_by_text("Nothing is saved yet.")).to_be_visible()
    for number in (1, 2, 3):
        changes = desk.get_by_role("table", name=f"Changes of Stammtisch #{number} with old and new value")
        expect(changes.get_by_role("row").filter(has_text="Start")).to_contain_text("6:30 pm")
    expect(desk.get_by_text("1 person will be told.")).to_have_count(2)
    fits(desk)
    desk.get_by_role("button", name="Save and tell 2 people").click()
    expect(desk.get_by_role("status")).to_contain_text(
        "3 editions are changed. 2 people are being told by mail."
    )


def undo(desk: Page) -> None:
    desk.goto("/manage/stammtisch/1/")
    expect(desk.get_by_text("The old values of 3 editions come back.")).to_be_visible()
    fits(desk)
    desk.get_by_role("button", name="Undo the last change").click()
    expect(desk.get_by_role("status")).to_contain_text("Undone.")


def starts(desk: Page) -> list[str]:
    return [start_of(desk, number) for number in (1, 2, 3)]


def test_a_rule_is_shown_made_changed_from_one_date_on_and_undone(
    open_page: OpenPage, server: Server
) -> None:
    desk = open_page(locale="en-GB")
    sign_in(desk, server.new_sign_in_link())
    found_series(desk)
    plan_by_rule(desk)
    for number in (1, 2):
        desk.goto(f"/manage/stammtisch/{number}/")
        desk.get_by_role("button", name="Publish").click()
        expect(desk.get_by_role("status")).to_contain_text("Published.")
    visitor = open_page(locale="en-GB", viewport=PHONE)
    guests = [join(visitor, number) for number in (1, 2)]
    assert starts(desk) == ["18:00"] * 3

    start_later(desk)
    assert starts(desk) == ["18:30"] * 3
    wait_for_mails(visitor, guests, 2)
    undo(desk)
    assert starts(desk) == ["18:00"] * 3
    desk.goto("/manage/stammtisch/1/")
    expect(desk.get_by_role("button", name="Undo the last change")).to_have_count(0)
    wait_for_mails(visitor, guests, 3)
