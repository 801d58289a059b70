"""Ask those with a place whether they come"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

EDITION = {
    "reconfirm_days": "INTEGER CONSTRAINT ck_edition_reconfirm_days CHECK (reconfirm_days between 1 and 60)",
    "release_days": "INTEGER CONSTRAINT ck_edition_release_days CHECK (release_days is null or"
    " (reconfirm_days is not null and release_days between 1 and 59 and release_days < reconfirm_days))",
    "asked_to_reconfirm_at": "{moment}",
    "answers_until": "{moment}",
}
REGISTRATION = {"asked_at": "{moment}", "reconfirmed_at": "{moment}"}


def upgrade() -> None:
    # one statement each: SQLite adds a column with its check where Alembic would copy the whole table
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for table, columns in (("edition", EDITION), ("registration", REGISTRATION)):
        for name, kind in columns.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind.format(moment=moment)}")


def downgrade() -> None:
    for table, columns in (("registration", REGISTRATION), ("edition", EDITION)):
        for name in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
