"""The page of an edition in every state and with every gap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from eventhub.agenda.models import Kind, SpeakerRole, Track
from eventhub.editions.models import Admission, EditionState, FormOfAddress, Mode, Part, Visibility
from eventhub.registration.models import Attendance, QuotaKind
from eventhub.registration.quotas import add_quota
from tests.conftest import FrozenClock
from tests.site import samples
from tests.site.conftest import Build
from tests.site.reading import Page

Visit = Callable[..., Page]
REGISTER = "/lab/1/register"


def test_open_registration_offers_the_button_and_says_until_when(build: Build, visit: Visit) -> None:
    with build():
        closes = datetime(2026, 4, 13, 10, 0, tzinfo=UTC)
        samples.edition(samples.series(), capacity=60, taken_count=47, registration_closes_at=closes)
    page = visit("/lab/1/")
    assert page.has_link(REGISTER)
    assert page.says("Sign up now")
    assert page.says("13 of 60 places left")
    assert page.says("Register until 13 April, noon")
    assert page.says("Tuesday, 14 April 2026")
    assert page.says("3 to 6 pm (Berlin)")
    assert page.title == "LabCamp #1, Tuesday, 14 April 2026"


@pytest.mark.parametrize(
    ("on_site", "online", "words"),
    [
        (80, 200, ["On site: 80 of 80 places left", "Online: 200 of 200 places left"]),
        (0, 200, ["On site: Sold out, waitlist open", "Online: 200 of 200 places left"]),
        (80, None, ["60 of 60 places left"]),
        (None, None, ["60 of 60 places left"]),
    ],
)
def test_places_on_site_and_online_stand_apart_where_both_have_a_limit(
    build: Build, visit: Visit, on_site: int | None, online: int | None, words: list[str]
) -> None:
    with build():
        found = samples.edition(samples.series(), capacity=60, mode=Mode.HYBRID)
        for attendance, capacity in ((Attendance.ON_SITE, on_site), (Attendance.ONLINE, online)):
            add_quota(found, QuotaKind.ATTENDANCE, attendance, capacity)
    page = visit("/lab/1/")
    assert all(page.says(one) for one in words)
    assert page.says("On site:") is (len(words) == 2)


def test_seats_held_back_are_not_offered_to_all(build: Build, visit: Visit) -> None:
    with build():
        samples.edition(samples.series(), capacity=60, taken_count=10, held_back_count=20)
    assert visit("/lab/1/").says("30 of 60 places left")
    assert visit(REGISTER).says("30 of 60 places left")


@pytest.mark.parametrize(("confirmed", "waiting"), [(60, 0), (60, 4), (59, 1)])
def test_full_edition_offers_the_waitlist(build: Build, visit: Visit, confirmed: int, waiting: int) -> None:
    with build():
        samples.edition(samples.series(), capacity=60, taken_count=confirmed, waiting_count=waiting)
    page = visit("/lab/1/")
    assert page.says("Join the waitlist")
    assert page.says("Sold out, waitlist open")
    assert not page.says("Sign up now")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"registration_opens_at": datetime(2026, 3, 20, 8, tzinfo=UTC)},
            "Registration opens on 20 March, 9 am",
        ),
        ({"registration_closes_at": datetime(2026, 3, 1, 8, tzinfo=UTC)}, "Registration is closed"),
        (
            {"start_date": None, "start_time": None, "end_time": None},
            "Registration opens once the date is set",
        ),
        ({"takes_registrations": False, "capacity": 20}, "LabCamp #1"),
        ({"admission": Admission.INVITATION}, "By invitation only"),
        ({"state": EditionState.COMPLETED}, "LabCamp #1"),
        ({"start_date": date(2026, 2, 2)}, "LabCamp #1"),
        ({"state": EditionState.CANCELLED}, "LabCamp #1 is cancelled"),
    ],
)
def test_without_registration_there_is_no_button(
    build: Build, visit: Visit, values: dict[str, object], words: str
) -> None:
    with build():
        samples.edition(samples.series(), **values)
    page = visit("/lab/1/")
    assert page.says(words)
    assert not page.has_link(REGISTER)


def test_cancelled_edition_says_why(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        samples.edition(of, state=EditionState.CANCELLED, state_reason="The **house** is closed.")
    page = visit("/lab/1/")
    assert page.says("The house is closed.")
    assert page.data["eventStatus"] == "https://schema.org/EventCancelled"


def test_edition_known_by_its_number_only(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        samples.unknown(of, 3)
        samples.edition(of, 4, start_date=date(2025, 7, 2))
    page = visit("/lab/3/")
    assert page.says("Little is recorded of this edition")
    assert page.says("LabCamp #3")
    assert not page.says("Date not set yet")
    assert page.data is None
    assert page.has_link("/lab/4/")


def test_coming_edition_without_a_date_says_so(build: Build, visit: Visit) -> None:
    with build():
        samples.unknown(samples.series(), 3)
    page = visit("/lab/3/")
    assert page.says("Date not set yet")
    assert page.says("The programme is taking shape")


def test_month_only_and_other_plans_are_shown_as_said(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        samples.unknown(of, 1, planned="2026-05")
        samples.unknown(of, 2, planned="after the summer")
    assert visit("/lab/1/").says("May 2026")
    assert visit("/lab/2/").says("after the summer")


def test_inferred_date_is_said_to_be_one(build: Build, visit: Visit) -> None:
    with build():
        samples.edition(
            samples.series(),
            start_date=date(2021, 12, 7),
            date_inferred=True,
            date_as_published="07.12.",
            extra={"date": {"basis": "the next one after #4"}},
        )
    page = visit("/lab/1/", "de")
    assert page.says("Datum erschlossen")
    assert page.says("In der Quelle steht „07.12.“")
    assert page.says("the next one after #4")
    assert page.data is None


def test_what_is_recorded_is_shown(build: Build, visit: Visit) -> None:
    work = {"kind": "Book", "title": "Life cycles", "url": "https://books.example/1", "note": "printed"}
    with build():
        of = samples.series(extra={"sources": {"blog": {"title": "A report", "publisher": "City Lab"}}})
        one = samples.edition(
            of,
            start_date=date(2025, 5, 5),
            extra={
                "attendance": {"text": "sixty people"},
                "materials": [work, {"title": "No link", "url": "javascript:alert(1)"}],
                "learnings": ["Talk early"],
                "outcomes": ["A paper"],
                "questions": ["What next?"],
                "notes": ["The time is a guess."],
                "conflicts": [{"topic": "Labs", "values": ["eight", "seven"]}],
                "sources": ["blog", "unheard-of"],
                "fee": "kostenfrei",
                "part_of": {"title": "Big congress", "organiser": "An association"},
            },
        )
        samples.host(one, "Town Lab")
        samples.host(one, "Network", Part.SUPPORTER)
    page = visit("/lab/1/")
    for words in (
        "sixty people",
        "Book: Life cycles · printed",
        "Talk early",
        "A paper",
        "What next?",
        "The time is a guess.",
        "Labs: eight / seven",
        "A report · City Lab",
        "Kostenfrei",
        "Big congress · An association",
        "Town Lab",
        "Network",
    ):
        assert page.says(words), words
    assert page.has_link("https://books.example/1")
    assert not any(target.startswith("javascript") for target in page.targets)


def test_hosts_are_addressed_as_the_series_wants(build: Build, visit: Visit) -> None:
    with build():
        samples.unknown(samples.series("du"), 1)
        samples.unknown(samples.series("sie", form_of_address=FormOfAddress.SIE), 1)
    assert visit("/du/1/", "de").says("findest du sie hier")
    assert visit("/sie/1/", "de").says("finden Sie sie hier")


def test_titles_keep_their_language(build: Build, visit: Visit) -> None:
    with build():
        one = samples.edition(samples.series(title="Werkstatt"), title="Werkstatt 1", language=None)
        samples.slot(one, "Begrüßung", "15:00", "15:10")
        samples.slot(one, "Labs abroad", "15:10", "15:40", language="en")
    page = visit("/lab/1/")
    assert page.language == "en"
    assert page.foreign["Werkstatt 1"] == "de"
    assert page.foreign["Begrüßung"] == "de"
    assert "Labs abroad" not in page.foreign
    german = visit("/lab/1/", "de")
    assert german.foreign == {"Labs abroad": "en"}


@pytest.mark.both_databases
def test_programme_with_times_people_and_parts(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        one = samples.edition(of)
        talk = samples.slot(
            one, "A talk", "15:10", "15:35", kind=Kind.TALK, kind_label="Impuls", abstract="Why *labs*"
        )
        samples.slot(one, "Coffee", "15:35", "15:50", kind=Kind.BREAK)
        rooms = samples.slot(one, "Rooms", "15:50", "16:30", kind=Kind.WORKSHOP, parallel=True)
        part = samples.slot(one, "Room A", day=None, parent_id=rooms.id)
        samples.slot(one, "Gone", "16:30", "17:00", cancelled=True)
        samples.appears(samples.speaker(of, "Dr. Ada Lab", role="Head", organisation_name="City"), talk)
        samples.appears(samples.speaker(of, "Mo Derator"), talk, SpeakerRole.MODERATOR)
        slugs = {"talk": talk.slug, "part": part.slug}
    page = visit("/lab/1/")
    assert page.says("15:10 25 min Impuls A talk Dr. Ada Lab, City · Moderation: Mo Derator Why labs")
    assert page.says("All times in Central European Summer Time (Berlin)")
    assert page.has_link(f"/lab/1/slots/{slugs['talk']}/")
    assert page.has_link(f"/lab/1/slots/{slugs['talk']}.ics")
    assert page.has_link(f"/lab/1/slots/{slugs['part']}/")
    assert page.says("Gone")
    assert page.says("Head, City")
    assert page.has_link("/lab/speakers/dr.-ada-lab/")
    assert not any("coffee" in target for target in page.targets)


def test_programme_without_times_keeps_its_order(build: Build, visit: Visit) -> None:
    with build():
        one = samples.edition(samples.series(), start_time=None, end_time=None)
        for position, title in ((3, "Third"), (1, "First"), (2, "Second A"), (2, "Second B")):
            samples.slot(one, title, position=position)
    page = visit("/lab/1/")
    words = page.text
    assert words.index("First") < words.index("Second A") < words.index("Second B") < words.index("Third")
    assert page.text.count("order open") == 2
    assert page.says("The times of the single items are not known.")


def test_days_and_tracks_can_be_filtered_with_links(build: Build, visit: Visit) -> None:
    with build():
        one = samples.edition(samples.series(), end_date=samples.DAY + timedelta(days=1))
        tracks = [
            samples.add(Track(edition_id=one.id, slug=slug, name=slug.title(), position=at))
            for at, slug in enumerate(("methods", "law"))
        ]
        samples.slot(one, "Early law", "15:00", "16:00", track_id=tracks[1].id)
        samples.slot(one, "Early methods", "16:00", "17:00", track_id=tracks[0].id)
        samples.slot(
            one, "Late law", "10:00", "11:00", day=samples.DAY + timedelta(days=1), track_id=tracks[1].id
        )
    page = visit("/lab/1/")
    assert page.has_link("/lab/1/?day=2026-04-15#programme")
    assert page.has_link("/lab/1/?track=law#programme")
    assert page.says("Tuesday 3 to 5 pm, Wednesday 10 to 11 am")
    assert "robots" not in page.meta
    law = visit("/lab/1/?track=law")
    assert law.says("Early law")
    assert law.says("Late law")
    assert not law.says("Early methods")
    assert law.has_link("/lab/1/?day=2026-04-15&track=law#programme")
    assert law.meta["robots"] == "noindex"
    late = visit("/lab/1/?day=2026-04-15&track=methods")
    assert late.says("Nothing here on this day and track")
    assert visit("/lab/1/?day=nonsense&track=none").says("Early methods")


def test_parallel_rooms_stand_in_a_grid_and_print_as_a_list(build: Build, visit: Visit) -> None:
    with build():
        samples.conference(samples.series(), 40, rooms=3)
    page = visit("/lab/1/")
    assert page.says("Room 0 Room 1 Room 2 10:00")
    assert page.text.count("parallel") == 39  # the last one runs alone
    printed = visit("/lab/1/?view=print")
    assert not printed.says("Room 0 Room 1 Room 2 10:00")
    assert printed.says("Session 39")
    assert not printed.has_link("/lab/1/?view=print")


def test_on_site_edition_says_where_and_how_to_get_there(build: Build, visit: Visit) -> None:
    with build():
        samples.edition(
            samples.series(contact_email="hello@lab.example"),
            mode=Mode.ON_SITE,
            venue_name="Old school",
            venue_address="Schulstr. 1\n10969 Berlin",
            venue_city="Berlin",
            venue_directions="Bus *42*",
            venue_access="No steps",
        )
    page = visit("/lab/1/")
    for words in ("Old school, Berlin", "Schulstr. 1", "Bus 42", "No steps", "Directions and access"):
        assert page.says(words), words
    assert page.has_link("mailto:hello@lab.example")


def test_join_link_is_never_public(build: Build, visit: Visit, client: object) -> None:
    with build():
        of = samples.series()
        samples.edition(of, join_url="https://meet.example/secret", join_details="PIN 4711")
    page = visit("/lab/1/")
    assert "secret" not in page.text + " ".join(page.targets)
    assert "4711" not in page.text


def test_structured_data_has_the_shape_of_schema_org(build: Build, visit: Visit) -> None:
    with build():
        of = samples.series()
        one = samples.edition(
            of,
            mode=Mode.HYBRID,
            venue_name="House </script>",
            venue_address="Street 1",
            capacity=60,
            theme="On & on",
        )
        samples.host(one, "Town Lab")
        samples.slot(one, "A </script><b> talk", "15:10", "15:35", slug="a-talk")
        samples.slot(one, "Coffee", "15:35", "15:50", kind=Kind.BREAK)
    data = visit("/lab/1/").data
    assert data["@context"] == "https://schema.org"
    assert data["@type"] == "Event"
    assert data["url"] == "http://localhost/lab/1/"
    assert (data["startDate"], data["endDate"]) == ("2026-04-14T15:00+02:00", "2026-04-14T18:00+02:00")
    assert data["eventStatus"] == "https://schema.org/EventScheduled"
    assert data["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert [place["@type"] for place in data["location"]] == ["Place", "VirtualLocation"]
    assert data["organizer"] == [{"@type": "Organization", "name": "Town Lab"}]
    assert data["superEvent"]["url"] == "http://localhost/lab/"
    assert data["subEvent"] == [
        {
            "@type": "Event",
            "name": "A </script><b> talk",
            "url": "http://localhost/lab/1/slots/a-talk/",
            "startDate": "2026-04-14T15:10+02:00",
            "endDate": "2026-04-14T15:35+02:00",
        }
    ]


def test_the_page_tells_other_sites_about_itself(build: Build, visit: Visit) -> None:
    with build():
        samples.edition(samples.series(), theme="Growing up")
    meta = visit("/lab/1/").meta
    assert meta["og:title"] == "LabCamp #1"
    assert meta["og:url"] == "http://localhost/lab/1/"
    assert meta["og:locale"] == "de_DE"
    assert "Growing up" in meta["description"]
    assert "Tuesday, 14 April 2026" in meta["og:description"]


def test_hostile_text_stays_text(build: Build, visit: Visit) -> None:
    nasty = "<img src=x onerror=alert(1)>\"'&"
    with build():
        of = samples.series(title=nasty, subtitle=nasty)
        one = samples.edition(
            of, title=nasty, theme=nasty, description=nasty, venue_name=nasty, mode=Mode.ON_SITE
        )
        found = samples.slot(one, nasty, "15:00", "15:30", slug="x", abstract=nasty, kind_label=nasty)
        samples.appears(samples.speaker(of, nasty, slug="y", role=nasty, about=nasty), found)
        address = f"/lab/1/slots/{found.slug}/"
    for path in ("/lab/1/", "/lab/", "/", "/?q=onerror", address, "/lab/speakers/y/"):
        assert visit(path).says("onerror=alert(1)")


@pytest.mark.parametrize(
    "path", ["/lab/1/", "/lab/1/slots/gone/", "/lab/01/", "/lab/+1/", "/nope/1/", "/lab/99/"]
)
def test_what_is_not_there_is_not_found(build: Build, visit: Visit, path: str) -> None:
    with build():
        samples.edition(samples.series(), state=EditionState.DRAFT)
    visit(path, status=404)


def test_unlisted_edition_is_reachable_but_asks_not_to_be_indexed(build: Build, visit: Visit) -> None:
    with build():
        one = samples.edition(samples.series(), visibility=Visibility.UNLISTED)
        found = samples.slot(one, "Quiet", "15:00", "15:30")
        address = f"/lab/1/slots/{found.slug}/"
    for path in ("/lab/1/", address, "/lab/"):
        assert visit(path).meta["robots"] == "noindex"


def test_day_without_hours_and_open_end(build: Build, visit: Visit, clock: FrozenClock) -> None:
    with build():
        of = samples.series()
        samples.edition(of, 1, start_time=None, end_time=None)
        samples.edition(of, 2, start_time=time(18), end_time=None)
    assert not visit("/lab/1/").says("(Berlin)")
    assert visit("/lab/2/").says("from 6 pm (Berlin)")
