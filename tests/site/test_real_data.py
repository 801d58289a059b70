"""Every page of the real series, with all their gaps, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from eventhub.exchange.service import import_file
from tests.site.conftest import Build
from tests.site.reading import Page

Visit = Callable[..., Page]


@pytest.fixture
def real(build: Build, shared: Path) -> None:
    """Bring in the four files of real meetings."""
    with build():
        for path in sorted((shared / "data" / "labcamp").glob("*.yaml")):
            import_file(path)


def addresses(client: FlaskClient) -> list[str]:
    places = ET.fromstring(client.get("/sitemap.xml").text).iter(
        "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    )
    return [(place.text or "").removeprefix("http://localhost") for place in places]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_of_the_real_series_is_sound(
    real: None, client: FlaskClient, visit: Visit, language: str
) -> None:
    found = addresses(client)
    assert len(found) > 90
    for path in found:
        page = visit(path, language)
        assert page.language == language
        assert not page.says("None"), path


def test_gaps_of_the_real_series_are_no_holes(real: None, visit: Visit) -> None:
    for number in (3, 6, 7, 8, 9):
        assert visit(f"/labcamp/{number}/").says("Little is recorded of this edition")
    assert visit("/labcamp/1/").says("May 2020")
    fifth = visit("/labcamp/5/", "de")
    assert fifth.says("Dienstag, 7. Dezember 2021")
    assert fifth.says("15 bis 18 Uhr (Berlin) · Datum erschlossen")
    assert fifth.says("Impuls Impuls aus der Innovationseinheit")
    both = visit("/kosi-lab/kosi-lab-abschluss-2019/", "de")
    assert both.text.index("Verstetigung kommunaler Labore") < both.text.index("Empfang und Mittagsimbiss")
    assert visit("/", "de").says("Zurzeit ist nichts geplant")


def test_search_finds_people_and_places_of_the_real_series(real: None, visit: Visit) -> None:
    assert visit("/?q=borggraefe").says("Dr. Julia Borggräfe")
    assert visit("/?q=fahrradquartier").says("Simulationsworkshop Fahrradquartiersgaragen")
