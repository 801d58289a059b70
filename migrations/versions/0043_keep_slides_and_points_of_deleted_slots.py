"""Keep slides and points of deleted slots"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLES = ("slides", "point")


def upgrade() -> None:
    for name in TABLES:
        _refer_to_slots(name, "SET NULL", nullable=True)


def downgrade() -> None:
    for name in TABLES:
        of_no_slot = sa.table(name, sa.column("slot_id")).delete().where(sa.column("slot_id").is_(None))
        op.execute(of_no_slot)
        _refer_to_slots(name, "CASCADE", nullable=False)


def _refer_to_slots(name: str, on_delete: str, *, nullable: bool) -> None:
    key = op.f(f"fk_{name}_slot_id_slot")
    with op.batch_alter_table(name) as table:
        table.drop_constraint(key, type_="foreignkey")
        table.alter_column("slot_id", existing_type=sa.Integer(), nullable=nullable)
        table.create_foreign_key(key, "slot", ["slot_id"], ["id"], ondelete=on_delete)
