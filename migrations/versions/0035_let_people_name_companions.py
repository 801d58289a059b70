"""Let people name companions"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "grouping", sa.Column("asks_companions", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "companion_wish",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("grouping_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sought", sa.String(length=254), nullable=False),
        sa.CheckConstraint("position between 1 and 3", name=op.f("ck_companion_wish_position")),
        sa.ForeignKeyConstraint(["grouping_id"], ["grouping.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("registration_id", "grouping_id", "position"),
        sa.UniqueConstraint("registration_id", "grouping_id", "sought"),
    )
    op.create_index(op.f("ix_companion_wish_grouping_id"), "companion_wish", ["grouping_id"])


def downgrade() -> None:
    op.drop_table("companion_wish")
    op.drop_column("grouping", "asks_companions")
