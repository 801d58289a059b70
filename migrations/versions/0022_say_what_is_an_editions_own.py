"""Say which values are an edition's own"""

from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SHARED = (
    "description language zone start_time end_time mode venue_name venue_address venue_city venue_directions "
    "venue_access join_url join_details capacity takes_registrations reconfirm_days release_days admission "
    "visibility"
).split()


def upgrade() -> None:
    op.execute("ALTER TABLE edition ADD COLUMN own_fields TEXT DEFAULT '' NOT NULL")
    _note_present_differences(op.get_bind())


def _note_present_differences(connection: sa.Connection) -> None:
    """Call a value an edition's own where the edition before has another one."""
    order = "series_id, start_date is null, start_date, number is null, number, id"
    rows = connection.execute(
        sa.text(f"SELECT id, series_id, {', '.join(SHARED)} FROM edition ORDER BY {order}")  # noqa: S608  # names of our own
    ).mappings()
    for _series, editions in groupby(rows.all(), key=lambda row: row["series_id"]):
        usual: dict[str, Any] = {}
        for row in editions:
            own = [
                name for name in SHARED if (usual.setdefault(name, row[name]) or None) != (row[name] or None)
            ]
            if own:
                connection.execute(
                    sa.text("UPDATE edition SET own_fields = :own WHERE id = :id"),
                    {"own": " ".join(sorted(own)), "id": row["id"]},
                )


def downgrade() -> None:
    op.execute("ALTER TABLE edition DROP COLUMN own_fields")
