"""Connections to PostgreSQL: what they keep and leave out in a rush, and whether they hold after a rest."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, overload

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

SURELY_CONNECTED = 1.0
"""Seconds of rest after which a connection is asked whether it still holds."""
_OPEN = {TransactionStatus.INTRANS, TransactionStatus.INERROR}


class KeepingConnection(psycopg.Connection[Any]):
    """Keeps its prepared statements when a transaction is rolled back.

    The driver forgets all of them, as tables that the transaction had made may be gone; here none are made
    while people are served. Whoever is refused a place rolls back: forgetting cost the server a fifth.
    """

    def rollback(self) -> None:
        is_open = self.pgconn.transaction_status in _OPEN
        if not is_open or self.pgconn.exec_(b"ROLLBACK").status != ExecStatus.COMMAND_OK:
            super().rollback()  # which knows how to complain


class LateDescription(Sequence[Any]):
    """The columns of a result, described when somebody looks at them: SQLAlchemy does so only once."""

    def __init__(self, cursor: DescribingLate) -> None:
        self._cursor = cursor
        self._number = cursor.pgresult.nfields if cursor.pgresult else 0

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor.described)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        return self._cursor.described[at]


class DescribingLate(psycopg.Cursor[Any]):
    """Describes no columns for nothing: it took a twentieth of the work of a page that reads many."""

    @property
    def description(self) -> Sequence[Any] | None:  # type: ignore[override]
        found = LateDescription(self)
        return found if len(found) else super().description

    @property
    def described(self) -> list[Any]:
        return super().description or []


def prepare(engine: Engine) -> None:
    """Let an engine make such connections and check them after a rest."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _check_after_rest)


def _connect(_dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> KeepingConnection:
    return KeepingConnection.connect(*arguments, **named, cursor_factory=DescribingLate)


def _note_rest(connection: Any, record: Any) -> None:
    record.info["resting_since"] = time.monotonic()
    if connection is not None and connection.autocommit:
        connection.autocommit = False


def _check_after_rest(connection: Any, record: Any, _proxy: Any) -> None:
    """Notice a database that was restarted meanwhile; in a rush a question before each would cost a tenth."""
    if time.monotonic() - record.info.get("resting_since", float("inf")) < SURELY_CONNECTED:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise InvalidatePoolError from error
