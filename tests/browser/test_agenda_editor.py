"""The agenda editor in Chromium: by pointer, by keyboard, by two people at once, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.looking import barriers, too_wide
from tests.browser.visits import labelled, sign_in
from tests.running import Server

pytestmark = pytest.mark.browser

PATIENCE = 20_000
"""Milliseconds that an answer of the server may take on a machine that is busy with other tests."""
PROGRAMME = "09:00-10:00 Welcome\n10:00-11:00 Workshop | Mona\n12:00-13:00 Lunch talk | Mona\n"


@pytest.fixture
def address(open_page: OpenPage, server: Server) -> str:
    """A new edition with two rooms and three slots; returns the address of its agenda."""
    page = open_page(locale="en-GB")
    sign_in(page, server.new_sign_in_link())
    page.goto("/manage/kosi-lab/new")
    labelled(page, "Title").fill("Dragged")
    labelled(page, "Day").fill("2027-03-16")
    labelled(page, "Start").fill("09:00")
    page.get_by_role("button", name=re.compile("^(Create|Save)")).first.click()
    page.get_by_role("link", name="Agenda", exact=True).click()
    found = page.url
    for room in ("Hall", "Studio"):
        page.goto(f"{found}rooms/")
        labelled(page, "Name").fill(room)
        page.get_by_role("button", name=re.compile("^(Add|Save)")).first.click()
    page.goto(f"{found}paste")
    labelled(page, "Day").fill("2027-03-16")
    labelled(page, "Room").select_option(label="Hall")
    labelled(page, "One slot per line").fill(PROGRAMME)
    page.locator("main form button").first.click()
    page.get_by_role("button", name=re.compile("^Add 3")).click()
    expect(card(page, "Workshop")).to_be_visible()
    return found


def opened(open_page: OpenPage, server: Server, address: str) -> Page:
    page = open_page(locale="en-GB")
    sign_in(page, server.new_sign_in_link())
    page.goto(address)
    return page


def card(page: Page, title: str) -> Locator:
    return page.locator("[data-slot]").filter(has=page.get_by_role("link", name=title, exact=True))


def status(page: Page) -> Locator:
    return page.locator("#editor-status")


def hold(page: Page, part: Locator) -> tuple[float, float]:
    part.evaluate("one => one.scrollIntoView({block: 'center'})")  # at the edge the page would scroll along
    box = part.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def hour(page: Page) -> float:
    """Return how many pixels an hour takes."""
    tops = [one.bounding_box() for one in page.locator(".grid .hour").all()[:2]]
    assert tops[0]
    assert tops[1]
    return tops[1]["y"] - tops[0]["y"]


def test_a_slot_is_dragged_stretched_and_both_are_taken_back(
    open_page: OpenPage, server: Server, address: str
) -> None:
    page = opened(open_page, server, address)
    workshop = card(page, "Workshop")
    _x, y = hold(page, workshop.locator(".grip"))
    studio = page.locator("[data-column]", has_text="Studio").bounding_box()
    assert studio
    page.mouse.move(studio["x"] + 60, y + hour(page) / 2, steps=6)
    expect(status(page)).to_contain_text("10:30–11:30, Studio", timeout=PATIENCE)
    page.mouse.up()
    expect(status(page)).to_have_text("“Workshop” is now at 10:30, Studio.", timeout=PATIENCE)
    x, y = hold(page, workshop.locator(".stretch"))
    page.mouse.move(x, y + hour(page), steps=6)
    expect(status(page)).to_contain_text("Somebody is needed twice".lower(), timeout=PATIENCE)
    page.mouse.up()
    expect(status(page)).to_contain_text("Warning: Mona needed twice", timeout=PATIENCE)
    page.reload()
    expect(workshop.locator("time")).to_have_text("10:30", timeout=PATIENCE)
    expect(workshop.locator(".dur")).to_contain_text("120", timeout=PATIENCE)
    page.get_by_role("button", name="Undo").click()
    expect(workshop.locator(".dur")).to_contain_text("60", timeout=PATIENCE)
    page.keyboard.press("Control+z")
    expect(workshop.locator("time")).to_have_text("10:00", timeout=PATIENCE)
    page.get_by_role("button", name="Redo").click()
    expect(workshop.locator("time")).to_have_text("10:30", timeout=PATIENCE)


def test_a_slot_is_moved_by_keyboard_and_every_step_is_said(
    open_page: OpenPage, server: Server, address: str
) -> None:
    page = opened(open_page, server, address)
    grip = page.get_by_role("button", name="Move: Workshop")
    grip.press("Enter")
    expect(status(page)).to_contain_text("Workshop taken, 10:00–11:00, Hall.", timeout=PATIENCE)
    grip.press("ArrowUp")
    expect(status(page)).to_have_text("09:55–10:55, Hall. Hall is taken then", timeout=PATIENCE)
    grip.press("Escape")
    expect(status(page)).to_have_text("Workshop is where it was.", timeout=PATIENCE)
    grip.press("Space")
    grip.press("ArrowRight")
    grip.press("Shift+ArrowDown")
    grip.press("+")
    expect(status(page)).to_have_text("10:30–11:35, Studio", timeout=PATIENCE)
    grip.press("Enter")
    expect(status(page)).to_have_text("“Workshop” is now at 10:30, Studio.", timeout=PATIENCE)
    expect(grip).to_be_focused()


def test_the_second_of_two_sees_the_first_and_overwrites_nothing(
    open_page: OpenPage, server: Server, address: str
) -> None:
    first, second = (opened(open_page, server, address) for _ in range(2))
    second.get_by_role("button", name="Move: Workshop").press("Enter")  # so it can't be shown anew meanwhile
    grip = first.get_by_role("button", name="Move: Workshop")
    grip.press("Enter")
    grip.press("ArrowRight")
    grip.press("Enter")
    expect(status(first)).to_contain_text("is now at 10:00, Studio", timeout=PATIENCE)
    second.keyboard.press("Shift+ArrowDown")
    second.keyboard.press("Enter")
    expect(status(second)).to_contain_text(
        "“Workshop” was moved in the meantime, so your move was not saved."
    )
    expect(card(second, "Workshop").locator("time")).to_have_text("10:00", timeout=PATIENCE)
    grip.press("Enter")
    grip.press("Shift+ArrowDown")
    grip.press("Enter")
    expect(card(second, "Workshop").locator("time")).to_have_text("10:30")
    expect(status(second)).to_have_text(
        "Somebody else has changed the agenda. You see it as it is now.", timeout=PATIENCE
    )


def lost(route: Route) -> None:
    route.abort("aborted")


def answering(code: int) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=code, content_type="text/html", body="<p>An error page</p>")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lost, "Not saved: the server does not answer."),
        (answering(500), "Not saved: something went wrong on the server. Please try again in a minute."),
        (answering(403), "Not saved: you may not change this agenda any more."),
        (answering(400), "Not saved: this page has been open for too long. Please reload it."),
    ],
    ids=["lost", "failing", "forbidden", "outdated"],
)
def test_a_move_that_was_not_saved_is_not_shown_and_the_page_says_why(
    open_page: OpenPage, server: Server, address: str, answer: Callable[[Route], None], words: str
) -> None:
    page = opened(open_page, server, address)
    page.route("**/move*", answer)
    workshop = card(page, "Workshop")
    before = workshop.get_attribute("class")
    grip = page.get_by_role("button", name="Move: Workshop")
    grip.press("Enter")
    grip.press("Shift+ArrowDown")
    expect(workshop.locator("time")).to_have_text("10:30", timeout=PATIENCE)
    grip.press("Enter")
    expect(status(page)).to_have_text(words, timeout=PATIENCE)
    expect(workshop.locator("time")).to_have_text("10:00", timeout=PATIENCE)
    assert workshop.get_attribute("class") == before
    expect(grip).to_be_focused()
    page.unroute("**/move*")
    grip.press("Enter")
    grip.press("Shift+ArrowDown")
    grip.press("Enter")
    expect(status(page)).to_have_text("“Workshop” is now at 10:30, Hall.", timeout=PATIENCE)


def test_who_is_signed_out_or_moves_what_is_gone_is_told_so(
    open_page: OpenPage, server: Server, address: str
) -> None:
    first, second = (opened(open_page, server, address) for _ in range(2))
    grip = second.get_by_role("button", name="Move: Workshop")
    grip.press("Enter")  # so it can't be shown anew meanwhile
    first.goto(f"{address}?slot=workshop")
    first.get_by_text("Delete this slot").click()
    first.get_by_role("button", name="Delete: Workshop").click()
    expect(first.get_by_text("The slot is deleted.")).to_be_visible(timeout=PATIENCE)
    grip.press("Shift+ArrowDown")
    grip.press("Enter")
    expect(status(second)).to_contain_text("This slot was deleted in the meantime", timeout=PATIENCE)
    expect(card(second, "Workshop")).to_have_count(0, timeout=PATIENCE)
    second.context.clear_cookies()
    grip = second.get_by_role("button", name="Move: Welcome")
    grip.press("Enter")
    grip.press("Shift+ArrowDown")
    grip.press("Enter")
    expect(status(second)).to_contain_text("Not saved: ", timeout=PATIENCE)
    expect(card(second, "Welcome").locator("time")).to_have_text("09:00", timeout=PATIENCE)


def test_a_parked_slot_is_taken_into_the_day(open_page: OpenPage, server: Server, address: str) -> None:
    page = opened(open_page, server, address)
    card(page, "Lunch talk").get_by_role("link").click()
    page.get_by_role("button", name="Take out of the schedule").click()
    expect(page.get_by_role("heading", name="Not scheduled yet")).to_be_visible()
    grip = page.get_by_role("button", name="Move: Lunch talk")
    grip.press("Enter")
    grip.press("Shift+ArrowDown")
    grip.press("Enter")
    expect(status(page)).to_contain_text("“Lunch talk” is now at 09:30", timeout=PATIENCE)


def test_a_slot_is_dragged_into_the_tray_and_out_to_where_the_pointer_is(
    open_page: OpenPage, server: Server, address: str
) -> None:
    page = opened(open_page, server, address)
    workshop = card(page, "Workshop")
    hold(page, workshop.locator(".grip"))
    tray = page.locator("[data-tray]")
    box = tray.bounding_box()
    assert box
    grid = page.locator(".edit-grid").bounding_box()
    assert grid
    assert box["x"] > grid["x"] + grid["width"]  # at the side
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
    expect(status(page)).to_have_text("Workshop, not scheduled", timeout=PATIENCE)
    page.mouse.up()
    expect(status(page)).to_have_text("“Workshop” is not scheduled any more.", timeout=PATIENCE)
    parked = tray.locator("[data-slot]").filter(has_text="Workshop")
    expect(parked).to_be_visible(timeout=PATIENCE)
    hold(page, parked.locator(".grip"))
    studio = page.locator("[data-column]", has_text="Studio").bounding_box()
    eleven = page.locator(".grid .hour", has_text="11:00").bounding_box()
    assert studio
    assert eleven
    page.mouse.move(studio["x"] + 40, eleven["y"], steps=6)
    expect(status(page)).to_contain_text("11:00–11:30, Studio", timeout=PATIENCE)
    page.mouse.up()
    expect(status(page)).to_contain_text("“Workshop” is now at 11:00, Studio.", timeout=PATIENCE)
    with page.expect_response("**/agenda/board*"):
        pass
    expect(status(page)).to_contain_text("“Workshop” is now at 11:00, Studio.")  # nobody else did anything


def test_a_slot_is_parked_by_keyboard_and_thinks_better_of_it(
    open_page: OpenPage, server: Server, address: str
) -> None:
    page = opened(open_page, server, address)
    grip = page.get_by_role("button", name="Move: Workshop")
    grip.press("Enter")
    grip.press("p")
    expect(status(page)).to_have_text("Workshop, not scheduled", timeout=PATIENCE)
    grip.press("Escape")
    expect(card(page, "Workshop").locator("time")).to_have_text("10:00", timeout=PATIENCE)
    expect(grip).to_be_focused()
    grip.press("Enter")
    grip.press("p")
    grip.press("ArrowDown")
    expect(status(page)).to_contain_text("10:05–11:05, Hall", timeout=PATIENCE)
    grip.press("p")
    grip.press("Enter")
    expect(status(page)).to_have_text("“Workshop” is not scheduled any more.", timeout=PATIENCE)
    expect(grip).to_be_focused()


@pytest.mark.axe
def test_the_editor_has_no_barriers_and_fits(open_page: OpenPage, server: Server, address: str) -> None:
    page = opened(open_page, server, address)
    for where in (address, f"{address}?slot=workshop", f"{address}?new=1"):
        page.goto(where)
        assert barriers(page) == []
        assert too_wide(page) == []


@pytest.mark.axe
def test_a_quarter_of_an_hour_in_a_narrow_column_shows_its_title(
    open_page: OpenPage, server: Server, address: str
) -> None:
    page = opened(open_page, server, address)
    page.goto(f"{address}paste")
    labelled(page, "Day").fill("2027-03-16")
    labelled(page, "Room").select_option(label="Hall")
    labelled(page, "One slot per line").fill("11:30-11:45 Introducing everybody who is new to us\n")
    page.locator("main form button").first.click()
    page.get_by_role("button", name=re.compile("^Add 1")).click()
    page.set_viewport_size({"width": 1000, "height": 900})
    short = page.locator("[data-slot]", has_text="Introducing")
    whole, title = short.bounding_box(), short.get_by_role("heading").bounding_box()
    assert whole
    assert title
    assert title["width"] > 0.7 * whole["width"]
    assert title["y"] + title["height"] <= whole["y"] + whole["height"] + 1
    assert barriers(page) == []
