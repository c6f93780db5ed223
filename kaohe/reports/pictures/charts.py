"""Draws the picture of a sheet from the numbers printed in its own table, and from nothing else.

What the table withholds is therefore in no picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from kaohe.reports.paper.measures import EM, ems, mm, twips
from kaohe.reports.pictures.drawing import INK, PALE, SOFT, WHITE, WIDTH, Box, Drawing, Path, Shape, Words
from kaohe.reports.sheet import Picture, PictureKind, Sheet, decimals_of
from kaohe.tally.rounding import unrounded_text

COLOURS: Final = ("#1f6f50", "#78aed3", "#ecc36c", "#b4483c", "#7a5c94", "#4d7d8c", "#a9774a", "#8c97a3")
"""Neighbours differ in brightness too, as offices print in black and white."""
REST: Final = "#dfe4ea"
"""Of what carries no grade."""
SIZE: Final = 18
"""9 pt, in half points: no type on paper is smaller."""
_BRIGHT: Final = 150
_LINE: Final = mm(5)
_BAR: Final = mm(4)
_LABEL: Final = mm(40)
_PAD: Final = mm(3)
_SWATCH: Final = mm(3)
_RADAR: Final = mm(28)
_PLOT: Final = mm(70)
_STEPS: Final = 5
_MARK: Final = mm(1)
_DASH: Final = mm(1)
_QUARTERS: Final = ("0", "25%", "50%", "75%", "100%")


@dataclass(frozen=True, slots=True)
class Axis:
    """Round numbers that all values lie between."""

    low: Fraction
    high: Fraction
    step: Fraction

    def part(self, value: Fraction) -> Fraction:
        """Where a value lies, from 0 at the lowest to 1 at the highest."""
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> Iterator[Fraction]:
        """The round numbers from the lowest to the highest."""
        at = self.low
        while at <= self.high:
            yield at
            at += self.step


def drawing_of(sheet: Sheet) -> Drawing | None:
    """The picture of a sheet; None where it has none, or where its table is withheld."""
    if sheet.picture is None or sheet.withheld:
        return None
    draw = {PictureKind.BARS: _bars, PictureKind.RADAR: _radar, PictureKind.LINES: _lines}[sheet.picture.kind]
    height, shapes = draw(sheet, sheet.picture)
    return Drawing(WIDTH, height, tuple(shapes), description(sheet.picture))


def description(picture: Picture) -> str:
    """What a picture shows, for readers who do not see it."""
    return f"{picture.title}（图）。图中的数字见下方表格。"


def values(sheet: Sheet, picture: Picture) -> list[list[Fraction | None]]:
    """The numbers of the picture, row by row; None where a cell has no number."""
    return [
        [None if decimals_of(sheet.columns[at], row[at]) is None else Fraction(row[at]) for at in picture.value_columns]
        for row in sheet.rows[: picture.row_count]
    ]


def colours_of(sheet: Sheet, picture: Picture) -> list[str]:
    """The colour of each value column, or of each row where these are the lines."""
    if picture.kind is PictureKind.LINES:
        return [COLOURS[at % len(COLOURS)] for at in range(picture.row_count)]
    labels = [sheet.columns[at].full_label for at in picture.value_columns]
    return [REST if label in picture.rest else COLOURS[at % len(COLOURS)] for at, label in enumerate(labels)]


def axis_of(numbers: Sequence[Fraction]) -> Axis:
    """An axis of at most six round numbers around some numbers."""
    lowest, highest = min(numbers), max(numbers)
    spread = max(highest - lowest, Fraction(1, 10))
    power = Fraction(10) ** math.floor(math.log10(spread))
    step = next(each for each in (power / 5, power / 2, power, 2 * power, 5 * power) if spread / each <= _STEPS - 1)
    low, high = (lowest // step) * step, -(-highest // step) * step
    return Axis(low, high if high > low else low + step, step)


def radar_axis(numbers: Sequence[Fraction]) -> Axis:
    """An axis whose middle is below the lowest number, so that no side is drawn as nothing, and never below 0."""
    axis = axis_of(numbers)
    return Axis(max(axis.low - axis.step, min(axis.low, Fraction(0))), axis.high, axis.step)


def bar_layout(drawing: Drawing, picture: Picture) -> dict[str, float]:
    """Where in its frame the bars of a picture stand, as parts of its width and height."""
    left, height = _LABEL + _PAD, picture.row_count * _LINE
    top = drawing.height - height - _LINE - _PAD
    return {
        "x": left / WIDTH,
        "y": top / drawing.height,
        "width": (WIDTH - left - _PAD) / WIDTH,
        "height": height / drawing.height,
    }


def _bars(sheet: Sheet, picture: Picture) -> tuple[int, list[Shape]]:
    """One bar of full length for each row, parted as its numbers are to their sum, with each number in its part."""
    colours = colours_of(sheet, picture)
    labels = [sheet.columns[at].full_label for at in picture.value_columns]
    top, shapes = _legend(labels, colours, [0] * len(labels))
    left, room = _LABEL + _PAD, WIDTH - _LABEL - 2 * _PAD
    bottom = top + picture.row_count * _LINE
    for quarter, text in enumerate(_QUARTERS):
        at = left + room * quarter // (len(_QUARTERS) - 1)
        shapes.append(Path(((at, top), (at, bottom + _PAD // 2)), PALE))
        shapes.append(Words(text, at, bottom + _LINE // 2 + _PAD // 2, SIZE, "middle", SOFT))
    for place, (row, numbers) in enumerate(zip(sheet.rows, values(sheet, picture), strict=False)):
        middle = top + place * _LINE + _LINE // 2
        shapes.append(Words(_cut(row[picture.label_column], _LABEL), _LABEL, middle, SIZE, "end"))
        shapes += _parts(numbers, colours, (left, middle - _BAR // 2, room))
    return bottom + _LINE + _PAD, shapes


def _parts(numbers: Sequence[Fraction | None], colours: Sequence[str], at: tuple[int, int, int]) -> Iterator[Shape]:
    left, top, room = at
    given = [number or Fraction(0) for number in numbers]
    total, before = sum(given, start=Fraction(0)), Fraction(0)
    for number, colour in zip(given, colours, strict=True):
        if number > 0:
            start, end = (left + round(room * part / total) for part in (before, before + number))
            yield Box(start, top, end - start, _BAR, colour)
            text = unrounded_text(number)
            if _wide(text) < end - start:
                yield Words(text, (start + end) // 2, top + _BAR // 2, SIZE, "middle", readable_on(colour))
        before += number


def _radar(sheet: Sheet, picture: Picture) -> tuple[int, list[Shape]]:
    """One axis for each row, and one closed line for each column of numbers."""
    colours = colours_of(sheet, picture)
    labels = [sheet.columns[at].full_label for at in picture.value_columns]
    top, shapes = _legend(labels, colours, _dashes(len(labels)))
    rows = values(sheet, picture)
    axis = radar_axis([number for row in rows for number in row if number is not None])
    centre = (WIDTH // 2, top + _LINE + _RADAR)
    for tick in axis.ticks():
        shapes.append(Path(_ring(centre, [axis.part(tick)] * len(rows)), PALE, is_closed=True))
    for place, row in enumerate(sheet.rows[: picture.row_count]):
        shapes.append(Path((centre, _point(centre, place, len(rows), Fraction(1))), PALE))
        at, middle = _point(centre, place, len(rows), Fraction(_RADAR + mm(4), _RADAR))
        align = "middle" if abs(at - centre[0]) < mm(3) else "start" if at > centre[0] else "end"
        shapes.append(Words(_cut(row[picture.label_column], mm(50)), at, middle, SIZE, align))
    for position, (colour, dash) in enumerate(zip(colours, _dashes(len(labels)), strict=True)):
        parts = [axis.part(number) for numbers in rows if (number := numbers[position]) is not None]
        if len(parts) == len(rows):
            shapes.append(Path(_ring(centre, parts), colour, 2 * mm(1) // 3, dash, is_closed=True))
    for tick in axis.ticks():
        height = centre[1] - round(axis.part(tick) * _RADAR)
        shapes.append(Words(unrounded_text(tick), centre[0] - mm(1), height, SIZE, "end", SOFT))
    return top + 2 * (_LINE + _RADAR), shapes


def _ring(centre: tuple[int, int], parts: Sequence[Fraction]) -> tuple[tuple[int, int], ...]:
    return tuple(_point(centre, number, len(parts), part) for number, part in enumerate(parts))


def _point(centre: tuple[int, int], number: int, count: int, part: Fraction) -> tuple[int, int]:
    angle, length = 2 * math.pi * number / count, float(part) * _RADAR
    return round(centre[0] + math.sin(angle) * length), round(centre[1] - math.cos(angle) * length)


def _lines(sheet: Sheet, picture: Picture) -> tuple[int, list[Shape]]:
    """One line for each row, through its numbers from left to right; it is broken where one is missing."""
    rows, colours = values(sheet, picture), colours_of(sheet, picture)
    labels = [_cut(row[picture.label_column], _LABEL) for row in sheet.rows[: picture.row_count]]
    top, shapes = _legend(labels, colours, _dashes(len(labels)))
    axis = axis_of([number for row in rows for number in row if number is not None])
    left, room, top = mm(16), WIDTH - mm(16) - _LABEL, top + _PAD
    count = len(picture.value_columns)
    places = [left + room * (2 * at + 1) // (2 * count) for at in range(count)]
    for tick in axis.ticks():
        middle = top + _PLOT - round(axis.part(tick) * _PLOT)
        shapes.append(Path(((left, middle), (left + room, middle)), PALE))
        shapes.append(Words(unrounded_text(tick), left - _MARK, middle, SIZE, "end", SOFT))
    for place, at in zip(places, picture.value_columns, strict=True):
        label = _cut(sheet.columns[at].full_label, room // count)
        shapes.append(Words(label, place, top + _PLOT + _LINE, SIZE, "middle"))
    ends: list[int] = []
    for row, label, colour, dash in zip(rows, labels, colours, _dashes(len(rows)), strict=True):
        points = [
            (place, top + _PLOT - round(axis.part(number) * _PLOT)) if number is not None else None
            for place, number in zip(places, row, strict=True)
        ]
        for before, after in pairwise(points):
            if before and after:
                shapes.append(Path((before, after), colour, 2 * mm(1) // 3, dash))
        known = [point for point in points if point]
        shapes += [Box(x - _MARK // 2, y - _MARK // 2, _MARK, _MARK, colour) for x, y in known]
        if known and all(abs(known[-1][1] - end) >= mm(4) for end in ends):
            ends.append(known[-1][1])
            shapes.append(Words(label, known[-1][0] + 2 * _MARK, known[-1][1], SIZE, "start", INK))
    return top + _PLOT + 2 * _LINE, shapes


def _legend(labels: Sequence[str], colours: Sequence[str], dashed: Sequence[int]) -> tuple[int, list[Shape]]:
    """The height of a legend, and what each colour stands for, on as many lines as it takes."""
    shapes: list[Shape] = []
    left, middle = 0, _LINE // 2
    for label, colour, dash in zip(labels, colours, dashed, strict=True):
        width = 2 * _SWATCH + _wide(label) + _PAD
        if left and left + width > WIDTH:
            left, middle = 0, middle + _LINE
        if dash:
            shapes.append(Path(((left, middle), (left + 3 * _SWATCH // 2, middle)), colour, 2 * mm(1) // 3, dash))
        else:
            shapes.append(Box(left, middle - _SWATCH // 2, _SWATCH, _SWATCH, colour))
        shapes.append(Words(_cut(label, WIDTH - 2 * _SWATCH), left + 2 * _SWATCH, middle, SIZE))
        left += width
    return middle + _LINE // 2 + _PAD, shapes


def _dashes(count: int) -> list[int]:
    """Every second line is dashed, so that lines differ without colours too."""
    return [_DASH * (at % 2) for at in range(count)]


def _wide(text: str) -> int:
    return twips(ems(text), SIZE)


def _cut(text: str, room: int) -> str:
    """The text, or as much of its beginning as the room takes; the whole stands in the table."""
    if _wide(text) <= room:
        return text
    while text and twips(ems(text) + EM, SIZE) > room:
        text = text[:-1]
    return f"{text}…"


def readable_on(colour: str) -> str:
    """The colour of words on an area of a colour."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return INK if (299 * red + 587 * green + 114 * blue) // 1000 > _BRIGHT else WHITE
