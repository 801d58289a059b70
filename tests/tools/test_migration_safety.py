"""The check that migrations let the version before them go on."""

import pytest

from tools import migration_safety

WAY_UP = "def upgrade() -> None:\n    {}\n\ndef downgrade() -> None:\n    op.drop_table('room')\n"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("op.drop_column('edition', 'place')", "line 2: drops a column"),
        ("op.drop_table('room')", "line 2: drops a table"),
        ("op.rename_table('room', 'hall')", "line 2: renames a table"),
        ("table.alter_column('a', new_column_name='b')", "line 2: renames a column"),
        ("table.alter_column('a', type_=sa.Integer())", "line 2: changes the type of a column"),
        ("table.alter_column('a', nullable=False)", "line 2: forbids empty values"),
        (
            "table.add_column(sa.Column('a', sa.Integer(), nullable=False))",
            "line 2: adds a column that must have a value, without a default of the database",
        ),
        ("op.execute('ALTER TABLE room DROP COLUMN size')", "line 2: “ALTER TABLE room DROP COLUMN size”"),
        (
            "op.execute('alter table room rename to hall')",
            "line 2: “alter table room rename to hall”",
        ),
    ],
)
def test_what_the_old_version_would_miss_is_refused(statement: str, fault: str) -> None:
    assert list(migration_safety.faults(WAY_UP.format(statement))) == [fault]


@pytest.mark.parametrize(
    "statement",
    [
        "op.create_table('room', sa.Column('a', sa.Integer(), nullable=False))",
        "table.add_column(sa.Column('a', sa.Integer(), nullable=True))",
        "table.add_column(sa.Column('a', sa.Integer(), nullable=False, server_default='0'))",
        "table.alter_column('a', nullable=True)",
        "op.create_index('ix', 'room', ['a'])",
    ],
)
def test_what_only_adds_may_pass(statement: str) -> None:
    assert list(migration_safety.faults(WAY_UP.format(statement))) == []


def test_functions_on_the_way_up_are_followed() -> None:
    source = WAY_UP.format("_more()") + "\ndef _more() -> None:\n    op.drop_column('edition', 'place')\n"
    assert list(migration_safety.faults(source)) == ["line 8: drops a column"]


def test_a_mark_with_a_reason_lets_it_pass() -> None:
    breaking = WAY_UP.format("op.drop_table('room')")
    assert list(migration_safety.faults(f'NEEDS_STOP = "nobody has released yet"\n{breaking}')) == []
    assert list(migration_safety.faults(f'NEEDS_STOP = ""\n{breaking}')) != []


def test_the_projects_own_migrations_pass() -> None:
    assert list(migration_safety.all_faults()) == []
