"""Say who gets a place: everybody, who confirms an address, who is approved, who is invited"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WAYS = "('open', 'confirm_address', 'approval', 'invitation')"


def upgrade() -> None:
    # one statement each: SQLite adds a column with its check where Alembic would copy the whole table
    for table, column in (("edition", "admission"), ("series", "default_admission")):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(24) DEFAULT 'open' NOT NULL "
            f"CONSTRAINT ck_{table}_{column} CHECK ({column} IN {WAYS})"
        )


def downgrade() -> None:
    for table, column in (("series", "default_admission"), ("edition", "admission")):
        with op.batch_alter_table(table) as batch_op:  # SQLite has made it a check of the table meanwhile
            batch_op.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
            batch_op.drop_column(column)
