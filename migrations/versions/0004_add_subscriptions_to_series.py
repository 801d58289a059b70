"""Add subscriptions to series"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def outbox_checks() -> tuple[sa.CheckConstraint, ...]:
    """Return what SQLite forgets when it remakes the table."""
    return (
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')",
            name=op.f("ck_outbox_message_state"),
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at is not null)", name=op.f("ck_outbox_message_sent_has_time")
        ),
    )


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("token_seed", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email_key = lower(email_key)", name=op.f("ck_subscription_email_key_lower")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_subscription_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("series_id", "email_key", name=op.f("uq_subscription_series_id_email_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_subscription_token_hash")),
    )
    op.create_table(
        "edition_notice",
        sa.Column("edition_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["edition.id"],
            name=op.f("fk_edition_notice_edition_id_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_edition_notice")),
    )
    with op.batch_alter_table("outbox_message", table_args=outbox_checks()) as batch_op:
        batch_op.add_column(sa.Column("subscription_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_outbox_message_subscription_id"), ["subscription_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_outbox_message_subscription_id_subscription"),
            "subscription",
            ["subscription_id"],
            ["id"],
            ondelete="CASCADE",
        )
    op.add_column("series", sa.Column("notice_text", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column("series", "notice_text")
    with op.batch_alter_table("outbox_message", table_args=outbox_checks()) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_outbox_message_subscription_id_subscription"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_outbox_message_subscription_id"))
        batch_op.drop_column("subscription_id")
    op.drop_table("edition_notice")
    op.drop_table("subscription")
