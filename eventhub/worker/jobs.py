"""What runs when: the one table of background work. Every job is safe to run twice, even at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eventhub.accounts.jobs import forget_sign_in_links
from eventhub.announcements.jobs import send_announcements
from eventhub.editions.jobs import plan_editions
from eventhub.engagements.jobs import forget_needs, remind_speakers, tell_speakers
from eventhub.invitations.jobs import forget_past
from eventhub.mail import claims, delivery
from eventhub.numbers.jobs import count_days
from eventhub.privacy.jobs import forget_people
from eventhub.programme_changes.jobs import tell_changes
from eventhub.registration import answers
from eventhub.registration.jobs import ask_who_comes, expire_registrations, release_seats, remind
from eventhub.replies.jobs import fetch_received, forget_received, work_off_received
from eventhub.roles.jobs import end_roles
from eventhub.signups.jobs import allocate_due
from eventhub.subscriptions.jobs import forget_unconfirmed, tell_subscribers
from eventhub.worker.sightings import be_seen

Stopping = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Job:
    """Work that looks for what is due; `run` is given a way to learn that the worker shall stop."""

    name: str
    seconds: float
    run: Callable[[Stopping], object]
    on_doorbell: bool = False
    by_each: bool = False
    """Every worker does it for itself, whoever else has done it."""
    by_time: bool = False
    """Ends, erases or sends for good what is due: it rests while the time of day can't be believed."""


JOBS = (
    Job("be_seen", 20, lambda _stopping: be_seen(), by_each=True),
    Job("deliver_mail", 5, delivery.deliver, on_doorbell=True),
    Job("recover_mail", 30, lambda _stopping: claims.recover()),
    Job("fetch_received", 60, fetch_received),
    Job("work_off_received", 5, work_off_received),
    Job("forget_received", 3600, lambda _stopping: forget_received(), by_time=True),
    Job("tell_subscribers", 60, tell_subscribers),
    Job("forget_unconfirmed", 3600, lambda _stopping: forget_unconfirmed(), by_time=True),
    Job("ask_who_comes", 60, ask_who_comes, by_time=True),
    Job("forget_invitations", 3600, lambda _stopping: forget_past(), by_time=True),
    Job("expire_registrations", 60, expire_registrations, by_time=True),
    Job("release_seats", 30, release_seats, by_time=True),
    Job("remind", 60, remind, by_time=True),
    Job("send_announcements", 30, send_announcements, by_time=True),
    Job("tell_changes", 20, tell_changes),
    Job("tell_speakers", 20, tell_speakers),
    Job("remind_speakers", 600, remind_speakers, by_time=True),
    Job("forget_needs", 3600, lambda _stopping: forget_needs(), by_time=True),
    Job("allocate_wishes", 30, allocate_due, by_time=True),
    Job("forget_sign_in_links", 3600, lambda _stopping: forget_sign_in_links(), by_time=True),
    Job("erase_due_answers", 3600, answers.erase_due_answers, by_time=True),
    Job("count_days", 600, count_days, by_time=True),
    Job("forget_people", 300, forget_people, by_time=True),
    Job("end_roles", 300, lambda _stopping: end_roles(), by_time=True),
    Job("plan_editions", 600, plan_editions),
)
