"""The verbs of engagements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from eventhub import clock, tokens
from eventhub.agenda import people
from eventhub.agenda.models import Speaker
from eventhub.database import content_changed, lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.engagements import mails, queries, rules
from eventhub.engagements.models import Engagement, Slides
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.service import SPEAKER, record
from eventhub.questionnaires import files
from eventhub.questionnaires.rules import Refused
from eventhub.web.languages import gettext as _

PURPOSE = "engagement"
MOST_SLIDES = 5


@dataclass(frozen=True, slots=True)
class Question:
    """What an organiser asks of all those whom they write to at once."""

    language: str
    words: str = ""
    answer_by: date | None = None


def ask(edition: Edition, addresses: Mapping[Speaker, str], question: Question) -> int:
    """Ask speakers who have not been asked yet, or have another address now; return how many.

    Who has accepted already gets the thanks once more, with the new link.
    """
    lock(edition)
    require_askable(edition)
    known = queries.engagements_of(edition)
    asked = []
    for speaker, address in addresses.items():
        engagement = known.get(speaker.id)
        if engagement is None:
            engagement = Engagement(edition_id=edition.id, speaker_id=speaker.id, mails=0)
        elif engagement.email == address:
            continue
        _renew(engagement, address, question)
        db.session.add(engagement)
        asked.append(engagement)
    db.session.flush()  # the mails are written for rows that are there
    for engagement in asked:
        write = mails.ask if engagement.is_silent else mails.thank
        write(engagement)
    if asked:
        record("engagement.asked", edition_id=edition.id, number=len(asked))
    return len(asked)


def note_answer(edition: Edition, speaker: Speaker, *, takes_part: bool) -> None:
    """Write down an answer that came another way, such as by phone; no mail is written about it."""
    lock(edition)
    require_askable(edition)
    engagement = queries.engagements_of(edition).get(speaker.id) or _without_mail(edition, speaker)
    lock(engagement)
    now = clock.now()
    engagement.noted_at = now
    engagement.accepted_at, engagement.declined_at = (now, None) if takes_part else (None, now)
    content_changed()  # slides and warnings depend on it
    action = "engagement.noted_accepted" if takes_part else "engagement.noted_declined"
    record(action, edition_id=edition.id, name=speaker.name)


def take_back_note(engagement: Engagement) -> None:
    """Let an answer that was written down never have been given; who got no mail was not asked either."""
    lock(engagement)
    if engagement.noted_at is None:
        raise RuleBroken(_("This answer was given by the person."))
    if engagement.mails:
        engagement.noted_at = engagement.accepted_at = engagement.declined_at = None
    else:
        db.session.delete(engagement)
    content_changed()
    record("engagement.note_taken_back", edition_id=engagement.edition_id, name=engagement.speaker.name)


def require_askable(edition: Edition) -> None:
    """Raise RuleBroken unless a question about this edition makes sense now."""
    if edition.state is EditionState.CANCELLED:
        raise RuleBroken(_("The edition is cancelled."))
    if is_over(edition, clock.now()):
        raise RuleBroken(_("The edition is over."))


def remind(edition: Edition, engagements: Sequence[Engagement]) -> int:
    """Write once more to those who are silent and were not written to lately; return how many."""
    lock(edition)
    require_askable(edition)
    now = clock.now()
    due = [one for one in engagements if rules.may_remind(one, now)]
    for one in due:
        _write_again(one)
    if due:
        record("engagement.reminded", edition_id=edition.id, number=len(due))
    return len(due)


def remind_by_itself(engagement: Engagement, today: date) -> bool:
    """Write once more before the deadline; tell whether it was due."""
    lock(engagement)
    if not rules.reminder_is_due(engagement, today, clock.now()):
        return False
    engagement.reminded_at = clock.now()
    _write_again(engagement)
    return True


def note_look(engagement: Engagement) -> None:
    """Keep when somebody first looked at their page."""
    lock(engagement)
    if engagement.opened_at is None:
        engagement.opened_at = clock.now()


def accept(engagement: Engagement, message: str) -> None:
    """Keep that somebody will come; the calendar entries follow."""
    _require_open(engagement)
    lock(engagement)
    if engagement.accepted_at is None:
        _note("engagement.accepted", engagement)
        engagement.accepted_at, engagement.declined_at = clock.now(), None
        content_changed()  # slides show up again, and agendas warn no more
        mails.thank(engagement)
    engagement.message, engagement.noted_at = message, None


def decline(engagement: Engagement, message: str) -> None:
    """Keep that somebody will not come; what their calendar holds is withdrawn."""
    _require_open(engagement)
    lock(engagement)
    if engagement.declined_at is None:
        _note("engagement.declined", engagement)
        engagement.accepted_at, engagement.declined_at = None, clock.now()
        content_changed()  # slides disappear, and agendas warn
    engagement.message, engagement.noted_at = message, None


def tell_details(engagement: Engagement, details: Mapping[str, Any]) -> None:
    """Keep what a speaker says to the organisers alone, and what they agree to."""
    _require_open(engagement)
    lock(engagement)
    published = engagement.may_publish
    for name in ("availability", "access_needs", "may_publish", "may_record"):
        setattr(engagement, name, details[name])
    if published != engagement.may_publish:
        _note("engagement.consent", engagement, may_publish=engagement.may_publish)
        content_changed()  # public pages show or hide the files


def correct(engagement: Engagement, values: Mapping[str, Any]) -> None:
    """Let a speaker correct what is said about them."""
    _require_open(engagement)
    lock(engagement)
    people.update_speaker(engagement.speaker, values, actor=SPEAKER)


def add_slides(engagement: Engagement, slot_id: int, content: bytes, name: str) -> None:
    """Add a file to one of the speaker's slots."""
    _require_open(engagement)
    lock(engagement)
    if slot_id not in {slot.id for slot in queries.slots_of(engagement)}:
        raise RuleBroken(_("Choose one from the list"), field="slot")
    if len(queries.slides_of(engagement)) >= MOST_SLIDES:
        raise RuleBroken(_("At most %(num)s files; remove one first", num=MOST_SLIDES), field="file")
    try:
        plain, kept = files.accepted(BytesIO(content), name)
    except Refused as refused:
        raise RuleBroken(str(refused), field="file") from None
    db.session.add(Slides(slot_id=slot_id, engagement_id=engagement.id, name=plain, content=kept))
    _note("engagement.slides", engagement, file=plain)


