"""Write to those who were there"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("timed_mail") as table:
        table.add_column(
            sa.Column(
                "seen",
                sa.Enum(
                    "present", "missing", name="seen", native_enum=False, create_constraint=True, length=24
                ),
                nullable=True,
            )
        )
        table.create_check_constraint(
            op.f("ck_timed_mail_seen_after_the_end"), "seen is null or anchor = 'after_end'"
        )


def downgrade() -> None:
    with op.batch_alter_table("timed_mail") as table:
        table.drop_constraint(op.f("ck_timed_mail_seen_after_the_end"), type_="check")
        table.drop_constraint(op.f("ck_timed_mail_seen"), type_="check")
        table.drop_column("seen")
