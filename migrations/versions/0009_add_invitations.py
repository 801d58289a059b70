"""Add invitations"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
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
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("token_seed", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "accepted_at is null or declined_at is null", name=op.f("ck_invitation_one_answer")
        ),
        sa.CheckConstraint("email_key = lower(email_key)", name=op.f("ck_invitation_email_key_lower")),
        sa.CheckConstraint(
            "registration_id is null or accepted_at is not null",
            name=op.f("ck_invitation_registered_by_accepting"),
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_invitation_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_invitation_registration_id_registration"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("edition_id", "email_key", name=op.f("uq_invitation_edition_id_email_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index("ix_invitation_edition_id_id", "invitation", ["edition_id", "id"])
    op.create_index("ix_invitation_registration_id", "invitation", ["registration_id"])
    with op.batch_alter_table("outbox_message", table_args=outbox_checks()) as batch_op:
        batch_op.add_column(sa.Column("invitation_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_outbox_message_invitation_id"), ["invitation_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_outbox_message_invitation_id_invitation"),
            "invitation",
            ["invitation_id"],
            ["id"],
            ondelete="CASCADE",
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox_message", table_args=outbox_checks()) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_outbox_message_invitation_id_invitation"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_outbox_message_invitation_id"))
        batch_op.drop_column("invitation_id")
    op.drop_table("invitation")
