"""Looking at a page: what axe finds in light and dark, what is too wide, what the design check says."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests import needs

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async ([tags]) => {
  const report = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return report.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.target.join(" ")}`));
}"""
OPEN_DETAILS = "() => document.querySelectorAll('details').forEach(one => { one.open = true; })"
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll("*")]
    .filter(one => one.getBoundingClientRect().right > width + 1)
    .slice(0, 3)
    .map(one => `wider than ${width} px: ${one.tagName} ${one.className}`);
}"""
WEIGHT = 60
"""Kilobytes that a page may weigh on its first visit, with everything."""


@cache
def _axe() -> str:
    return needs.AXE.read_text()


def barriers(page: Page) -> list[str]:
    """Run axe on a desk in light, with everything unfolded, and on a phone in dark."""
    page.evaluate(_axe())
    found: list[str] = []
    for mode, width in (("dark", 390), ("light", 1280)):
        page.emulate_media(color_scheme=mode)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        if mode == "light":
            page.evaluate(OPEN_DETAILS)
        found += [f"{mode}: {complaint}" for complaint in page.evaluate(RUN, [TAGS])]
    return found


def too_wide(page: Page) -> list[str]:
    """Name what makes a page scroll sideways on the narrowest screen."""
    page.set_viewport_size({"width": 320, "height": 640})
    found: list[str] = page.evaluate(TOO_WIDE)
    return found


def check_pages(shared: Path, folder: Path, addresses: list[str], cookies: list[dict[str, Any]]) -> list[str]:
    """Run the design's own check on all pages and return what it says of those that are not clean.

    It waits much, so two processes share the pages.
    """
    shutil.copy(shared / "design" / "check_pages.mjs", folder)
    (folder / "node_modules").symlink_to(needs.AXE.parents[1])
    given = [f"--cookie={cookie['name']}={cookie['value']}" for cookie in cookies]
    options = ["--budget", str(WEIGHT), *(part for one in given for part in one.split("=", 1))]
    halves = [half for half in (addresses[::2], addresses[1::2]) if half]
    with ThreadPoolExecutor(len(halves)) as both:
        reports = both.map(lambda half: _check(folder, [*options, *half]), halves)
        return [
            report
            for half, report in zip(halves, reports, strict=True)
            if f"{len(half)} of {len(half)} pages clean" not in report
        ]


def _check(folder: Path, arguments: list[str]) -> str:
    ended = subprocess.run(
        [needs.node(), "check_pages.mjs", *arguments],
        cwd=folder,
        env={"CHROMIUM": needs.chromium() or ""},
        capture_output=True,
        text=True,
        timeout=2400,
        check=False,
    )
    return ended.stdout + ended.stderr
