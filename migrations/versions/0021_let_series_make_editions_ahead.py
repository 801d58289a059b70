"""Let series make editions ahead by a rule"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

CHECKS = {
    "every": "every between 1 and 52",
    "day_of_week": "day_of_week between 0 and 6",
    "week": "week between 1 and 5 or week = -1",
    "days_in_order": "until >= from_day",
    "end_needs_start": "end_time is null or start_time is not null",
    "nights": "nights between 0 and 30",
    "ahead": "ahead between 1 and 24",
}


def upgrade() -> None:
    op.create_table(
        "series_rule",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column(
            "frequency",
            sa.Enum(
                "weekly",
                "monthly",
                "monthly_by_date",
                "yearly",
                "yearly_by_date",
                name="frequency",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("day_of_week", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("holidays_of", sa.String(length=2), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("end_time", sa.Time(), nullable=True),
        sa.Column("nights", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("made_through", sa.Date(), nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_series_rule_{name}"))
            for name, condition in CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_rule_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_series_rule")),
    )


def downgrade() -> None:
    op.drop_table("series_rule")
