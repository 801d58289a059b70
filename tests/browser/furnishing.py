"""An eventhub in use: besides the sample data a full edition, people in every state, and a draft."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

from flask import Flask
from playwright.sync_api import APIRequestContext, Browser, Page, expect
from werkzeug.exceptions import HTTPException

from tests.browser.visits import (
    cancel,
    labelled,
    open_newest_mail,
    personal_link,
    register,
    sign_in,
    tick,
)
from tests.replies.answering import letter_to, organizer_of, reply_to
from tests.running import Server

EXAMPLE, FULL = "LabCamp #11 (Beispiel)", "LabCamp #12 (Beispiel)"
LINK = re.compile(r"""<a [^>]*?href=["'](/[^"'#?]*)""")
NO_PAGES = {
    "",
    "accounts.ask_for_code",
    "api.agenda",
    "api.all_series",
    "api.edition",
    "api.editions",
    "api.nothing",
    "api.registrations",
    "api.series",
    "api.start",
    "certificates.file",
    "desk.agenda_board",
    "desk.agenda_table",
    "desk.agenda_workbook",
    "desk.answer_file",
    "desk.check_in_people",
    "desk.check_in_worker",
    "desk.groups_table",
    "desk.numbers_table",
    "desk.organisation_logo",
    "desk.print_file",
    "desk.print_page",
    "desk.registrations_table",
    "desk.registrations_workbook",
    "desk.series_numbers_table",
    "desk.signups_table",
    "desk.speaker_photo",
    "desk.step",
    "engagements.own_slides",
    "engagements.photo",
    "engagements.slides_for_registered",
    "mail.download",
    "mail.html",
    "mail.source",
    "own_calendars.calendar",
    "registration.apple_ticket",
    "registration.calendar",
    "registration.google_ticket",
    "registration.download",
    "registration.file",
    "site.all_calendar",
    "site.atom",
    "site.edition_calendar",
    "site.logo",
    "site.organisation_calendar",
    "site.photo",
    "site.robots",
    "site.schedule_json",
    "site.schedule_xml",
    "site.series_atom",
    "site.series_calendar",
    "site.sitemap",
    "site.slides",
    "site.slot_calendar",
    "static",
}
"""Files, ways back to a page, and the mail that is shown where no script may look at it."""


@dataclass
class Furnished:
    """Where the pages are that only this data has, and who may see the organiser's."""

    address: str
    organiser: Any
    """Cookies of a signed-in browser, as Playwright keeps them."""
    personal: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)


def furnish(server: Server, browser: Browser) -> Furnished:
    """Fill a fresh eventhub by using it; nothing on the way needs JavaScript."""
    context = browser.new_context(base_url=server.address, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    sign_in(page, server.first_sign_in_link)
    publish_a_full_edition(page)
    make_the_next_draft(page)
    invite_to_the_draft(page)
    add_a_track(page)
    ask_a_question(page)
    limit_a_session(page)
    make_groups(page)
    hold_a_seat_back(page)
    open_teams(page)
    add_an_empty_series(page)
    give_a_role(page)
    write_a_message(page)
    thank_by_the_clock(page)
    release_the_agenda(page)
    furnished = Furnished(server.address, context.storage_state())
    furnished.personal.append(offer_a_role(page))
    people = {"confirmed": FULL, "waiting": FULL, "gone": EXAMPLE}
    for name, edition in people.items():
        email = f"{name}@example.org"
        register(page, name.capitalize(), email, edition=edition)
        open_newest_mail(page, email, re.compile("LabCamp"))
        furnished.letters.append(path_of(page.url))
        personal_link(page).click()
        furnished.personal.append(path_of(page.url))
        if name == "confirmed":
            furnished.personal += [f"{furnished.personal[-1]}declined", own_calendar(page, email)]
            answer_by_mail(server, page, furnished.letters[-1])
            wish_for_company(page)
        if name == "gone":
            cancel(page)
    context.close()
    return furnished


def own_calendar(page: Page, email: str) -> str:
    """Ask for the calendar of all meetings on the own page, and return where the mail leads."""
    page.get_by_role("button", name="Send me the address").click()
    open_newest_mail(page, email, "Your calendar with all your meetings")
    page.locator("a[href*='/feeds/']").first.click()
    return path_of(page.url)


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def make_the_next_draft(page: Page, day: str = "") -> None:
    """Copy the last edition; as long as it has no day, it can't be published."""
    page.goto("/manage/labcamp/next")
    labelled(page, "Day").fill(day)
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_role("button", name="Publish")).to_be_visible()


