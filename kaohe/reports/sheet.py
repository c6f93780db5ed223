"""A sheet (测评表、汇总表), independent of its output format: words and printed numbers only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

NOTHING: Final = "—"
"""Stands where there is no number to print."""
RULES_ELSEWHERE: Final = "口径说明和操作记录校验码见《口径说明》。"
"""Stands where the rules used have no room, and on sheets that accompany the one that has them."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,11})(?:\.([0-9]{1,4}))?")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNFIT_FOR_FILE_NAMES = re.compile(r'[<>:"/\\|?*\s]+')


class ColumnKind(StrEnum):
    """What stands in a column: words, or numbers that we computed."""

    TEXT = "text"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Neighbours with the same ``over`` share a head above their own (票数 and % under a grade)."""

    label: str
    kind: ColumnKind = ColumnKind.TEXT
    width: int = 10
    """In characters of a digit's width; a Chinese character takes two."""
    over: str = ""

    @property
    def full_label(self) -> str:
        """Both heads in one, for files that have only one line of heads."""
        return f"{self.over}{self.label}"


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of the table's head, and how many rows and columns it spans. Row and column count from 0."""

    label: str
    row: int
    column: int
    row_count: int
    column_count: int


class PictureKind(StrEnum):
    """What is drawn: a parted bar for each row, a line for each row, or an axis for each row and lines of columns."""

    BARS = "bars"
    LINES = "lines"
    RADAR = "radar"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of numbers of a sheet's own table, by their places there: it shows nothing that is not printed."""

    kind: PictureKind
    title: str
    label_column: int
    value_columns: tuple[int, ...]
    row_count: int
    """It shows the first rows, so many of them."""
    rest: frozenset[str] = frozenset()
    """The columns of values that carry no grade, by their labels."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printed table with all that stands around it. Every cell is text, already rounded."""

    name: str
    """Short, for a tab."""
    title: str
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    header_lines: tuple[tuple[str, ...], ...] = ()
    """Lines between title and table, each of some pieces to spread over the width."""
    notes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """The rules used (口径说明), where they stand below this table if paper has room for them."""
    signature: tuple[str, ...] = ()
    """Places to sign; the last two are the place for the seal and the date."""
    code: str = ""
    """The verification code (校验码) of the result that the sheet was made from."""
    withheld: str = ""
    """The sentence that stands in place of the table where showing it could give a voter away."""
    is_listing: bool = False
    """Whether it is a long list for programs, which is not divided into pages."""
    is_upright: bool = False
    """Whether it is a letter or a form to fill in, which is never laid across the paper where it fits upright."""
    picture: Picture | None = None
    """Drawn above the table, where the sheet has one."""

    @property
    def head_row_count(self) -> int:
        """How many rows the head of the table takes."""
        if not self.columns:
            return 0
        return 2 if any(column.over for column in self.columns) else 1

    @property
    def code_line(self) -> str:
        """The verification code as it is printed; empty where there is none."""
        return f"校验码：{self.code}" if self.code else ""

    def head_cells(self) -> Iterator[HeadCell]:
        """The cells of the head, from left to right and from top to bottom within a column."""
        height = self.head_row_count
        for over, numbered in groupby(enumerate(self.columns), key=lambda each: each[1].over):
            below = list(numbered)
            if over:
                yield HeadCell(over, 0, below[0][0], 1, len(below))
            for position, column in below:
                yield HeadCell(column.label, 1 if over else 0, position, 1 if over else height, 1)


def plain_sheet(sheet: Sheet) -> Mapping[str, Any]:
    """All of a sheet in what JSON can say."""
    said = asdict(sheet)
    if sheet.picture:
        said["picture"]["rest"] = sorted(sheet.picture.rest)
    return said


def read_sheet(said: Mapping[str, Any]) -> Sheet:
    """A sheet from what ``plain_sheet`` says of it, once it was JSON."""
    picture, lists = said["picture"], ("notes", "rules", "signature")
    if picture:
        kind, places = PictureKind(picture["kind"]), tuple(picture["value_columns"])
        picture = Picture(**{**picture, "kind": kind, "value_columns": places, "rest": frozenset(picture["rest"])})
    made = {
        "columns": tuple(Column(**{**each, "kind": ColumnKind(each["kind"])}) for each in said["columns"]),
        "rows": tuple(map(tuple, said["rows"])),
        "header_lines": tuple(map(tuple, said["header_lines"])),
        "picture": picture,
    }
    return Sheet(**{**said, **{name: tuple(said[name]) for name in lists}, **made})


def decimals_of(column: Column, text: str) -> int | None:
    """The decimals of a cell that is one of our own numbers, and None for every other cell.

    At most twelve digits before the point and four after it: such a number, stored as a binary float and shown with its
    decimals, gives back the same text.
    """
    if column.kind is not ColumnKind.NUMBER:
        return None
    match = _NUMBER.fullmatch(text)
    is_minus_zero = text.startswith("-") and not text.strip("-0.")
    return None if match is None or is_minus_zero else len(match[1] or "")


def day_text(day: date) -> str:
    """A day as people write it here: 2026年12月18日."""
    return f"{day.year}年{day.month}月{day.day}日"


def printable(text: str) -> str:
    """The text with line breaks made plain, and what no file format can carry replaced by �."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def file_stem(title: str) -> str:
    """A file name, without its ending, that every system takes: XX单位_2026年度民主测评结果汇总表."""
    stem = _UNFIT_FOR_FILE_NAMES.sub("_", printable(title)).strip("._")[:80]
    return stem or "测评结果"
