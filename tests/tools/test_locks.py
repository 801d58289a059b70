"""The check of the lock files."""

import pytest

from tools import locks

HASH = "--hash=sha256:" + "0" * 64
FLASK = f"flask==3.1.3 \\\n    {HASH}\n"
PYTEST = f"pytest==9.2.0 \\\n    {HASH}\n"


def test_locks_that_agree_have_no_fault() -> None:
    assert list(locks.faults({"run": FLASK, "dev": FLASK + PYTEST})) == []


@pytest.mark.parametrize(
    ("run", "dev", "fault"),
    [
        (FLASK, PYTEST, "run: flask 3.1.3 is not what the developers' lock file says; run make lock"),
        (FLASK, FLASK + "click==8.1.0\n", "dev: click==8.1.0 has no hash"),
        (FLASK, "--find-links ./wheels\n" + FLASK, "dev:1: names an address"),
        (FLASK, "--index-url https://example.org/simple\n" + FLASK, "dev:1: names an address"),
        (FLASK, FLASK + f"a @ file:///a.whl {HASH}\n", "dev:3: names an address"),
    ],
)
def test_what_is_wrong_is_named(run: str, dev: str, fault: str) -> None:
    assert list(locks.faults({"run": run, "dev": dev})) == [fault]


def test_few_packages_run() -> None:
    many = "".join(f"package-{number}==1 \\\n    {HASH}\n" for number in range(46))
    assert list(locks.faults({"run": many, "dev": many})) == [
        "46 packages at run time, more than the 45 we allow ourselves"
    ]