def publish_a_full_edition(page: Page) -> None:
    """Publish an edition with one place."""
    make_the_next_draft(page, f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}")
    page.goto("/manage/labcamp/12/edit")
    labelled(page, "Places").fill("1")
    page.get_by_role("button", name="Save").click()
    page.goto("/manage/labcamp/edit")
    labelled(page, "Contact address").fill("lab@example.org")
    page.get_by_role("button", name="Save").click()
    page.goto("/manage/labcamp/12/")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status")).to_contain_text("Published.")


def add_a_track(page: Page) -> None:
    page.goto("/manage/labcamp/12/agenda/tracks/")
    labelled(page, "Name").fill("Werkstatt")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Werkstatt")).to_be_visible()


def invite_to_the_draft(page: Page) -> None:
    page.goto("/manage/labcamp/13/edit")
    page.locator("[name=admission][value=invitation]").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")


def ask_a_question(page: Page) -> None:
    page.goto("/manage/labcamp/12/questions/new?kind=one_of")
    labelled(page, "Question").fill("Was möchtest du essen?")
    labelled(page, "Options").fill("Mit Fisch\nVegan")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The question is added.")


def hold_a_seat_back(page: Page) -> None:
    page.goto("/manage/labcamp/13/held-back/")
    labelled(page, "For whom").fill("Stadt Ulm")
    labelled(page, "How many seats").fill("1")
    page.get_by_role("button", name="Hold back").click()
    expect(page.get_by_role("status")).to_contain_text("The seats are held back.")


def limit_a_session(page: Page) -> None:
    """Give one session places of its own, one of several that people rank."""
    page.goto("/manage/labcamp/12/signups/")
    page.get_by_role("region", name="Open to everybody").get_by_role("link").first.click()
    labelled(page, "Places").fill("5")
    labelled(page, "One of several").fill("Werkstätten")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")


def make_groups(page: Page) -> None:
    page.goto("/manage/labcamp/12/groups/")
    labelled(page, "What the groups are for").fill("World Café")
    tick(page, re.compile("^People may name up to three others"))
    page.get_by_role("button", name="Make a proposal").click()
    expect(page.get_by_role("status")).to_contain_text("This is a proposal.")


def wish_for_company(page: Page) -> None:
    """Enter with whom somebody would like to be in a group."""
    page.goto("/manage/labcamp/12/groups/")
    page.get_by_role("link", name="World Café").click()
    page.get_by_role("link", name="Wishes for people").click()
    page.get_by_role("button", name="Enter").click()
    labelled(page, "First person").fill("somebody.else@example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="somebody.else@example.org")).to_be_visible()


def open_teams(page: Page) -> None:
    """Let people form teams, one of which has told its result."""
    page.goto("/manage/labcamp/12/groups/teams/")
    labelled(page, "What the teams are for").fill("Hackathon")
    labelled(page, "Challenges").fill("Masken nähen\nNachbarn helfen")
    page.get_by_role("button", name="Make the teams").click()
    page.get_by_role("button", name="Publish: people can join").click()
    page.get_by_role("button", name="Let everybody read the results").click()
    page.get_by_role("link", name="Team 1").click()
    labelled(page, "Project").fill("Maske für alle")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="Maske für alle")).to_be_visible()


