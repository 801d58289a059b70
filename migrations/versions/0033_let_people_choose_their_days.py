"""Let people choose their days"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "edition", sa.Column("choose_days", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(
        "ALTER TABLE registration ADD COLUMN days INTEGER DEFAULT '0' NOT NULL"
        " CONSTRAINT ck_registration_days CHECK (days >= 0)"
    )
    op.add_column("registration", sa.Column("days_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "received_mail", sa.Column("changed_days", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("received_mail", "changed_days")
    op.drop_column("registration", "days_changed_at")
    op.drop_column("registration", "days")
    op.drop_column("edition", "choose_days")
