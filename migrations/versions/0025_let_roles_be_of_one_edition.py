"""Let roles be of one series or edition, and end"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ROLES = ("owner", "organiser", "agenda_editor", "registration_desk", "reader")
FORMER = ("owner", "organiser", "helper")


def _role() -> sa.Enum:
    return sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=24)


def _allow(roles: tuple[str, ...]) -> None:
    """Let members have these roles; SQLite makes the table anew, without the old check."""
    with op.batch_alter_table("member") as table:
        if op.get_bind().dialect.name != "sqlite":
            table.drop_constraint(op.f("ck_member_role"), type_="check")
        words = ", ".join(f"'{role}'" for role in roles)
        table.create_check_constraint(op.f("ck_member_role"), sa.text(f"role IN ({words})"))


def upgrade() -> None:
    _allow((*ROLES, "helper"))
    op.execute("UPDATE member SET role = 'reader' WHERE role = 'helper'")
    _allow(ROLES)  # the version before writes `helper` on the command line alone
    op.add_column("member", sa.Column("ends_at", sa.DateTime(timezone=True)))
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("role", _role(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_with_edition", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(user_id is null) <> (organisation_id is null)", name=op.f("ck_role_grant_one_holder")
        ),
        sa.CheckConstraint(
            "not ends_with_edition or edition_id is not null", name=op.f("ck_role_grant_edition_to_end_with")
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                [f"{name}.id"],
                name=op.f(f"fk_role_grant_{name}_id_{name}"),
                ondelete="CASCADE",
            )
            for name in ("user", "organisation", "series", "edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    for name in ("user", "organisation", "series", "edition"):
        op.create_index(op.f(f"ix_role_grant_{name}_id"), "role_grant", [f"{name}_id"])


def downgrade() -> None:
    op.drop_table("role_grant")
    op.drop_column("member", "ends_at")
    _allow((*ROLES, "helper"))
    op.execute("UPDATE member SET role = 'helper' WHERE role NOT IN ('owner', 'organiser')")
    _allow(FORMER)
