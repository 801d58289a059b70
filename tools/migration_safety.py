"""Finds migrations that the version before could not live with: see docs/decisions/0007."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools import ROOT

FIRST = "0001"
MARK = "NEEDS_STOP"
TAKES_AWAY = {
    "drop_column": "drops a column",
    "drop_table": "drops a table",
    "rename_table": "renames a table",
}
SQL = re.compile(r"\bRENAME\b|\bDROP\s+(?:COLUMN|TABLE)\b|\bSET\s+NOT\s+NULL\b", re.IGNORECASE)


def faults(source: str) -> Iterator[str]:
    """Name what in the way up breaks the old version, unless a mark says why that must be."""
    tree = ast.parse(source)
    if _is_marked(tree):
        return
    for function in _way_up(tree):
        for node in ast.walk(function):
            yield from _faults_of(node)


def _is_marked(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Assign)
        and [ast.unparse(target) for target in node.targets] == [MARK]
        and isinstance(node.value, ast.Constant)
        and bool(node.value.value)
        for node in tree.body
    )


def _way_up(tree: ast.Module) -> list[ast.FunctionDef]:
    """Return upgrade() and the functions of the module that it calls, directly or not."""
    known = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: dict[str, ast.FunctionDef] = {}
    waiting = ["upgrade"]
    while waiting:
        name = waiting.pop()
        if name not in known or name in found:
            continue
        found[name] = known[name]
        waiting += [node.id for node in ast.walk(known[name]) if isinstance(node, ast.Name)]
    return list(found.values())


def _faults_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
        yield f"line {node.lineno}: “{node.value[:60]}”"
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    name, given = node.func.attr, {keyword.arg: keyword.value for keyword in node.keywords}
    if name in TAKES_AWAY:
        yield f"line {node.lineno}: {TAKES_AWAY[name]}"
    if name == "alter_column":
        if "new_column_name" in given:
            yield f"line {node.lineno}: renames a column"
        if "type_" in given:
            yield f"line {node.lineno}: changes the type of a column"
        if _is(given.get("nullable"), False):
            yield f"line {node.lineno}: forbids empty values"
    if name == "add_column" and any(map(_demands_a_value, ast.walk(node))):
        yield f"line {node.lineno}: adds a column that must have a value, without a default of the database"


def _demands_a_value(node: ast.AST) -> bool:
    """Match sa.Column(…, nullable=False) without server_default: rows of the old version have no value."""
    if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("Column"):
        return False
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    return _is(given.get("nullable"), False) and "server_default" not in given


def _is(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def all_faults(folder: Path = ROOT / "migrations" / "versions") -> Iterator[str]:
    """Name the faults of all migrations after the first."""
    for path in sorted(folder.glob("*.py")):
        if not path.name.startswith(FIRST):
            yield from (f"{path.name}, {fault}" for fault in faults(path.read_text(encoding="utf-8")))
