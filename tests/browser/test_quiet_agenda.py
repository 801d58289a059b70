"""Two organisers work quietly on a released agenda; a participant sees nothing of it before the release."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.looking import barriers, too_wide
from tests.browser.visits import choose, labelled, open_newest_mail, personal_link, register, sign_in
from tests.running import Server, serving

pytestmark = pytest.mark.browser

AGENDA = "/manage/labcamp/11/agenda/"
PUBLIC = "/labcamp/11/"
PATIENCE = 20_000
CHOSEN = "Die Übergabe an die Linie vorbereiten"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start an eventhub of its own: the agenda of the sample changes for everybody."""
    with serving(tmp_path_factory.mktemp("quiet")) as running:
        yield running


def organiser(open_page: OpenPage, server: Server) -> Page:
    page = open_page(locale="en-GB")
    sign_in(page, server.new_sign_in_link())
    return page


def card(page: Page, title: str) -> Locator:
    return page.locator("[data-slot]").filter(has=page.get_by_role("link", name=title, exact=True))


def test_a_quiet_change_is_seen_by_the_team_and_by_others_with_the_release(
    open_page: OpenPage, server: Server
) -> None:
    visitor = open_page(locale="en-GB", viewport=PHONE)
    register(visitor, "Kim Beispiel", "kim@lab.example")
    open_newest_mail(visitor, "kim@lab.example", re.compile("LabCamp"))
    personal_link(visitor).click()
    choose(visitor, CHOSEN)

    first, second = organiser(open_page, server), organiser(open_page, server)
    first.goto(f"{AGENDA}versions")
    expect(first.get_by_label("Work quietly from now on")).to_be_checked()
    first.get_by_role("button", name="Release this version").click()
    expect(first.get_by_text("This is version 1.")).to_be_visible()

    for page in (first, second):
        page.goto(AGENDA)
        expect(page.get_by_text("You work quietly: others see the last version.")).to_be_visible()
    grip = first.get_by_role("button", name=f"Move: {CHOSEN}")
    grip.press("Enter")
    grip.press("Shift+ArrowDown")
    grip.press("Enter")
    expect(first.locator("#editor-status")).to_contain_text("is now at 16:15", timeout=PATIENCE)
    expect(card(second, CHOSEN).locator("time")).to_have_text("16:15", timeout=PATIENCE)

    visitor.goto(PUBLIC)
    expect(visitor.get_by_text("16:15")).to_have_count(0)

    first.get_by_role("link", name="See what has changed, and release it").click()
    expect(first.get_by_role("heading", name=CHOSEN).first).to_be_visible()
    expect(first.get_by_text("1 participant who has chosen one of these sessions")).to_be_visible()
    for size in (PHONE, {"width": 1280, "height": 900}):
        first.set_viewport_size(size)
        assert barriers(first) == []
        assert too_wide(first) == []
    labelled(first, "What is new, and why, in a sentence").fill("The room is free later.")
    first.get_by_role("button", name="Release this version").click()
    expect(first.get_by_text("This is version 2. 1 person gets a mail.")).to_be_visible()

    visitor.goto(PUBLIC)
    expect(visitor.get_by_text("16:15").first).to_be_visible()
    visitor.goto(f"{PUBLIC}changes/")
    expect(visitor.get_by_text("The room is free later.")).to_be_visible()
    open_newest_mail(visitor, "kim@lab.example", re.compile(CHOSEN))
    expect(visitor.get_by_text("The room is free later.").first).to_be_visible()


def test_without_javascript_the_draft_is_written_released_and_discarded(
    open_page: OpenPage, server: Server
) -> None:
    page = open_page(locale="en-GB", java_script_enabled=False)
    sign_in(page, server.new_sign_in_link())
    page.goto(f"{AGENDA}versions")
    if page.get_by_role("button", name="Work quietly").count():
        page.get_by_role("button", name="Work quietly").click()
    page.goto(f"{AGENDA}?new=1")
    labelled(page, "Title").fill("Quiet session")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{AGENDA}versions")
    expect(page.get_by_role("heading", name="Quiet session").first).to_be_visible()
    page.get_by_text("Discard these changes").click()
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(page.get_by_text("The agenda is again as everybody sees it.")).to_be_visible()
    expect(page.get_by_role("heading", name="Quiet session")).to_have_count(0)
