"""Start page, series page and search: what they name, and what they must not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from eventhub.editions.models import EditionState, Visibility
from tests.conftest import FrozenClock
from tests.site import samples
from tests.site.conftest import Build
from tests.site.reading import Page

Visit = Callable[..., Page]


def test_empty_start_page_says_what_will_be_here(build: Build, visit: Visit) -> None:
    page = visit("/", "de")
    assert page.says("Zurzeit ist nichts geplant")
    assert not page.says("Bisherige Termine")


@pytest.mark.both_databases
def test_start_page_sorts_into_coming_and_past(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        samples.edition(of, 1, title="Long ago", start_date=date(2020, 5, 5))
        samples.unknown(of, 2, title="Overtaken")
        samples.edition(of, 3, title="Lately", start_date=date(2026, 2, 2))
        samples.edition(of, 4, title="Soon")
        samples.edition(of, 5, title="Later", start_date=date(2026, 9, 9))
        samples.unknown(of, 6, title="Someday")
        samples.unknown(of, 7, title="Called off", state=EditionState.CANCELLED)
    words = visit("/").text
    found = [
        words.index(title) for title in ("Soon", "Later", "Someday", "Past meetings", "Lately", "Long ago")
    ]
    assert found == sorted(found)
    assert words.index("Past meetings") < words.index("Overtaken")
    assert words.index("Past meetings") < words.index("Called off")


def test_running_edition_is_coming_until_it_ends(build: Build, visit: Visit, clock: FrozenClock) -> None:
    with build():
        samples.edition(samples.series(), title="Today")
    clock.set(datetime(2026, 4, 14, 15, 59, tzinfo=UTC))
    assert not visit("/").says("Past meetings")
    clock.set(datetime(2026, 4, 14, 16, 0, tzinfo=UTC))
    clock_moved = visit("/?fresh=1")
    assert clock_moved.says("Past meetings")


def test_long_lists_lead_to_all_and_have_pages(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        for number in range(1, 61):
            samples.edition(of, number, start_date=date(2027, 1, 1) + timedelta(days=number))
            samples.edition(of, 1000 + number, start_date=date(2020, 1, 1) + timedelta(days=number))
    page = visit("/")
    assert page.has_link("/?show=coming")
    assert page.has_link("/?show=past")
    assert sum(text.startswith("LabCamp #") for _level, text in page.headings) == 20
    coming = visit("/?show=coming")
    assert coming.says("1 to 50 of 60")
    assert coming.has_link("?show=coming&page=2")
    assert visit("/?show=past&page=2").says("51 to 60 of 60")
    assert visit("/?show=past&page=99").says("51 to 60 of 60")
    archive = visit("/lab/?page=3")
    assert archive.says("51 to 60 of 60")


@pytest.mark.parametrize("visibility", [Visibility.UNLISTED, Visibility.PUBLIC])
def test_drafts_and_unlisted_are_in_no_list(build: Build, visit: Visit, visibility: Visibility) -> None:
    state = EditionState.DRAFT if visibility is Visibility.PUBLIC else EditionState.PUBLISHED
    with build():
        of = samples.series("hidden", title="Hidden series")
        one = samples.edition(of, 1, title="Hidden one", visibility=visibility, state=state)
        found = samples.slot(one, "Hidden talk", "15:00", "15:30")
        samples.appears(samples.speaker(of, "Hidden Person"), found)
        shown = samples.series()
        samples.edition(shown)
        samples.edition(shown, 2, title="Hidden two", visibility=visibility, state=state)
    for path in ("/", "/?show=coming", "/?q=hidden", "/lab/", "/lab/1/", "/sitemap.xml", "/feed.atom"):
        page_is_html = not path.endswith((".xml", ".atom"))
        text = visit(path).text.replace("“hidden”", "") if page_is_html else ""
        assert "Hidden" not in text, path
    assert visit("/?q=hidden").says("0 results")


@pytest.mark.both_databases
def test_series_page_shows_ruler_next_meeting_and_archive(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series(description="About **labs**.")
        last = samples.edition(
            of, 1, title="First", start_date=date(2025, 5, 5), extra={"attendance": "30 people"}
        )
        samples.slot(last, "Something")
        samples.host(last, "Town Lab")
        samples.edition(of, 2, title="Second", capacity=60, taken_count=59)
        samples.unknown(of, 3, title="Third", planned="2026-11")
    page = visit("/lab/")
    for words in (
        "#1",
        "May 2025",
        "14 Apr 2026",
        "November 2026",
        "Registration open",
    ):
        assert page.says(words), words
    assert page.says("59 of 60 places taken")
    assert page.says("30 people")
    assert page.says("Hosted by Town Lab")
    assert page.has_link("/lab/1/#programme")
    assert page.has_link("/lab/2/register")
    assert page.has_link("webcal://localhost/lab/calendar.ics")
    assert page.has_link("/lab/feed.atom")
    assert page.says("About labs.")


def test_series_with_a_hundred_editions_keeps_a_short_ruler(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        for number in range(1, 101):
            samples.edition(of, number, start_date=date(2020, 1, 1) + timedelta(days=23 * number))
    page = visit("/lab/")
    shown = [
        number
        for number in range(1, 101)
        if f"#{number} " in page.text.split("Next meeting")[1].split("Registration open")[0]
    ]
    assert len(shown) <= 11


def test_series_without_anything_public(build: Build, visit: Visit) -> None:
    with build():
        samples.edition(samples.series(), visibility=Visibility.UNLISTED)
        samples.edition(samples.series("draft"), state=EditionState.DRAFT)
    assert visit("/lab/").says("No meetings here yet")
    visit("/draft/", status=404)


@pytest.mark.both_databases
def test_search_finds_words_in_everything_whatever_was_typed(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series(title="Bürgerlabor", description="Über Beteiligung")
        one = samples.edition(of, title="Frühe Phasen", theme="Straße und Café")
        found = samples.slot(one, "Œuvre", "15:00", "15:30", abstract="Fünf Größen")
        samples.appears(samples.speaker(of, "Dr. Julia Borggräfe", organisation_name="Ministerium"), found)
    for words, title in (
        ("burgerlabor", "Bürgerlabor"),
        ("BUERGERLABOR beteiligung", "Bürgerlabor"),
        ("frühe", "Frühe Phasen"),
        ("strasse cafe", "Frühe Phasen"),
        ("groessen", "Œuvre"),
        ("borggraefe", "Dr. Julia Borggräfe"),
        ("Borggrafe ministerium", "Dr. Julia Borggräfe"),
    ):
        page = visit(f"/?q={words}")
        assert any(text == title for _level, text in page.headings), words
    assert visit("/?q=borggraefe").says("1 result for “borggraefe”")


@pytest.mark.parametrize("words", ["%", "_", "100%", "\\", "'", '"', "a" * 300, "x " * 50, "ß", "🎉"])
def test_search_takes_any_words(build: Build, visit: Visit, words: str) -> None:
    with build():
        samples.edition(samples.series(), title="Nothing of the kind")
    page = visit("/?q=" + words.replace("%", "%25"))
    assert page.says("results for") or page.says("result for")
    assert not page.says("Nothing of the kind")


def test_search_results_have_pages(build: Build, visit: Visit) -> None:
    with build():
        one = samples.edition(samples.series())
        for number in range(45):
            samples.slot(one, f"Wonder {number}", "15:00", "15:30")
    page = visit("/?q=wonder&page=3")
    assert page.says("41 to 45 of 45")
    assert page.says("45 results for “wonder”")
    assert page.has_link("?q=wonder&page=2")


def test_empty_search_shows_the_start_page(build: Build, visit: Visit) -> None:
    assert visit("/?q=%20").says("Labs meet here")


def test_nothing_found_offers_a_way_on(build: Build, visit: Visit) -> None:
    page = visit("/?q=unheard-of")
    assert page.says("Nothing found")
    assert page.meta["robots"] == "noindex"
