"""What people do in a browser, step by step, by the words that they see on the pages."""

import re
from pathlib import Path

from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

EXAMPLE = "LabCamp #11 (Beispiel)"
REGISTER = re.compile("^(Sign up now|Register now|Join the waitlist)$")


def heading(page: Page, words: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("heading", name=words, level=1)


def labelled(page: Page, words: str) -> Locator:
    """Find a field by its label, whether it is required or not."""
    return page.get_by_label(re.compile(rf"^{re.escape(words)}( optional| freiwillig)?$"))


def tick(page: Page, words: str | re.Pattern[str]) -> None:
    """Choose a box by its words; they begin left of any link that is among them."""
    page.locator("label").filter(has_text=words).click(position={"x": 4, "y": 8})
    expect(page.get_by_label(words)).to_be_checked()


def fill_in(page: Page, name: str, email: str) -> None:
    """Fill in the registration form."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Organisation or lab").fill("Musterlabor")
    tick(page, re.compile("I have read the privacy notice"))


def register(page: Page, name: str, email: str, edition: str = EXAMPLE) -> None:
    """Go from the start page to the page that says that a mail is on its way."""
    page.goto("/")
    page.get_by_role("link", name=edition, exact=True).first.click()
    page.get_by_role("link", name=REGISTER).first.click()
    expect(heading(page, re.compile("Registration for"))).to_be_visible()
    fill_in(page, name, email)
    page.get_by_role("button", name=REGISTER).click()
    expect(heading(page, "Look into your mailbox")).to_be_visible()
    expect(page.get_by_text(f"A mail to {email} is on its way.")).to_be_visible()


def open_newest_mail(page: Page, to: str, subject: str | re.Pattern[str]) -> None:
    """Open the newest mail to an address in the mailbox, as soon as the worker has written it."""
    for _ in range(60):
        page.goto("/mailbox")
        row = page.get_by_role("row").filter(has_text=to).first
        link = row.get_by_role("link", name=subject)
        if link.count():
            link.click()
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"no mail to {to} about {subject}: {page.get_by_role('table').all_inner_texts()}")


def personal_link(page: Page) -> Locator:
    """Find the secret link in the mail that is open."""
    return page.locator("a[href*='/my/']").first


def choose(page: Page, *titles: str) -> None:
    """Choose slots of the programme on the personal page and save them."""
    for title in titles:
        tick(page, title)
    page.get_by_role("button", name="Save my programme").click()
    expect(page.get_by_role("status")).to_contain_text("Your programme is saved.")
    for title in titles:
        expect(page.get_by_label(title)).to_be_checked()


def download_calendar(page: Page) -> Calendar:
    """Download the personal calendar file and read it."""
    with page.expect_download() as download:
        page.get_by_role("link", name="As a calendar file").click()
    calendar = Calendar.from_ical(Path(download.value.path()).read_bytes())
    assert isinstance(calendar, Calendar)
    return calendar


def titles_and_times(calendar: Calendar) -> dict[str, str]:
    """Return when each entry begins, by its title."""
    return {
        str(event["SUMMARY"]): f"{event.decoded('DTSTART'):%H:%M %Z}" for event in calendar.walk("VEVENT")
    }


def cancel(page: Page) -> None:
    """Give the place back on the personal page."""
    page.get_by_text("I can’t come after all").click()
    page.get_by_role("button", name="Cancel my registration").click()
    expect(heading(page, re.compile("is cancelled"))).to_be_visible()


def sign_in(page: Page, link: str) -> None:
    """Sign in with a link; it leads to the overview."""
    page.goto(link)
    page.get_by_role("button", name=re.compile("Sign in|Anmelden")).click()
    page.wait_for_url("**/manage/")
