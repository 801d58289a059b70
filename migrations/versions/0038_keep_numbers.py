"""Keep numbers"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_count",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "confirmed",
                "waitlisted",
                "cancelled",
                "pending",
                "rejected",
                "held",
                "offered",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_day_count_number")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("edition_id", "day", "state"),
    )
    op.create_table(
        "tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "short_text",
                "long_text",
                "email",
                "phone",
                "number",
                "yes_no",
                "one_of",
                "several_of",
                "ranking",
                "date",
                "file",
                "consent",
                "heading",
                "page",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("label", sa.String(length=1000), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("people = 0 or people >= 5", name=op.f("ck_tally_enough_people")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("edition_id", "subject"),
    )
    op.create_table(
        "tally_cell",
        sa.Column("tally_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 5", name=op.f("ck_tally_cell_enough_people")),
        sa.ForeignKeyConstraint(["tally_id"], ["tally.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tally_id", "value"),
    )


def downgrade() -> None:
    op.drop_table("tally_cell")
    op.drop_table("tally")
    op.drop_table("day_count")
