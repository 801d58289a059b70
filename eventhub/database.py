"""Model base, column types, transactions and locks; the only place that commits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from flask import Flask, current_app
from sqlalchemy import CheckConstraint, Connection, DateTime, Engine, Enum, event, inspect, select, update
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from eventhub.errors import Overtaken
from eventhub.extensions import db, metadata

REVISION_EXTENSION = "eventhub.revision"
PATIENCE = 20_000
"""Milliseconds that SQLite waits for others."""
PATIENCE_FOR_LOG = 1_000
MOST_KEPT = 512
T = TypeVar("T")
DEADLOCK = "40P01"
"""PostgreSQL's code: two transactions wait for each other, and it ended this one."""
STEPPING_ASIDE = 0.05
"""Seconds that a request waits at most before it begins, to let a thread finish that holds a lock."""
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_sqlite_writer = threading.Lock()


class Haste:
    """Knows whether threads of this process hold a lock that others, in any process, may wait for.

    Python runs one thread at a time, so whatever begins meanwhile makes all of these wait longer. On SQLite
    a writer waits for nobody else's work, so there nothing is in haste.
    """

    def __init__(self) -> None:
        self._holders: set[int] = set()
        self._none = threading.Event()
        self._none.set()
        self._guard = threading.Lock()

    def begin(self) -> None:
        with self._guard:
            self._holders.add(threading.get_ident())
            self._none.clear()

    def end(self) -> None:
        with self._guard:
            self._holders.discard(threading.get_ident())
            if not self._holders:
                self._none.set()

    def let_pass(self, seconds: float) -> None:
        """Wait until no thread is in haste, but no longer than this."""
        self._none.wait(seconds)


haste = Haste()


class Model(DeclarativeBase):
    """Base of all tables.

    `public_except` is None for private tables. For tables that public pages show it names the columns
    whose change alone doesn't outdate a page; any other change raises the content revision. What only
    organisers see of a draft has a number of its own, so that public pages stay kept.
    """

    metadata = metadata
    public_except: ClassVar[frozenset[str] | None] = None
    is_draft: ClassVar[bool] = False


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which has no zones, keeps the naive value."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(values: type[StrEnum], name: str) -> Enum:
    """Return a column type that holds the values of `values` as words, checked by the database."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )


class ContentRevision(Model):
    """One row: its number grows with every change that a public page may show, `drafts` with other work."""

    __tablename__ = "content_revision"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    drafts: Mapped[int] = mapped_column(default=0, server_default="0")
    """Grows with every change of a draft."""


class Revision:
    """This process's knowledge of the content revision."""

    def __init__(self) -> None:
        self.number = self.drafts = -1
        self.read_at = float("-inf")
        self.lock = threading.Lock()
        self.kept: tuple[int, dict[tuple[Any, ...], Any]] = -1, {}
        """What was read of public content, and at which revision."""


def init_app(app: Flask) -> None:
    """Prepare engine, session rules and the content revision."""
    app.extensions[REVISION_EXTENSION] = Revision()
    app.before_request(_let_writers_pass)
    with app.app_context():
        _prepare(db.engine)


def _let_writers_pass() -> None:
    haste.let_pass(STEPPING_ASIDE)