def remove_slides(engagement: Engagement, key: int) -> None:
    """Take a file back; it is gone from every page at once."""
    lock(engagement)
    found = next((one for one in queries.slides_of(engagement) if one.id == key), None)
    if found is not None:
        db.session.delete(found)
        _note("engagement.slides_removed", engagement, file=found.name)


def token_of(engagement: Engagement) -> str:
    return tokens.derive(PURPOSE, engagement.token_seed)


def _without_mail(edition: Edition, speaker: Speaker) -> Engagement:
    """Return an engagement of somebody whom nobody has written to; its link was never given away."""
    engagement = Engagement(edition_id=edition.id, speaker_id=speaker.id, email="", mails=0)
    engagement.language = edition.language or edition.series.language
    _give_link(engagement)
    db.session.add(engagement)
    db.session.flush()
    return engagement


def _give_link(engagement: Engagement) -> None:
    engagement.token_seed = tokens.new_seed()
    engagement.token_hash = tokens.fingerprint(tokens.derive(PURPOSE, engagement.token_seed))


def _renew(engagement: Engagement, address: str, question: Question) -> None:
    """Give a new link: whoever had the old address should not open the page any more."""
    engagement.email, engagement.language = address, question.language
    engagement.words, engagement.answer_by = question.words, question.answer_by
    _give_link(engagement)
    engagement.mails += 1
    engagement.mailed_at = clock.now()
    engagement.opened_at = engagement.reminded_at = engagement.declined_at = None
    if engagement.accepted_at is None:
        engagement.noted_at = None


def _write_again(engagement: Engagement) -> None:
    engagement.mails += 1
    engagement.mailed_at = clock.now()
    db.session.flush()
    mails.remind(engagement)


def _require_open(engagement: Engagement) -> None:
    if engagement.edition.state is EditionState.CANCELLED:
        raise RuleBroken(_("The edition is cancelled."))


def _note(action: str, engagement: Engagement, **details: Any) -> None:
    record(action, edition_id=engagement.edition_id, actor=SPEAKER, **details)
