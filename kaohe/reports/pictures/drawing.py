"""A drawing as shapes and words, independent of what it is drawn on; and the drawing as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from kaohe.reports.paper.measures import mm
from kaohe.reports.sheet import printable

WIDTH: Final = mm(186)
"""The room of an upright A4 page in twips, which every kind of paper has."""
INK, SOFT, PALE, WHITE = "#1f2933", "#52606d", "#d5dce4", "#ffffff"
FONTS: Final = "FangSong, STFangsong, SimSun, 'Songti SC', 'Noto Serif CJK SC', serif"
_TWIPS_A_POINT: Final = 20
_ABOVE_BASELINE: Final = 0.36
"""So much of the size of the type below the middle of a line stands what letters stand on."""


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; all lengths in twips from the top left of the drawing."""

    left: int
    top: int
    width: int
    height: int
    fill: str


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, closed or open; ``dash`` is the length of its strokes, 0 for a whole line."""

    points: tuple[tuple[int, int], ...]
    stroke: str
    width: int = 15
    dash: int = 0
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text whose middle is ``middle`` twips from the top; ``align`` is start, middle or end at ``at``."""

    text: str
    at: int
    middle: int
    size: int
    """In half points."""
    align: str = "start"
    fill: str = INK


Shape = Box | Path | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes in a frame, each drawn upon those before it."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    description: str
    """What it shows, for readers who do not see it. The numbers stand in the table beside it."""


def svg_text(drawing: Drawing) -> str:
    """The drawing as an SVG element of its natural size, without a style, a script or an address."""
    width, height = _points(drawing.width), _points(drawing.height)
    shapes = "".join(_element(shape) for shape in drawing.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label={quoteattr(printable(drawing.description))} '
        f'font-family="{FONTS}">{shapes}</svg>'
    )


def dashes(path: Path) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The strokes of a path, each from a point to a point, for what knows no dashed lines."""
    points = [*path.points, *(path.points[:1] if path.is_closed else ())]
    for (left, top), (right, bottom) in pairwise(points):
        length = ((right - left) ** 2 + (bottom - top) ** 2) ** 0.5
        count = max(1, round(length / (2 * path.dash))) if path.dash else 1
        for at in range(count):
            start, end = (at / count, (at + 0.5) / count) if path.dash else (0.0, 1.0)
            yield (
                (left + (right - left) * start, top + (bottom - top) * start),
                (left + (right - left) * end, top + (bottom - top) * end),
            )


def baseline(words: Words) -> float:
    """Where the letters stand, in twips from the top."""
    return words.middle + words.size * 10 * _ABOVE_BASELINE


def _element(shape: Shape) -> str:
    if isinstance(shape, Box):
        left, top, width, height = map(_points, (shape.left, shape.top, shape.width, shape.height))
        return f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="{shape.fill}"/>'
    if isinstance(shape, Path):
        points = " ".join(f"{_points(x)},{_points(y)}" for x, y in shape.points)
        name = "polygon" if shape.is_closed else "polyline"
        dash = f' stroke-dasharray="{_points(shape.dash)}"' if shape.dash else ""
        width = _points(shape.width)
        return f'<{name} points="{points}" fill="none" stroke="{shape.stroke}" stroke-width="{width}"{dash}/>'
    return (
        f'<text x="{_points(shape.at)}" y="{_points(baseline(shape))}" font-size="{shape.size / 2:g}" '
        f'text-anchor="{shape.align}" fill="{shape.fill}">{escape(printable(shape.text))}</text>'
    )


def _points(length: float) -> str:
    return f"{length / _TWIPS_A_POINT:.2f}".rstrip("0").rstrip(".")
