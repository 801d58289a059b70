"""Runs every check at once and shows what the failing ones say; `make lint` is green or names each fault."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tools import ROOT

PYTHON = sys.executable
CHECKS = {
    "ruff: faults and habits": ["-m", "ruff", "check", "--quiet", "."],
    "ruff: format": ["-m", "ruff", "format", "--check", "--quiet", "."],
    "mypy --strict": ["-m", "mypy", "--no-error-summary"],
    "import contracts": [
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
        "--no-logo",
    ],
    "djlint: templates": ["-m", "djlint", "--lint", "--quiet", "templates"],
    "templates: policy, escaping, texts": ["-m", "tools.templates"],
    "migrations match models": ["-m", "tools.migrations"],
    "translations are complete": ["-m", "tools.translations"],
    "lock files": ["-m", "tools.locks"],
}


@dataclass(frozen=True)
class Result:
    """How one check ended."""

    name: str
    passed: bool
    output: str
    seconds: float


def run(name: str, arguments: list[str]) -> Result:
    """Run one check as its own process."""
    start = time.perf_counter()
    process = subprocess.run(
        [PYTHON, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Result(name, process.returncode == 0, process.stdout.strip(), time.perf_counter() - start)


def main() -> int:
    """Run all checks, two at a time, and say at the end which failed."""
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, CHECKS.keys(), CHECKS.values()))
    for result in results:
        print(f"{'ok    ' if result.passed else 'FAILED'} {result.seconds:5.1f} s  {result.name}")
        if not result.passed:
            print(result.output + "\n")
    failed = sum(not result.passed for result in results)
    print(f"{failed} of {len(results)} checks failed." if failed else f"All {len(results)} checks passed.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
