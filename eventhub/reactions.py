"""The one table that says who reacts to which fact."""

from __future__ import annotations

from eventhub.agenda.copying import copy_agenda
from eventhub.agenda.shift import shift_slots
from eventhub.announcements import service as announcements
from eventhub.engagements import calendar as engagement_calendar
from eventhub.engagements import returning as engagement_returning
from eventhub.engagements.erasure import forget_engagements
from eventhub.engagements.sections import add_slides
from eventhub.facts import (
    AgendaReleased,
    AnswersExpire,
    CapacityRaised,
    EditionCancelled,
    EditionChanged,
    EditionCopied,
    EditionErased,
    EditionMoved,
    FormShown,
    MailFailed,
    NameChanging,
    OwnDataAsked,
    OwnPageShown,
    PlaceGivenUp,
    PlaceHandedOver,
    QuestionsChanged,
    QuestionsTakenOver,
    Reaction,
    RegistrationsErased,
    RetentionEnds,
    SlotChanged,
    SlotLeaving,
    SlotReturned,
    SlotsAsked,
    SlotsChosen,
    SpeakerLeaving,
    react,
)
from eventhub.groups import handing_over as group_places
from eventhub.groups import service as groups
from eventhub.groups import wishes as companions
from eventhub.groups.copying import copy_groups
from eventhub.groups.sections import add_groups
from eventhub.history.erasure import forget_details
from eventhub.invitations import returning as invitation_returning
from eventhub.invitations.erasure import forget_invitations, forget_invited
from eventhub.mail.erasure import forget_mails, forget_recipients
from eventhub.mail.reach import forget_addresses
from eventhub.numbers import service as numbers
from eventhub.own_calendars import service as own_calendars
from eventhub.own_calendars.sections import add_calendar
from eventhub.presence import service as presence
from eventhub.presence.certificates import add_certificate, keep_name
from eventhub.programme_changes import service as programme_changes
from eventhub.questionnaires.erasure import add_answers, forget_answers
from eventhub.registration import answers, mails, options, reminders
from eventhub.registration import service as registration
from eventhub.registration.copying import copy_places
from eventhub.registration.erasure import forget_persons
from eventhub.replies import service as replies
from eventhub.replies.erasure import add_replies, forget_received, forget_replies
from eventhub.replies.sections import add_reply
from eventhub.signups import handing_over as session_places
from eventhub.signups import returning as session_returning
from eventhub.signups import service as signups
from eventhub.signups.copying import copy_signups
from eventhub.signups.offering import add_sessions

REACTIONS: list[tuple[type, Reaction]] = [
    (CapacityRaised, registration.follow_capacity),
    (EditionMoved, shift_slots),
    (SlotChanged, programme_changes.note),
    (AgendaReleased, engagement_calendar.follow_release),
    (SlotLeaving, programme_changes.keep_what_is_held),
    (SlotLeaving, session_returning.keep_places),
    (SlotLeaving, engagement_returning.keep_slides),
    (SlotLeaving, invitation_returning.keep_points),
    (SlotReturned, session_returning.give_places),
    (SlotReturned, engagement_returning.give_slides),
    (SlotReturned, invitation_returning.give_points),
    (SpeakerLeaving, engagement_calendar.keep_until_told),
    (EditionCopied, copy_agenda),
    (EditionCopied, answers.copy_questions),
    (EditionCopied, copy_places),
    (EditionCopied, copy_signups),
    (EditionCopied, copy_groups),
    (QuestionsChanged, options.follow_questions),
    (QuestionsTakenOver, announcements.follow_questions),
    (QuestionsTakenOver, groups.follow_questions),
    (EditionChanged, registration.follow_change),
    (EditionChanged, signups.follow_change),
    (EditionChanged, reminders.follow_change),
    (NameChanging, keep_name),
    (PlaceHandedOver, session_places.follow_handed_over),
    (PlaceHandedOver, group_places.follow_handed_over),
    (SlotsAsked, signups.require_possible),
    (SlotsChosen, signups.follow_registration),
    (PlaceGivenUp, signups.follow_given_up),
    (PlaceGivenUp, groups.follow_given_up),
    (PlaceGivenUp, companions.follow_given_up),
    (EditionCancelled, registration.follow_cancellation),
    (MailFailed, mails.tell_failure),
    (MailFailed, replies.follow_failure),
    (RetentionEnds, numbers.take_people),
    (AnswersExpire, numbers.take_answers),
    (RegistrationsErased, companions.forget_wishes),  # it knows people by what the next one empties
    (RegistrationsErased, forget_persons),
    (RegistrationsErased, forget_recipients),
    (RegistrationsErased, forget_addresses),
    (RegistrationsErased, forget_details),
    (RegistrationsErased, forget_answers),
    (RegistrationsErased, forget_invited),
    (RegistrationsErased, forget_replies),
    (RegistrationsErased, own_calendars.forget),
    (EditionErased, forget_mails),
    (EditionErased, forget_invitations),
    (EditionErased, forget_engagements),
    (EditionErased, forget_received),
    (EditionErased, groups.forget_unpublished),
    (OwnDataAsked, add_answers),
    (OwnDataAsked, add_replies),
    (OwnDataAsked, groups.add_own_groups),
    (OwnDataAsked, companions.add_own_wishes),
    (OwnDataAsked, presence.add_presences),
    (FormShown, add_sessions),
    (OwnPageShown, add_slides),
    (OwnPageShown, add_groups),
    (OwnPageShown, add_calendar),
    (OwnPageShown, add_reply),
    (OwnPageShown, add_certificate),
]


def connect() -> None:
    """Tell the announcer about every line of the table."""
    for fact, reaction in REACTIONS:
        react(fact, reaction)
