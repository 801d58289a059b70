"""Let people have one calendar"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("token_seed", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mailed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email_key = lower(email_key)", name=op.f("ck_own_calendar_email_key_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_calendar")),
        sa.UniqueConstraint("email_key", name=op.f("uq_own_calendar_email_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_own_calendar_token_hash")),
    )
    op.create_index("ix_registration_email_key", "registration", ["email_key"])


def downgrade() -> None:
    op.drop_index("ix_registration_email_key", "registration")
    op.drop_table("own_calendar")
