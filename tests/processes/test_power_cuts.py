"""Kill -9 in the middle of registrations and sending: nothing that was promised gets lost."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from eventhub.organisations.service import FIRST_ORGANISER
from tests.mail.post_office import PostOffice, open_post_office, wait_until
from tests.processes.visitors import Crowd
from tests.running import Server, free_port

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]

POWER_CUTS = 3
PLACES = 60
"""Places of the example edition in the sample data."""


def address(number: int) -> str:
    """Every other mailbox takes its time, so that mails queue up."""
    return f"{'slow' if number % 2 else 'person'}-{number}@example.org"


def message_ids(office: PostOffice) -> dict[str, set[str]]:
    """Return the Message-IDs that arrived for each address."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for delivered in office.delivered():
        found[delivered.recipient].add(str(delivered.mail["Message-ID"]))
    return dict(found)


def let_leases_end(connection: Connection) -> None:
    """Act as if the two minutes had passed for which a worker may keep a mail."""
    connection.execute(text("UPDATE outbox_message SET leased_until = created_at WHERE state = 'sending'"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Look into the database from outside."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def started() -> Iterator[list[Server]]:
    """Collect the servers of a test; none survives it."""
    servers: list[Server] = []
    yield servers
    for server in servers:
        if server.process.poll() is None:
            server.kill()


def test_every_accepted_registration_has_its_mail_whenever_the_power_fails(
    started: list[Server], engine: Engine, database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    with open_post_office(tmp_path / "arrived") as office:

        def start() -> Server:
            settings = {
                "DATABASE_URL": database_url,
                "MAIL_SERVER": "127.0.0.1",
                "MAIL_PORT": str(office.port),
                "RATE_LIMITS": "off",
            }
            started.append(Server(tmp_path / "instance", port, **settings))
            started[-1].wait()
            return started[-1]

        server = start()
        unsent_at_cuts = []
        with Crowd(port, address) as crowd:
            for _ in range(POWER_CUTS):
                crowd.wait_for(25)
                server.kill()
                unsent_at_cuts.append(len(crowd.accepted) - len(office.recipients()))
                with engine.begin() as connection:
                    let_leases_end(connection)
                server = start()
        assert any(unsent > 0 for unsent in unsent_at_cuts)

        with engine.connect() as connection:
            rows = connection.execute(text("SELECT email, state FROM registration")).all()
        registered = {email for email, _state in rows}
        wait_until(lambda: registered <= set(office.recipients()), seconds=60)
        assert server.stop() == 0

    found = message_ids(office)
    assert crowd.refused == []
    assert set(crowd.accepted) <= registered == set(found) - {FIRST_ORGANISER}
    assert all(len(ids) == 1 for ids in found.values())
    assert sum(state == "confirmed" for _email, state in rows) == min(PLACES, len(rows))
    with engine.connect() as connection:
        counted = connection.execute(
            text("SELECT taken_count, waiting_count FROM edition WHERE is_example")
        ).one()
    assert sum(counted) == len(rows)
