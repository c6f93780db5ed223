"""Reading a ballots file (``kaohe tally --ballots``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from kaohe.cli.tally_files import (
    ABSTENTION_LABELS,
    GROUP_HEADERS,
    INVALID_LABELS,
    SKIPPED_LABELS,
    Row,
    SaidNumbers,
    Table,
    TallyFileError,
    dimension_keys,
    grade_keys,
    group_keys,
    named_key,
    printable_name,
    said_turnout,
)
from kaohe.tally.counting import ABSTAIN_MARK, INVALID_MARK, MarkedBallot, count_marks
from kaohe.tally.model import Count, Subject
from kaohe.tally.scheme import Scheme

Marks = Mapping[str, str | None]
"""What a cell may hold, and the mark that it stands for; None where the cell is skipped."""


def count_from_ballots(scheme: Scheme, table: Table, codes: Marks, said: SaidNumbers) -> Count:
    """Count a ballots file, one ballot at a time.

    ``codes`` says what the cells may hold beside labels and keys: a code, and the mark that it stands for.

    Raises:
        TallyFileError: naming the row and the column that cannot be read.
    """
    columns = _BallotColumns.of(scheme, table.header)
    marks: Marks = {"": None, **_known_marks(scheme), **codes}
    subjects = tuple(Subject(key=name, name=name) for name in dict.fromkeys(item[0] for item in columns.items))
    counted = count_marks(scheme, subjects, columns.read(scheme, table.rows, marks))
    turnout = {key: said_turnout(key, found, said) for key, found in counted.turnout.items()}
    return Count(scheme, subjects, counted.cells, turnout)


def mark_codes(scheme: Scheme, mapping: str | None) -> dict[str, str | None]:
    """Read ``--map 6=优秀,5=称职,0=弃权``.

    Raises:
        TallyFileError: for a pair that is not one, a code given twice, or a grade that the scheme does not have.
    """
    codes: dict[str, str | None] = {}
    known = _known_marks(scheme)
    for pair in (mapping or "").replace("，", ",").replace("＝", "=").split(",") if mapping else ():
        code, equals, label = (part.strip() for part in pair.partition("="))
        if not code or not equals:
            raise TallyFileError(f"--map 的「{pair}」应写成“代码=等次”，如 6=优秀,5=称职。")
        if label not in known:
            usable = "、".join(known)
            raise TallyFileError(f"--map 的「{label}」不是本方案的等次，可用的有：{usable}。")
        if code in codes:
            raise TallyFileError(f"--map 的代码「{code}」写了两次，请只留一个。")
        codes[code] = known[label]
    return codes


def _known_marks(scheme: Scheme) -> dict[str, str | None]:
    known: dict[str, str | None] = {**grade_keys(scheme), **dict.fromkeys(INVALID_LABELS, INVALID_MARK)}
    known.update(dict.fromkeys(SKIPPED_LABELS))
    if scheme.abstention_allowed:
        known.update(dict.fromkeys(ABSTENTION_LABELS, ABSTAIN_MARK))
    return known


@dataclass(frozen=True, slots=True)
class _BallotColumns:
    """Where a ballots file keeps what; the first column is never read."""

    group: int | None
    first_item: int
    items: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]

    @classmethod
    def of(cls, scheme: Scheme, header: list[str]) -> _BallotColumns:
        group = 1 if header[1:2] and header[1] in GROUP_HEADERS else None
        if group is None and len(scheme.groups) > 1:
            raise TallyFileError(f"第 1 行第 2 列应为 group：本方案有 {len(scheme.groups)} 个票种。")
        first_item = 1 if group is None else 2
        titles = tuple(header[first_item:])
        if not titles:
            raise TallyFileError("第 1 行没有考核对象：第一列之后，每个测评项应有一列。")
        dimensions = dimension_keys(scheme)
        items: list[tuple[str, str]] = []
        for title in titles:
            name, bar, dimension = (part.strip() for part in title.rpartition("|"))
            if not bar:
                name, dimension = dimension, scheme.dimensions[0].key if scheme.is_overall else ""
            if not name or dimension not in dimensions:
                labels = "、".join(each.label for each in scheme.dimensions)
                raise TallyFileError(f"第 1 行的「{title}」应写成“姓名|维度”，本方案的维度有：{labels}。")
            items.append((printable_name(name, 1), dimensions[dimension]))
        found = set(items)
        for name in dict.fromkeys(item[0] for item in items):
            for each in scheme.dimensions:
                if (name, each.key) not in found:
                    raise TallyFileError(f"第 1 行缺少「{name}|{each.label}」一列。")
        if len(found) != len(items):
            raise TallyFileError("第 1 行有两列是同一个对象的同一个维度，请只留一列。")
        return cls(group, first_item, tuple(items), titles)

    def read(self, scheme: Scheme, rows: Iterator[Row], marks: Marks) -> Iterator[MarkedBallot]:
        groups = group_keys(scheme)
        for row in rows:
            group_key = named_key(row, self.group, groups, "票种")
            try:
                found = [marks[cell] for cell in row.cells[self.first_item :]]
            except KeyError:
                self._refuse_cell(row, marks)
            yield group_key, {item: mark for item, mark in zip(self.items, found, strict=True) if mark is not None}

    def _refuse_cell(self, row: Row, marks: Marks) -> NoReturn:
        title, cell = next(
            (title, cell)
            for title, cell in zip(self.titles, row.cells[self.first_item :], strict=True)
            if cell not in marks
        )
        raise TallyFileError(
            f"第 {row.number} 行「{title}」一列的「{cell}」不是本方案的等次；若是代码，请用 --map 说明，"
            "如 6=优秀,0=弃权。"
        )
