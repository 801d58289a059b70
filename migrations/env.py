"""Runs the migrations with the application's own engine and models."""

from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from eventhub.database import UTCDateTime
from eventhub.extensions import metadata

log = getLogger("alembic.env")


def leave_out_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Make no revision when nothing changed."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []
        log.info("Models and migrations agree.")


def plain_types(kind: str, item: Any, _context: Any) -> Any:
    """Write our column types as the library's, so that a revision stays readable when ours change."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


@contextmanager
def without_references(connection: Connection) -> Iterator[None]:
    """Let SQLite remake a table without emptying those that refer to it when it drops the old one."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def run_migrations() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection, without_references(connection):
        context.configure(
            connection=connection,
            target_metadata=metadata,
            process_revision_directives=leave_out_empty,
            render_item=plain_types,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
