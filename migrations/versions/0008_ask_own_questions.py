"""Ask own questions"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OWNERS = ("series", "edition")


def upgrade() -> None:
    op.create_table(
        "questionnaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "short_text",
                "long_text",
                "email",
                "phone",
                "number",
                "yes_no",
                "one_of",
                "several_of",
                "ranking",
                "date",
                "file",
                "consent",
                "heading",
                "page",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "purpose",
            sa.Enum(
                "access",
                "diet",
                "name_shown",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("keep_days", sa.Integer(), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("keep_days >= 0", name=op.f("ck_question_keep_days")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_question_questionnaire_id_questionnaire"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index("ix_question_questionnaire_id", "question", ["questionnaire_id"])

    op.create_table(
        "question_version",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.String(length=1000), nullable=False),
        sa.Column("help", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("only_if_id", sa.Integer(), nullable=True),
        sa.Column("only_if_value", sa.String(length=20), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["only_if_id"],
            ["question.id"],
            name=op.f("fk_question_version_only_if_id_question"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name=op.f("fk_question_version_question_id_question"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("question_id", "number", name=op.f("pk_question_version")),
    )
    op.create_index("ix_question_version_only_if_id", "question_version", ["only_if_id"])

    op.create_table(
        "answer",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value <> ''", name=op.f("ck_answer_says_something")),
        sa.ForeignKeyConstraint(
            ["question_id", "version"],
            ["question_version.question_id", "question_version.number"],
            name=op.f("fk_answer_question_id_version_question_version"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_answer_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "question_id", name=op.f("pk_answer")),
    )
    op.create_index("ix_answer_question_id", "answer", ["question_id"])

    op.create_table(
        "answer_file",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id", "question_id"],
            ["answer.registration_id", "answer.question_id"],
            name=op.f("fk_answer_file_registration_id_question_id_answer"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "question_id", name=op.f("pk_answer_file")),
    )
    for table in OWNERS:
        op.add_column(table, sa.Column("questionnaire_id", sa.Integer(), nullable=True))
        op.create_index(f"ix_{table}_questionnaire_id", table, ["questionnaire_id"], unique=True)


def downgrade() -> None:
    for table in reversed(OWNERS):
        op.drop_index(f"ix_{table}_questionnaire_id", table_name=table)
        op.drop_column(table, "questionnaire_id")
    for table in ("answer_file", "answer", "question_version", "question", "questionnaire"):
        op.drop_table(table)
