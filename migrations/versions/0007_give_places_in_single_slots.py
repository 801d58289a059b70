"""Give places in single slots"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alternatives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["edition.id"],
            name=op.f("fk_alternatives_edition_id_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alternatives")),
        sa.UniqueConstraint("edition_id", "title", name=op.f("uq_alternatives_edition_id_title")),
    )
    op.create_table(
        "slot_places",
        sa.Column("slot_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("alternatives_id", sa.Integer(), nullable=True),
        sa.Column("needs_id", sa.Integer(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("directions", sa.Text(), nullable=False),
        sa.Column("taken_count", sa.Integer(), nullable=False),
        sa.Column("waiting_count", sa.Integer(), nullable=False),
        sa.Column("last_in_line", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_slot_places_capacity")),
        sa.CheckConstraint(
            "capacity is null or taken_count <= capacity", name=op.f("ck_slot_places_never_overbooked")
        ),
        sa.CheckConstraint("needs_id <> slot_id", name=op.f("ck_slot_places_not_its_own_need")),
        sa.CheckConstraint("taken_count >= 0 and waiting_count >= 0", name=op.f("ck_slot_places_counts")),
        sa.ForeignKeyConstraint(
            ["alternatives_id"],
            ["alternatives.id"],
            name=op.f("fk_slot_places_alternatives_id_alternatives"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["needs_id"],
            ["slot_places.slot_id"],
            name=op.f("fk_slot_places_needs_id_slot_places"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_slot_places_slot_id_slot"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slot_id", name=op.f("pk_slot_places")),
    )
    with op.batch_alter_table("slot_places", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_places_alternatives_id"), ["alternatives_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slot_places_needs_id"), ["needs_id"], unique=False)

    op.create_table(
        "signup",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "confirmed", "waitlisted", name="state", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("place_in_line", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'waitlisted') = (place_in_line is not null)",
            name=op.f("ck_signup_waitlisted_has_place"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_signup_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["slot_places.slot_id"],
            name=op.f("fk_signup_slot_id_slot_places"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "slot_id", name=op.f("pk_signup")),
        sa.UniqueConstraint("slot_id", "place_in_line", name=op.f("uq_signup_slot_id_place_in_line")),
    )
    with op.batch_alter_table("signup", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_signup_slot_id_state_place_in_line"),
            ["slot_id", "state", "place_in_line"],
            unique=False,
        )

    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("takes_signups", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.drop_column("takes_signups")

    with op.batch_alter_table("signup", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signup_slot_id_state_place_in_line"))

    op.drop_table("signup")
    with op.batch_alter_table("slot_places", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slot_places_needs_id"))
        batch_op.drop_index(batch_op.f("ix_slot_places_alternatives_id"))

    op.drop_table("slot_places")
    op.drop_table("alternatives")
