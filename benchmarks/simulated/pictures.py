"""Lines over time as SVG, in both colour schemes, without a library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 860, 260
LEFT, RIGHT, TOP, BOTTOM = 60, 12, 34, 30
COLOURS = ("#2f6fed", "#d9822b", "#c23b3b", "#2e8b57")


def lines(title: str, unit: str, series: Mapping[str, Sequence[float]]) -> str:
    """A picture of each series, one value per second."""
    top = _ceiling(max((value for values in series.values() for value in values), default=0))
    seconds = max((len(values) for values in series.values()), default=1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}" font-family="system-ui" font-size="12" fill="currentColor">',
        f'<text x="{LEFT}" y="16" font-weight="600">{escape(title)}, {escape(unit)}</text>',
        *_grid(top, seconds),
    ]
    for number, (name, values) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{_x(second, seconds):.1f},{_y(value, top):.1f}" for second, value in enumerate(values)
        )
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.6" points="{points}"/>')
        x = WIDTH - RIGHT - 110 * (len(series) - number)
        parts.append(f'<rect x="{x}" y="8" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{x + 15}" y="17">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"])


def _grid(top: float, seconds: int) -> list[str]:
    parts = []
    for step in range(5):
        value = top * step / 4
        y = _y(value, top)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="currentColor" stroke-opacity="0.15"/>'
        )
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for step in range(5):
        second = round((seconds - 1) * step / 4)
        x = _x(second, seconds)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{second} s</text>')
    return parts


def _x(second: int, seconds: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * second / max(1, seconds - 1)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _ceiling(value: float) -> float:
    """The next of 1, 2, 5, 10, 20 … that isn't below `value`."""
    step = 1.0
    while True:
        for factor in (1, 2, 5):
            if step * factor >= value:
                return step * factor
        step *= 10
