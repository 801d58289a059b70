"""What each mail to a participant or organiser says; personal values are marks, filled in for each reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from eventhub.editions.entries import heading
from eventhub.editions.models import Edition
from eventhub.editions.phrases import dated as _dated
from eventhub.editions.phrases import on_day as _on_day
from eventhub.editions.phrases import when_and_where as _when
from eventhub.mail.sheets import Link, Section, Words, mark
from eventhub.registration import days
from eventhub.registration.models import Attendance
from eventhub.registration.notices import NOTICES
from eventhub.registration.own_texts import OwnText, own_text, reworded, text_kind
from eventhub.registration.passages import (
    Facts,
    Occasion,
    added,
    again_section,
    in_line,
    in_line_still,
    join_link,
    joining_words,
    leave_section,
    mail_with,
    news_of,
    what_is_new,
    with_place,
    withdrawal,
    without_place,
)
from eventhub.registration.placeholders import marked
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language
from eventhub.web.links import link_to
from eventhub.web.rich_text import plain_text


def words_for(occasion: Occasion) -> Words:
    """Return the words of one kind of mail in the language that is spoken now; own ones come first."""
    edition = occasion.edition
    own = own_text(edition.series_id, text_kind(occasion.kind, occasion.facts))
    return reworded(default_words(occasion), own, edition)


def default_words(occasion: Occasion) -> Words:
    """Return what a mail says where nobody has written anything else."""
    return _KINDS[occasion.kind](occasion)


def _confirmed(occasion: Occasion) -> Words:
    edition = occasion.edition
    return with_place(
        occasion,
        subject=_("You’re in: %(edition)s", edition=_dated(edition)),
        title=_("You’re in%(name)s", name=mark("comma_name")),
        lead=(_("Your registration for “%(edition)s” is confirmed.", edition=heading(edition)),),
        fixed=added(occasion),
    )


def _promoted(occasion: Occasion) -> Words:
    edition = occasion.edition
    return with_place(
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
    return mail_with(
        occasion,
        subject=_("Day %(day)s: %(edition)s", day=day, edition=_dated(edition)),
        title=_("For your calendar: day %(day)s", day=day),
        lead=(),
        fixed=(lead, _("Everything else stands in the mail before.")),
        when=_on_day(edition, day),
        own=occasion.has_place,
    )


def _reminder(occasion: Occasion) -> Words:
    edition = occasion.edition
    return with_place(
        occasion,
        subject=_("Coming up: %(edition)s", edition=_dated(edition)),
        title=_("See you soon%(name)s", name=mark("comma_name")),
        lead=(_("“%(edition)s” begins soon, and you have a place.", edition=heading(edition)),),
    )


def _waitlisted(occasion: Occasion) -> Words:
    edition = occasion.edition
    return in_line(
        occasion,
        subject=_("On the waitlist: %(edition)s", edition=_dated(edition)),
        title=_("You’re on the waitlist%(name)s", name=mark("comma_name")),
        lead=(_("All places for “%(edition)s” are taken.", edition=heading(edition)),),
        fixed=(
            _("You are number %(position)s on the waitlist.", position=mark("position")),
            *added(occasion),
        ),
    )


def _existing(occasion: Occasion) -> Words:
    edition, state = occasion.edition, occasion.facts.get("state")
    subject = _("Your registration: %(edition)s", edition=_dated(edition))
    if state in _UNDECIDED:
        return _UNDECIDED[state](occasion)
    if state == "waitlisted":
        return in_line(
            occasion,
            subject=subject,
            title=_("You’re on the waitlist%(name)s", name=mark("comma_name")),
            lead=(_("You are registered for “%(edition)s” already.", edition=heading(edition)),),
            fixed=(_("You are number %(position)s on the waitlist.", position=mark("position")),),
        )
    return with_place(
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
    return mail_with(
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
    return mail_with(
        occasion,
        subject=_("We have your registration: %(edition)s", edition=_dated(edition)),
        title=_("We have your registration%(name)s", name=mark("comma_name")),
        lead=(
            _("Thank you for your interest in “%(edition)s”.", edition=heading(edition)),
            _("The organisers look at each registration. You get a mail as soon as they have decided."),
        ),
        own=True,
        sections=(leave_section(waiting=None),),
    )


def _rejected(occasion: Occasion) -> Words:
    edition = occasion.edition
    return mail_with(
        occasion,
        subject=_("No place this time: %(edition)s", edition=_dated(edition)),
        title=_("Unfortunately no place%(name)s", name=mark("comma_name")),
        lead=(_("The organisers can’t give you a place for “%(edition)s”.", edition=heading(edition)),),
        fixed=added(occasion),
    )


def _offered(occasion: Occasion) -> Words:
    edition = occasion.edition
    return mail_with(
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
    return mail_with(
        occasion,
        subject=_("Expired: %(edition)s", edition=_dated(edition)),
        title=title,
        lead=(lead,),
        sections=(again_section(edition),),
    )


Ended = tuple[str, tuple[str, ...]]
"""Heading and first words of a cancellation."""


def _ended_because(edition: Edition, because: object) -> Ended | None:
    if because == "handed_over":
        title = _("You have passed your place on%(name)s", name=mark("comma_name"))
        return title, (
            _("Your place for “%(edition)s” now belongs to somebody else.", edition=heading(edition)),
            _("They have got a mail with a link of their own."),
        )
    if because == "moved":
        title = _("You have changed to another date%(name)s", name=mark("comma_name"))
        return title, (
            _("Your place for “%(edition)s” is free again.", edition=heading(edition)),
            _("A second mail says what you have on the other date."),
        )
    if because == "released":
        title = _("Your place is free again%(name)s", name=mark("comma_name"))
        return title, (
            _(
                "We asked whether you are coming to “%(edition)s” and heard nothing.",
                edition=heading(edition),
            ),
            _("So your place goes to somebody else now."),
        )
    return None


def _ended_by(edition: Edition, facts: Facts) -> Ended:
    if facts.get("by") == "organiser":
        title = _("Your registration is cancelled%(name)s", name=mark("comma_name"))
        return title, (
            _("The organisers have cancelled your registration for “%(edition)s”.", edition=heading(edition)),
        )
    if facts.get("former") == "offered":
        title = _("You have declined the place%(name)s", name=mark("comma_name"))
        return title, (
            _("The place for “%(edition)s” goes to the next in line.", edition=heading(edition)),
            _("Thank you for telling us."),
        )
    if facts.get("former") in {"pending", "held"}:
        title = _("You have withdrawn your registration%(name)s", name=mark("comma_name"))
        return title, (_("Your registration for “%(edition)s” has ended.", edition=heading(edition)),)
    if facts.get("had_place"):
        title = _("You have cancelled%(name)s", name=mark("comma_name"))
        return title, (
            _("Your place for “%(edition)s” is free again.", edition=heading(edition)),
            _("Thank you for telling us."),
        )
    title = _("You have left the waitlist%(name)s", name=mark("comma_name"))
    return title, (_("You are no longer on the waitlist for “%(edition)s”.", edition=heading(edition)),)


def _cancelled(occasion: Occasion) -> Words:
    edition, facts = occasion.edition, occasion.facts
    title, lead = _ended_because(edition, facts.get("because")) or _ended_by(edition, facts)
    return mail_with(
        occasion,
        subject=_("Cancelled: %(edition)s", edition=_dated(edition)),
        title=title,
        lead=lead,
        fixed=withdrawal(occasion),
        sections=(again_section(edition),) if facts.get("by") != "organiser" else (),
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
    compose = {"waitlisted": in_line, "confirmed": with_place}.get(
        str(occasion.facts.get("state")), without_place
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
    return mail_with(
        occasion,
        subject=_("New address for your registration: %(edition)s", edition=_dated(edition)),
        title=_("Your registration has a new email address"),
        lead=(
            _(
                "Your registration for “%(edition)s” now uses another email address. "
                "We write to this one for the last time.",
                edition=heading(edition),
            ),
        ),
        fixed=(*withdrawal(occasion), _("If that wasn’t you, please write to the organisers.")),
    )


def _edition_changed(occasion: Occasion) -> Words:
    edition, changes = occasion.edition, frozenset(occasion.facts.get("changes", ()))
    waits = occasion.facts.get("state") == "waitlisted"
    compose = with_place if occasion.has_place else in_line_still if waits else without_place
    return compose(
        occasion,
        subject=f"{what_is_new(changes)}: {_dated(edition)}",
        title=_("Something has changed%(name)s", name=mark("comma_name")),
        lead=(_("There is news about “%(edition)s”.", edition=heading(edition)),),
        fixed=withdrawal(occasion),
        news=news_of(edition, occasion.facts, changes),
    )


def _days_changed(occasion: Occasion) -> Words:
    edition, facts = occasion.edition, occasion.facts
    dates = dict(days.dates_of(edition))
    came, left = (
        ", ".join(times.day(dates[one], year=False) for one in facts[name] if one in dates)
        for name in ("came", "left")
    )
    return with_place(
        occasion,
        subject=_("Your days have changed: %(edition)s", edition=_dated(edition)),
        title=_("Your days have changed%(name)s", name=mark("comma_name")),
        lead=(_("You still have your place for “%(edition)s”.", edition=heading(edition)),),
        fixed=(
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
    return mail_with(
        occasion,
        subject=_("Does not take place: %(edition)s", edition=_dated(edition)),
        title=_("%(edition)s does not take place", edition=edition.title),
        lead=(_("Unfortunately “%(edition)s” is cancelled.", edition=heading(edition)),),
        fixed=(*((reason,) if reason else ()), *withdrawal(occasion)),
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
        mail_with(
            occasion,
            subject=_("Are you coming? %(edition)s", edition=_dated(edition)),
            title=_("Are you coming%(name)s?", name=mark("comma_name")),
            lead=lead,
            fixed=fixed,
            own=True,
        ),
        button=Link(_("Answer now"), link_to("registration.coming", token=mark("token"))),
    )


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
    "organiser_notice": lambda occasion: NOTICES[occasion.facts["about"]](occasion),
}


def about_sessions(
    edition: Edition,
    *,
    subject: str,
    title: str,
    lead: tuple[str, ...] = (),
    fixed: tuple[str, ...] = (),
    sections: tuple[Section, ...] = (),
    button: Link | None = None,
) -> Words:
    """A mail to a participant about what they do within the edition; `subject` names no edition yet."""
    occasion = Occasion("sessions", edition, {}, has_place=False, invites=False, withdraws=False)
    words = mail_with(
        occasion,
        subject=f"{subject}: {_dated(edition)}",
        title=title,
        lead=lead,
        fixed=fixed,
        own=True,
        sections=sections,
        goodbye=_("See you soon"),
    )
    return replace(words, button=button or words.button)


def from_organisers(edition: Edition, own: OwnText, *, has_place: bool) -> Words:
    """The organisers' own words, with the way to the reader's page and, with a place, to join."""
    occasion = Occasion("message", edition, {}, has_place=has_place, invites=False, withdraws=False)
    words = mail_with(
        occasion,
        subject=own.subject,
        title=marked(own.subject),
        lead=(),
        when=(*_when(edition), *joining_words(occasion)),
        join=join_link(occasion),
        own=True,
    )
    return reworded(words, own, edition)
