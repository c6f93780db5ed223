"""A drawing as pixels, for programs that show no vectors: 300 to the inch, with letters of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import groupby, pairwise
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, Final

from kaohe.reports.paper.fonts import mainland_face
from kaohe.reports.pictures.drawing import WHITE, Box, Drawing, Path, Words, baseline, dashes
from kaohe.reports.sheet import printable

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

DOTS_AN_INCH: Final = 300
_TWIPS_AN_INCH: Final = 1440
_FINER: Final = 2
"""Lines are drawn in so many times the resolution and made smaller, which smooths what is slanting."""
_NO_LETTER: Final = "〓"
"""Stands where no font of this machine has the letter; the table beside the picture has it."""


def png_bytes(drawing: Drawing, fonts: Sequence[File]) -> bytes | None:
    """The drawing as a PNG on white; None where none of the files is a font to write its words in."""
    # Neither is needed by a start or by a command that draws nothing.
    from PIL import Image, ImageDraw  # noqa: PLC0415

    letters = _Letters(fonts)
    if not letters.has_any:
        return None
    is_slanting = any(isinstance(shape, Path) and len(shape.points) > 1 and _slants(shape) for shape in drawing.shapes)
    scale = (_FINER if is_slanting else 1) * DOTS_AN_INCH / _TWIPS_AN_INCH
    size = (round(drawing.width * scale), round(drawing.height * scale))
    image = Image.new("RGB", size, WHITE)
    pen = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            edges = (shape.left, shape.top, shape.left + shape.width, shape.top + shape.height)
            left, top, right, bottom = (round(edge * scale) for edge in edges)
            pen.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=shape.fill)
        elif isinstance(shape, Path):
            for start, end in dashes(shape):
                ends = [(x * scale, y * scale) for x, y in (start, end)]
                pen.line(ends, fill=shape.stroke, width=max(1, round(shape.width * scale)))
        else:
            _write(pen, shape, letters, scale)
    if is_slanting:
        image = image.reduce(_FINER)
    target = BytesIO()
    image.save(target, "PNG", dpi=(DOTS_AN_INCH, DOTS_AN_INCH))
    return target.getvalue()


def _slants(path: Path) -> bool:
    return any(a[0] != b[0] and a[1] != b[1] for a, b in pairwise(path.points))


class _Letters:
    """The fonts, each opened in the sizes that are asked for."""

    def __init__(self, files: Sequence[File]) -> None:
        found = ((file, mainland_face(file)) for file in files)
        self._faces = [(file, face) for file, face in found if face is not None]
        self._sized: dict[tuple[File, int], FreeTypeFont] = {}

    @property
    def has_any(self) -> bool:
        return bool(self._faces)

    def runs(self, text: str, size: int) -> list[tuple[str, FreeTypeFont]]:
        """The text in pieces, each with the first font that has all of it."""
        shown = "".join(each if self._place(each) is not None else _NO_LETTER for each in text)
        return [("".join(each), self._font(place or 0, size)) for place, each in groupby(shown, key=self._place)]

    def _place(self, letter: str) -> int | None:
        places = (at for at, (_, face) in enumerate(self._faces) if ord(letter) in face.characters)
        return next(places, None)

    def _font(self, place: int, size: int) -> FreeTypeFont:
        from PIL import ImageFont  # noqa: PLC0415 -- with the library for pictures

        file, face = self._faces[place]
        if (file, size) not in self._sized:
            self._sized[file, size] = ImageFont.truetype(str(file), size, index=face.number)
        return self._sized[file, size]


def _write(pen: ImageDraw, words: Words, letters: _Letters, scale: float) -> None:
    runs = letters.runs(printable(words.text), max(1, round(words.size * 10 * scale)))
    widths: list[Any] = [font.getlength(text) for text, font in runs]
    left = words.at * scale - {"middle": sum(widths) / 2, "end": sum(widths)}.get(words.align, 0)
    for (text, font), width in zip(runs, widths, strict=True):
        pen.text((left, baseline(words) * scale), text, fill=words.fill, font=font, anchor="ls")
        left += width
