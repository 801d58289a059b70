"""Word the news of the next edition in both languages"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # nothing in braces was filled in before; the version before goes on with the column
    op.execute(
        "INSERT INTO mail_text (series_id, kind, language, subject, body)"
        " SELECT id, 'next_edition', language, '', replace(replace(notice_text, '{', '('), '}', ')')"
        " FROM series WHERE trim(notice_text) <> ''"
    )


def downgrade() -> None:
    op.execute("DELETE FROM mail_text WHERE kind = 'next_edition'")
