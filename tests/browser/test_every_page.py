"""What holds for every page in both languages: axe finds no barrier, nothing scrolls sideways, no errors."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from config import load_settings
from eventhub.app import create_app
from tests import needs
from tests.browser.conftest import OpenPage
from tests.browser.furnishing import NO_PAGES, Furnished, Walk, furnish
from tests.browser.looking import barriers, check_pages, too_wide
from tests.running import serving

pytestmark = [pytest.mark.browser, pytest.mark.axe, pytest.mark.slow]

UNLINKED = {
    "accounts.follow",
    "accounts.sent",
    "accounts.sign_in",
    "certificates.check",
    "certificates.show",
    "engagements.show",
    "invitations.show",
    "openid.begin",
    "openid.finish",
    "presence.join",
    "privacy.erased",
    "registration.coming",
    "registration.move",
    "registration.registered",
    "subscriptions.asked",
    "subscriptions.look_before_leaving",
    "subscriptions.show",
    "subscriptions.subscribe",
}
"""Pages that follow a form or come by mail, or need what the sample does not have; most are variants."""
LANGUAGES = {"German": "de-DE", "English": "en-GB"}
PUBLIC_VARIANTS = (
    "/?q=Labor",
    "/?q=nothing-has-this-name",
    "/labcamp/5/",
    "/labcamp/12/",
    "/neu/",
    "/labcamp/3/",
    "/kosi-lab/fortbildung-2019/",
    "/labcamp/11/?view=print",
    "/labcamp/10/register",
    "/labcamp/12/register",
    "/mailbox?page=99",
    "/my/a-link-that-was-cut-off/",
    "/join/a-link-that-was-cut-off/",
    "/speaking/a-link-that-was-cut-off/",
    "/certificates/",
    "/invitations/a-link-that-was-cut-off/",
    "/feeds/a-link-that-was-cut-off/",
    "/labcamp/subscribe",
    "/labcamp/subscribed",
    "/subscriptions/a-link-that-was-cut-off/",
    "/there/is/nothing/here",
    "/manage/roles/a-link-that-was-cut-off/",
    "/manage/sign-in",
    "/manage/sign-in/sent",
    "/manage/sign-in/a-link-that-was-used",
)
EMPTY_PUBLIC_FORMS = ("/labcamp/11/register", "/manage/sign-in", "/manage/sign-in/sent")
ORGANISER_STARTS = (
    "/manage/labcamp/12/",
    "/manage/labcamp/12/registrations/",
    "/manage/labcamp/12/agenda/",
    "/manage/labcamp/12/agenda/start",
    "/manage/labcamp/12/questions/new?kind=one_of",
    "/manage/labcamp/12/groups/1/companions/",
    "/manage/labcamp/12/team",
    "/manage/labcamp/timed/",
    "/manage/labcamp/speakers/",
    "/manage/labcamp/13/",
    "/manage/labcamp/13/invitations/",
    "/manage/labcamp/13/held-back/",
    "/manage/neu/",
    "/manage/",
)
"""Where links begin; an edition with people, one without a day and by invitation, a series without any."""
ORGANISER_VARIANTS = (
    "/manage/labcamp/13/",
    "/manage/neu/",
    "/manage/labcamp/13/preview/",
    "/manage/labcamp/13/registrations/",
    "/manage/labcamp/3/agenda/",
    "/manage/labcamp/12/registrations/?q=nobody-has-this-name",
    "/manage/labcamp/12/registrations/?reply=tentative",
    "/manage/labcamp/13/mails/received/",
    "/manage/labcamp/12/questions/new?kind=file",
    "/manage/labcamp/questions/new?kind=consent",
    "/manage/labcamp/nothing/",
    "/manage/account",
)
EMPTY_ORGANISER_FORMS = (
    "/manage/series/new",
    "/manage/labcamp/speakers/new",
    "/manage/labcamp/13/agenda/rooms/",
    "/manage/account/tokens",
)


@pytest.fixture(scope="package")
def furnished(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """Run an eventhub that is in use."""
    instance = tmp_path_factory.mktemp("furnished")
    with serving(instance, REPLY_ADDRESS="replies@example.org") as server:
        yield furnish(server, browser)


@pytest.fixture(scope="package")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Know which kinds of pages there are."""
    return create_app(load_settings({}, tmp_path_factory.mktemp("routes")))


