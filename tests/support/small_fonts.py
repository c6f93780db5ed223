"""A font of a few letters, made on the spot."""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

_HOUSE = Path(__file__).parents[2]


def small_font(path: Path, characters: str, name: str = "Drawn", licence: int = 0) -> Path:
    """A TrueType font that has only these characters, each a square of a whole em."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 1000), (1000, 1000), (1000, 0)):
        pen.lineTo(corner)
    pen.closePath()
    names = [".notdef", *(f"u{ord(each):X}" for each in characters)]
    font = FontBuilder(1000)
    font.setupGlyphOrder(names)
    font.setupCharacterMap({ord(each): f"u{ord(each):X}" for each in characters})
    font.setupGlyf(dict.fromkeys(names, pen.glyph()))
    font.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    font.setupHorizontalHeader(ascent=880, descent=-120)
    font.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name, "fullName": name})
    font.setupOS2(fsType=licence)
    font.setupPost()
    font.save(path)
    return path


def letters_of_the_house() -> str:
    """Each character that the program, its pages and its tests write."""
    texts = (file for folder in ("kaohe", "templates", "tests") for file in (_HOUSE / folder).rglob("*"))
    written = (file.read_text("utf-8") for file in texts if file.suffix in (".html", ".py", ".toml"))
    return "".join(sorted(set().union(*written)))
