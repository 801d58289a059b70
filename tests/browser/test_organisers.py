"""What an organiser does: sign in, prepare the next edition, publish it, move it."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.visits import heading, labelled, open_newest_mail, register, sign_in
from tests.running import Server

pytestmark = pytest.mark.browser

NEXT = "LabCamp #12 (Beispiel)"
PARTICIPANT = "toni@example.org"


def calendar_of_open_mail(page: Page) -> Calendar:
    """Read the calendar message of the mail that is open."""
    source = page.get_by_role("link", name="Source").get_attribute("href")
    mail = page.request.get(source or "").body()
    message = message_from_bytes(mail, policy=policy.default)
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(parts[0].get_payload(decode=True))
    assert isinstance(calendar, Calendar)
    return calendar


def test_the_next_edition_from_the_sign_in_to_the_move(open_page: OpenPage, server: Server) -> None:
    desk = open_page(locale="en-GB")
    sign_in(desk, server.new_sign_in_link())

    desk.get_by_role("link", name="Next edition").click()
    expect(heading(desk, "Next edition of LabCamp")).to_be_visible()
    labelled(desk, "Day").fill(f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}")
    desk.get_by_role("button", name="Make the draft").click()
    expect(desk.get_by_text("Taken over from #11")).to_be_visible()

    desk.get_by_role("button", name="Publish").click()
    expect(desk.get_by_role("heading", name="1 thing is missing before it can be published")).to_be_focused()
    draft = desk.url.removesuffix("publish")
    desk.get_by_role("link", name=re.compile("^Enter a contact address")).click()
    labelled(desk, "Contact address").fill("lab@example.org")
    desk.get_by_role("button", name="Save").click()
    desk.goto(draft)
    expect(desk.get_by_role("heading", name="Ready to publish")).to_be_visible()
    desk.get_by_role("button", name="Publish").click()
    expect(desk.get_by_role("status")).to_contain_text("Published.")

    visitor = open_page(locale="en-GB")
    register(visitor, "Toni Muster", PARTICIPANT, edition=NEXT)
    open_newest_mail(visitor, PARTICIPANT, re.compile(re.escape(NEXT)))
    first = calendar_of_open_mail(visitor)

    desk.get_by_role("link", name="Registrations").first.click()
    expect(desk.get_by_role("row").filter(has_text=PARTICIPANT)).to_contain_text("Toni Muster")

    desk.get_by_role("link", name="Edit", exact=True).first.click()
    labelled(desk, "Start").fill("16:00")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("heading", name="1 person will be told")).to_be_focused()
    desk.get_by_role("button", name="Save and tell 1 person").click()
    expect(desk.get_by_role("status")).to_contain_text("Saved. 1 person is being told by mail.")

    open_newest_mail(visitor, PARTICIPANT, re.compile("chang|new|moved", re.IGNORECASE))
    moved = calendar_of_open_mail(visitor)
    before, after = first.walk("VEVENT")[0], moved.walk("VEVENT")[0]
    assert moved["METHOD"] == "REQUEST"
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert (before.decoded("DTSTART").hour, after.decoded("DTSTART").hour) == (15, 16)


def test_a_mail_by_the_clock_is_seen_while_it_is_written_and_sent_to_oneself(
    open_page: OpenPage, server: Server
) -> None:
    desk = open_page(locale="en-GB")
    sign_in(desk, server.new_sign_in_link())
    desk.goto("/manage/labcamp/timed/")
    desk.get_by_role("link", name="Thanks after the end").click()
    preview = desk.locator("#text-preview")
    expect(preview).to_contain_text("Thank you for coming: LabCamp #1")
    labelled(desk, "Subject in English").fill("Thanks, and see you: {edition}")
    expect(preview).to_contain_text("Thanks, and see you: LabCamp #1")
    desk.get_by_role("button", name="Send it to me: English").click()
    expect(desk.get_by_role("status")).to_contain_text("The sample is on its way to")
    expect(labelled(desk, "Subject in English")).to_have_value("Thanks, and see you: {edition}")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("link", name="Danke fürs Kommen: {edition}")).to_be_visible()
    visitor = open_page(locale="en-GB")
    open_newest_mail(visitor, "organiser@", re.compile("Sample: Thanks, and see you: LabCamp #1"))