@pytest.fixture(scope="package")
def public_pages(browser: Browser, furnished: Furnished, routes: Flask) -> Walk:
    """Follow all links that everybody may follow."""
    context = browser.new_context(base_url=furnished.address)
    walk = Walk(routes, context.request)
    walk.follow("/", "/mailbox", "/labcamp/12/changes/", *furnished.personal, *furnished.letters)
    context.close()
    return walk


@pytest.fixture(scope="package")
def organiser_pages(browser: Browser, furnished: Furnished, routes: Flask) -> Walk:
    """Follow all links below /manage/."""
    context = browser.new_context(base_url=furnished.address, storage_state=furnished.organiser)
    walk = Walk(routes, context.request)
    walk.follow(*ORGANISER_STARTS, below="/manage/")
    context.close()
    return walk


def look(page: Page, paths: list[str], empty_forms: tuple[str, ...]) -> dict[str, list[str]]:
    """Open every page, and every form once more after sending it empty; return what is wrong."""
    found: dict[str, list[str]] = {}
    for path in paths:
        page.goto(path)
        found[path] = barriers(page) + too_wide(page)
    for path in empty_forms:
        page.goto(path)
        page.locator("main form button[type=submit]").last.click()
        page.locator("[role=alert]").wait_for()
        found[f"{path}, sent empty"] = barriers(page) + too_wide(page)
    return {path: complaints for path, complaints in found.items() if complaints}


def _walked(walk: Walk, locale: str) -> list[str]:
    """Return the pages that links lead to; in German the design check looks at them, with more than this."""
    return list(walk.pages.values()) if locale != LANGUAGES["German"] or not needs.SHARED.is_dir() else []


@pytest.mark.parametrize("locale", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_public_pages_have_no_barrier(
    open_page: OpenPage, furnished: Furnished, public_pages: Walk, locale: str
) -> None:
    page = open_page(base_url=furnished.address, locale=locale)
    paths = [*_walked(public_pages, locale), *furnished.personal, *PUBLIC_VARIANTS]
    assert look(page, list(dict.fromkeys(paths)), EMPTY_PUBLIC_FORMS) == {}


@pytest.mark.parametrize("locale", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_organiser_pages_have_no_barrier(
    open_page: OpenPage, furnished: Furnished, organiser_pages: Walk, locale: str
) -> None:
    page = open_page(base_url=furnished.address, locale=locale, storage_state=furnished.organiser)
    paths = [*_walked(organiser_pages, locale), *ORGANISER_VARIANTS]
    assert look(page, paths, EMPTY_ORGANISER_FORMS) == {}


def test_links_lead_to_every_kind_of_page(public_pages: Walk, organiser_pages: Walk, routes: Flask) -> None:
    kinds = {rule.endpoint for rule in routes.url_map.iter_rules() if "GET" in (rule.methods or ())}
    linked = {*public_pages.pages, *organiser_pages.pages}
    wanted = kinds - NO_PAGES - UNLINKED
    assert (wanted - linked, linked - wanted) == (set(), set())


@pytest.mark.parametrize("area", ["public", "organiser"])
def test_the_design_check_finds_nothing(
    shared: Path,
    tmp_path: Path,
    furnished: Furnished,
    public_pages: Walk,
    organiser_pages: Walk,
    area: str,
) -> None:
    walk = public_pages if area == "public" else organiser_pages
    cookies = furnished.organiser["cookies"] if area == "organiser" else []
    addresses = [furnished.address + path for path in walk.pages.values()]
    assert len(addresses) >= 10
    assert check_pages(shared, tmp_path, addresses, cookies) == []
