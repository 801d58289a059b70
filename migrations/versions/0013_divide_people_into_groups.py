"""Divide people into groups"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grouping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.Column(
            "balance",
            sa.Enum(
                "level",
                "organisation",
                "role",
                "attendance",
                "question",
                name="balance",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("most_of_one", sa.Integer(), nullable=True),
        sa.Column("wish_id", sa.Integer(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("most_of_one >= 1", name=op.f("ck_grouping_most_of_one")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_grouping_edition_id_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name=op.f("fk_grouping_question_id_question"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["participant_role.id"],
            name=op.f("fk_grouping_role_id_participant_role"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["wish_id"], ["question.id"], name=op.f("fk_grouping_wish_id_question"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grouping")),
        sa.UniqueConstraint("edition_id", "title", name=op.f("uq_grouping_edition_id_title")),
    )
    with op.batch_alter_table("grouping", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grouping_question_id"), ["question_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grouping_role_id"), ["role_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grouping_wish_id"), ["wish_id"], unique=False)

    op.create_table(
        "participant_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grouping_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("link", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["grouping_id"],
            ["grouping.id"],
            name=op.f("fk_participant_group_grouping_id_grouping"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_participant_group_room_id_room"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant_group")),
        sa.UniqueConstraint("grouping_id", "id", name=op.f("uq_participant_group_grouping_id_id")),
        sa.UniqueConstraint("grouping_id", "name", name=op.f("uq_participant_group_grouping_id_name")),
    )
    with op.batch_alter_table("participant_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participant_group_room_id"), ["room_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("grouping_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["grouping_id", "group_id"],
            ["participant_group.grouping_id", "participant_group.id"],
            name=op.f("fk_membership_grouping_id_group_id_participant_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_membership_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "grouping_id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_membership_grouping_id_group_id"), ["grouping_id", "group_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_grouping_id_group_id"))

    op.drop_table("membership")
    with op.batch_alter_table("participant_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_participant_group_room_id"))

    op.drop_table("participant_group")
    with op.batch_alter_table("grouping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grouping_wish_id"))
        batch_op.drop_index(batch_op.f("ix_grouping_role_id"))
        batch_op.drop_index(batch_op.f("ix_grouping_question_id"))

    op.drop_table("grouping")
