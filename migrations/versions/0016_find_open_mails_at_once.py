"""Find open mails at once, however many there are"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OPEN = sa.text("state in ('waiting', 'sending')")


def upgrade() -> None:
    op.create_index(
        "ix_outbox_message_open",
        "outbox_message",
        ["registration_id", "to_address", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_outbox_message_state_due_at_id", "outbox_message", ["state", "due_at", "id"])
    op.drop_index("ix_outbox_message_state_due_at", table_name="outbox_message")


def downgrade() -> None:
    op.create_index("ix_outbox_message_state_due_at", "outbox_message", ["state", "due_at"])
    op.drop_index("ix_outbox_message_state_due_at_id", table_name="outbox_message")
    op.drop_index("ix_outbox_message_open", table_name="outbox_message")
