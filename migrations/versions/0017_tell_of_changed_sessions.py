"""Tell of changed sessions, and remind people before the start"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NUMBERS = {"remind_hours": (24, 720), "gather_minutes": (5, 120)}


def upgrade() -> None:
    op.create_table(
        "pending_change",
        sa.Column("slot_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_pending_change_edition_id_edition", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name="fk_pending_change_slot_id_slot", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slot_id", name="pk_pending_change"),
    )
    op.create_index("ix_pending_change_edition_id", "pending_change", ["edition_id"])
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE edition ADD COLUMN reminded_at {moment}")
    # one statement each: SQLite adds a column with its check where Alembic would copy the whole table
    for name, (usual, most) in NUMBERS.items():
        op.execute(
            f"ALTER TABLE series ADD COLUMN {name} INTEGER DEFAULT '{usual}' NOT NULL "
            f"CONSTRAINT ck_series_{name} CHECK ({name} between 0 and {most})"
        )


def downgrade() -> None:
    for name in NUMBERS:
        op.execute(f"ALTER TABLE series DROP COLUMN {name}")
    op.execute("ALTER TABLE edition DROP COLUMN reminded_at")
    op.drop_table("pending_change")
