"""Checks that migrations make what the models say, with a way back, and let the old version go on."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, inspect

from config import Settings
from eventhub.app import create_app
from eventhub.extensions import db, metadata
from tools import ROOT, migration_safety


def application(folder: Path) -> Flask:
    """Build the application on an empty SQLite database in a folder."""
    return create_app(
        Settings(
            instance=folder,
            secret_key="a key for checks, which protects nothing",  # noqa: S106 - no secret: nothing is served
            database_url=f"sqlite:///{folder / 'check.sqlite'}",
            embedded_worker=False,
        )
    )


def heads(migrations: Path = ROOT / "migrations") -> list[str]:
    """Return the newest revisions; there should be one."""
    return list(ScriptDirectory(str(migrations)).get_heads())


def checks(connection: Connection) -> set[tuple[str, str, str]]:
    """Return table, name and condition of every check constraint, which Alembic does not compare."""
    inspector = inspect(connection)
    return {
        (table, str(constraint["name"]), " ".join(constraint["sqltext"].split()))
        for table in inspector.get_table_names()
        for constraint in inspector.get_check_constraints(table)
    }


def differences(engine: Engine) -> Iterator[str]:
    """Name every difference between a migrated database and the models."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        yield from (
            f"the migrations lack: {difference}" for difference in compare_metadata(context, metadata)
        )
        if engine.dialect.name == "sqlite":
            yield from _different_checks(checks(connection))


def _different_checks(migrated: set[tuple[str, str, str]]) -> Iterator[str]:
    """Compare the constraints as SQLite writes them down."""
    fresh = create_engine("sqlite://")
    with fresh.connect() as connection:
        metadata.create_all(connection)
        modelled = checks(connection)
    fresh.dispose()
    yield from (f"check only in the models: {check}" for check in sorted(modelled - migrated))
    yield from (f"check only in the migrations: {check}" for check in sorted(migrated - modelled))


def faults(folder: Path) -> Iterator[str]:
    """Go up, compare, and go down again."""
    if len(heads()) != 1:
        yield f"there must be one newest revision, not {heads()}"
        return
    with application(folder).app_context():
        flask_migrate.upgrade()
        yield from differences(db.engine)
        flask_migrate.downgrade(revision="base")
        left = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
        if left:
            yield f"the way down leaves tables: {', '.join(sorted(left))}"
        db.engine.dispose()


def main() -> int:
    """Check the migrations of the project."""
    with tempfile.TemporaryDirectory() as folder:
        found = [*faults(Path(folder)), *migration_safety.all_faults()]
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
