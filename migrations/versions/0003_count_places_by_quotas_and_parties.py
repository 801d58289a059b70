"""Count places by quotas and parties"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
NEEDS_STOP = "confirmed_count becomes taken_count, before anybody runs a first release"

EDITION_BEFORE = {
    "never_overbooked": "capacity is null or confirmed_count <= capacity",
    "counts": "confirmed_count >= 0 and waiting_count >= 0",
}
EDITION_SINCE = {
    "never_overbooked": "capacity is null or taken_count + held_back_count <= capacity",
    "counts": "taken_count >= 0 and waiting_count >= 0 and held_back_count >= 0",
    "offer_hours": "offer_hours >= 1",
}
REGISTRATION_BEFORE = {"state": "state IN ('confirmed', 'waitlisted', 'cancelled')"}
REGISTRATION_SINCE = {
    "state": "state IN ('confirmed', 'waitlisted', 'cancelled', 'pending', 'rejected', 'held', 'offered')",
    "attendance": "attendance IN ('on_site', 'online')",
    "ended_because": "ended_because IN ('participant', 'organiser', 'declined', 'expired', 'unconfirmed', "
    "'released', 'moved', 'handed_over')",
    "waits_for": "waits_for is null or state = 'waitlisted'",
    "expires": "state not in ('held', 'offered') or expires_at is not null",
    "ended": "ended_because is null or state = 'cancelled'",
}


def upgrade() -> None:
    _create_tables()
    with op.batch_alter_table("edition") as table:
        _drop_checks(table, "edition", EDITION_BEFORE)
        table.alter_column("confirmed_count", new_column_name="taken_count")
        table.add_column(
            sa.Column("held_back_count", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
        table.add_column(sa.Column("quota_count", sa.Integer(), nullable=False, server_default=sa.text("0")))
        table.add_column(sa.Column("offer_hours", sa.Integer(), nullable=True))
        _create_checks(table, "edition", EDITION_SINCE)
    with op.batch_alter_table("registration") as table:
        _drop_checks(table, "registration", REGISTRATION_BEFORE)
        for name in ("waits_for", "party_id", "role_id"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
        table.add_column(sa.Column("attendance", sa.String(length=24), nullable=True))
        table.add_column(sa.Column("accepts_online", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("ended_because", sa.String(length=24), nullable=True))
        for column, target, ondelete in (
            ("waits_for", "quota", "RESTRICT"),
            ("party_id", "party", "SET NULL"),
            ("role_id", "participant_role", "SET NULL"),
        ):
            name = op.f(f"fk_registration_{column}_{target}")
            table.create_foreign_key(name, target, [column], ["id"], ondelete=ondelete)
        _create_checks(table, "registration", REGISTRATION_SINCE)
    for columns in (["waits_for", "place_in_line"], ["party_id"], ["expires_at"]):
        is_set = sa.text(f"{columns[0]} is not null")
        op.create_index(
            op.f(f"ix_registration_{'_'.join(columns)}"),
            "registration",
            columns,
            sqlite_where=is_set,
            postgresql_where=is_set,
        )


def downgrade() -> None:
    op.execute(
        "UPDATE registration SET state = 'cancelled'"
        " WHERE state IN ('pending', 'rejected', 'held', 'offered')"
    )
    for name in ("waits_for_place_in_line", "party_id", "expires_at"):
        op.drop_index(op.f(f"ix_registration_{name}"), table_name="registration")
    with op.batch_alter_table("registration") as table:
        _drop_checks(table, "registration", REGISTRATION_SINCE)
        for column, target in (
            ("waits_for", "quota"),
            ("party_id", "party"),
            ("role_id", "participant_role"),
        ):
            table.drop_constraint(op.f(f"fk_registration_{column}_{target}"), type_="foreignkey")
            table.drop_column(column)
        for column in ("attendance", "accepts_online", "expires_at", "ended_because"):
            table.drop_column(column)
        _create_checks(table, "registration", REGISTRATION_BEFORE)
    with op.batch_alter_table("edition") as table:
        _drop_checks(table, "edition", EDITION_SINCE)
        for column in ("held_back_count", "quota_count", "offer_hours"):
            table.drop_column(column)
        table.alter_column("taken_count", new_column_name="confirmed_count")
        _create_checks(table, "edition", EDITION_BEFORE)
    # those who only held a place, or were offered one, have none any more
    op.execute(
        "UPDATE edition SET confirmed_count = (SELECT count(*) FROM registration"
        " WHERE registration.edition_id = edition.id AND registration.state = 'confirmed')"
    )
    op.drop_index(op.f("ix_claim_quota_id"), table_name="claim")
    op.drop_table("claim")
    op.drop_index(op.f("ix_quota_release_at"), table_name="quota")
    op.drop_table("quota")
    op.drop_index(op.f("ix_party_edition_id"), table_name="party")
    op.drop_table("party")
    op.drop_table("participant_role")


def _drop_checks(table: BatchOperations, name: str, checks: dict[str, str]) -> None:
    for check in checks:
        table.drop_constraint(op.f(f"ck_{name}_{check}"), type_="check")


def _create_checks(table: BatchOperations, name: str, checks: dict[str, str]) -> None:
    for check, words in checks.items():
        table.create_check_constraint(op.f(f"ck_{name}_{check}"), sa.text(words))


def _create_tables() -> None:
    op.create_table(
        "participant_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _edition_key("participant_role"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant_role")),
        sa.UniqueConstraint("edition_id", "slug", name=op.f("uq_participant_role_edition_id_slug")),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        _edition_key("party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    op.create_index(op.f("ix_party_edition_id"), "party", ["edition_id"])
    op.create_table(
        "quota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *("attendance", "role", "option", "reserve"),
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken_count", sa.Integer(), nullable=False),
        sa.Column("waiting_count", sa.Integer(), nullable=False),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_quota_capacity")),
        sa.CheckConstraint(
            "capacity is null or taken_count <= capacity", name=op.f("ck_quota_never_overbooked")
        ),
        sa.CheckConstraint("taken_count >= 0 and waiting_count >= 0", name=op.f("ck_quota_counts")),
        sa.CheckConstraint(
            "kind <> 'reserve' or capacity is not null", name=op.f("ck_quota_reserve_has_capacity")
        ),
        _edition_key("quota"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint(
            "edition_id", "kind", "reference", name=op.f("uq_quota_edition_id_kind_reference")
        ),
    )
    op.create_index(op.f("ix_quota_release_at"), "quota", ["release_at"])
    op.create_table(
        "claim",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("quota_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quota_id"], ["quota.id"], name=op.f("fk_claim_quota_id_quota"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_claim_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "quota_id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_quota_id"), "claim", ["quota_id"])


def _edition_key(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_edition_id_edition")
    return sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=name, ondelete="CASCADE")
