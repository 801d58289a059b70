"""Speakers are asked by mail: one answers and hands everything in on a phone, one declines by keyboard."""

import re
from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.keyboard import Keyboard
from tests.browser.looking import barriers, too_wide
from tests.browser.visits import EXAMPLE, heading, labelled, open_newest_mail, sign_in
from tests.running import Server

pytestmark = [pytest.mark.browser, pytest.mark.axe]

ERIKA, MAX = "erika@speakers.example", "max@speakers.example"
QUESTION = re.compile("^Will you take part")
PDF = b"%PDF-1.4\n%%EOF\n"


def portrait() -> bytes:
    """Return a photo that is wider than high: its left half is red, its right half blue."""
    photo = Image.new("RGB", (800, 400), "blue")
    ImageDraw.Draw(photo).rectangle((0, 0, 400, 400), "red")
    out = BytesIO()
    photo.save(out, "JPEG")
    return out.getvalue()


def row(desk: Page, name: str) -> Locator:
    return desk.get_by_role("row").filter(has_text=name)


def own_page(page: Page) -> Locator:
    return page.locator("a[href*='/speaking/']").first


def saved(page: Page, words: str) -> None:
    expect(page.get_by_role("status")).to_contain_text(words)


def choose(page: Page, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_label(answer).check()


def ask_both(desk: Page) -> None:
    """Let the organiser ask both, one at an address that can't be right at first."""
    desk.get_by_role("link", name=EXAMPLE).first.click()
    desk.get_by_role("link", name="Agenda", exact=True).click()
    desk.get_by_role("link", name="Speakers", exact=True).first.click()
    assert barriers(desk) == []
    assert too_wide(desk) == []
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.get_by_label("Mail address of Erika Beispiel").fill("erika.speakers.example")
    desk.get_by_label("Mail address of Max Muster").fill(MAX)
    labelled(desk, "Language of the mail").select_option(label="English")
    labelled(desk, "Your words to the speakers").fill("We would love to hear you.")
    send = desk.get_by_role("button", name="Send the question")
    send.click()
    expect(desk.get_by_role("alert")).to_be_focused()
    desk.get_by_role("alert").get_by_role("link", name=re.compile("Erika Beispiel")).click()
    wrong = desk.get_by_label("Mail address of Erika Beispiel")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("erika.speakers.example")
    assert barriers(desk) == []
    desk.set_viewport_size({"width": 1280, "height": 900})
    wrong.fill(ERIKA)
    expect(desk.get_by_label("Mail address of Max Muster")).to_have_value(MAX)
    send.click()
    saved(desk, "2 questions are on their way.")


def accept_and_hand_in(page: Page) -> None:
    """Answer, correct, upload and consent, as somebody does on a phone."""
    open_newest_mail(page, ERIKA, QUESTION)
    expect(page.get_by_text("We would love to hear you.")).to_be_visible()
    own_page(page).click()
    expect(heading(page, re.compile("^Will you take part, .*Erika Beispiel"))).to_be_visible()
    labelled(page, "Anything you want to say to the organisers").fill("With pleasure, and with props")
    page.get_by_role("button", name="I take part").click()
    saved(page, "It is noted that you take part.")

    labelled(page, "About you").fill("Tries things out, and **says** what failed.")
    photo = FilePayload(name="me.jpg", mimeType="image/jpeg", buffer=portrait())
    labelled(page, "Photo").set_input_files(photo)
    drag_square(page, by=-300)
    expect(labelled(page, "Which part of the photo")).to_have_value("square")
    expect(labelled(page, "From the left")).to_have_value("0")
    labelled(page, "What the photo shows").fill("Erika all in red")
    page.get_by_role("button", name="Save the presentation").click()
    saved(page, "Saved.")
    shown = page.get_by_role("img", name="Erika all in red")
    expect(shown).to_be_visible()
    assert shown.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [320, 320]

    labelled(page, "Session").select_option(label="Was bleibt, wenn das Projekt endet?")
    slides = FilePayload(name="What stays.pdf", mimeType="application/pdf", buffer=PDF)
    labelled(page, "File").set_input_files(slides)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("link", name="What stays.pdf")).to_be_visible()

    labelled(page, "When you can’t").fill("not before 3 pm")
    labelled(page, "What you need").fill("captions")
    choose(page, "May your slides stand on the public page of your session?", "Yes, everybody may read them")
    choose(page, "May your session be recorded?", "No")
    page.get_by_role("button", name="Save for the organisers").click()
    saved(page, "Saved.")
    expect(labelled(page, "What you need")).to_have_value("captions")


def drag_square(page: Page, by: int) -> None:
    """Take the square at its middle, once it is drawn over the photo, and pull it to a side."""
    photo = page.locator("canvas")
    photo.scroll_into_view_if_needed()
    box = photo.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=5)
    page.mouse.up()


def decline_by_keyboard(page: Page) -> None:
    keys = Keyboard(page)
    open_newest_mail(page, MAX, QUESTION)
    keys.tab_to(own_page(page))
    keys.press("Enter")
    expect(heading(page, re.compile("^Will you take part, .*Max Muster"))).to_be_visible()
    keys.tab_to(labelled(page, "Anything you want to say to the organisers"))
    keys.type("I am on holiday")
    keys.tab_to(page.get_by_role("button", name="I can’t take part"))
    keys.press("Enter")
    saved(page, "It is noted that you don’t take part.")


def test_one_speaker_hands_everything_in_on_a_phone_and_one_declines_by_keyboard(
    open_page: OpenPage, server: Server
) -> None:
    desk = open_page(locale="en-GB")
    sign_in(desk, server.new_sign_in_link())
    ask_both(desk)

    phone = open_page(locale="en-GB", viewport=PHONE)
    accept_and_hand_in(phone)
    assert barriers(phone) == []
    assert too_wide(phone) == []
    keyboard = open_page(locale="en-GB")
    decline_by_keyboard(keyboard)
    assert barriers(keyboard) == []

    desk.reload()
    erika = row(desk, "Erika Beispiel")
    for words in ("Takes part", "With pleasure, and with props", "not before 3 pm", "captions"):
        expect(erika).to_contain_text(words)
    expect(erika).to_contain_text("must not be recorded, slides may be public")
    expect(row(desk, "Max Muster")).to_contain_text("Declined")
    expect(row(desk, "Max Muster")).to_contain_text("I am on holiday")
    assert barriers(desk) == []
    assert too_wide(desk) == []
    desk.set_viewport_size({"width": 1280, "height": 900})

    desk.goto("/manage/labcamp/11/")
    desk.get_by_role("link", name=re.compile("Willkommen.*Max Muster.* has declined")).click()
    expect(desk.get_by_role("heading", name="Edit slot")).to_be_visible()
    desk.get_by_role("link", name="Was bleibt, wenn das Projekt endet?").first.click()
    expect(desk.locator("#slot-form")).to_contain_text(
        re.compile("Erika Beispiel.* about times: not before 3 pm")
    )

    public = open_page(locale="en-GB", viewport=PHONE)
    public.goto("/labcamp/11/")
    public.get_by_role("link", name="Was bleibt, wenn das Projekt endet?").first.click()
    expect(public.get_by_text("Tries things out, and says what failed.")).to_be_visible()
    with public.expect_download() as download:
        public.get_by_role("link", name="What stays.pdf").click()
    assert download.value.path().read_bytes() == PDF
