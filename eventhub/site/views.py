"""Public pages: start, series, edition, slot, speaker, and what the law asks for."""

from __future__ import annotations

from flask import Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.agenda.models import Speaker
from eventhub.agenda.queries import (
    has_photo,
    listed_parts,
    parts_of,
    people_of_slot,
    slot_title,
    visible_slot,
    visible_speaker,
)
from eventhub.calendars.links import google_subscription, webcal
from eventhub.editions.queries import visible_edition, visible_series
from eventhub.engagements.queries import has_slides, public_slides, slides_in_edition
from eventhub.extensions import db
from eventhub.organisations.levels import level_heading
from eventhub.organisations.models import Level
from eventhub.questionnaires import files
from eventhub.site import legal, queries
from eventhub.site.admission import admission_of
from eventhub.site.calendars import menu_links, public_slot_entry
from eventhub.site.discs import disc_of
from eventhub.site.editions import (
    by_government,
    edition_lang,
    edition_page,
    mode_names,
    robots_of,
    role_names,
    role_words,
    series_lang,
    speak_like,
    title_of,
)
from eventhub.site.programme import STYLES, kind_names, lang_attribute, length_of
from eventhub.site.records import records_of, series_records
from eventhub.site.search import LONGEST_QUERY, search
from eventhub.web.languages import language
from eventhub.web.links import link_to
from eventhub.web.page_cache import cacheable
from eventhub.web.pagination import Page, page_of, wanted_page
from eventhub.web.rich_text import plain_text

WITH_PLACES = 1.0
"""Seconds for which a page may show the same number of free places."""
SOME = 10
"""How many coming and past editions the start page shows before it links to all."""
ARCHIVE = 25
PHOTO_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


def start() -> ResponseReturnValue:
    """Show what is coming, the series and what was; or what was searched for."""
    cacheable(WITH_PLACES)
    words = request.args.get("q", "")[:LONGEST_QUERY].strip()
    if words:
        return render_template("site/search.html", words=words, page=search(words), link=lang_attribute)
    now = clock.now()
    show = request.args.get("show")
    if show in ("coming", "past"):
        page = page_of(queries.coming(now) if show == "coming" else queries.past(now), 50)
        return render_template("site/editions.html", show=show, page=page, **_list_words(now))
    coming = db.session.scalars(queries.coming(now).limit(SOME + 1)).all()
    past = db.session.scalars(queries.past(now).limit(SOME + 1)).all()
    return render_template(
        "site/start.html",
        coming=coming[:SOME],
        more_coming=len(coming) > SOME,
        past=past[:SOME],
        more_past=len(past) > SOME,
        series=queries.listed_series(),
        canonical=link_to("site.start"),
        **_list_words(now),
    )


def _list_words(now: object) -> dict[str, object]:
    return {
        "now": now,
        "modes": mode_names(),
        "edition_lang": edition_lang,
        "admission_of": admission_of,
        "lang_of": lambda code: lang_attribute(code, language()),
    }


def series(series: str) -> ResponseReturnValue:
    """Show a series: its ruler, the next meeting, all that were."""
    found = visible_series(series) or abort(404)
    cacheable(WITH_PLACES)
    speak_like(found)
    now = clock.now()
    marks = queries.marks(found.id, now)
    ahead = [mark for mark in marks if not mark.past]
    archive = _slice([mark.id for mark in reversed(marks) if mark.past])
    following = ahead[0].id if ahead else None
    wanted = [*archive.items, *(mark.id for mark in ahead)]
    editions = queries.editions_by_id(wanted)
    upcoming = editions.get(following) if following else None
    return render_template(
        "site/series.html",
        series=found,
        own=series_lang(found),
        title=title_of(found.title),
        lead=plain_text(found.description, 260) if found.description else "",
        webcal=webcal(link_to("site.series_calendar", series=found.slug)),
        google=google_subscription(link_to("site.series_calendar", series=found.slug)),
        marks=queries.around(marks, following),
        next=upcoming,
        next_disc=disc_of(upcoming) if upcoming else None,
        admission=admission_of(upcoming, now) if upcoming else None,
        later=[editions[mark.id] for mark in ahead[1:]],
        page=archive,
        archive=[editions[one] for one in archive.items],
        with_slots=queries.with_slots(wanted),
        records=series_records(found),
        records_of=records_of,
        organisers=queries.organisers(found),
        robots=None if marks else "noindex",
        canonical=link_to("site.series", series=found.slug),
        **_list_words(now),
    )


