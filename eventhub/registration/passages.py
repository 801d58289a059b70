"""What mails to participants share: their frame, and the passages of which they are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from types import SimpleNamespace
from typing import Any

from eventhub.agenda.models import Kind, SpeakerRole
from eventhub.agenda.queries import PlannedSlot, people_by_slot, planned_slots
from eventhub.editions.models import Edition, Mode
from eventhub.editions.phrases import hours as _hours
from eventhub.editions.phrases import organisers as _organisers
from eventhub.editions.phrases import when_and_where as _when
from eventhub.editions.phrases import where as _where
from eventhub.mail.sheets import Link, Section, Words, mark
from eventhub.mail.sheets import legal_links as _legal_links
from eventhub.registration import days, joining
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import link_to
from eventhub.web.rich_text import plain_text

LONGEST_PROGRAMME = 12
LONGEST_DIRECTIONS = 700
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a mail is about: the edition, what happened, and what the reader may see of it."""

    kind: str
    edition: Edition
    facts: Facts
    has_place: bool
    """The reader's place is confirmed: they get the joining link."""
    invites: bool
    """A calendar entry is attached."""
    withdraws: bool
    """The calendar entry is taken back."""
    has_ticket: bool = False
    """The reader comes on site, and the mail holds their ticket."""


def own_link() -> str:
    """Return the address of the reader's own page."""
    return link_to("registration.show", token=mark("token"))


# the kinds ---------------------------------------------------------------------------------------------


def with_place(
    occasion: Occasion,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...],
    fixed: tuple[str, ...] = (),
    news: tuple[str, ...] = (),
) -> Words:
    """A mail to somebody who has a place: everything they need on the day."""
    edition = occasion.edition
    sections = [calendar_section()] if occasion.invites else []
    sections += [*directions(edition), *programme_section(edition), leave_section()]
    return mail_with(
        occasion,
        subject=subject,
        title=title,
        lead=lead,
        fixed=fixed,
        preview=times.when(edition, zone=True),
        when=(*_when(edition), *days_words(occasion), *joining_words(occasion)),
        join=join_link(occasion),
        news=news,
        own=True,
        ticket=ticket_words() if occasion.has_ticket else "",
        sections=tuple(sections),
        goodbye=_("See you soon"),
    )


def ticket_words() -> str:
    return _(
        "The QR code in this mail is your ticket. Show it at the entrance, on your phone or printed. "
        "Your number %(code)s will do as well.",
        code=mark("code"),
    )


def in_line(
    occasion: Occasion,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...],
    fixed: tuple[str, ...] = (),
    news: tuple[str, ...] = (),
) -> Words:
    """A mail to somebody who waits for a place."""
    hours = occasion.edition.offer_hours
    wait = (
        _("If a place opens up, it is yours at once and we write to you. Your calendar stays as it is.")
        if hours is None
        else ngettext(
            "If a place opens up, we offer it to you by mail, and you have %(num)s hour to accept it.",
            "If a place opens up, we offer it to you by mail, and you have %(num)s hours to accept it.",
            hours,
        )
    )
    return mail_with(
        occasion,
        subject=subject,
        title=title,
        lead=lead,
        fixed=(*fixed, wait),
        when=_when(occasion.edition),
        own=True,
        news=news,
        sections=(leave_section(waiting=True),),
    )


def in_line_still(
    occasion: Occasion,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...],
    fixed: tuple[str, ...] = (),
    news: tuple[str, ...] = (),
) -> Words:
    """News for somebody who waits for a place."""
    still = _("You are still on the waitlist.")
    return in_line(occasion, subject=subject, title=title, lead=lead, fixed=(*fixed, still), news=news)


def without_place(
    occasion: Occasion,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...],
    fixed: tuple[str, ...] = (),
    news: tuple[str, ...] = (),
) -> Words:
    """News for somebody about whose place something is still to be decided."""
    return mail_with(occasion, subject=subject, title=title, lead=lead, fixed=fixed, own=True, news=news)


