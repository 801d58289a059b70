"""Offer roles by mail, and name the browsers of sessions"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ROLES = ("owner", "organiser", "agenda_editor", "registration_desk", "reader")


def _role(name: str) -> sa.Enum:
    return sa.Enum(*ROLES, name=name, native_enum=False, create_constraint=True, length=24)


def _key(name: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    constraint = op.f(f"fk_role_offer_{name}_{target}")
    return sa.ForeignKeyConstraint([name], [f"{target}.id"], name=constraint, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "role_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("role", _role("role"), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_with_edition", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=True),
        sa.Column("giver_keeps", _role("giver_keeps"), nullable=True),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("offered_by_id", sa.Integer(), nullable=True),
        sa.Column("seed", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_role_offer_email_lower")),
        sa.CheckConstraint(
            "organisation_id is not null or series_id is not null", name=op.f("ck_role_offer_about_something")
        ),
        sa.CheckConstraint(
            "edition_id is null or series_id is not null", name=op.f("ck_role_offer_edition_of_series")
        ),
        sa.CheckConstraint(
            "not accepted or answered_at is not null", name=op.f("ck_role_offer_accepted_is_answered")
        ),
        *(_key(f"{name}_id", name, "CASCADE") for name in ("organisation", "series", "edition")),
        _key("giver_id", "organisation", "SET NULL"),
        _key("offered_by_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_offer")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_role_offer_token_hash")),
    )
    for name in ("organisation_id", "series_id", "edition_id"):
        op.create_index(op.f(f"ix_role_offer_{name}"), "role_offer", [name])
    op.add_column(
        "sign_in_link",
        sa.Column("browser", sa.String(length=60), server_default=sa.text("''"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("sign_in_link", "browser")
    op.drop_table("role_offer")
