"""Let mail domains open seats held back"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("quota", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("domains", sa.String(length=500), server_default=sa.text("''"), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("quota", schema=None) as batch_op:
        batch_op.drop_column("domains")
