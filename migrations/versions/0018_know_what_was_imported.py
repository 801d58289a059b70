"""Know what was imported from calendars"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OWNERS = {"edition": "series_id", "slot": "edition_id"}


def upgrade() -> None:
    for table, owner in OWNERS.items():
        op.add_column(table, sa.Column("source_key", sa.String(length=64), nullable=True))
        op.create_index(f"ix_{table}_{owner}_source_key", table, [owner, "source_key"], unique=True)


def downgrade() -> None:
    for table, owner in OWNERS.items():
        op.drop_index(f"ix_{table}_{owner}_source_key", table)
        op.drop_column(table, "source_key")
