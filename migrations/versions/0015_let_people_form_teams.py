"""Let people form teams"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXTS = {
    "topic": sa.String(length=200),
    "project": sa.String(length=200),
    "status": sa.String(length=80),
    "result": sa.Text(),
    "result_link": sa.String(length=1000),
}
GROUPING_CHECKS = {
    "kind": "kind IN ('allotted', 'open')",
    "capacity": "capacity >= 1",
    "allotted_has_lot": "kind = 'open' or seed is not null",
}
GROUP_CHECKS = {
    "capacity": "capacity >= 1",
    "counts": "taken_count >= 0",
    "never_overbooked": "capacity is null or taken_count <= capacity",
}


def upgrade() -> None:
    with op.batch_alter_table("grouping", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=24), server_default="allotted", nullable=False)
        )
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("mentor_role_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("results_public", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.alter_column("seed", existing_type=sa.BigInteger(), nullable=True)
        batch_op.create_index(batch_op.f("ix_grouping_mentor_role_id"), ["mentor_role_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_grouping_mentor_role_id_participant_role"),
            "participant_role",
            ["mentor_role_id"],
            ["id"],
            ondelete="SET NULL",
        )
        for name, condition in GROUPING_CHECKS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_grouping_{name}"), condition)

    with op.batch_alter_table("participant_group", schema=None) as batch_op:
        for name, kind in TEXTS.items():
            batch_op.add_column(sa.Column(name, kind, server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("taken_count", sa.Integer(), server_default=sa.text("0"), nullable=False)
        )
        batch_op.add_column(sa.Column("mentor_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_participant_group_grouping_id_topic"), ["grouping_id", "topic"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_participant_group_mentor_id"), ["mentor_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_participant_group_mentor_id_registration"),
            "registration",
            ["mentor_id"],
            ["id"],
            ondelete="SET NULL",
        )
        for name, condition in GROUP_CHECKS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_participant_group_{name}"), condition)

    op.execute(
        "UPDATE participant_group SET taken_count ="
        " (SELECT count(*) FROM membership WHERE membership.group_id = participant_group.id)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM grouping WHERE kind = 'open'")  # the version before knows none
    with op.batch_alter_table("participant_group", schema=None) as batch_op:
        for name in GROUP_CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_participant_group_{name}"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("fk_participant_group_mentor_id_registration"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_participant_group_mentor_id"))
        batch_op.drop_index(batch_op.f("ix_participant_group_grouping_id_topic"))
        for name in (*TEXTS, "mentor_id", "taken_count", "capacity"):
            batch_op.drop_column(name)

    with op.batch_alter_table("grouping", schema=None) as batch_op:
        for name in GROUPING_CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_grouping_{name}"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("fk_grouping_mentor_role_id_participant_role"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_grouping_mentor_role_id"))
        batch_op.alter_column("seed", existing_type=sa.BigInteger(), nullable=False)
        for name in ("results_public", "mentor_role_id", "capacity", "kind"):
            batch_op.drop_column(name)
