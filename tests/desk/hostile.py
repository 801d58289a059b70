"""What nobody means to type, and what somebody does."""

from __future__ import annotations

LONG = "x" * 10_000
TEXTS = [
    LONG,
    "Zoë 🎉👩‍👩‍👧",
    "مرحبا بالعالم",
    "safe\u202etxt.exe",
    "bell\x07",
    "nul\x00",
    "<script>alert(1)</script>",
    "'; drop table slot; --",
    "{{ 7 * 7 }} %(x)s %s",
    "   ",
    "\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
]
DATES = [
    "2026-02-30",
    "0000-00-00",
    "99999-01-01",
    "0001-01-01",
    "2026-03-29T02:30",
    "heute",
    "٢٠٢٦-٠٣-٢٩",
    LONG,
]
TIMES = ["24:00", "25:61", "02:30", "-1:00", "noon", "١٥:٠٠", "15", LONG]
NUMBERS = ["-1", "0", "99999999999999999999", "1e9", "½", "٣", "ten", LONG]
KEYS = ["0", "-1", "999999", "99999999999999999999", "abc", "1 or 1=1", "٣", LONG]
FINE = {200, 303, 400, 422}
"""A page, a success, what no browser sends, or an error at its field; never a failure of ours."""
