"""What a workbook shows beside the text of its cells: rows and columns that are hidden, cells struck out, comments.

Read from the files in the archive (.xlsx, .ods), since the parser of cells hands out none of it. Runs in the process
of ``workbook_reader``, under its limits.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final, TypeAlias
from xml.etree import ElementTree as ET

from kaohe.domain.cells import NOT_COMPUTED

Cell: TypeAlias = tuple[int, int]
"""A row's number, counted from 1, and a column's, counted from 0."""

_ROW_OR_CELL: Final = re.compile(
    rb"<(?:\w+:)?row\b(?P<row>[^>]*)>|<(?:\w+:)?c\b(?P<cell>(?:[^>]*[^>/])?)>(?P<inside>.*?)</(?:\w+:)?c>", re.DOTALL
)
"""The start of a row, or a cell that holds anything."""
_STRIKE: Final = re.compile(rb"<(?:\w+:)?strike\b")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f\b")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v>([^<]+)<")
_PLACE: Final = re.compile(rb"""\br=["']([A-Z]{1,3})(\d+)""")
_KIND: Final = re.compile(rb"""\bt=["'](\w+)""")
_STYLE: Final = re.compile(rb"""\bs=["'](\d+)""")
_COLUMNS: Final = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_IS_HIDDEN: Final = re.compile(rb"""\bhidden=["'](?:1|true)""")
_DARKEST, _LIGHTEST, _COLOURFUL = 0x60, 0xF4, 16
"""Between these two a colour is grey, where its red, green and blue differ by no more than the third."""
_GREY_INDEXES: Final = frozenset({"22", "23", "55"})
_WHITE, _BLACK = "0", "1"
"""The numbers that a theme gives to the colours of paper and of writing."""


