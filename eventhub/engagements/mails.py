"""What speakers are told: the question, once more while they are silent, thanks, and calendar messages."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from eventhub import clock, tokens
from eventhub.agenda.comparing import news as news_in_words
from eventhub.agenda.comparing import when_of
from eventhub.agenda.models import Slot
from eventhub.calendars import itip
from eventhub.calendars.entries import Entry, Person, Timed
from eventhub.editions.entries import heading
from eventhub.editions.letters import letter_of, sender_of
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.phrases import dated, organisers, when_and_where
from eventhub.engagements import queries
from eventhub.engagements.models import Engagement
from eventhub.engagements.rules import News, OwnNews, Shown
from eventhub.extensions import db
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Sheet, Words, lay_out, legal_links, mark, spoken_name
from eventhub.registration.own_texts import OwnText, own_text, reworded
from eventhub.registration.sample_letters import UNKNOWN, composes
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext, speaking
from eventhub.web.links import link_to


def ask(engagement: Engagement) -> None:
    """Write the question."""
    _write(engagement, "engagement_asked", str(engagement.mails))


def remind(engagement: Engagement) -> None:
    """Write once more to somebody who is silent."""
    _write(engagement, "engagement_reminder", str(engagement.mails))


def thank(engagement: Engagement) -> None:
    """Confirm that somebody has accepted, with what comes next."""
    _write(engagement, "engagement_accepted", secrets.token_hex(8))


def tell_entry(engagement: Engagement, news: News) -> None:
    """Write a calendar message about one slot."""
    _write(engagement, "engagement_entry", secrets.token_hex(8), _entry_facts(news))


def tell_release(engagement: Engagement, changes: Sequence[OwnNews], reason: str, entry: News | None) -> None:
    """Write what a version of the agenda changes for somebody, with one calendar message where one is due."""
    facts = {
        "changes": [{"was": one.was, "is": one.now} for one in changes],
        "why": reason,
        "entry": _entry_facts(entry) if entry else None,
    }
    _write(engagement, "engagement_changes", secrets.token_hex(8), facts)


def _entry_facts(news: News) -> dict[str, Any]:
    return {
        "uid": news.uid,
        "method": news.method,
        "sequence": news.sequence,
        "shown": plain(news.shown),
        "at": clock.now().isoformat(),
    }


def plain(shown: Shown) -> dict[str, str]:
    """Return what a calendar shows as JSON can hold it."""
    return {
        "title": shown.title,
        "place": shown.place,
        "starts_at": shown.starts_at.isoformat(),
        "ends_at": shown.ends_at.isoformat(),
    }


def shown_of(kept: dict[str, Any]) -> Shown:
    """Return what `plain` was made from."""
    starts, ends = (datetime.fromisoformat(kept[name]) for name in ("starts_at", "ends_at"))
    return Shown(kept["title"], kept["place"], starts, ends)


def _write(engagement: Engagement, kind: str, occasion: str, facts: dict[str, Any] | None = None) -> None:
    enqueue(
        kind,
        to_address=engagement.email,
        to_name=engagement.speaker.name,
        dedupe_key=f"engagement:{engagement.id}:{occasion}",
        language=engagement.language,
        facts=facts,
        edition_id=engagement.edition_id,
        engagement_id=engagement.id,
    )


@renders("engagement_asked", "engagement_reminder")
def question_letter(message: OutboxMessage) -> Letter | None:
    """Write the question; None where it was answered, or makes no sense any more, before it left."""
    found = db.session.get(Engagement, message.engagement_id)
    if found is None or not found.is_silent or found.edition.state is EditionState.CANCELLED:
        return None
    return _letter(message, found, _reminder if message.kind == "engagement_reminder" else _question)


@renders("engagement_accepted")
def thanks_letter(message: OutboxMessage) -> Letter | None:
    """Write the thanks; None where the answer is another one by now."""
    found = db.session.get(Engagement, message.engagement_id)
    if found is None or found.accepted_at is None:
        return None
    return _letter(message, found, _thanks)


@renders("engagement_entry")
def entry_letter(message: OutboxMessage) -> Letter | None:
    """Write what is new about one slot, with its calendar message."""
    found = db.session.get(Engagement, message.engagement_id)
    if found is None or not found.email:
        return None
    facts, shown = message.facts, shown_of(message.facts["shown"])
    letter = _letter(message, found, lambda one: _entry_words(one, facts["method"], facts["sequence"], shown))
    return replace(letter, calendar=_calendar(found, facts, shown), method=facts["method"])


@renders("engagement_changes")
def changes_letter(message: OutboxMessage) -> Letter | None:
    """Write what is new about somebody's slots, with the calendar message of the first."""
    found = db.session.get(Engagement, message.engagement_id)
    if found is None or not found.email:
        return None
    letter = _letter(message, found, lambda one: _changes_words(one, message.facts))
    entry = message.facts["entry"]
    if entry is None:
        return letter
    return replace(letter, calendar=_calendar(found, entry, shown_of(entry["shown"])), method=entry["method"])


