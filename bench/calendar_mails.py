"""What calendar mails cost: one message, one whole mail, and an update for ten thousand people."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert, select

from bench import figures, journeys
from bench.figures import Bench, Report
from bench.processes import cpu_seconds, free_port, running
from eventhub import clock, tokens
from eventhub.calendars import blocks, itip
from eventhub.calendars.entries import Person
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.entries import edition_entry
from eventhub.editions.models import Edition
from eventhub.editions.queries import visible_edition
from eventhub.extensions import db
from eventhub.mail import rendering
from eventhub.mail.composition import compose
from eventhub.mail.models import OutboxMessage
from eventhub.registration import letters
from eventhub.registration.models import Registration, RegistrationState

PEOPLE = 10_000
TURNS = 40


def calendar_mails(report: Report, bench: Bench) -> None:
    """Measure them; the last figures need the worker as a process of its own."""
    people = 1_000 if bench.seconds < 2 else PEOPLE
    with bench.app.app_context():
        message = _median_ms(_message)
        report.add("calendar_message", message, "ms", "≤ 2 ms", message <= 2)
        edition = _open_edition()
        _let_in(edition, people)
        spent = _move(edition)
        report.add(f"outbox_of_{people}_updates", spent, "s", "≤ 3 s", spent <= 3)
        mail = _median_ms(_whole_mail)
        report.add("whole_mail", mail, "ms", "≤ 5 ms", mail <= 5)
    rate = _hand_over(bench, people)
    report.add("updates_per_core_second", rate, "mails/s CPU", "≥ 200/s per core", rate >= 200)


def _open_edition() -> Edition:
    found = visible_edition("open", "1")
    assert found is not None
    return found


def _median_ms(work: Callable[[], object]) -> float:
    times = []
    for _turn in range(TURNS):
        began = time.process_time()
        work()
        times.append(1000 * (time.process_time() - began))
    return statistics.median(times)


def _message() -> None:
    """Render a calendar message of which nothing is kept."""
    itip.template.cache_clear()
    blocks.event_block.cache_clear()
    entry = edition_entry(_open_edition())
    assert entry is not None
    organizer, attendee = Person("Lab", "events@example.org"), Person("Änne", "anne@example.org")
    itip.request(entry, itip.Copy(organizer, attendee, clock.now()))


def _whole_mail() -> None:
    """Write one mail of which nothing is kept: words, calendar message and bytes."""
    itip.template.cache_clear()
    letters.forget()
    db.session.rollback()
    message = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)).one()
    held = rendering.load_together([message])
    letter = rendering.render(message)
    assert letter is not None
    assert letter.calendar
    compose(letter)
    del held


def _let_in(edition: Edition, people: int) -> None:
    """Fill the edition with people who have an invitation."""
    now = clock.now()
    rows = []
    for number in range(people):
        seed = tokens.new_seed()
        rows.append(
            {
                "edition_id": edition.id,
                "code": f"B{number:05}",
                "state": RegistrationState.CONFIRMED,
                "name": f"Person {number}",
                "email": f"update{number}@example.org",
                "email_key": f"update{number}@example.org",
                "once_key": f"{number:064}",
                "consent_version": "1",
                "consented_at": now,
                "token_seed": seed,
                "token_hash": tokens.fingerprint(tokens.derive("manage", seed)),
                "last_sequence": 0,
            }
        )
    with transaction():
        db.session.execute(insert(Registration), rows)
        edition.taken_count += people


def _move(edition: Edition) -> float:
    began = time.perf_counter()
    with transaction():
        moved = db.session.get_one(Edition, edition.id)
        assert moved.start_date is not None
        day = moved.start_date + timedelta(days=1)
        editions.update(moved, {"start_date": day, "end_date": day}, moved.version)
    return time.perf_counter() - began


def _hand_over(bench: Bench, people: int) -> float:
    """Return mails per processor second of a worker that hands them over."""
    sink_port = free_port()
    with running("-m", "bench.sink", str(sink_port)):
        figures.wait_for_port(sink_port)
        mail = {"EVENTHUB_MAIL_SERVER": "127.0.0.1", "EVENTHUB_MAIL_PORT": str(sink_port)}
        with running("-m", "eventhub", "worker", env=bench.env(**mail)) as worker:
            figures.until(lambda: journeys.unsent(bench.app) < people)
            first, start = journeys.unsent(bench.app), cpu_seconds(worker.pid)
            figures.until(lambda: journeys.unsent(bench.app) == 0)
            spent = cpu_seconds(worker.pid) - start
    return first / max(spent, 0.001)
