"""A form of one's own: built at the desk, filled in on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.looking import barriers, too_wide
from tests.browser.visits import EXAMPLE, REGISTER, fill_in, heading, labelled, sign_in
from tests.running import Server

pytestmark = pytest.mark.browser


def add(page: Page, kind: str, label: str, **more: str) -> None:
    """Add a question with the builder."""
    page.get_by_label("What it asks for").select_option(label=kind)
    page.get_by_role("button", name="Add", exact=True).click()
    labelled(page, "Question").fill(label)
    if "options" in more:
        labelled(page, "Options").fill(more["options"])
        expect(page.get_by_role("region", name="Preview").get_by_label("Vegan")).to_be_visible()
    if "only_if" in more:
        labelled(page, "Ask it").select_option(label=more["only_if"])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The question is added.")


@pytest.mark.axe
def test_a_form_is_built_at_the_desk_and_filled_in_on_a_phone(open_page: OpenPage, server: Server) -> None:
    desk = open_page(locale="en-GB")
    sign_in(desk, server.new_sign_in_link())
    desk.get_by_role("link", name=EXAMPLE).first.click()
    desk.get_by_role("link", name="Form", exact=True).click()
    add(desk, "Yes or no", "Will you eat with us?")
    add(
        desk,
        "One of several options",
        "Which dish?",
        options="Vegan\nWith fish",
        only_if="only if “Will you eat with us?” is “yes”",
    )
    add(desk, "Short text", "Anything else?")
    desk.get_by_role("button", name="Move up: Anything else?").click()
    desk.get_by_role("button", name="Move up: Anything else?").click()
    questions = desk.locator(".question-list strong")
    expect(questions).to_have_text(["Anything else?", "Will you eat with us?", "Which dish?"])
    grips = desk.locator(".question-grip")
    grips.nth(2).scroll_into_view_if_needed()
    box, target = grips.nth(0).bounding_box(), grips.nth(2).bounding_box()
    assert box
    assert target
    desk.mouse.move(box["x"] + 5, box["y"] + 5)
    desk.mouse.down()
    desk.mouse.move(target["x"] + 5, target["y"] + target["height"] + 30, steps=8)
    with desk.expect_navigation():  # the order is seen before the form is sent
        desk.mouse.up()
    expect(questions).to_have_text(["Will you eat with us?", "Which dish?", "Anything else?"])
    assert barriers(desk) == []
    assert too_wide(desk) == []

    phone = open_page(locale="en-GB", viewport=PHONE, has_touch=True)
    phone.goto("/")
    phone.get_by_role("link", name=EXAMPLE, exact=True).first.click()
    phone.get_by_role("link", name=REGISTER).first.click()
    expect(phone.get_by_role("group", name="Which dish?")).to_be_hidden()
    fill_in(phone, "Toni Muster", "hungry@example.org")
    phone.get_by_label("Yes", exact=True).check()
    expect(phone.get_by_role("group", name="Which dish?")).to_be_visible()
    phone.get_by_label("Vegan").check()
    assert barriers(phone) == []
    assert too_wide(phone) == []
    phone.set_viewport_size(PHONE)
    phone.get_by_role("button", name=REGISTER).click()
    expect(heading(phone, "Look into your mailbox")).to_be_visible()

    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.get_by_role("link", name="Registrations").first.click()
    expect(desk.get_by_role("row").filter(has_text="hungry@example.org")).to_contain_text("Vegan")
    desk.get_by_role("link", name="Answers in numbers").click()
    expect(desk.get_by_role("row").filter(has_text=re.compile("^Vegan"))).to_contain_text("1")
    assert barriers(desk) == []
