"""The state of the database's tables compared with the migrations that ship."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade

from eventhub.extensions import db


def is_current() -> bool:
    """Tell whether every migration has been run."""
    head = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def needs_stop() -> bool:
    """Tell whether a missing migration is one that the version before it can't live with."""
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    missing = scripts.iterate_revisions(scripts.get_current_head(), current or "base")
    return current is not None and any(hasattr(script.module, "NEEDS_STOP") for script in missing)


def bring_up_to_date() -> bool:
    """Run the missing migrations; tell whether there were any."""
    if is_current():
        return False
    upgrade()
    return True
