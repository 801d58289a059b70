"""Receive mail"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KINDS = "'reply', 'counter', 'refresh', 'bounce', 'away', 'complaint', 'letter', 'unreadable', 'ignored'"
OUTCOMES = (
    "'noted', 'freed', 'asked', 'way_back', 'wish', 'sent_again', 'old_date', 'superseded', 'not_proven', "
    "'wrong_token', 'somebody_else', 'not_taking_place', 'too_many', 'unreachable', 'to_read', 'too_large', "
    "'failed', 'nothing'"
)
ANSWERS = "answer IN ('accepted', 'tentative', 'declined')"


def upgrade() -> None:
    op.create_table(
        "received_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("too_large", sa.Boolean(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worked_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("answer", sa.String(length=24), nullable=True),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("wished_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wished_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_received_mail_kind")),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name=op.f("ck_received_mail_outcome")),
        sa.CheckConstraint(ANSWERS, name=op.f("ck_received_mail_answer")),
        sa.CheckConstraint(
            "(worked_off_at is null) = (kind is null) and (kind is null) = (outcome is null)",
            name=op.f("ck_received_mail_worked_off"),
        ),
        sa.CheckConstraint(
            "worked_off_at is null or content is null", name=op.f("ck_received_mail_no_content_afterwards")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["edition.id"],
            name=op.f("fk_received_mail_edition_id_edition"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_received_mail_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_mail")),
        sa.UniqueConstraint("digest", name=op.f("uq_received_mail_digest")),
    )
    op.create_index("ix_received_mail_worked_off_at_id", "received_mail", ["worked_off_at", "id"])
    op.create_index("ix_received_mail_edition_id_id", "received_mail", ["edition_id", "id"])
    op.create_index("ix_received_mail_registration_id_id", "received_mail", ["registration_id", "id"])
    op.create_index("ix_received_mail_sender_received_at", "received_mail", ["sender", "received_at"])
    op.create_table(
        "reply",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=24), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.CheckConstraint(ANSWERS, name=op.f("ck_reply_answer")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_reply_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_reply")),
    )
    op.create_table(
        "unreachable_address",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("address = lower(address)", name=op.f("ck_unreachable_address_address_lower")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_unreachable_address_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_unreachable_address")),
    )
    op.add_column(
        "outbox_message",
        sa.Column("return_path", sa.String(length=254), server_default=sa.text("''"), nullable=False),
    )
    op.add_column(
        "series", sa.Column("frees_declined", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("series", "frees_declined")
    op.drop_column("outbox_message", "return_path")
    op.drop_table("unreachable_address")
    op.drop_table("reply")
    op.drop_table("received_mail")
