"""Everything that the page of an edition shows; also the organisers' preview of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import g, render_template, request
from markupsafe import Markup

from eventhub import clock
from eventhub.agenda.models import SpeakerRole
from eventhub.agenda.queries import Appearance, Programme, programme, programme_in_work
from eventhub.calendars.links import webcal
from eventhub.editions.entries import edition_entry
from eventhub.editions.models import Edition, Mode, Series, Visibility
from eventhub.groups.queries import public_results
from eventhub.organisations.levels import by_level
from eventhub.programme_changes.releases import shown_version
from eventhub.registration.choices import left_by_attendance
from eventhub.site.admission import admission_of
from eventhub.site.calendars import menu_links
from eventhub.site.discs import disc_of, short_hours
from eventhub.site.programme import Day, Item, agenda_of, lang_attribute
from eventhub.site.queries import around, marks, organisers
from eventhub.site.records import records_of
from eventhub.site.structured import event_data
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language
from eventhub.web.links import link_to, path_to
from eventhub.web.rich_text import plain_text

LONGEST_HEAD = 40
"""Up to here the part of a title before its colon stands alone in large letters."""
LONGEST_LINE = 80
"""A theme up to this length is a second heading; a longer one is text."""


class Title(NamedTuple):
    """A title in two sizes: what comes first, the sign between, and the rest."""

    head: str
    sign: str
    rest: str


def title_of(title: str) -> Title:
    """Divide a title at its colon or dash where something short stands before it."""
    for sign in (": ", " – "):
        head, found, rest = title.partition(sign)
        if found and rest and len(head) <= LONGEST_HEAD and head.count("„") == head.count("“"):
            return Title(head, found, rest)
    return Title(title, "", "")


def speak_like(series: Series) -> None:
    """Address the reader as the organisers of a series do."""
    g.formal = series.is_formal


def series_lang(series: Series) -> Markup:
    """Return the language attribute of what is written in the language of a series."""
    return lang_attribute(series.language, language())


def edition_lang(edition: Edition) -> Markup:
    """Return the language attribute of what is written in the language of an edition."""
    return lang_attribute(edition.language or edition.series.language, language())


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the programme, once."""

    appearance: Appearance
    roles: str


def people_of(course: Programme) -> list[Person]:
    """Return everybody on the programme in the order of their first appearance."""
    found: dict[int, list[Appearance]] = {}
    for slot in course.slots:
        for one in course.people.get(slot.id, ()):
            found.setdefault(one.speaker_id, []).append(one)
    return [Person(appearances[0], role_words(appearances[0])) for appearances in found.values()]


def by_government(people: list[Appearance]) -> list[tuple[str, list[Appearance]]]:
    """Group the people of a session by their level of government, where it brings several levels together."""
    if len({one.level for one in people if one.level}) < 2:
        return [("", people)]
    return by_level(people, lambda one: one.level)


def role_words(person: Appearance) -> str:
    """Return post and organisation of a person in one line."""
    return ", ".join(part for part in (person.job, person.affiliation) if part)


def role_names() -> dict[SpeakerRole, str]:
    """Return our words for what people do in a slot."""
    return {
        SpeakerRole.SPEAKER: _("Talk"),
        SpeakerRole.MODERATOR: _("Moderation"),
        SpeakerRole.HOST: _("Host"),
    }


def edition_page(
    edition: Edition,
    *,
    day: str | None = None,
    track: str | None = None,
    view: str | None = None,
    preview: bool = False,
) -> str:
    """Render the page of an edition, filtered by day and track; `view="print"` is the one to print."""
    speak_like(edition.series)
    course = programme_in_work(edition) if preview else programme(edition.id)
    agenda = agenda_of(edition, course, day=day, track=track, as_list=view == "print")
    hosts = organisers(edition.series)
    now = clock.now()
    siblings = marks(edition.series_id, now)
    over = next((mark.past for mark in siblings if mark.id == edition.id), None)
    public = path_to("site.edition", series=edition.series.slug, edition=edition.key)
    address = request.path if preview else public
    values: dict[str, Any] = {
        "edition": edition,
        "series": edition.series,
        "title": title_of(edition.title),
        "own": edition_lang(edition),
        "agenda": agenda,
        "people": people_of(course),
        "admission": admission_of(edition, now, over=over),
        "left": left_by_attendance(edition),
        "records": records_of(edition),
        "result_lists": public_results(edition),
        "agenda_version": shown_version(edition.id),
        "disc": disc_of(edition, agenda.days),
        "organisers": hosts,
        "menu": menu_links(edition_entry(edition, description=plain_text(edition.theme))),
        "data": None if preview else event_data(edition, hosts, _all_items(agenda.days)),
        "canonical": link_to("site.edition", series=edition.series.slug, edition=edition.key),
        "robots": robots_of(edition, filtered=bool(day or track or view)),
        "printing": view == "print",
        "preview": preview,
        "modes": mode_names(),
        "day_hours": _hours_by_day(agenda.days),
        "stick_hours": short_hours(edition.start_time, edition.end_time) if edition.start_time else "",
        "marks": around(siblings, edition.id),
        "here": address,
        "filter_link": _Filter(address, day, track),
        "speakers": path_to("site.speaker", series=edition.series.slug, speaker="-").removesuffix("-/"),
        "webcal": webcal(link_to("site.series_calendar", series=edition.series.slug)),
        "webcal_programme": webcal(
            link_to("site.edition_calendar", series=edition.series.slug, edition=edition.key)
        ),
    }
    return render_template("site/edition.html", **values)


def _hours_by_day(days: Sequence[Day]) -> list[str]:
    """Return when each of several days begins and ends, as far as the programme says so."""
    if len(days) < 2:
        return []
    found = []
    for day in days:
        timed = [item.slot for item in day.items if item.slot.start_time]
        if day.date and timed:
            ends = [slot.end_time for slot in timed if slot.end_time and slot.end_day is None]
            hours = times.time_range(
                min(slot.start_time for slot in timed if slot.start_time), max(ends, default=None)
            )
            found.append(f"{times.weekday(day.date)} {hours}")
    return found


@dataclass(frozen=True, slots=True)
class _Filter:
    """Links to the same page with another day or track; called by the template."""

    address: str
    day: str | None
    track: str | None

    def __call__(self, **change: str | None) -> str:
        wanted = {"day": self.day, "track": self.track} | change
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"{self.address}?{query}" if query else self.address


def _all_items(days: Sequence[Day]) -> list[Item]:
    return [item for day in days for item in day.items]


def robots_of(edition: Edition, *, filtered: bool = False) -> str | None:
    """Keep search engines away from what no list may name, and from views of the same page."""
    return "noindex" if filtered or edition.visibility is Visibility.UNLISTED else None


def mode_names() -> dict[Mode, str]:
    """Return our words for where a meeting takes place."""
    return {Mode.ONLINE: _("Online"), Mode.ON_SITE: _("On site"), Mode.HYBRID: _("On site and online")}
