"""How many examples the slow searches try."""

import os


def examples(usual: int) -> int:
    """Return `usual`; in CI, which repeats itself while other runs look for something new, a third of it."""
    return max(5, usual // 3) if os.environ.get("CI") else usual
