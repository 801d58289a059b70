"""Word mails oneself"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_text",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("subject <> '' or body <> ''", name=op.f("ck_mail_text_not_empty")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_mail_text_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", "kind", "language", name=op.f("pk_mail_text")),
    )


def downgrade() -> None:
    op.drop_table("mail_text")
