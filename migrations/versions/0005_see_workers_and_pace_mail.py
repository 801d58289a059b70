"""See workers and pace mail"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_sighting",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_sighting")),
    )
    op.create_table(
        "mail_pace",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_pace_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_pace")),
    )
    op.execute("INSERT INTO mail_pace (id, next_at) VALUES (1, '2020-01-01 00:00:00')")


def downgrade() -> None:
    op.drop_table("mail_pace")
    op.drop_table("worker_sighting")
