"""Say when people are forgotten: days after an edition, another day for one edition, and when it was done"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    # one statement each: SQLite adds a column with its check where Alembic would copy the whole table
    op.execute(
        "ALTER TABLE series ADD COLUMN erase_after_days INTEGER DEFAULT '90' NOT NULL "
        "CONSTRAINT ck_series_erase_after_days CHECK (erase_after_days between 1 and 3650)"
    )
    op.execute("ALTER TABLE edition ADD COLUMN erase_on DATE")
    op.execute(f"ALTER TABLE edition ADD COLUMN erased_at {moment}")
    op.execute(f"ALTER TABLE registration ADD COLUMN erased_at {moment}")


def downgrade() -> None:
    op.execute("ALTER TABLE registration DROP COLUMN erased_at")
    op.execute("ALTER TABLE edition DROP COLUMN erased_at")
    op.execute("ALTER TABLE edition DROP COLUMN erase_on")
    op.execute("ALTER TABLE series DROP COLUMN erase_after_days")
