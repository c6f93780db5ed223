"""Sheets as a PDF that looks alike on every machine: the letters are in the file, as far as they are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kaohe.domain.errors import CharacterWithoutFont, FontMissing
from kaohe.reports.paper.fonts import mainland_face
from kaohe.reports.paper.layout import LaidSheet, lay_out_all
from kaohe.reports.paper.measures import line_height
from kaohe.reports.paper.placing import CENTRE, LEFT, RIGHT, PlacedPage, PlacedText, placed_pages
from kaohe.reports.pictures.drawing import Box, Drawing, Words
from kaohe.reports.pictures.drawing import Path as DrawnPath
from kaohe.reports.sheet import Sheet, printable

if TYPE_CHECKING:
    from fpdf import FPDF

_TWIPS_A_POINT: Final = 20
_LINE_WIDTH: Final = 0.5
_BESIDE: Final = 400
"""Twips of the margin that words at the edge of a picture may take."""
_BOLD_LINE: Final = 0.35
"""Points by which letters are drawn thicker, as the Chinese fonts of an office have no bold of their own."""
_ABOVE_BASELINE: Final = 0.88
"""Of the height of a Chinese character stands above the line that Latin letters stand on."""
# Where no time of making is known, a fixed one keeps the same sheets the same file.
_MADE_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)


def pdf_document(sheets: Sequence[Sheet], fonts: Sequence[Path], made_at: datetime | None = None) -> bytes:
    """The document's bytes, laid out as on every other paper; sheets can be jumped to by their titles.

    Each character is drawn in the first of the fonts that has it. The same sheets, fonts and ``made_at`` give the same
    bytes.

    Raises:
        FontMissing: none of the files is a whole font that may be put into a document, or a letter in it is damaged.
        CharacterWithoutFont: none of the fonts has one of the characters; the sentence names it.
    """
    # A third of a second, which every start and every command would wait for.
    from fpdf import FPDF  # noqa: PLC0415

    document = FPDF(unit="pt")
    document.set_auto_page_break(auto=False)
    document.set_margin(0)
    document.c_margin = 0
    document.set_line_width(_LINE_WIDTH)
    document.set_creation_date(made_at or _MADE_AT)
    document.set_lang("zh-CN")
    document.set_title(printable(sheets[0].title))
    # The files are read until the letters used are known.
    with ExitStack() as open_files:
        faces = _Faces(document, fonts, open_files)
        for laid in lay_out_all(sheets):
            _draw(document, faces, laid)
        try:
            return bytes(document.output())
        except Exception as error:  # fontTools raises whatever a damaged letter leads to
            raise FontMissing from error


@dataclass(frozen=True, slots=True)
class _Face:
    """A font of the document, and the characters that it has."""

    name: str
    characters: frozenset[int]


class _Faces:
    """The fonts of a document, opened one after the other as far as characters ask for them."""

    def __init__(self, document: FPDF, files: Sequence[Path], open_files: ExitStack) -> None:
        self._document, self._open_files = document, open_files
        self._opened: list[_Face] = []
        self._others = self._open_all(files)
        if not self._open_next():
            raise FontMissing

    def runs(self, text: str) -> Iterator[tuple[str, str]]:
        """The text in pieces, each with the name of the font that has all of it."""
        for name, characters in groupby(text, key=self._name):
            yield name, "".join(characters)

    def _name(self, character: str) -> str:
        while True:
            for face in self._opened:
                if ord(character) in face.characters:
                    return face.name
            if not self._open_next():
                raise CharacterWithoutFont(
                    f"本机的字体都没有“{character}”（U+{ord(character):04X}）字，没有生成 PDF，以免漏字。"
                    "请改用打印页或 Word；或请会务人员在 KAOHE_FONT 中指定含有这个字的字体。"
                )

    def _open_next(self) -> bool:
        face = next(self._others, None)
        if face is not None:
            self._opened.append(face)
        return face is not None

    def _open_all(self, files: Sequence[Path]) -> Iterator[_Face]:
        for number, file in enumerate(files):
            face = mainland_face(file)
            if face is not None:
                name = f"font{number}"
                self._document.add_font(name, fname=file, collection_font_number=face.number)
                opened: Any = self._document.fonts[name]
                self._open_files.callback(opened.ttfont.close)
                yield _Face(name, frozenset(opened.cmap))


def _draw(document: FPDF, faces: _Faces, laid: LaidSheet) -> None:
    for number, page in enumerate(placed_pages(laid)):
        document.add_page(format=(page.paper.width / _TWIPS_A_POINT, page.paper.height / _TWIPS_A_POINT))
        if not number:
            document.start_section(printable(laid.sheet.title))
        _draw_page(document, faces, page)


def _draw_page(document: FPDF, faces: _Faces, page: PlacedPage) -> None:
    for box in page.boxes:
        left, top, width, height = (length / _TWIPS_A_POINT for length in box)
        document.rect(left, top, width, height)
    for drawing, left, top in page.drawings:
        _draw_picture(document, faces, drawing, (left, top))
    for placed in page.texts:
        _draw_text(document, faces, placed)


def _draw_picture(document: FPDF, faces: _Faces, drawing: Drawing, corner: tuple[int, int]) -> None:
    """The picture as lines and areas; the library's own state is put back for what follows."""
    left, top = corner
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            x, y, width, height = (
                length / _TWIPS_A_POINT for length in (shape.left, shape.top, shape.width, shape.height)
            )
            document.set_fill_color(shape.fill)
            document.rect(left / _TWIPS_A_POINT + x, top / _TWIPS_A_POINT + y, width, height, style="F")
        elif isinstance(shape, DrawnPath):
            document.set_draw_color(shape.stroke)
            document.set_line_width(shape.width / _TWIPS_A_POINT)
            document.set_dash_pattern(dash=shape.dash / _TWIPS_A_POINT, gap=shape.dash / _TWIPS_A_POINT)
            points = [((left + x) / _TWIPS_A_POINT, (top + y) / _TWIPS_A_POINT) for x, y in shape.points]
            document.polyline(points, polygon=shape.is_closed)
        else:
            document.set_text_color(shape.fill)
            _draw_text(document, faces, _placed_words(shape, drawing.width, corner))
    document.set_draw_color(0)
    document.set_dash_pattern()
    document.set_line_width(_LINE_WIDTH)
    document.set_text_color(0)