@dataclass(slots=True)
class Marks:
    """What one sheet shows beside its text."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    shown: dict[Cell, str] = field(default_factory=dict)
    """What stands in cells that the parser hands out as empty: failed formulas, and those not computed yet."""
    struck: dict[Cell, str] = field(default_factory=dict)
    """What is left of the text of a cell without what is struck out; empty where all of it is."""
    greyed: set[Cell] = field(default_factory=set)
    """Cells that are grey, or whose text is, filled or not."""
    comments: dict[Cell, str] = field(default_factory=dict)


def marks_of(content: bytes) -> dict[int, Marks]:
    """The marks of each sheet, by its position in the workbook; empty for .xls, which is no archive."""
    if not zipfile.is_zipfile(BytesIO(content)):
        return {}
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = set(archive.namelist())
        if {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return dict(_of_xlsx(archive, names))
        if "content.xml" in names:
            return dict(enumerate(_of_ods(_parsed(archive, "content.xml"))))
        return {}


def _parsed(archive: zipfile.ZipFile, name: str) -> ET.Element:
    return ET.fromstring(archive.read(name))  # noqa: S314 - a process of its own, under limits


def _named(root: ET.Element, name: str) -> list[ET.Element]:
    return [node for node in root.iter() if node.tag.rpartition("}")[2] == name]


def _given(node: ET.Element, name: str) -> str:
    """An attribute, whatever its namespace; empty where there is none."""
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")


def _of_xlsx(archive: zipfile.ZipFile, names: set[str]) -> Iterator[tuple[int, Marks]]:
    links = {node.get("Id"): node.get("Target", "") for node in _parsed(archive, "xl/_rels/workbook.xml.rels")}
    struck, grey = _styles(_parsed(archive, "xl/styles.xml")) if "xl/styles.xml" in names else (set(), set())
    texts = archive.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in names else b""
    left = {}
    if b"strike" in texts:
        strings = _named(_parsed(archive, "xl/sharedStrings.xml"), "si")
        left = {at: rest for at, string in enumerate(strings) if (rest := _without_struck(string)) is not None}
    for at, sheet in enumerate(_named(_parsed(archive, "xl/workbook.xml"), "sheet")):
        target = (links.get(_given(sheet, "id")) or "").removeprefix("/")
        path = target if target in names else f"xl/{target}"
        if path in names:
            marks = _marks_in(archive.read(path), struck, grey, left)
            folder, name = posixpath.split(path)
            relations = f"{folder}/_rels/{name}.rels"
            if relations in names:
                marks.comments = _comments(archive, names, folder, _parsed(archive, relations))
            yield at, marks


def _comments(archive: zipfile.ZipFile, names: set[str], folder: str, relations: ET.Element) -> dict[Cell, str]:
    found = {}
    for link in relations:
        target = link.get("Target", "")
        path = target.removeprefix("/") if target[:1] == "/" else posixpath.normpath(posixpath.join(folder, target))
        if link.get("Type", "").endswith("/comments") and path in names:
            for comment in _named(_parsed(archive, path), "comment"):
                place = re.fullmatch(r"([A-Z]{1,3})(\d+)", comment.get("ref", ""))
                if place:
                    text = "".join(node.text or "" for node in _named(comment, "t"))
                    found[int(place[2]), _column(place[1])] = text
    return found


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _styles(root: ET.Element) -> tuple[set[int], set[int]]:
    """The numbers of the styles by which cells are struck out, and of those by which they are grey."""

    def children(name: str) -> list[ET.Element]:
        return [node for group in _named(root, name) for node in group]

    struck_fonts = {at for at, font in enumerate(children("fonts")) if _is_struck(font)}
    grey_fonts = {at for at, font in enumerate(children("fonts")) if any(map(_is_grey, _named(font, "color")))}
    grey_fills = {
        at
        for at, fill in enumerate(children("fills"))
        for pattern in _named(fill, "patternFill")
        if "gray" in pattern.get("patternType", "").lower()
        or (pattern.get("patternType") == "solid" and any(map(_is_grey, _named(pattern, "fgColor"))))
    }
    struck, grey = set(), set()
    for at, style in enumerate(children("cellXfs")):
        font, fill = int(style.get("fontId", 0)), int(style.get("fillId", 0))
        if font in struck_fonts:
            struck.add(at)
        if font in grey_fonts or fill in grey_fills:
            grey.add(at)
    return struck, grey


def _is_struck(font: ET.Element) -> bool:
    return any(node.get("val", "1") not in ("0", "false") for node in _named(font, "strike"))


def _is_grey(color: ET.Element) -> bool:
    tint = float(color.get("tint", 0))
    if color.get("theme") == _WHITE:
        return tint < 0
    if color.get("theme") == _BLACK:
        return tint > 0
    return color.get("indexed") in _GREY_INDEXES or _is_grey_code(color.get("rgb", "")[2:])


def _is_grey_code(code: str) -> bool:
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", code):
        return False
    parts = bytes.fromhex(code)
    return max(parts) - min(parts) <= _COLOURFUL and min(parts) >= _DARKEST and max(parts) <= _LIGHTEST


def _without_struck(string: ET.Element) -> str | None:
    """What is left of a text without the runs that are struck out; ``None`` where none is."""
    runs = [node for node in string if node.tag.rpartition("}")[2] in ("r", "t")]
    struck = [any(map(_is_struck, _named(run, "rPr"))) for run in runs]
    if not any(struck):
        return None
    kept = [run for run, is_struck in zip(runs, struck, strict=True) if not is_struck]
    return "".join(node.text or "" for run in kept for node in _named(run, "t"))


@dataclass(frozen=True, slots=True)
class _Written:
    """A cell of .xlsx that holds anything, as it is written."""

    place: Cell
    kind: bytes
    style: int
    value: bytes
    inside: bytes


def _marks_in(sheet: bytes, struck: set[int], grey: set[int], left: dict[int, str]) -> Marks:
    """The marks of one sheet. ``left`` is what is left of shared texts, by their number, where part is struck out."""
    marks = Marks()
    for found in _COLUMNS.finditer(sheet):
        first, last = re.search(rb'\bmin="(\d+)', found[0]), re.search(rb'\bmax="(\d+)', found[0])
        if first and last and _IS_HIDDEN.search(found[0]):
            marks.hidden_columns |= set(range(int(first[1]) - 1, min(int(last[1]), 1000)))
    for cell in _cells(sheet, marks.hidden_rows):
        if cell.kind == b"e" and cell.value:
            marks.shown[cell.place] = cell.value.decode("ascii", "replace")
        elif not cell.kind and not cell.value and _FORMULA.search(cell.inside):
            marks.shown[cell.place] = NOT_COMPUTED
        rest = "" if cell.style in struck else _rest_of(cell, left)
        if rest is not None:
            marks.struck[cell.place] = rest
        if cell.style in grey:
            marks.greyed.add(cell.place)
    return marks


def _cells(sheet: bytes, hidden_rows: set[int]) -> Iterator[_Written]:
    """Every cell that holds anything; the numbers of hidden rows are added to ``hidden_rows`` on the way."""
    row, column = 0, -1
    for found in _ROW_OR_CELL.finditer(sheet):
        if found["row"] is not None:
            given = re.search(rb"""\br=["'](\d+)""", found["row"])
            row, column = (int(given[1]) if given else row + 1), -1
            if _IS_HIDDEN.search(found["row"]):
                hidden_rows.add(row)
            continue
        place = _PLACE.search(found["cell"])
        row, column = (int(place[2]), _column(place[1].decode())) if place else (row, column + 1)
        kind, style, value = _KIND.search(found["cell"]), _STYLE.search(found["cell"]), _VALUE.search(found["inside"])
        yield _Written(
            (row, column),
            kind[1] if kind else b"",
            int(style[1]) if style else 0,
            value[1] if value else b"",
            found["inside"],
        )


