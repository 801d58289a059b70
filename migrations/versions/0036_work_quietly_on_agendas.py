"""Work quietly on agendas"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "edition", sa.Column("quiet_agenda", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("content_revision", sa.Column("drafts", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "draft_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("calendar_uid", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("end_day", sa.Date(), nullable=True),
        sa.Column("end_time", sa.Time(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *("talk", "plenary", "workshop", "discussion", "excursion", "game", "break"),
                *("open_space", "other"),
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("kind_label", sa.String(length=80), nullable=False),
        sa.Column("parallel", sa.Boolean(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("level", sa.String(length=80), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("source_key", sa.String(length=64), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_draft_slot_times_in_order")),
        sa.CheckConstraint("end_day > day", name=op.f("ck_draft_slot_days_in_order")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_draft_slot_not_its_own_part")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["parent_id"], ["draft_slot.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("calendar_uid"),
        sa.UniqueConstraint("edition_id", "slug"),
        sa.UniqueConstraint("slot_id"),
    )
    for column in ("edition_id", "organisation_id", "parent_id", "room_id", "track_id"):
        op.create_index(op.f(f"ix_draft_slot_{column}"), "draft_slot", [column])
    op.create_index(
        op.f("ix_draft_slot_edition_id_source_key"), "draft_slot", ["edition_id", "source_key"], unique=True
    )
    op.create_table(
        "draft_slot_speaker",
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("speaker_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                *("speaker", "moderator", "host"),
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["draft_slot.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["speaker_id"], ["speaker.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slot_id", "speaker_id"),
    )
    op.create_index(op.f("ix_draft_slot_speaker_speaker_id"), "draft_slot_speaker", ["speaker_id"])


def downgrade() -> None:
    op.drop_table("draft_slot_speaker")
    op.drop_table("draft_slot")
    op.drop_column("content_revision", "drafts")
    op.drop_column("edition", "quiet_agenda")