def preview(edition: Edition, language: str, words: str, answer_by: date | None) -> Sheet:
    """Lay the question out as its readers would get it."""
    with speaking(language, edition.series.is_formal):
        own = own_text(edition.series_id, "engagement_asked")
        return lay_out(_worded(_anybody(edition, words, answer_by), _question, own))


@composes("engagement_asked")
def question_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the question reads."""
    return _worded(_anybody(edition), _question, own)


@composes("engagement_reminder")
def reminder_sample(edition: Edition, own: OwnText) -> Words:
    """Show how it reads once more."""
    return _worded(_anybody(edition), _reminder, own)


@composes("engagement_accepted")
def thanks_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the thanks read."""
    return _worded(_anybody(edition), _thanks, own)


@composes("engagement_entry")
def entry_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail with a calendar entry reads."""
    shown = Shown(UNKNOWN, UNKNOWN, clock.now(), clock.now())
    return _worded(_anybody(edition), lambda one: _entry_words(one, "REQUEST", 0, shown), own)


@composes("engagement_changes")
def changes_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail about a new version of the agenda reads."""
    gone = {"changes": [{"was": {"title": UNKNOWN}, "is": None}], "why": ""}
    return _worded(_anybody(edition), lambda one: _changes_words(one, gone), own)


def _worded(reader: _Reader, compose: Callable[[_Reader], Words], own: OwnText) -> Words:
    """Take what was written for this person; without it the words of the series, or else ours."""
    asked = compose is _question and bool(reader.words)
    return reworded(compose(reader), replace(own, body="") if asked else own, reader.edition)


def _anybody(edition: Edition, words: str = "", answer_by: date | None = None) -> _Reader:
    own_page = link_to("engagements.show", token=mark("token"))
    return _Reader(edition, mark("comma_name"), own_page, (), words, answer_by)


def _letter(message: OutboxMessage, found: Engagement, words: Callable[[_Reader], Words]) -> Letter:
    edition = found.edition
    with speaking(message.language, edition.series.is_formal):
        own = own_text(edition.series_id, message.kind)
        sheet = lay_out(_worded(_reader(found), words, own))
    name = spoken_name(found.speaker.name)
    named = {"name": name, "spaced_name": f" {name}" if name else ""}
    return letter_of(edition.series, message, sheet, named)


def _calendar(found: Engagement, facts: dict[str, Any], shown: Shown) -> bytes:
    sender, at = sender_of(found.edition.series), datetime.fromisoformat(facts["at"])
    entry = Entry(
        uid=facts["uid"],
        sequence=facts["sequence"],
        summary=shown.title,
        when=Timed(shown.starts_at, shown.ends_at, found.edition.zone),
        created_at=found.created_at,
        modified_at=at,
        description=heading(found.edition),
        location=shown.place,
        url=_own_page(found),
    )
    copy = itip.Copy(
        organizer=Person(sender.name, sender.address),
        attendee=Person(found.speaker.name, found.email),
        stamp=at,
        rsvp=False,
        partstat="ACCEPTED",
    )
    return itip.request(entry, copy) if facts["method"] == "REQUEST" else itip.cancel(entry, copy)


# words -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads a mail, and what they are to know."""

    edition: Edition
    comma_name: str
    own_page: str
    slots: Sequence[Slot]
    words: str
    answer_by: date | None


def _reader(found: Engagement) -> _Reader:
    name = spoken_name(found.speaker.name)
    return _Reader(
        found.edition,
        f", {name}" if name else "",
        _own_page(found),
        queries.slots_of(found),
        found.words,
        found.answer_by,
    )


def _question(reader: _Reader) -> Words:
    edition = reader.edition
    lead = paragraphs(reader.words) or (
        _(
            "%(team)s would be glad to have you on the programme of “%(edition)s”.",
            team=organisers(edition),
            edition=heading(edition),
        ),
    )
    return _words(
        reader,
        subject=_("Will you take part? %(edition)s", edition=dated(edition)),
        title=_("We would like to have you on the programme%(name)s", name=reader.comma_name),
        lead=lead,
        fixed=_deadline(reader),
        button=_("Accept or decline"),
    )


def _reminder(reader: _Reader) -> Words:
    edition = reader.edition
    return _words(
        reader,
        subject=_("Still open: will you take part? %(edition)s", edition=dated(edition)),
        title=_("Will you take part%(name)s?", name=reader.comma_name),
        lead=(
            _(
                "We have asked you for the programme of “%(edition)s” and not heard from you yet.",
                edition=heading(edition),
            ),
        ),
        fixed=_deadline(reader),
        button=_("Accept or decline"),
    )