def _slice(ids: list[int]) -> Page[int]:
    number = min(max(1, wanted_page()), max(1, -(-len(ids) // ARCHIVE)))
    return Page(ids[(number - 1) * ARCHIVE : number * ARCHIVE], number, ARCHIVE, len(ids))


def edition(series: str, edition: str) -> ResponseReturnValue:
    """Show an edition with its programme."""
    found = visible_edition(series, edition) or abort(404)
    cacheable(WITH_PLACES)
    args = request.args
    return edition_page(found, day=args.get("day"), track=args.get("track"), view=args.get("view"))


def slot(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Show one slot with its people."""
    found = visible_slot(series, edition, slot) or abort(404)
    cacheable()
    whole = found.edition
    speak_like(whole.series)
    people = people_of_slot(found.id)
    return render_template(
        "site/slot.html",
        slot=found,
        edition=whole,
        series=whole.series,
        own=lang_attribute(found.language or whole.language or whole.series.language, language()),
        kind=found.kind_label or kind_names()[found.kind],
        style=STYLES[found.kind],
        minutes=length_of(found),
        people=people,
        groups=by_government(people),
        files=public_slides(found) if has_slides(whole.id) else [],
        role_words=role_words,
        roles=role_names(),
        sub_slots=parts_of(found.id),
        parent=slot_title(found.parent_id) if found.parent_id else None,
        menu=menu_links(public_slot_entry(found, people)),
        robots=robots_of(whole),
        canonical=link_to("site.slot", series=whole.series.slug, edition=whole.key, slot=found.slug),
        modes=mode_names(),
    )


def slides(series: str, edition: str, slot: str, key: int) -> ResponseReturnValue:
    """Hand out a file of a slot that everybody may have."""
    found = visible_slot(series, edition, slot) or abort(404)
    slides = slides_in_edition(found.edition, key, public=True)
    if slides is None or slides.slot_id != found.id:
        abort(404)
    return files.download(slides.name, slides.content)


def speaker(series: str, speaker: str) -> ResponseReturnValue:
    """Show a speaker and what they contribute."""
    found = visible_speaker(series, speaker) or abort(404)
    cacheable()
    speak_like(found.series)
    parts = listed_parts(found.id)
    return render_template(
        "site/speaker.html",
        speaker=found,
        series=found.series,
        parts=parts,
        level=_level_words(found),
        has_photo=has_photo(found.id),
        roles=role_names(),
        robots=None if parts else "noindex",
        canonical=link_to("site.speaker", series=found.series.slug, speaker=found.slug),
        lang_of=lambda code: lang_attribute(code or found.series.language, language()),
    )


def _level_words(speaker: Speaker) -> str:
    level = speaker.organisation.level if speaker.organisation else None
    return level_heading(level) if level and level is not Level.OTHER else ""


def photo(series: str, speaker: str) -> ResponseReturnValue:
    """Send the portrait of a speaker."""
    found = visible_speaker(series, speaker) or abort(404)
    return _picture(found.photo or b"")


def logo(series: str, organisation: str) -> ResponseReturnValue:
    """Send the logo of an organisation that runs a series."""
    found = visible_series(series) or abort(404)
    return _picture(queries.visible_logo(found, organisation) or b"")


def _picture(content: bytes) -> ResponseReturnValue:
    """Send only what we know to be a picture."""
    kind = next((kind for start, kind in PHOTO_TYPES.items() if content.startswith(start)), None)
    if kind is None:
        abort(404)
    response: Response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.add_etag()
    return response.make_conditional(request)


def imprint() -> ResponseReturnValue:
    """Say who runs this installation."""
    return _legal("imprint")


def privacy() -> ResponseReturnValue:
    """Say what happens with personal data."""
    return _legal("privacy")


def accessibility() -> ResponseReturnValue:
    """Say how accessible the pages are and how to report a barrier."""
    return _legal("accessibility")


def _legal(page: str) -> ResponseReturnValue:
    cacheable()
    title, text = legal.legal_text(page)
    return render_template("site/legal.html", title=title, text=text, canonical=link_to(f"site.{page}"))