def answer_by_mail(server: Server, page: Page, letter: str) -> None:
    """Let a calendar answer, then wish another time, and let a person write."""
    invitation = message_from_bytes(page.request.get(f"{letter}mail.eml").body(), policy=policy.default)
    server.receive(reply_to(invitation, "TENTATIVE", 1, comment="Vielleicht später"))
    server.receive(reply_to(invitation, "DECLINED", 2, method="COUNTER", starts="20270401T160000Z"))
    server.receive(letter_to(organizer_of(invitation), "confirmed@example.org", "Darf mein Hund mit?"))
    for _ in range(60):
        page.goto("/manage/labcamp/12/mails/received/")
        if page.get_by_text("Darf mein Hund mit?").count():
            return
        page.wait_for_timeout(250)
    raise AssertionError("the mails were not worked off")


def add_an_empty_series(page: Page) -> None:
    page.goto("/manage/series/new")
    labelled(page, "Title").fill("Labor in Gründung")
    labelled(page, "Short name in the address").fill("neu")
    tick(page, "CityLAB Berlin")
    page.get_by_role("button", name="Set up the series").click()
    page.wait_for_url("**/manage/neu/")


def give_a_role(page: Page) -> None:
    """Ask somebody into the team of an edition, who accepts."""
    page.goto("/manage/labcamp/12/team")
    labelled(page, "Email").fill("helper@example.org")
    page.get_by_role("button", name="Send the mail").click()
    open_newest_mail(page, "helper@example.org", re.compile("In the team"))
    page.locator("a[href*='/manage/roles/']").first.click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("link", name="Overview").wait_for()


def offer_a_role(page: Page) -> str:
    """Ask one more person, who has not answered, and return where the mail leads."""
    page.goto("/manage/labcamp/12/team")
    labelled(page, "Email").fill("later@example.org")
    page.get_by_role("button", name="Send the mail").click()
    open_newest_mail(page, "later@example.org", re.compile("In the team"))
    page.locator("a[href*='/manage/roles/']").first.click()
    return path_of(page.url)


def write_a_message(page: Page) -> None:
    """Leave the draft of a message to all who have a place."""
    page.goto("/manage/labcamp/12/messages/new")
    labelled(page, "Subject in German").fill("Bring etwas mit")
    labelled(page, "Introduction in German").fill("Hallo {name},\n\nbring **Stifte** mit.")
    page.get_by_role("button", name="Look at the mails").click()
    expect(page.get_by_role("heading", name="Bring etwas mit")).to_be_visible()


def thank_by_the_clock(page: Page) -> None:
    """Let each edition send thanks."""
    page.goto("/manage/labcamp/timed/new?like=thanks")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")


def release_the_agenda(page: Page) -> None:
    """Release a first version, and go on in public."""
    page.goto("/manage/labcamp/12/agenda/versions")
    page.locator("label").filter(has_text="Work quietly").click(position={"x": 4, "y": 8})
    page.get_by_role("button", name="Release this version").click()
    expect(page.get_by_role("status")).to_be_visible()


class Walk:
    """Follows the links of an area and keeps the first page of each kind."""

    def __init__(self, app: Flask, request: APIRequestContext) -> None:
        self.pages: dict[str, str] = {}
        self._routes = app.url_map.bind("")
        self._request = request

    def follow(self, *starts: str, below: str = "/") -> None:
        """Collect where links lead to, from all starts and from the first page of each kind."""
        waiting, seen = list(starts), set(starts)
        while waiting:
            path = waiting.pop(0)
            kind = self._kind(path)
            if kind in NO_PAGES or (kind in self.pages and path not in starts):
                continue
            answer = self._request.get(path)
            assert answer.status == 200, f"{path} answers {answer.status}"
            self.pages.setdefault(kind, path)
            for link in LINK.findall(answer.text()):
                if link.startswith(below) and link not in seen:
                    waiting.append(link)
                    seen.add(link)

    def _kind(self, path: str) -> str:
        try:
            endpoint, _values = self._routes.match(path.partition("?")[0])
        except HTTPException:
            return ""
        return str(endpoint)