def _prepare(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        from eventhub import postgresql  # noqa: PLC0415 - its driver is installed only where it is wanted

        postgresql.prepare(engine)
        return
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin ourselves: the driver would begin too late
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {PATIENCE}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


@contextmanager
def transaction() -> Iterator[None]:
    """Commit when the block ends, roll back when it raises. Ends the snapshot read so far; not nestable."""
    if _writing.get():
        raise RuntimeError("transactions can't be nested; use a savepoint")
    db.session.rollback()
    token = _writing.set(True)
    try:
        with _single_writer():
            yield
            db.session.flush()
            _raise_content_revision()
            db.session.commit()
    except BaseException as error:
        _drop_pending()
        db.session.rollback()
        if getattr(getattr(error, "orig", None), "sqlstate", None) == DEADLOCK:
            raise Overtaken from error
        raise
    finally:
        haste.end()
        _writing.reset(token)
    _run_pending()


class _Rehearsed(Exception):
    """Ends a rehearsal."""


@contextmanager
def rehearsal() -> Iterator[None]:
    """Undo all that the block does when it ends: to say beforehand what would happen."""
    with suppress(_Rehearsed), transaction():
        yield
        raise _Rehearsed


def _single_writer() -> AbstractContextManager[object]:
    """In one process SQLite writers wait in line here; that is fairer and cheaper than its busy loop."""
    return _sqlite_writer if db.engine.dialect.name == "sqlite" else nullcontext()


def after_commit(action: Callable[[], None]) -> None:
    """Run `action` once the transaction around has been committed; never if it is rolled back."""
    db.session.info.setdefault("after_commit", []).append(action)


def _drop_pending() -> None:
    db.session.info.pop("after_commit", None)
    _forget_notes()


def _run_pending() -> None:
    _forget_notes()
    for action in db.session.info.pop("after_commit", []):
        action()


def _forget_notes() -> None:
    for name in ("content_changed", "draft_changed", "locked"):
        db.session.info.pop(name, None)


def lock(row: Model) -> None:
    """Keep others from changing the row until the transaction ends, and let it show what is true now.

    On SQLite nobody else writes since the transaction began, and what was read before it was dropped then.
    """
    if not _writing.get():
        raise RuntimeError("a lock needs a transaction")
    if db.engine.dialect.name == "sqlite" or row in db.session.info.get("locked", ()):
        return
    db.session.flush()  # a refresh drops what is pending
    columns = [attribute.key for attribute in inspect(type(row)).column_attrs]
    # without what was loaded along with the row; others may go on to refer to it
    db.session.refresh(row, columns, with_for_update={"key_share": True})
    note_lock(row)


def note_lock(row: Model) -> None:
    """Say that this transaction has just read the row `FOR UPDATE`, so that `lock()` need not do it."""
    db.session.info.setdefault("locked", set()).add(row)
    if db.engine.dialect.name != "sqlite":
        haste.begin()


def overwrite_erased() -> bool:
    """Let SQLite's log keep nothing that was erased; False where somebody reads it now.

    In the file itself `secure_delete` has overwritten it. PostgreSQL's vacuum does both in its own time.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    db.session.rollback()
    with closing(db.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_FOR_LOG}")  # writers wait as long
        [busy, _frames, _moved] = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        cursor.close()
    return not busy


@event.listens_for(Session, "after_begin")
def _read_without_transaction(_session: Session, _transaction: Any, connection: Connection) -> None:
    """Spare PostgreSQL beginning and end of what only reads: each statement has its own snapshot anyway."""
    raw = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite" and raw is not None and not _writing.get():
        raw.autocommit = True


@event.listens_for(Session, "before_flush")
def _require_transaction(session: Session, _context: Any, _instances: Any) -> None:
    if not _writing.get() and (
        session.new or session.deleted or any(map(session.is_modified, session.dirty))
    ):
        raise RuntimeError("changes need `with transaction():`")


@event.listens_for(Session, "after_flush")
def _notice_draft(session: Session, _context: Any) -> None:
    if any(getattr(row, "is_draft", False) for row in (*session.new, *session.deleted, *session.dirty)):
        draft_changed()


@event.listens_for(Session, "after_flush")
def _notice_content(session: Session, _context: Any) -> None:
    for row in (*session.new, *session.deleted):
        if getattr(row, "public_except", None) is not None:
            content_changed()
            return
    if any(_changes_content(row) for row in session.dirty):
        content_changed()


def _changes_content(row: Any) -> bool:
    ignored = getattr(row, "public_except", None)
    if ignored is None:
        return False
    state = inspect(row)
    changed = state.committed_state.keys() - ignored
    return any(state.attrs[key].history.has_changes() for key in changed)


def content_changed() -> None:
    """Say that public pages are outdated once this transaction is committed; flushes say it by themselves."""
    db.session.info["content_changed"] = True


def draft_changed() -> None:
    """Say that pages about drafts are outdated once this transaction is committed; flushes say it, too."""
    db.session.info["draft_changed"] = True


def _raise_content_revision() -> None:
    content, draft = (int(name in db.session.info) for name in ("content_changed", "draft_changed"))
    if not content and not draft:
        return
    row = db.session.execute(
        update(ContentRevision)
        .values(number=ContentRevision.number + content, drafts=ContentRevision.drafts + draft)
        .returning(ContentRevision.number, ContentRevision.drafts)
        .execution_options(synchronize_session=False)
    ).first()
    revision: Revision = current_app.extensions[REVISION_EXTENSION]
    number, drafts = (row[0], row[1]) if row else (-1, -1)
    after_commit(lambda: _remember(revision, number, drafts))


def _remember(revision: Revision, number: int, drafts: int) -> None:
    revision.number = max(revision.number, number)
    revision.drafts = max(revision.drafts, drafts)
    revision.read_at = time.monotonic()


@contextmanager
def _reading() -> Iterator[None]:
    """Let a second connection read beside a transaction of this thread, which would wait for itself else."""
    token = _writing.set(False)
    try:
        yield
    finally:
        _writing.reset(token)


def current_revision(app: Flask, max_age: float = 1.0) -> int:
    """Return the content revision; changes by other processes show after `max_age` seconds."""
    return _known_revision(app, max_age).number


def current_work(app: Flask) -> tuple[int, int]:
    """Return the content revision with the number that grows with each change of a draft."""
    revision = _known_revision(app, 1.0)
    return revision.number, revision.drafts


def _known_revision(app: Flask, max_age: float) -> Revision:
    revision: Revision = app.extensions[REVISION_EXTENSION]
    if time.monotonic() - revision.read_at <= max_age:
        return revision
    with revision.lock:
        if time.monotonic() - revision.read_at > max_age:
            with app.app_context(), _reading(), db.engine.connect() as connection:
                row = connection.execute(select(ContentRevision.number, ContentRevision.drafts)).first()
            _remember(revision, *(row or (-1, -1)))
    return revision


def kept(key: tuple[Any, ...], read: Callable[[], T]) -> T:
    """Return what `read` finds in public content, from memory as long as none of that changes.

    It reads in a session of its own: what this one sees may be older than the revision. So it gives plain
    values, no rows.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    revision: Revision = app.extensions[REVISION_EXTENSION]
    number = current_revision(app)
    known, values = revision.kept
    if known != number or len(values) >= MOST_KEPT:
        values = {}
        revision.kept = number, values
    if key not in values:
        with app.app_context(), _reading():
            values[key] = read()
    found: T = values[key]
    return found