def mail_with(
    occasion: Occasion,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...],
    own: bool = False,
    goodbye: str = "",
    button: str = "",
    **parts: Any,
) -> Words:
    edition = occasion.edition
    parts.setdefault("when", _when(edition))
    names = _organisers(edition)
    return Words(
        subject=subject,
        heading=title,
        lead=lead,
        button=Link(button or _("Open my registration"), own_link()) if own else None,
        small=own_words() if own else "",
        farewell=tuple(line for line in (goodbye, names) if line),
        footer=footer(occasion),
        links=_legal_links(),
        **parts,
    )


def own_words() -> str:
    return _(
        "There you can change your details, choose sessions and cancel. The link is yours alone, "
        "please don’t pass it on. Your number: %(code)s",
        code=mark("code"),
    )


def withdrawal(occasion: Occasion) -> tuple[str, ...]:
    return (_("This mail takes the entry out of your calendar."),) if occasion.withdraws else ()


def calendar_section() -> Section:
    return Section(
        _("In your calendar"),
        (_("The date is attached as a calendar entry. If anything changes, we send a new one."),),
    )


def added(occasion: Occasion) -> tuple[str, ...]:
    """Return what an organiser adds, as paragraphs."""
    words = str(occasion.facts.get("words", ""))
    return tuple(line.strip() for line in words.splitlines() if line.strip())


def again_section(edition: Edition) -> Section:
    return Section(
        _("Changed your mind?"),
        (_("You can register again as long as registration is open."),),
        link=Link(_("To the meeting"), public_link(edition)),
    )


def leave_section(*, waiting: bool | None = False) -> Section:
    """Say how to leave; `waiting` is None where it is not decided whether there is a place."""
    if waiting is None:
        link = Link(_("Withdraw my registration"), f"{own_link()}#cancel")
        return Section(_("No longer interested?"), (_("Then please tell us."),), link=link)
    link = Link(_("Leave the waitlist") if waiting else _("Cancel my place"), f"{own_link()}#cancel")
    if waiting:
        return Section(_("No longer interested?"), (_("Then please make room for others."),), link=link)
    words = _("Then please cancel, so that somebody from the waitlist can move up.")
    return Section(_("Can’t make it after all?"), (words,), link=link)


def footer(occasion: Occasion) -> tuple[str, ...]:
    series = occasion.edition.series
    lines = []
    if series.contact_email:
        who = series.contact_name or series.title
        lines.append(_("Questions? Write to %(name)s: %(email)s", name=who, email=series.contact_email))
    if occasion.kind != "address_changed":
        lines.append(_("You get this mail because you registered on %(moment)s.", moment=mark("moment")))
    return tuple(lines)


def public_link(edition: Edition) -> str:
    return link_to("site.edition", series=edition.series.slug, edition=edition.key)


def desk_link(endpoint: str, edition: Edition, **more: int) -> str:
    return link_to(endpoint, series=edition.series.slug, edition=edition.key, **more)


# when and where ----------------------------------------------------------------------------------------


def join_link(occasion: Occasion) -> Link | None:
    url = joining.shared_link(occasion.edition)
    if not occasion.has_place or not url.startswith(("https://", "http://")):
        return None
    return Link(_("Join online"), url)


def days_words(occasion: Occasion) -> tuple[str, ...]:
    """Return on which days the reader comes, where that is not all."""
    edition, bits = occasion.edition, occasion.facts.get("days")
    wanted, dates = days.chosen(bits or days.EVERY, days.number_of(edition)), days.dates_of(edition)
    if len(wanted) == len(dates):
        return ()
    named = ", ".join(times.day(day, year=False) for number, day in dates if number in wanted)
    return (_("You come on: %(days)s", days=named),)


def joining_words(occasion: Occasion) -> tuple[str, ...]:
    """Return the dial-in, or where the link will be; only for those who have a place."""
    edition = occasion.edition
    if not occasion.has_place or edition.mode not in {Mode.ONLINE, Mode.HYBRID}:
        return ()
    details = tuple(line for line in edition.join_details.splitlines() if line.strip())
    if details or edition.join_url:
        return (*details[:10], *((joining.notice(),) if joining.counts(edition) else ()))
    return (_("The link for joining will be on your registration page."),)


