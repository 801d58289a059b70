"""The picture of a drill: what a registration costs from the first to the last, and memory over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, LEFT, TOP, GAP = 460, 220, 60, 46, 84
COLOURS = ("#1d4f91", "#b3491d", "#2b6e3f")


def draw(document: dict[str, Any]) -> str:
    """Return an SVG with two charts for each database."""
    parts, row = [], 0
    for kind, result in document.items():
        top = TOP + row * (HEIGHT + GAP)
        cost = _lines(result["cost_curve"])
        memory = {name: list(enumerate(series)) for name, series in result["memory"].items()}
        parts.append(_chart(LEFT, top, f"{kind}: cost of a registration, by number of registrations", cost))
        parts.append(_chart(2 * LEFT + WIDTH, top, f"{kind}: MB in use, over the drill", memory))
        row += 1
    width, height = 2 * (LEFT + WIDTH) + 40, TOP + row * (HEIGHT + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _lines(curve: Sequence[Sequence[float]]) -> dict[str, list[tuple[float, float]]]:
    """Return the cost, its part in the database, and ten times that of the load generator."""
    names = {"ms of processor time": 1, "in the database": 1, "10 × load generator": 10}
    return {
        name: [(step[0], times * step[place]) for step in curve]
        for place, (name, times) in enumerate(names.items(), start=1)
        if all(place < len(step) for step in curve)  # runs of before have the first alone
    }


def _chart(left: int, top: int, title: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    points = [point for line in lines.values() for point in line] or [(1, 1)]
    furthest = max(x for x, _y in points) or 1
    highest = 1.15 * max(y for _x, y in points) or 1

    def place(line: Iterable[tuple[float, float]]) -> str:
        return " ".join(
            f"{left + x / furthest * WIDTH:.1f},{top + HEIGHT - y / highest * HEIGHT:.1f}" for x, y in line
        )

    drawn = [f'<text x="{left}" y="{top - 14}" font-size="13">{escape(title)}</text>']
    for share in (0.0, 0.5, 1.0):
        line_y = top + HEIGHT - share * HEIGHT
        drawn.append(f'<path d="M{left} {line_y:.1f}h{WIDTH}" stroke="#ccc"/>')
        drawn.append(
            f'<text x="{left - 8}" y="{line_y + 4:.1f}" text-anchor="end">{share * highest:.0f}</text>'
        )
    drawn.append(f'<text x="{left + WIDTH}" y="{top + HEIGHT + 18}" text-anchor="end">{furthest:,.0f}</text>')
    for at, ((name, line), colour) in enumerate(zip(lines.items(), COLOURS, strict=False)):
        drawn.append(f'<polyline points="{place(line)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = left + 8 + 150 * at, top + HEIGHT + 36
        drawn.append(f'<text x="{x}" y="{y}" fill="{colour}">{escape(name)}</text>')
    return "".join(drawn)