def _rest_of(cell: _Written, left: dict[int, str]) -> str | None:
    """What is left of a cell of which part is struck out; ``None`` where nothing is."""
    if cell.kind == b"s" and cell.value:
        return left.get(int(cell.value))
    return _without_struck(_inline(cell.inside)) if _STRIKE.search(cell.inside) else None


def _inline(inside: bytes) -> ET.Element:
    """The text that a cell holds itself, whatever prefixes its elements have."""
    plain = re.sub(rb"(</?)\w+:", rb"\1", inside)
    plain = re.sub(rb"\s(?:\w+:\w+)=(\"[^\"]*\"|'[^']*')", b"", plain)
    return next(iter(_named(ET.fromstring(b"<c>" + plain + b"</c>"), "is")))  # noqa: S314 - under limits, as above


def _of_ods(root: ET.Element) -> Iterator[Marks]:
    struck: set[str] = set()
    grey: set[str] = set()
    for style in _named(root, "style"):
        name = _given(style, "name")
        for node in style:
            if _given(node, "text-line-through-style") not in ("", "none"):
                struck.add(name)
            if any(_is_grey_code(_given(node, key)[1:]) for key in ("color", "background-color")):
                grey.add(name)
    for table in _named(root, "table"):
        marks = Marks()
        at = 0
        for column in _named(table, "table-column"):
            count = int(_given(column, "number-columns-repeated") or 1)
            if _given(column, "visibility") in ("collapse", "filter"):
                marks.hidden_columns |= set(range(at, min(at + count, 1000)))
            at += count
        number = 1
        for row in _named(table, "table-row"):
            count = int(_given(row, "number-rows-repeated") or 1)
            if _given(row, "visibility") in ("collapse", "filter"):
                marks.hidden_rows |= set(range(number, min(number + count, 100_000)))
            _mark_ods_row(row, number, marks, struck.__contains__, grey)
            number += count
        yield marks


def _mark_ods_row(row: ET.Element, number: int, marks: Marks, is_struck: Callable[[str], bool], grey: set[str]) -> None:
    column = 0
    for cell in row:
        name = _given(cell, "style-name")
        texts = [node for node in cell if node.tag.rpartition("}")[2] == "p"]
        spans = [node for text in texts for node in _named(text, "span")]
        if texts and is_struck(name):
            marks.struck[number, column] = ""
        elif any(is_struck(_given(span, "style-name")) for span in spans):
            for span in spans:
                if is_struck(_given(span, "style-name")):
                    span.text = ""
            marks.struck[number, column] = "\n".join("".join(text.itertext()) for text in texts)
        if name in grey:
            marks.greyed.add((number, column))
        for note in _named(cell, "annotation"):
            marks.comments[number, column] = "".join("".join(node.itertext()) for node in _named(note, "p"))
        column += int(_given(cell, "number-columns-repeated") or 1)
