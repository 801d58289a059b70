"""What each mail to a participant or organiser says; personal values are marks, filled in for each reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any

from eventhub.agenda.models import Kind, SpeakerRole
from eventhub.agenda.queries import PlannedSlot, people_by_slot, planned_slots
from eventhub.editions.entries import heading
from eventhub.editions.models import Edition, Mode
from eventhub.editions.phrases import dated as _dated
from eventhub.editions.phrases import hours as _hours
from eventhub.editions.phrases import on_day as _on_day
from eventhub.editions.phrases import organisers as _organisers
from eventhub.editions.phrases import when_and_where as _when
from eventhub.editions.phrases import where as _where
from eventhub.mail.sheets import Link, Section, Words, mark
from eventhub.mail.sheets import legal_links as _legal_links
from eventhub.registration import days, joining
from eventhub.registration.models import Attendance
from eventhub.registration.own_texts import OwnText, own_text, reworded, text_kind
from eventhub.registration.placeholders import marked
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language, ngettext
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


def words_for(occasion: Occasion) -> Words:
    """Return the words of one kind of mail in the language that is spoken now; own ones come first."""
    edition = occasion.edition
    own = own_text(edition.series_id, text_kind(occasion.kind, occasion.facts))
    return reworded(default_words(occasion), own, edition)


def default_words(occasion: Occasion) -> Words:
    """Return what a mail says where nobody has written anything else."""
    return _KINDS[occasion.kind](occasion)


def own_link() -> str:
    """Return the address of the reader's own page."""
    return link_to("registration.show", token=mark("token"))


# the kinds ---------------------------------------------------------------------------------------------


