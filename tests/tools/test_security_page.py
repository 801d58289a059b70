"""The page that names a test for every rule of security stays true."""

import re

from tools import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_rule_has_a_test_that_exists() -> None:
    rows = {int(row[1]): row[0] for row in re.finditer(r"^\| (\d+) .*$", PAGE, re.MULTILINE)}
    assert sorted(rows) == list(range(1, 32))
    assert [number for number, row in rows.items() if "`test_" not in row] == []
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    known = {name for text in texts for name in re.findall(r"def (test_\w+)", text)}
    assert set(re.findall(r"`(test_\w+)`", PAGE)) - known == set()


def test_every_named_file_exists() -> None:
    for name in re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?|[a-z_]+\.py)`", PAGE):
        assert (ROOT / "eventhub" / name).exists() or (ROOT / name).exists() or name == "forms.py", name
