"""Write to chosen participants"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "timed_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column(
            "anchor",
            sa.Enum(
                "before_start",
                "after_end",
                name="anchor",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_de", sa.String(length=150), nullable=False),
        sa.Column("body_de", sa.Text(), nullable=False),
        sa.Column("subject_en", sa.String(length=150), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.CheckConstraint("hours between 0 and 2160", name=op.f("ck_timed_mail_hours")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_timed_mail_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timed_mail")),
    )
    op.create_index(op.f("ix_timed_mail_series_id"), "timed_mail", ["series_id"])

    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("timed_mail_id", sa.Integer(), nullable=True),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "scheduled",
                "sent",
                "stopped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("written", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_de", sa.String(length=150), nullable=False),
        sa.Column("body_de", sa.Text(), nullable=False),
        sa.Column("subject_en", sa.String(length=150), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state in ('sent', 'stopped')) = (sent_at is not null and written is not null)",
            name=op.f("ck_announcement_sent_has_time"),
        ),
        sa.CheckConstraint(
            "state <> 'scheduled' or due_at is not null", name=op.f("ck_announcement_scheduled_has_time")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["edition.id"],
            name=op.f("fk_announcement_edition_id_edition"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["timed_mail_id"],
            ["timed_mail.id"],
            name=op.f("fk_announcement_timed_mail_id_timed_mail"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint(
            "timed_mail_id", "edition_id", name=op.f("uq_announcement_timed_mail_id_edition_id")
        ),
    )
    op.create_index(op.f("ix_announcement_edition_id"), "announcement", ["edition_id"])
    op.create_index(op.f("ix_announcement_state_due_at"), "announcement", ["state", "due_at"])

    op.create_table(
        "announcement_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_announcement_file_size")),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_file_announcement_id_announcement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_file")),
    )
    op.create_index(op.f("ix_announcement_file_announcement_id"), "announcement_file", ["announcement_id"])


def downgrade() -> None:
    op.drop_table("announcement_file")
    op.drop_table("announcement")
    op.drop_table("timed_mail")
