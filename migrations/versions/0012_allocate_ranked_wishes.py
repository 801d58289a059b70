"""Allocate ranked wishes"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allotment",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("alternatives_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alternatives_id"],
            ["alternatives.id"],
            name=op.f("fk_allotment_alternatives_id_alternatives"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_allotment_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "alternatives_id", name=op.f("pk_allotment")),
    )
    with op.batch_alter_table("allotment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allotment_alternatives_id"), ["alternatives_id"], unique=False)

    op.create_table(
        "wish",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("alternatives_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_wish_rank")),
        sa.ForeignKeyConstraint(
            ["alternatives_id"],
            ["alternatives.id"],
            name=op.f("fk_wish_alternatives_id_alternatives"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_wish_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot_places.slot_id"], name=op.f("fk_wish_slot_id_slot_places"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("registration_id", "slot_id", name=op.f("pk_wish")),
        sa.UniqueConstraint(
            "registration_id",
            "alternatives_id",
            "rank",
            name=op.f("uq_wish_registration_id_alternatives_id_rank"),
        ),
    )
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wish_alternatives_id"), ["alternatives_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_wish_slot_id"), ["slot_id"], unique=False)

    with op.batch_alter_table("alternatives", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ranked", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("allocates_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("seed", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("demand", sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f("ix_alternatives_ranked_allocates_at"), ["ranked", "allocates_at"])
        batch_op.create_check_constraint(
            batch_op.f("ck_alternatives_ranked_has_lot"), "not ranked or seed is not null"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_alternatives_allocated_was_ranked"), "ranked or allocated_at is null"
        )


def downgrade() -> None:
    with op.batch_alter_table("alternatives", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_alternatives_allocated_was_ranked"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_alternatives_ranked_has_lot"), type_="check")
        batch_op.drop_index(batch_op.f("ix_alternatives_ranked_allocates_at"))
        batch_op.drop_column("demand")
        batch_op.drop_column("seed")
        batch_op.drop_column("allocated_at")
        batch_op.drop_column("allocates_at")
        batch_op.drop_column("ranked")

    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wish_slot_id"))
        batch_op.drop_index(batch_op.f("ix_wish_alternatives_id"))

    op.drop_table("wish")
    with op.batch_alter_table("allotment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_allotment_alternatives_id"))

    op.drop_table("allotment")
