"""A small plot as SVG: panels side by side, each with lines over a logarithmic scale, readable in light and dark."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP, _BOTTOM = 340, 220, 64, 64, 84, 64
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2933; }
.title { font-size: 15px; font-weight: 600; }
.grid { stroke: #d5dae1; } .axis { stroke: #7b8794; }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.s0 { stroke: #1d5fbf; } .s1 { stroke: #b4540a; }
.d0 { fill: #1d5fbf; } .d1 { fill: #b4540a; }
.ground { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e7eb; } .grid { stroke: #3a4450; } .axis { stroke: #8b97a5; }
  .s0 { stroke: #7db4ff; } .s1 { stroke: #f0a35e; } .d0 { fill: #7db4ff; } .d1 { fill: #f0a35e; }
  .ground { fill: #14181d; }
}
"""


@dataclass(frozen=True)
class Series:
    """One line: its name and its points."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Panel:
    """One plot, and what runs along its foot."""

    foot: str
    series: tuple[Series, ...]


def picture(title: str, panels: Sequence[Panel]) -> str:
    """The whole picture. Every panel has the same height of scale, so that they can be compared."""
    highest = _round_up(max(y for panel in panels for series in panel.series for _, y in series.points))
    width = _LEFT + len(panels) * _WIDTH + (len(panels) - 1) * _GAP + 24
    height = _TOP + _HEIGHT + _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"',
        f'  aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{width}" height="{height}" rx="8"/>',
        f'<text class="title" x="{_LEFT}" y="28">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, _LEFT + number * (_WIDTH + _GAP), highest)
    names = [series.name for series in panels[0].series]
    for number, name in enumerate(names):
        x = _LEFT + _WIDTH + _GAP + 170 * number
        parts.append(f'<line class="line s{number}" x1="{x}" y1="24" x2="{x + 26}" y2="24"/>')
        parts.append(f'<text x="{x + 34}" y="28">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, left: float, highest: float) -> Iterator[str]:
    sizes = [x for x, _ in panel.series[0].points]
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def across(x: float) -> float:
        return round(left + _WIDTH * (math.log10(x) - first) / (last - first), 1)

    def up(y: float) -> float:
        return round(_TOP + _HEIGHT * (1 - y / highest), 1)

    for step in range(5):
        y = highest * step / 4
        yield f'<line class="{"grid" if step else "axis"}" x1="{left}" y1="{up(y)}" x2="{left + _WIDTH}" y2="{up(y)}"/>'
        yield f'<text x="{left - 10}" y="{up(y) + 4}" text-anchor="end">{y:g}</text>'
    for x in sizes:
        yield f'<text x="{across(x)}" y="{_TOP + _HEIGHT + 22}" text-anchor="middle">{x:,}</text>'
    yield f'<text x="{left + _WIDTH / 2}" y="{_TOP + _HEIGHT + 46}" text-anchor="middle">{escape(panel.foot)}</text>'
    for number, series in enumerate(panel.series):
        places = [(across(x), up(y)) for x, y in series.points]
        yield f'<polyline class="line s{number}" points="{" ".join(f"{x},{y}" for x, y in places)}"/>'
        yield from (f'<circle class="d{number}" cx="{x}" cy="{y}" r="4"/>' for x, y in places)


def _round_up(value: float) -> float:
    """The next number whose quarters are easily read."""
    scale = 10 ** math.floor(math.log10(value))
    return next(step * scale for step in (1, 2, 4, 6, 8, 10) if step * scale >= value)
