"""Groups: proposed, changed by drag and by keyboard, published, and seen on a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.looking import barriers, too_wide
from tests.browser.visits import EXAMPLE, labelled, open_newest_mail, personal_link, register, sign_in
from tests.running import Server, serving

pytestmark = pytest.mark.browser

PEOPLE = ("Ada Eins", "Bo Zwei", "Cem Drei", "Dua Vier")


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start eventhub for these people alone: whoever else has registered would be in the groups as well."""
    with serving(tmp_path_factory.mktemp("groups")) as running:
        yield running


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def drag(page: Page, name: str, into: Locator) -> None:
    grip = page.get_by_role("listitem").filter(has_text=name).locator(".question-grip")
    grip.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), into.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 30, end["y"] + 30, steps=8)
    page.mouse.up()


@pytest.mark.axe
def test_groups_are_dragged_swapped_by_keyboard_and_published(open_page: OpenPage, server: Server) -> None:
    visitor = open_page(locale="en-GB", viewport=PHONE)
    for number, name in enumerate(PEOPLE):
        register(visitor, name, f"group{number}@example.org")
    desk = open_page(locale="en-GB")
    sign_in(desk, server.new_sign_in_link())
    desk.get_by_role("link", name=EXAMPLE).first.click()
    desk.get_by_role("link", name="Groups", exact=True).click()
    assert barriers(desk) == []
    labelled(desk, "What the groups are for").fill("Workshop")
    labelled(desk, "Number of groups").fill("2")
    desk.get_by_role("button", name="Make a proposal").click()
    expect(desk.get_by_role("status")).to_contain_text("This is a proposal.")

    one, two = group(desk, "Group 1"), group(desk, "Group 2")
    here, there = (one, two) if "Ada" in one.inner_text() else (two, one)
    drag(desk, "Ada Eins", there)
    expect(there).to_contain_text("Ada Eins")
    expect(desk.get_by_role("status")).to_contain_text("1 person moved.")
    desk.get_by_label(re.compile("^Ada Eins")).press("Space")
    here.get_by_role("checkbox").press("Space")
    desk.get_by_role("button", name="Swap two").press("Enter")
    expect(here).to_contain_text("Ada Eins")
    expect(desk.get_by_role("status")).to_contain_text("Swapped.")

    desk.get_by_role("link", name="Group 1", exact=True).click()
    labelled(desk, "Link").fill("https://meet.example/one")
    desk.get_by_role("button", name="Save").click()
    for width in (390, 1280):
        desk.set_viewport_size({"width": width, "height": 900})
        assert barriers(desk) == []
        assert too_wide(desk) == []
    desk.get_by_role("button", name="Publish and tell everybody").click()
    expect(desk.get_by_role("status")).to_contain_text("Published.")

    open_newest_mail(visitor, "group0@example.org", re.compile("^Workshop: Group"))
    personal_link(visitor).click()
    expect(visitor.get_by_role("region", name="Your group")).to_contain_text("Group")
    assert barriers(visitor) == []
    assert too_wide(visitor) == []