def _thanks(reader: _Reader) -> Words:
    edition = reader.edition
    return _words(
        reader,
        subject=_("Thank you for taking part: %(edition)s", edition=dated(edition)),
        title=_("Thank you%(name)s", name=reader.comma_name),
        lead=(
            _("It is noted that you take part in “%(edition)s”.", edition=heading(edition)),
            _("Your calendar entry follows as soon as your time on the programme is known."),
        ),
        button=_("To your page"),
        sections=(
            Section(
                _("On your page"),
                items=(
                    _("Correct your text and your photo"),
                    _("Hand in slides"),
                    _("Say what you need, and what may be published"),
                ),
            ),
        ),
    )


def _entry_words(reader: _Reader, method: str, sequence: int, shown: Shown) -> Words:
    edition = reader.edition
    when = _moment(shown, edition.zone)
    if method == "CANCEL":
        subject, lead = (
            _("Withdrawn: %(title)s", title=shown.title),
            _(
                "“%(title)s”, %(when)s, is not part of your programme any more. "
                "The attached calendar message removes the entry.",
                title=shown.title,
                when=when,
            ),
        )
    elif sequence:
        subject, lead = (
            _("New: %(title)s, %(when)s", title=shown.title, when=when),
            _(
                "“%(title)s” has changed. The attached calendar message corrects the entry.",
                title=shown.title,
            ),
        )
    else:
        subject, lead = (
            _("For your calendar: %(title)s, %(when)s", title=shown.title, when=when),
            _(
                "You are on the programme of “%(edition)s” with “%(title)s”.",
                edition=heading(edition),
                title=shown.title,
            ),
        )
    lines = tuple(line for line in (when, shown.place) if line)
    return _words(
        reader,
        subject=subject,
        title=shown.title,
        fixed=(lead,),
        button=_("To your page"),
        when=lines if method == "REQUEST" else (),
    )


def _changes_words(reader: _Reader, facts: dict[str, Any]) -> Words:
    edition, changes = reader.edition, facts["changes"]
    first = (changes[0]["is"] or changes[0]["was"])["title"]
    why = (_("The organisers say: %(words)s", words=facts["why"]),) if facts["why"] else ()
    return _words(
        reader,
        subject=ngettext("New: “%(title)s”", "New in %(num)s of your sessions", len(changes), title=first),
        title=_("Something has changed%(name)s", name=reader.comma_name),
        lead=(_("There is a new version of the agenda of “%(edition)s”.", edition=heading(edition)),),
        fixed=why,
        button=_("To your page"),
        when=(),
        sections=tuple(map(_change, changes)),
    )


def _change(change: dict[str, Any]) -> Section:
    was, now = change["was"], change["is"]
    if now is None:
        return Section(was["title"], items=(_("Is not part of your programme any more."),))
    if was is None:
        return Section(
            now["title"], items=(_("You are on the programme with it: %(when)s", when=when_of(now)),)
        )
    return Section(now["title"], items=tuple(news_in_words(was, now)))


def _words(
    reader: _Reader,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...] = (),
    fixed: tuple[str, ...] = (),
    button: str,
    when: tuple[str, ...] | None = None,
    sections: tuple[Section, ...] = (),
) -> Words:
    edition = reader.edition
    lines = tuple(map(_line, reader.slots))
    listed = (Section(_("On the programme"), items=lines),) if lines else ()
    return Words(
        subject=subject,
        heading=title,
        lead=lead,
        fixed=fixed,
        when=when_and_where(edition) if when is None else when,
        button=Link(button, reader.own_page),
        small=_("This link is yours alone, please don’t pass it on."),
        sections=(*(listed if when is None else ()), *sections),
        farewell=(organisers(edition),),
        footer=(_("The organisers have entered you as a person on their programme, with this address."),),
        links=legal_links(),
    )


def _line(slot: Slot) -> str:
    if slot.day is None:
        return slot.title
    day = times.day_long(slot.day, year=False)
    hour = f", {times.time_of_day(slot.start_time)}" if slot.start_time else ""
    return f"{slot.title} ({day}{hour})"


def _moment(shown: Shown, zone: str) -> str:
    return times.day_and_time(shown.starts_at, zone)


def _deadline(reader: _Reader) -> tuple[str, ...]:
    if reader.answer_by is None:
        return ()
    return (_("Please answer by %(day)s.", day=times.day_long(reader.answer_by)),)


def _own_page(found: Engagement) -> str:
    return link_to("engagements.show", token=tokens.derive("engagement", found.token_seed))


def paragraphs(words: str) -> tuple[str, ...]:
    """Return what an organiser wrote, cut at its empty lines."""
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", words) if part.strip())