def _placed_words(words: Words, width: int, corner: tuple[int, int]) -> PlacedText:
    """The words in the room that they have on their side of where they stand."""
    left, top = corner[0] + words.at, corner[1] + words.middle - line_height(words.size) // 2
    if words.align == "start":
        return PlacedText(words.text, left, top, width - words.at, words.size, LEFT)
    if words.align == "end":
        return PlacedText(words.text, corner[0], top, words.at, words.size, RIGHT)
    half = max(min(words.at, width - words.at), _BESIDE)
    return PlacedText(words.text, left - half, top, 2 * half, words.size, CENTRE)


def _draw_text(document: FPDF, faces: _Faces, placed: PlacedText) -> None:
    size, room = placed.size / 2, placed.width / _TWIPS_A_POINT
    runs = list(faces.runs(placed.text.rstrip(" ").replace("\t", " ")))
    widths = []
    # Otherwise a text would be measured as narrow as the one before it was set.
    document.set_stretching(100)
    for name, text in runs:
        document.set_font(name, size=size)
        widths.append(document.get_string_width(text))
    # Letters as broad as W may be wider than they were measured: they are set narrower, never over the edge.
    squeezed = min(1.0, room / total) if (total := sum(widths)) else 1.0
    spare = room - total * squeezed
    left = placed.left / _TWIPS_A_POINT + {CENTRE: spare / 2, RIGHT: spare}.get(placed.align, 0)
    baseline = placed.top + (line_height(placed.size) - placed.size * 10) / 2 + placed.size * 10 * _ABOVE_BASELINE
    document.set_stretching(100 * squeezed)
    # A context of its own, because the library does not go back to thin letters by itself.
    thickness = {"text_mode": "FILL_STROKE", "line_width": _BOLD_LINE} if placed.is_bold else {}
    with document.local_context(**thickness) if thickness else nullcontext():
        for (name, text), width in zip(runs, widths, strict=True):
            document.set_font(name, size=size)
            document.text(left, baseline / _TWIPS_A_POINT, text)
            left += width * squeezed
