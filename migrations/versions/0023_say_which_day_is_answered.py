"""Say which day is answered"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("received_mail", sa.Column("day", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("received_mail", "day")
