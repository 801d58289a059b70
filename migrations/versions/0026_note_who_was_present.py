"""Note who was present"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "edition", sa.Column("joining_counts", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "presence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('join_link', 'check_in', 'walk_in')", name=op.f("ck_presence_way")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_presence_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_presence_slot_id_slot"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence")),
    )
    op.create_index("ix_presence_slot_id", "presence", ["slot_id"])
    for name, column, is_day in (
        ("uq_presence_day", "day", sa.text("slot_id is null")),
        ("uq_presence_slot", "slot_id", sa.text("slot_id is not null")),
    ):
        op.create_index(
            name,
            "presence",
            ["registration_id", column],
            unique=True,
            sqlite_where=is_day,
            postgresql_where=is_day,
        )


def downgrade() -> None:
    op.drop_table("presence")
    op.drop_column("edition", "joining_counts")
