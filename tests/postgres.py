"""Databases for tests on a PostgreSQL server: made once for each worker, then emptied between tests.

Emptying takes a few milliseconds; copying a template, as SQLite's files are copied, would take half a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL

from eventhub.extensions import metadata
from tests import needs


@contextmanager
def postgres_database(name: str) -> Iterator[URL]:
    """Make an empty database on the server that tests may use, and drop it at the end."""
    url = needs.postgres_url()
    with needs.postgres_server(url) as server:
        server.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'".encode())
        try:
            yield url.set(database=name)
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


class PreparedDatabase:
    """A migrated database that can be brought back to what it held right after the migrations."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.server = needs.postgres_server(url)
        self.restoring = "; ".join(self._statements()).encode()

    def _statements(self) -> Iterator[str]:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        yield f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
        names = [table.name for table in metadata.sorted_tables]
        yield from (f'DELETE FROM "{name}"' for name in reversed(names))
        self.server.execute(b"CREATE SCHEMA prepared")
        for name in names:
            if self.server.execute(f'SELECT FROM "{name}" LIMIT 1'.encode()).fetchone() is not None:
                self.server.execute(f'CREATE TABLE prepared."{name}" AS TABLE "{name}"'.encode())
                yield f'INSERT INTO "{name}" SELECT * FROM prepared."{name}"'
        sequences = "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
        for name, value, called in self.server.execute(sequences.encode()).fetchall():
            yield f"SELECT setval('\"{name}\"', {value}, {called})"

    def restore(self) -> None:
        """Forget what the last test did; whoever is still connected is cut off."""
        self.server.execute(self.restoring)

    def close(self) -> None:
        self.server.close()
