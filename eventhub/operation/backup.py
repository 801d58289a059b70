"""A consistent copy of everything but the secret key, made during work, and the way back.

The copy holds the database, the folders of the instance, and a manifest by which `restore` checks it.
Message-IDs are part of the rows, so a mail that was waiting then goes out under the one it would have had.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Connection, func, inspect, select, table, text
from sqlalchemy.engine import URL

from config import Settings
from eventhub import clock, migrating
from eventhub.database import transaction
from eventhub.extensions import db

MANIFEST = "manifest.json"
DATABASE = "database"
FOLDERS = "instance"


class Unusable(Exception):
    """The copy or the place for it can't be used; the message is one line for the operator."""


def make(target: Path) -> int:
    """Write the copy and return how many rows it holds; others go on working meanwhile."""
    if target.exists():
        raise Unusable(f"{target} exists already.")
    with tempfile.TemporaryDirectory(dir=target.resolve().parent) as place:
        folder = Path(place)
        rows = _copy_sqlite(folder) if _settings().sqlite else _copy_postgres(folder)
        manifest = {
            "made_at": clock.now().isoformat(),
            "kind": db.engine.dialect.name,
            "sha256": _sum_of(folder / DATABASE),
            "rows": rows,
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        _pack(folder, folder / "packed")
        (folder / "packed").rename(target)
    return sum(rows.values())


def restore(source: Path) -> int:
    """Bring the copy back into an empty database, check it, and return how many rows it holds."""
    if _has_tables():
        raise Unusable("The database is not empty; restore into a new one.")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        manifest = _unpack(source, folder)
        (_restore_sqlite if _settings().sqlite else _restore_postgres)(folder / DATABASE)
        with db.engine.connect() as connection:
            found = _count(connection)
        if found != manifest["rows"]:
            raise Unusable("The restored rows are not those that were copied.")
        _restore_folders(folder / FOLDERS)
    migrating.bring_up_to_date()
    _let_mails_wait()
    return sum(found.values())


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _has_tables() -> bool:
    with db.engine.connect() as connection:
        return bool(inspect(connection).get_table_names())


def _count(connection: Connection) -> dict[str, int]:
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _let_mails_wait() -> None:
    """Whoever had a mail in hand when the copy was made is gone."""
    with transaction():
        db.session.execute(
            text("UPDATE outbox_message SET state = 'waiting', leased_until = NULL WHERE state = 'sending'")
        )


# files ----------------------------------------------------------------------------------------------------


def _pack(folder: Path, target: Path) -> None:
    target.touch(0o600)  # names and addresses are nobody else's business
    with tarfile.open(target, "w:gz") as archive:
        for name in (MANIFEST, DATABASE):
            archive.add(folder / name, name)
        for one in sorted(_settings().instance.glob("*/")):
            archive.add(one, f"{FOLDERS}/{one.name}")


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        whole = manifest["sha256"] == _sum_of(folder / DATABASE)
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError) as error:
        raise Unusable(f"{source} is no copy that can be read: {type(error).__name__}.") from None
    if not whole:
        raise Unusable(f"{source} is damaged: its checksum is wrong.")
    if manifest["kind"] != db.engine.dialect.name:
        raise Unusable(f"{source} holds a {manifest['kind']} database, this is {db.engine.dialect.name}.")
    return manifest


def _restore_folders(source: Path) -> None:
    if not source.exists():
        return
    for path in sorted(source.rglob("*")):
        target = _settings().instance / path.relative_to(source)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif not target.exists():
            target.write_bytes(path.read_bytes())


# SQLite ---------------------------------------------------------------------------------------------------


def _file() -> str:
    return db.engine.url.database or ""


def _copy_sqlite(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(_file())) as source, closing(sqlite3.connect(folder / DATABASE)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}  # noqa: S608


def _restore_sqlite(source: Path) -> None:
    with closing(sqlite3.connect(source)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise Unusable("The database in the copy is damaged.")
        db.engine.dispose()
        with closing(sqlite3.connect(_file())) as target:
            copy.backup(target)


# PostgreSQL -----------------------------------------------------------------------------------------------


def _copy_postgres(folder: Path) -> dict[str, int]:
    """Dump and count in one snapshot."""
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={folder / DATABASE}")
        return _count(connection)


def _restore_postgres(source: Path) -> None:
    _run(
        "pg_restore",
        "--exit-on-error",
        "--single-transaction",
        "--no-owner",
        f"--dbname={db.engine.url.database}",
        str(source),
    )


def _run(*command: str) -> None:
    environment = _address(db.engine.url)
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError:
        raise Unusable(f"{command[0]} is missing: install PostgreSQL's client programs.") from None
    except subprocess.CalledProcessError as error:
        raise Unusable(f"{command[0]}: {(error.stderr.splitlines() or ['failed'])[0]}") from None


def _address(url: URL) -> dict[str, str]:
    """Name the database by the environment: others see the arguments of a process."""
    named = {
        "PGHOST": url.host,
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return dict(os.environ) | {name: str(value) for name, value in named.items() if value}
