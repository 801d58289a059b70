"""An organiser uploads a calendar and looks at what it offers, without barriers and on any screen."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.looking import barriers, too_wide
from tests.browser.visits import labelled, sign_in
from tests.running import Server

pytestmark = [pytest.mark.browser, pytest.mark.axe, pytest.mark.slow]

EVENT = (
    "BEGIN:VEVENT\nUID:{0}@example.org\nSUMMARY:{1}\nDTSTART;TZID=W. Europe Standard Time:{2}\n{3}\n"
    "END:VEVENT\n"
)
EVENTS = (
    EVENT.format("a", "Herbstlabor", "20301005T150000", "DURATION:PT3H\nRRULE:FREQ=MONTHLY;COUNT=3"),
    EVENT.format("b", "Short talk", "20301101T170000", "LOCATION:Library\\, Main Street 1\\, Dortmund"),
    EVENT.format("c", "Called off", "20301102T170000", "STATUS:CANCELLED"),
    EVENT.format("d", "Broken one", "20300230T170000", "STATUS:CONFIRMED"),
)


@pytest.mark.parametrize(
    ("path", "file_label", "from_label", "button"),
    [
        ("/manage/kosi-lab/import", "Calendar file", "Meetings from", "Show the meetings"),
        (
            "/manage/labcamp/11/agenda/import",
            "File with the programme",
            "Of a calendar: meetings from",
            "Show the sessions",
        ),
    ],
)
def test_a_calendar_is_looked_at_before_it_is_taken(
    open_page: OpenPage,
    server: Server,
    tmp_path: Path,
    path: str,
    file_label: str,
    from_label: str,
    button: str,
) -> None:
    page = open_page(locale="en-GB")
    sign_in(page, server.new_sign_in_link())
    for shift in ("17", "18"):
        page.goto(path)
        assert barriers(page) + too_wide(page) == []
        file = tmp_path / "calendar.ics"
        events = "".join(EVENTS).replace("T17", f"T{shift}")
        file.write_text(f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
        labelled(page, file_label).set_input_files(file)
        labelled(page, from_label).fill("2030-10-01")
        labelled(page, "Until").fill("2030-12-31")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("heading", name="This is what was understood")).to_be_focused()
        assert barriers(page) + too_wide(page) == []
        if shift == "17":
            page.get_by_role("button", name="Take those that are ticked").click()
            expect(page.locator(".note[role=status]")).to_contain_text("4")
    expect(page.get_by_text("0 new, 1 differs, 4 others.")).to_be_visible()
