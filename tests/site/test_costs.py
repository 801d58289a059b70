"""What pages ask the database: a number that does not grow with rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.site import samples
from tests.site.conftest import Build, Counter
from tests.site.reading import Page

Visit = Callable[..., Page]
MOST = {
    "/": 3,
    "/?show=past": 2,
    "/?q=session": 2,
    "/lab/": 6,
    "/lab/1/": 9,  # the version of its agenda once, then it is known until something changes
    "/lab/1/?track=methods": 9,
    "/lab/1/slots/one/": 4,
    "/lab/speakers/person-0/": 3,
    "/lab/calendar.ics": 2,
    "/calendar.ics": 1,
    "/organisations/town-lab/calendar.ics": 2,
    "/calendar/": 2,
    "/lab/1/calendar.ics": 4,
    "/lab/1/calendar.ics?track=methods": 5,
    "/lab/1/calendar/": 5,
    "/lab/1/slots/one.ics": 2,
    "/lab/feed.atom": 3,
    "/feed.atom": 2,
    "/sitemap.xml": 4,
    "/imprint/": 0,
}


def fill(build: Build, slots: int, editions: int) -> None:
    with build():
        of = samples.series()
        found = samples.conference(of, slots, number=1)
        samples.slot(found, "One", "19:00", "19:30", slug="one")
        samples.host(found, "Town Lab", slug="town-lab")
        samples.host(found, "Town Lab")
        for number in range(2, editions):
            samples.host(samples.edition(of, number), "Town Lab")


@pytest.mark.parametrize("size", [4, 100], ids=["small", "large"])
@pytest.mark.parametrize("path", MOST)
def test_pages_ask_the_database_so_often_at_most(
    build: Build, client: FlaskClient, counted: Counter, path: str, size: int
) -> None:
    fill(build, slots=size, editions=3 if size < 50 else 40)
    counted.statements.clear()
    assert client.get(path).status_code == 200
    asked = [statement for statement in counted.statements if "content_revision" not in statement]
    assert len(asked) <= MOST[path], "\n\n".join(asked)


@pytest.mark.parametrize("path", [path for path in MOST if "?" not in path])
def test_public_pages_are_kept_and_renewed_by_a_change(
    build: Build, client: FlaskClient, counted: Counter, path: str
) -> None:
    fill(build, slots=4, editions=3)
    first = client.get(path)
    counted.statements.clear()
    assert client.get(path).data == first.data
    assert not [statement for statement in counted.statements if "content_revision" not in statement]
    if path.startswith("/lab/"):
        with build():
            for row in samples.db.session.scalars(samples.db.select(samples.Edition)):
                row.title = f"Renamed {row.number}"
                row.changed_at = row.changed_at.replace(year=2027)
        counted.statements.clear()
        client.get(path)
        assert counted.statements


def test_no_page_sets_a_cookie_or_asks_another_host(build: Build, client: FlaskClient) -> None:
    fill(build, slots=4, editions=3)
    for path in MOST:
        response = client.get(path)
        assert "Set-Cookie" not in response.headers, path
        for attribute in ('src="', "url("):
            for found in response.text.split(attribute)[1:]:
                assert found.startswith("/"), (path, found[:60])
