"""Text with one row per line, from a file or pasted, as rows of cells: one separator, chosen over the whole text."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO
from itertools import islice
from typing import Final, Literal

from kaohe.domain.cells import COMPOUND_SURNAMES, HAN
from kaohe.domain.office_tables.headings import is_heading_row
from kaohe.domain.office_tables.words import LIST_MARK, looks_like_name

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet program takes for the start of a formula; our own CSV puts an apostrophe before it."""

_SEPARATORS: Final = ("\t", ",", "，", ";", "；")
_SIBLINGS: Final = {",": "，", "，": ",", ";": "；", "；": ";"}
_SPREAD_NAME_IN_LINE = re.compile(rf"^\s*{HAN}(?: {HAN}(?: (?![男女]){HAN}){{1,2}}|[ \u3000]+{HAN})(?=[\s,，]|$)")
_GIVEN_NAME = re.compile(rf"{HAN}{{1,2}}")
_WIDE_SPACE = re.compile(r"\s*\u3000\s*|\s{2,}")
_WORD = re.compile(r"(?:[^\s(（]++|[(（][^()（）]*+[)）]|[(（])++")
"""With the spaces that stand in brackets."""
_MOST_WORDS: Final = 100
"""After a name; no table has so many columns, and a file of ten megabytes may be one line."""
_RULE = re.compile(r":?-+:?|")
_LINE_END = re.compile(r"\r\n|\r|\n")


def split_text(text: str, max_rows: int | None = None) -> list[list[str]]:
    """All rows, blank ones included, so that row numbers stay true; no more than ``max_rows`` where it is given.

    A cell in quotes may hold line ends, as a spreadsheet program writes its clipboard. Where no separator stands in
    the text, full-width spaces and two spaces or more separate; a spread name ("张　三") stays one cell. Where none of
    these does, and most lines begin with a name that other words follow, single spaces separate; a line of more words
    than the others, or than the headings, has them in its last cell.

    Raises:
        csv.Error: one cell is longer than any table's.
    """
    text = text.removeprefix("\ufeff")
    if _is_ruled(text):
        return [_ruled_cells(line) for line in islice(_LINE_END.split(text), max_rows)]
    separator = _separator_of(text)
    if separator is None and '"' in text and text.count('"') % 2 == 0:
        separator = "\t"
    if separator is None:
        lines = _LINE_END.split(text)
        filled = [line for line in lines if line.strip()]
        if sum(map(_begins_with_name, filled)) * 2 > len(filled):
            counts = [len(_words(line)) for line in filled]
            width = counts[0] if is_heading_row(_words(filled[0])) else max(counts, key=lambda n: (counts.count(n), n))
            return [_split_narrow(line, width) for line in islice(lines, max_rows)]
        width = max(len(_split_wide(line)) for line in filled) if filled else 1
        return [
            _split_narrow(line, width) if _begins_with_name(line) else _split_wide(line)
            for line in islice(lines, max_rows)
        ]
    if '"' not in text and separator in _SIBLINGS:
        text = "\n".join(
            line if separator in line else line.replace(_SIBLINGS[separator], separator)
            for line in _LINE_END.split(text)
        )
    rows = _parse(text, separator, csv.QUOTE_MINIMAL, max_rows)
    if text.count('"') % 2 or (
        separator == "\t" and any("\n" in cell and "\t" in cell for row in rows for cell in row)
    ):
        # A quote that is only a sign would otherwise draw the rows after it into its cell.
        rows = _parse(text, separator, csv.QUOTE_NONE, max_rows)
    return rows


def _is_ruled(text: str) -> bool:
    """Whether every line stands between strokes, as chat programs write tables."""
    lines = [line.strip() for line in _LINE_END.split(text) if line.strip()]
    return bool(lines) and all(len(line) > 1 and line[0] == line[-1] == "|" for line in lines)


def _ruled_cells(line: str) -> list[str]:
    cells = [_unguard(cell.strip()) for cell in line.strip()[1:-1].split("|")]
    return [] if all(_RULE.fullmatch(cell) for cell in cells) else cells


def _parse(text: str, separator: str, quoting: Literal[0, 3], max_rows: int | None) -> list[list[str]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, quoting=quoting)
    return [[_unguard(cell) for cell in row] for row in islice(reader, max_rows)]


def _separator_of(text: str) -> str | None:
    """The separator that most lines hold."""
    lines: Sequence[str] = _LINE_END.split(text)
    counts = {separator: sum(separator in line for line in lines) for separator in _SEPARATORS}
    best = max(_SEPARATORS, key=counts.__getitem__)
    return best if counts[best] else None


def _with_name_joined(line: str) -> str:
    return _SPREAD_NAME_IN_LINE.sub(lambda found: "".join(found[0].split()), line).strip()


def _words(line: str) -> list[str]:
    """What single spaces set apart, the name first: 张 三 丰 and 欧阳 明远 are one word."""
    words = _WORD.findall(_with_name_joined(LIST_MARK.sub("", line))) or [""]
    if words[0] in COMPOUND_SURNAMES and len(words) > 1 and _GIVEN_NAME.fullmatch(words[1]):
        words[:2] = ["".join(words[:2])]
    return words


def _begins_with_name(line: str) -> bool:
    """Whether a line is a name and then, after single spaces, what does not look like another."""
    name, *rest = _words(line)
    if len(rest) > _MOST_WORDS:
        return False
    has_wide = _WIDE_SPACE.search(_with_name_joined(line)) is not None
    return bool(rest) and not has_wide and looks_like_name(name) and not any(map(looks_like_name, rest))


def _split_narrow(line: str, width: int) -> list[str]:
    """The cells of a line of ``width`` words, with the rest in the last one; names side by side are one cell."""
    words = _words(line)
    if not line.strip() or (len(words) > 1 and all(map(looks_like_name, words))):
        return _split_wide(line)
    last = [" ".join(words[width - 1 :])] if len(words) >= width else []
    return [_unguard(cell) for cell in (*words[: width - 1], *last)]


def _split_wide(line: str) -> list[str]:
    return [_unguard(cell) for cell in _WIDE_SPACE.split(_with_name_joined(line))] if line.strip() else []


def _unguard(cell: str) -> str:
    is_guarded = cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS)
    return cell[1:] if is_guarded else cell
