"""From a row of the outbox to the letter about somebody's sessions, as they stand when it is written."""

from __future__ import annotations

from eventhub.editions.entries import heading
from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Link, Section, Words, mark
from eventhub.registration.calendar import chosen_file
from eventhub.registration.letters import load_registrations, plain_letter
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.own_texts import OwnText, reworded
from eventhub.registration.sample_letters import UNKNOWN, composes
from eventhub.registration.wording import about_sessions
from eventhub.signups import queries
from eventhub.signups.models import Alternatives, SignupState
from eventhub.signups.words import explanation, line, wish_name, wishes_for
from eventhub.web.languages import gettext as _
from eventhub.web.links import link_to


@renders("programme", "signup_promoted", "allotted", load=load_registrations)
def sessions_letter(message: OutboxMessage) -> Letter | None:
    """Write about somebody's sessions; None where they or the edition are out of it by now."""
    registration = db.session.get(Registration, message.registration_id)
    if registration is None or not _counts(registration):
        return None
    compose = {"signup_promoted": _promoted, "allotted": _allotted}.get(message.kind, _programme)
    return plain_letter(
        message, registration, lambda: compose(message, registration), calendar=chosen_file(registration)
    )


@composes("programme")
def programme_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail about chosen sessions reads."""
    return reworded(_programme_words(edition, ()), own, edition)


@composes("signup_promoted")
def promoted_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail about a place in a session reads."""
    return reworded(_promoted_words(edition, UNKNOWN, ()), own, edition)


@composes("allotted")
def allotted_sample(edition: Edition, own: OwnText) -> Words:
    """Show how the mail about the result of the wishes reads."""
    return reworded(_allotted_words(edition, UNKNOWN, (UNKNOWN,), ()), own, edition)


def _counts(registration: Registration) -> bool:
    cancelled = registration.edition.state is EditionState.CANCELLED
    return registration.state is RegistrationState.CONFIRMED and not cancelled


def _programme(_message: OutboxMessage, registration: Registration) -> Words:
    return _programme_words(registration.edition, own_sections(registration))


def _programme_words(edition: Edition, sections: tuple[Section, ...]) -> Words:
    return about_sessions(
        edition,
        subject=_("Your sessions"),
        title=_("Your sessions%(name)s", name=mark("comma_name")),
        lead=(_("This is how your programme for “%(edition)s” stands now.", edition=heading(edition)),),
        sections=sections,
    )


def _promoted(message: OutboxMessage, registration: Registration) -> Words:
    slot = queries.listed(registration.edition_id).get(int(message.facts["slot"]))
    return _promoted_words(registration.edition, slot.title if slot else "", own_sections(registration))


def _promoted_words(edition: Edition, title: str, sections: tuple[Section, ...]) -> Words:
    return about_sessions(
        edition,
        subject=_("A place in “%(slot)s”", slot=title),
        title=_("You’ve moved up%(name)s", name=mark("comma_name")),
        fixed=(_("A place in “%(slot)s” has opened up, and it is yours.", slot=title),),
        sections=sections,
    )


def _allotted(message: OutboxMessage, registration: Registration) -> Words:
    alternatives = db.session.get_one(Alternatives, int(message.facts["alternatives"]))
    allotment = queries.allotments_of(registration).get(alternatives.id)
    rows = queries.listed(registration.edition_id)
    wishes = wishes_for(alternatives, queries.wishes_of(registration), rows)
    held = queries.states_of(registration)
    why = tuple(explanation(allotment.rank if allotment else None, alternatives, wishes, rows, held))
    return _allotted_words(registration.edition, alternatives.title, why, own_sections(registration))


def _allotted_words(
    edition: Edition, title: str, why: tuple[str, ...], sections: tuple[Section, ...]
) -> Words:
    return about_sessions(
        edition,
        subject=_("%(title)s: your place", title=title),
        title=_("The places are allocated%(name)s", name=mark("comma_name")),
        fixed=why,
        sections=sections,
    )


def own_sections(registration: Registration) -> tuple[Section, ...]:
    """Return where somebody has a place, and where they wait."""
    rows = queries.listed(registration.edition_id)
    held = queries.signups_of(registration)
    positions = queries.positions_of(registration, held)
    having = tuple(
        line(slot) for key, slot in rows.items() if key in held and held[key].state is SignupState.CONFIRMED
    )
    waiting = tuple(
        _("%(slot)s (number %(position)s in line)", slot=line(rows[key]), position=position)
        for key, position in positions.items()
    )
    alternatives = queries.alternatives_among(registration.edition, rows.values())
    undecided = {one.id for one in alternatives if one.undecided}
    wished = tuple(
        f"{wish_name(rank)}: {line(rows[key])}"
        for key, rank in (queries.wishes_of(registration) if undecided else {}).items()
        if key in rows and rows[key].alternatives_id in undecided
    )
    link = Link(_("Choose other sessions"), link_to("signups.mine", token=mark("token")))
    found = [Section(_("You have a place"), items=having)] if having else []
    found += [Section(_("You are waiting for a place"), items=waiting)] if waiting else []
    found += [Section(_("You wish for"), items=wished)] if wished else []
    if not found:
        return (Section(_("You have no session at the moment"), link=link),)
    closing = _(
        "Your personal calendar follows by itself. A place that you give up goes to the next in line."
    )
    return (*found, Section(_("Something else instead?"), (closing,), link=link))