def directions(edition: Edition) -> tuple[Section, ...]:
    if edition.mode is Mode.ONLINE:
        return ()
    texts = (plain_text(edition.venue_directions), plain_text(edition.venue_access))
    paragraphs = tuple(_cut(text) for text in texts if text.strip())
    return (Section(_("Getting there"), paragraphs),) if paragraphs else ()


def _cut(text: str) -> str:
    if len(text) <= LONGEST_DIRECTIONS:
        return text
    return f"{text[:LONGEST_DIRECTIONS].rsplit(maxsplit=1)[0]} …"


# the programme -----------------------------------------------------------------------------------------


def programme(edition: Edition) -> tuple[str, ...]:
    """Return the main slots, one line each: time, title, speakers."""
    slots = [slot for slot in planned_slots(edition.id) if _is_main(slot)]
    if edition.waits_for_day:
        slots = [replace(slot, day=None, start_time=None) for slot in slots]
    slots.sort(key=lambda slot: (slot.day or date.max, slot.start_time or time.max, slot.position))
    people = people_by_slot(edition.id) if slots else {}
    several_days = len({slot.day for slot in slots}) > 1
    return tuple(
        _slot_line(
            slot,
            [one.name for one in people.get(slot.id, ()) if one.role is SpeakerRole.SPEAKER],
            with_day=several_days,
        )
        for slot in slots
    )


def _is_main(slot: PlannedSlot) -> bool:
    return slot.kind is not Kind.BREAK and not slot.cancelled and slot.parent_id is None


def _slot_line(slot: PlannedSlot, speakers: Sequence[str], *, with_day: bool) -> str:
    at = [times.day_short(slot.day)] if with_day and slot.day else []
    at += [times.clock(slot.start_time)] if slot.start_time else []
    who = ", ".join((slot.title, *speakers[:3]))
    return f"{', '.join(at)} {who}".strip()


def programme_section(edition: Edition) -> tuple[Section, ...]:
    lines = programme(edition)
    if not lines:
        return ()
    link = Link(_("The whole programme"), public_link(edition))
    return (Section(_("Programme"), items=lines[:LONGEST_PROGRAMME], link=link),)


# news --------------------------------------------------------------------------------------------------


def what_is_new(changes: frozenset[str]) -> str:
    if "state" in changes:
        return _("Takes place after all")
    moved = bool(changes & {"start_date", "start_time", "end_date", "end_time", "zone", "planned"})
    placed = bool(changes & {"mode", "venue_name", "venue_address", "venue_city"})
    if moved and placed:
        return _("New time and new place")
    if moved:
        return _("New time")
    return _("New place") if placed else _("News")


def news_of(edition: Edition, facts: Facts, changes: frozenset[str]) -> tuple[str, ...]:
    """Say what changed: the old beside the new."""
    news = [_("The meeting takes place after all.")] if "state" in changes else []
    was, now = (when_of(facts.get(name, {})) for name in ("was", "is"))
    if was != now:
        news.append(_("Time: %(new)s, until now %(old)s", new=now, old=was))
    if facts.get("was_at") != facts.get("is_at"):
        old = facts.get("was_at") or _("not known yet")
        news.append(_("Place: %(new)s, until now %(old)s", new=facts.get("is_at") or old, old=old))
    if facts.get("was_called") != facts.get("is_called"):
        news.append(_("Title: %(new)s, until now %(old)s", new=facts["is_called"], old=facts["was_called"]))
    if "mode" in changes:
        news.append(_("Kind of meeting: %(kind)s", kind=_where(edition)))
    if changes & {"join_url", "join_details", "joining_counts"}:
        news.append(_("The way to join online is new."))
    return tuple(news) or (_("You find everything as it is now below."),)


def when_of(kept: Facts) -> str:
    """Return day and hours in words from the values that a mail's facts keep."""
    known = {"zone": "UTC", "planned": "", **kept}
    for name, kind in (("start_date", date), ("end_date", date), ("start_time", time), ("end_time", time)):
        value = kept.get(name)
        known[name] = kind.fromisoformat(value) if value else None
    dated = SimpleNamespace(**known)
    return ", ".join(part for part in (times.when_day(dated), _hours(dated)) if part)