def _confirmed(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _with_place(
        occasion,
        subject=_("You’re in: %(edition)s", edition=_dated(edition)),
        title=_("You’re in%(name)s", name=mark("comma_name")),
        lead=(_("Your registration for “%(edition)s” is confirmed.", edition=heading(edition)),),
        fixed=_added(occasion),
    )


def _promoted(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _with_place(
        occasion,
        subject=_("A place for you: %(edition)s", edition=_dated(edition)),
        title=_("You’ve moved up%(name)s", name=mark("comma_name")),
        lead=(
            _(
                "A place for “%(edition)s” has opened up, and it is yours: your registration is confirmed.",
                edition=heading(edition),
            ),
        ),
    )


def _another_day(occasion: Occasion) -> Words:
    """Say that a calendar message is about one more day; everything else stood in the mail before."""
    edition, day = occasion.edition, occasion.facts["day"]
    lead = _(
        "This mail puts day %(day)s of “%(edition)s” into your calendar.", day=day, edition=heading(edition)
    )
    if occasion.withdraws:
        lead = _(
            "This mail takes day %(day)s of “%(edition)s” out of your calendar.",
            day=day,
            edition=heading(edition),
        )
    return _mail(
        occasion,
        subject=_("Day %(day)s: %(edition)s", day=day, edition=_dated(edition)),
        title=_("For your calendar: day %(day)s", day=day),
        lead=(lead, _("Everything else stands in the mail before.")),
        when=_on_day(edition, day),
        own=occasion.has_place,
    )


def _reminder(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _with_place(
        occasion,
        subject=_("Coming up: %(edition)s", edition=_dated(edition)),
        title=_("See you soon%(name)s", name=mark("comma_name")),
        lead=(_("“%(edition)s” begins soon, and you have a place.", edition=heading(edition)),),
    )


def _waitlisted(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _in_line(
        occasion,
        subject=_("On the waitlist: %(edition)s", edition=_dated(edition)),
        title=_("You’re on the waitlist%(name)s", name=mark("comma_name")),
        lead=(_("All places for “%(edition)s” are taken.", edition=heading(edition)),),
        fixed=(
            _("You are number %(position)s on the waitlist.", position=mark("position")),
            *_added(occasion),
        ),
    )


def _existing(occasion: Occasion) -> Words:
    edition, state = occasion.edition, occasion.facts.get("state")
    subject = _("Your registration: %(edition)s", edition=_dated(edition))
    if state in _UNDECIDED:
        return _UNDECIDED[state](occasion)
    if state == "waitlisted":
        return _in_line(
            occasion,
            subject=subject,
            title=_("You’re on the waitlist%(name)s", name=mark("comma_name")),
            lead=(_("You are registered for “%(edition)s” already.", edition=heading(edition)),),
            fixed=(_("You are number %(position)s on the waitlist.", position=mark("position")),),
        )
    return _with_place(
        occasion,
        subject=subject,
        title=_("You have a place%(name)s", name=mark("comma_name")),
        lead=(
            _(
                "Your place for “%(edition)s” is confirmed. Here is everything about it again.",
                edition=heading(edition),
            ),
        ),
    )


def _held(occasion: Occasion) -> Words:
    """Ask for the confirmation of the address, for a place or for a spot on the waitlist."""
    edition = occasion.edition
    waits = occasion.facts.get("state") == "waitlisted"
    return _mail(
        occasion,
        subject=_("Please confirm: %(edition)s", edition=_dated(edition)),
        title=_("Please confirm your address%(name)s", name=mark("comma_name")),
        lead=(_("You have registered for “%(edition)s”.", edition=heading(edition)),),
        fixed=(
            _("All places are taken; we keep your spot on the waitlist until %(until)s.", until=mark("until"))
            if waits
            else _("We hold a place for you until %(until)s.", until=mark("until")),
            _("Open your registration and confirm there that the address is yours."),
            _("If that wasn’t you, you need not do anything."),
        ),
        own=True,
        button=_("Confirm my address"),
    )


def _pending(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _mail(
        occasion,
        subject=_("We have your registration: %(edition)s", edition=_dated(edition)),
        title=_("We have your registration%(name)s", name=mark("comma_name")),
        lead=(
            _("Thank you for your interest in “%(edition)s”.", edition=heading(edition)),
            _("The organisers look at each registration. You get a mail as soon as they have decided."),
        ),
        own=True,
        sections=(_leave_section(waiting=None),),
    )


def _rejected(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _mail(
        occasion,
        subject=_("No place this time: %(edition)s", edition=_dated(edition)),
        title=_("Unfortunately no place%(name)s", name=mark("comma_name")),
        lead=(_("The organisers can’t give you a place for “%(edition)s”.", edition=heading(edition)),),
        fixed=_added(occasion),
    )


def _offered(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _mail(
        occasion,
        subject=_("Do you want the place? %(edition)s", edition=_dated(edition)),
        title=_("There is a place for you%(name)s", name=mark("comma_name")),
        lead=(
            _("A place for “%(edition)s” has opened up, and you are next in line.", edition=heading(edition)),
        ),
        fixed=(
            _("It is kept for you until %(until)s.", until=mark("until")),
            _("Please say by then whether you want it. After that it goes to the next in line."),
        ),
        own=True,
        button=_("Accept or decline the place"),
    )


def _expired(occasion: Occasion) -> Words:
    edition = occasion.edition
    if occasion.facts.get("because") == "expired":
        title = _("The offer has expired%(name)s", name=mark("comma_name"))
        lead = _(
            "We did not hear from you in time, so the place for “%(edition)s” goes to the next in line.",
            edition=heading(edition),
        )
    else:
        title = _("Your registration has expired%(name)s", name=mark("comma_name"))
        lead = _(
            "The address was not confirmed in time, so your registration for “%(edition)s” has ended.",
            edition=heading(edition),
        )
    return _mail(
        occasion,
        subject=_("Expired: %(edition)s", edition=_dated(edition)),
        title=title,
        lead=(lead,),
        sections=(_again_section(edition),),
    )


def _cancelled(occasion: Occasion) -> Words:
    edition, facts = occasion.edition, occasion.facts
    lead: tuple[str, ...]
    if facts.get("because") == "handed_over":
        title = _("You have passed your place on%(name)s", name=mark("comma_name"))
        lead = (
            _("Your place for “%(edition)s” now belongs to somebody else.", edition=heading(edition)),
            _("They have got a mail with a link of their own."),
        )
    elif facts.get("because") == "moved":
        title = _("You have changed to another date%(name)s", name=mark("comma_name"))
        lead = (
            _("Your place for “%(edition)s” is free again.", edition=heading(edition)),
            _("A second mail says what you have on the other date."),
        )
    elif facts.get("because") == "released":
        title = _("Your place is free again%(name)s", name=mark("comma_name"))
        lead = (
            _(
                "We asked whether you are coming to “%(edition)s” and heard nothing.",
                edition=heading(edition),
            ),
            _("So your place goes to somebody else now."),
        )
    elif facts.get("by") == "organiser":
        title = _("Your registration is cancelled%(name)s", name=mark("comma_name"))
        lead = (
            _("The organisers have cancelled your registration for “%(edition)s”.", edition=heading(edition)),
        )
    elif facts.get("former") == "offered":
        title = _("You have declined the place%(name)s", name=mark("comma_name"))
        lead = (
            _("The place for “%(edition)s” goes to the next in line.", edition=heading(edition)),
            _("Thank you for telling us."),
        )
    elif facts.get("former") in {"pending", "held"}:
        title = _("You have withdrawn your registration%(name)s", name=mark("comma_name"))
        lead = (_("Your registration for “%(edition)s” has ended.", edition=heading(edition)),)
    elif facts.get("had_place"):
        title = _("You have cancelled%(name)s", name=mark("comma_name"))
        lead = (
            _("Your place for “%(edition)s” is free again.", edition=heading(edition)),
            _("Thank you for telling us."),
        )
    else:
        title = _("You have left the waitlist%(name)s", name=mark("comma_name"))
        lead = (_("You are no longer on the waitlist for “%(edition)s”.", edition=heading(edition)),)
    return _mail(
        occasion,
        subject=_("Cancelled: %(edition)s", edition=_dated(edition)),
        title=title,
        lead=lead,
        fixed=_withdrawal(occasion),
        sections=(_again_section(edition),) if facts.get("by") != "organiser" else (),
    )


def _details_changed(occasion: Occasion) -> Words:
    edition = occasion.edition
    lead = (
        _("We have saved the new details of your registration for “%(edition)s”.", edition=heading(edition)),
    )
    fixed = (
        *_how_they_take_part(occasion.facts),
        _("If that wasn’t you, please write to the organisers."),
    )
    subject = _("Your details have changed: %(edition)s", edition=_dated(edition))
    title = _("Your details have changed%(name)s", name=mark("comma_name"))
    compose = {"waitlisted": _in_line, "confirmed": _with_place}.get(
        str(occasion.facts.get("state")), _without_place
    )
    return compose(occasion, subject=subject, title=title, lead=lead, fixed=fixed)


def _how_they_take_part(facts: Facts) -> tuple[str, ...]:
    """Say how somebody takes part now, as far as that is new."""
    lines = []
    if facts.get("attendance"):
        here = facts["attendance"] == Attendance.ON_SITE
        lines.append(_("You now take part on site.") if here else _("You now take part online."))
    if facts.get("role"):
        title, title_en = facts["role"]
        role = title_en if title_en and language() == "en" else title
        lines.append(_("You now come as: %(role)s", role=role))
    if facts.get("accepts_online") is not None:
        lines.append(
            _("If there is no place on site, you also take an online place.")
            if facts["accepts_online"]
            else _("You wait for a place on site only.")
        )
    return tuple(lines)


def _address_changed(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _mail(
        occasion,
        subject=_("New address for your registration: %(edition)s", edition=_dated(edition)),
        title=_("Your registration has a new email address"),
        lead=(
            _(
                "Your registration for “%(edition)s” now uses another email address. "
                "We write to this one for the last time.",
                edition=heading(edition),
            ),
            *_withdrawal(occasion),
            _("If that wasn’t you, please write to the organisers."),
        ),
    )


def _edition_changed(occasion: Occasion) -> Words:
    edition, changes = occasion.edition, frozenset(occasion.facts.get("changes", ()))
    waits = occasion.facts.get("state") == "waitlisted"
    compose = _with_place if occasion.has_place else _in_line_still if waits else _without_place
    return compose(
        occasion,
        subject=f"{_what_is_new(changes)}: {_dated(edition)}",
        title=_("Something has changed%(name)s", name=mark("comma_name")),
        lead=(_("There is news about “%(edition)s”.", edition=heading(edition)),),
        fixed=_withdrawal(occasion),
        news=_news(edition, occasion.facts, changes),
    )


def _days_changed(occasion: Occasion) -> Words:
    edition, facts = occasion.edition, occasion.facts
    dates = dict(days.dates_of(edition))
    came, left = (
        ", ".join(times.day(dates[one], year=False) for one in facts[name] if one in dates)
        for name in ("came", "left")
    )
    return _with_place(
        occasion,
        subject=_("Your days have changed: %(edition)s", edition=_dated(edition)),
        title=_("Your days have changed%(name)s", name=mark("comma_name")),
        lead=(
            _("You still have your place for “%(edition)s”.", edition=heading(edition)),
            _("Your calendar gets only what has changed, each day by a mail of its own."),
            _("If that wasn’t you, please open your registration and choose again."),
        ),
        news=(
            *((_("You come on: %(days)s", days=came),) if came else ()),
            *((_("You no longer come on: %(days)s", days=left),) if left else ()),
        ),
    )


def _edition_cancelled(occasion: Occasion) -> Words:
    edition = occasion.edition
    reason = plain_text(str(occasion.facts.get("reason", ""))).strip()
    return _mail(
        occasion,
        subject=_("Does not take place: %(edition)s", edition=_dated(edition)),
        title=_("%(edition)s does not take place", edition=edition.title),
        lead=(_("Unfortunately “%(edition)s” is cancelled.", edition=heading(edition)),),
        fixed=(*((reason,) if reason else ()), *_withdrawal(occasion)),
        when=_when(edition)[:1],
    )


def _reconfirm(occasion: Occasion) -> Words:
    edition, until = occasion.edition, occasion.facts.get("until")
    lead = (
        _("“%(edition)s” is soon, and you have a place.", edition=heading(edition)),
        _("Please tell us with one click whether you are coming, so that no seat stays empty."),
    )
    fixed: tuple[str, ...] = ()
    if until:
        moment = times.day_and_time(datetime.fromisoformat(until), edition.zone)
        fixed = (
            _("Please answer until %(moment)s. Places without an answer then become free.", moment=moment),
        )
    return replace(
        _mail(
            occasion,
            subject=_("Are you coming? %(edition)s", edition=_dated(edition)),
            title=_("Are you coming%(name)s?", name=mark("comma_name")),
            lead=lead,
            fixed=fixed,
            own=True,
        ),
        button=Link(_("Answer now"), link_to("registration.coming", token=mark("token"))),
    )


def _full(occasion: Occasion) -> Words:
    edition = occasion.edition
    taken = ngettext("The place is taken.", "All %(num)s places are taken.", edition.capacity or 0)
    return _to_organisers(
        occasion,
        subject=_("Sold out: %(edition)s", edition=_dated(edition)),
        title=_("%(edition)s is sold out", edition=edition.title),
        lead=(taken, _("Whoever registers now goes onto the waitlist and moves up when a place opens up.")),
        button=Link(_("Open the registrations"), _desk_link("desk.registrations", edition)),
    )


def _mail_failed(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _to_organisers(
        occasion,
        subject=_("A mail did not arrive: %(edition)s", edition=_dated(edition)),
        title=_("A mail did not arrive"),
        lead=(
            _("A mail to somebody registered for “%(edition)s” was refused.", edition=heading(edition)),
            _("The list of mails shows the reason. There you can send it again."),
        ),
        button=Link(_("Open the list of mails"), _desk_link("desk.mails", edition)),
    )


def _unreachable(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _to_organisers(
        occasion,
        subject=_("An address takes no mail: %(edition)s", edition=_dated(edition)),
        title=_("An address takes no mail"),
        lead=(
            _(
                "The address of somebody registered for “%(edition)s” takes no mail.",
                edition=heading(edition),
            ),
            _("Nothing more is sent there until it is corrected. Their page shows why."),
        ),
        button=_button_to(occasion.facts.get("registration"), edition),
    )


def _button_to(registration_id: int | None, edition: Edition) -> Link:
    if registration_id is None:  # as in notices of former versions
        return Link(_("Open the registrations"), _desk_link("desk.registrations", edition))
    return Link(
        _("Open the registration"), _desk_link("desk.registration", edition, registration=registration_id)
    )


def _mail_came(occasion: Occasion) -> Words:
    edition = occasion.edition
    return _to_organisers(
        occasion,
        subject=_("Mail to read: %(edition)s", edition=_dated(edition)),
        title=_("There is mail to read"),
        lead=(
            _(
                "Somebody has written about “%(edition)s”, or wishes another time.",
                edition=heading(edition),
            ),
            _("At most one such notice comes a day; the page shows everything."),
        ),
        button=Link(_("Open what came in by mail"), _desk_link("desk.received", edition)),
    )


_NOTICES = {
    "full": _full,
    "mail_failed": _mail_failed,
    "unreachable": _unreachable,
    "mail_came": _mail_came,
}
_UNDECIDED = {"held": _held, "pending": _pending, "offered": _offered, "rejected": _rejected}
"""What is said again in a state in which something has to be decided, or was."""

_KINDS: dict[str, Callable[[Occasion], Words]] = {
    **_UNDECIDED,
    "expired": _expired,
    "confirmed": _confirmed,
    "promoted": _promoted,
    "waitlisted": _waitlisted,
    "existing": _existing,
    "cancelled": _cancelled,
    "details_changed": _details_changed,
    "address_changed": _address_changed,
    "days_changed": _days_changed,
    "edition_changed": _edition_changed,
    "edition_cancelled": _edition_cancelled,
    "reconfirm": _reconfirm,
    "reminder": _reminder,
    "another_day": _another_day,
    "organiser_notice": lambda occasion: _NOTICES[occasion.facts["about"]](occasion),
}


def about_sessions(
    edition: Edition,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...],
    news: tuple[str, ...] = (),
    sections: tuple[Section, ...] = (),
    button: Link | None = None,
) -> Words:
    """A mail to a participant about what they do within the edition; `subject` names no edition yet."""
    occasion = Occasion("sessions", edition, {}, has_place=False, invites=False, withdraws=False)
    words = _mail(
        occasion,
        subject=f"{subject}: {_dated(edition)}",
        title=title,
        lead=lead,
        own=True,
        news=news,
        sections=sections,
        goodbye=_("See you soon"),
    )
    return replace(words, button=button or words.button)


def from_organisers(edition: Edition, own: OwnText, *, has_place: bool) -> Words:
    """The organisers' own words, with the way to the reader's page and, with a place, to join."""
    occasion = Occasion("message", edition, {}, has_place=has_place, invites=False, withdraws=False)
    words = _mail(
        occasion,
        subject=own.subject,
        title=marked(own.subject),
        lead=(),
        when=(*_when(edition), *_joining_words(occasion)),
        join=_join(occasion),
        own=True,
    )
    return reworded(words, own, edition)


# what mails share --------------------------------------------------------------------------------------


def _with_place(
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
    sections = [_calendar_section()] if occasion.invites else []
    sections += [*_directions(edition), *_programme_section(edition), _leave_section()]
    return _mail(
        occasion,
        subject=subject,
        title=title,
        lead=lead,
        fixed=fixed,
        preview=times.when(edition, zone=True),
        when=(*_when(edition), *_days_words(occasion), *_joining_words(occasion)),
        join=_join(occasion),
        news=news,
        own=True,
        ticket=_ticket() if occasion.has_ticket else "",
        sections=tuple(sections),
        goodbye=_("See you soon"),
    )


def _ticket() -> str:
    return _(
        "The QR code in this mail is your ticket. Show it at the entrance, on your phone or printed. "
        "Your number %(code)s will do as well.",
        code=mark("code"),
    )


def _in_line(
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
    return _mail(
        occasion,
        subject=subject,
        title=title,
        lead=lead,
        fixed=(*fixed, wait),
        when=_when(occasion.edition),
        own=True,
        news=news,
        sections=(_leave_section(waiting=True),),
    )


def _in_line_still(
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
    return _in_line(occasion, subject=subject, title=title, lead=lead, fixed=(*fixed, still), news=news)


def _without_place(
    occasion: Occasion,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...],
    fixed: tuple[str, ...] = (),
    news: tuple[str, ...] = (),
) -> Words:
    """News for somebody about whose place something is still to be decided."""
    return _mail(occasion, subject=subject, title=title, lead=lead, fixed=fixed, own=True, news=news)


def _mail(
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
        small=_own_words() if own else "",
        farewell=tuple(line for line in (goodbye, names) if line),
        footer=_footer(occasion),
        links=_legal_links(),
        **parts,
    )


def _to_organisers(
    occasion: Occasion, *, subject: str, title: str, lead: tuple[str, ...], button: Link
) -> Words:
    return Words(
        subject=subject,
        heading=title,
        lead=lead,
        when=_when(occasion.edition)[:1],
        button=button,
        footer=(_("You get this mail because you organise this meeting."),),
        links=_legal_links(),
    )


def _own_words() -> str:
    return _(
        "There you can change your details, choose sessions and cancel. The link is yours alone, "
        "please don’t pass it on. Your number: %(code)s",
        code=mark("code"),
    )


def _withdrawal(occasion: Occasion) -> tuple[str, ...]:
    return (_("This mail takes the entry out of your calendar."),) if occasion.withdraws else ()


def _calendar_section() -> Section:
    return Section(
        _("In your calendar"),
        (_("The date is attached as a calendar entry. If anything changes, we send a new one."),),
    )


def _added(occasion: Occasion) -> tuple[str, ...]:
    """Return what an organiser adds, as paragraphs."""
    words = str(occasion.facts.get("words", ""))
    return tuple(line.strip() for line in words.splitlines() if line.strip())


def _again_section(edition: Edition) -> Section:
    return Section(
        _("Changed your mind?"),
        (_("You can register again as long as registration is open."),),
        link=Link(_("To the meeting"), _public_link(edition)),
    )


def _leave_section(*, waiting: bool | None = False) -> Section:
    """Say how to leave; `waiting` is None where it is not decided whether there is a place."""
    if waiting is None:
        link = Link(_("Withdraw my registration"), f"{own_link()}#cancel")
        return Section(_("No longer interested?"), (_("Then please tell us."),), link=link)
    link = Link(_("Leave the waitlist") if waiting else _("Cancel my place"), f"{own_link()}#cancel")
    if waiting:
        return Section(_("No longer interested?"), (_("Then please make room for others."),), link=link)
    words = _("Then please cancel, so that somebody from the waitlist can move up.")
    return Section(_("Can’t make it after all?"), (words,), link=link)


def _footer(occasion: Occasion) -> tuple[str, ...]:
    series = occasion.edition.series
    lines = []
    if series.contact_email:
        who = series.contact_name or series.title
        lines.append(_("Questions? Write to %(name)s: %(email)s", name=who, email=series.contact_email))
    if occasion.kind != "address_changed":
        lines.append(_("You get this mail because you registered on %(moment)s.", moment=mark("moment")))
    return tuple(lines)


def _public_link(edition: Edition) -> str:
    return link_to("site.edition", series=edition.series.slug, edition=edition.key)


def _desk_link(endpoint: str, edition: Edition, **more: int) -> str:
    return link_to(endpoint, series=edition.series.slug, edition=edition.key, **more)


# when and where ----------------------------------------------------------------------------------------


def _join(occasion: Occasion) -> Link | None:
    url = joining.shared_link(occasion.edition)
    if not occasion.has_place or not url.startswith(("https://", "http://")):
        return None
    return Link(_("Join online"), url)


def _days_words(occasion: Occasion) -> tuple[str, ...]:
    """Return on which days the reader comes, where that is not all."""
    edition, bits = occasion.edition, occasion.facts.get("days")
    wanted, dates = days.chosen(bits or days.EVERY, days.number_of(edition)), days.dates_of(edition)
    if len(wanted) == len(dates):
        return ()
    named = ", ".join(times.day(day, year=False) for number, day in dates if number in wanted)
    return (_("You come on: %(days)s", days=named),)


def _joining_words(occasion: Occasion) -> tuple[str, ...]:
    """Return the dial-in, or where the link will be; only for those who have a place."""
    edition = occasion.edition
    if not occasion.has_place or edition.mode not in {Mode.ONLINE, Mode.HYBRID}:
        return ()
    details = tuple(line for line in edition.join_details.splitlines() if line.strip())
    if details or edition.join_url:
        return (*details[:10], *((joining.notice(),) if joining.counts(edition) else ()))
    return (_("The link for joining will be on your registration page."),)


def _directions(edition: Edition) -> tuple[Section, ...]:
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


def _programme_section(edition: Edition) -> tuple[Section, ...]:
    lines = programme(edition)
    if not lines:
        return ()
    link = Link(_("The whole programme"), _public_link(edition))
    return (Section(_("Programme"), items=lines[:LONGEST_PROGRAMME], link=link),)


# news --------------------------------------------------------------------------------------------------


def _what_is_new(changes: frozenset[str]) -> str:
    if "state" in changes:
        return _("Takes place after all")
    moved = bool(changes & {"start_date", "start_time", "end_date", "end_time", "zone", "planned"})
    placed = bool(changes & {"mode", "venue_name", "venue_address", "venue_city"})
    if moved and placed:
        return _("New time and new place")
    if moved:
        return _("New time")
    return _("New place") if placed else _("News")


def _news(edition: Edition, facts: Facts, changes: frozenset[str]) -> tuple[str, ...]:
    """Say what changed: the old beside the new."""
    news = [_("The meeting takes place after all.")] if "state" in changes else []
    was, now = (_when_of(facts.get(name, {})) for name in ("was", "is"))
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


def _when_of(kept: Facts) -> str:
    """Return day and hours in words from the values that a mail's facts keep."""
    known = {"zone": "UTC", "planned": "", **kept}
    for name, kind in (("start_date", date), ("end_date", date), ("start_time", time), ("end_time", time)):
        value = kept.get(name)
        known[name] = kind.fromisoformat(value) if value else None
    dated = SimpleNamespace(**known)
    return ", ".join(part for part in (times.when_day(dated), _hours(dated)) if part)
