"""Reading a counts file (``kaohe tally --counts``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kaohe.cli.tally_files import (
    ABSTENTION_LABELS,
    GROUP_HEADERS,
    INVALID_LABELS,
    ITEM_HEADERS,
    SKIPPED_LABELS,
    SUBJECT_HEADERS,
    Row,
    SaidNumbers,
    Table,
    TallyFileError,
    column_of,
    dimension_keys,
    group_keys,
    named_key,
    printable_name,
    said_turnout,
)
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.scheme import Scheme

_VOTES = re.compile(r"[0-9]{1,9}")


def count_from_counts(scheme: Scheme, table: Table, said: SaidNumbers) -> Count:
    """Read a counts file; the ballots of a group are ``--cast``, else the largest row.

    Raises:
        TallyFileError: naming the row that cannot be read, is doubled, or does not conserve.
    """
    rows = _CountsColumns.of(scheme, table.header).read(scheme, table.rows)
    subjects = tuple(Subject(key=name, name=name) for name in dict.fromkeys(key[1] for key in rows))
    if not subjects:
        raise TallyFileError("文件里没有票数，第 2 行起应为每个考核对象的票数。")
    turnout: dict[str, Turnout] = {}
    for group in scheme.groups:
        own = {key: found for key, found in rows.items() if key[0] == group.key}
        biggest = max((found.counts.cast for found in own.values()), default=0)
        cast = said["cast"].get(group.key, biggest)
        for found in own.values():
            if found.counts.cast != cast:
                raise TallyFileError(
                    f"第 {found.row_number} 行合计 {found.counts.cast} 票，与收回的 {cast} 票不符；"
                    "请核对，没有表态的票请填入“弃权”一列。"
                )
        if cast:
            _refuse_missing_rows(scheme, group.key, subjects, own)
        void = min((found.counts.invalid for found in own.values()), default=0)
        turnout[group.key] = said_turnout(group.key, Turnout(cast=cast, invalid=void), said)
    return Count(scheme, subjects, {key: found.counts for key, found in rows.items()}, turnout)


def _refuse_missing_rows(
    scheme: Scheme,
    group_key: str,
    subjects: tuple[Subject, ...],
    own: Mapping[tuple[str, str, str], _CountedRow],
) -> None:
    label = next(group.label for group in scheme.groups if group.key == group_key)
    for subject in subjects:
        for dimension in scheme.dimensions:
            if (group_key, subject.key, dimension.key) not in own:
                raise TallyFileError(
                    f"缺少「{subject.name}」在「{dimension.label}」、票种「{label}」上的一行，请补上。"
                )


@dataclass(frozen=True, slots=True)
class _CountedRow:
    row_number: int
    counts: GradeCounts


@dataclass(frozen=True, slots=True)
class _CountsColumns:
    """Where a counts file keeps what."""

    subject: int
    group: int | None
    item: int | None
    grades: tuple[int, ...]
    others: Mapping[str, int] = field(default_factory=dict)
    """The columns of abstention, skipped and invalid, where there are any."""

    @classmethod
    def of(cls, scheme: Scheme, header: list[str]) -> _CountsColumns:
        subject = column_of(header, SUBJECT_HEADERS)
        if subject is None:
            raise TallyFileError("第 1 行缺少 subject 一列（考核对象的姓名）。")
        group = column_of(header, GROUP_HEADERS)
        if group is None and len(scheme.groups) > 1:
            raise TallyFileError(f"第 1 行缺少 group 一列：本方案有 {len(scheme.groups)} 个票种。")
        item = column_of(header, ITEM_HEADERS)
        if item is None and not scheme.is_overall:
            raise TallyFileError(f"第 1 行缺少 item 一列：本方案有 {len(scheme.dimensions)} 个测评维度。")
        grades: list[int] = []
        for grade in scheme.grades:
            position = column_of(header, (grade.label, grade.key))
            if position is None:
                raise TallyFileError(f"第 1 行缺少等次「{grade.label}」一列。")
            grades.append(position)
        others = {
            name: position
            for name, titles in (
                ("abstention", ABSTENTION_LABELS),
                ("skipped", SKIPPED_LABELS),
                ("invalid", INVALID_LABELS),
            )
            if (position := column_of(header, titles)) is not None
        }
        used = {subject, group, item, *grades, *others.values()}
        for position, name in enumerate(header):
            if position not in used:
                raise TallyFileError(f"第 1 行的「{name}」不是本方案的等次，也不是弃权、漏选或无效，请改正或删去该列。")
        return cls(subject, group, item, tuple(grades), others)

    def read(self, scheme: Scheme, rows: Iterator[Row]) -> dict[tuple[str, str, str], _CountedRow]:
        groups = group_keys(scheme)
        dimensions = dimension_keys(scheme)
        read: dict[tuple[str, str, str], _CountedRow] = {}
        for row in rows:
            name = printable_name(row.cells[self.subject], row.number)
            if not name:
                raise TallyFileError(f"第 {row.number} 行没有考核对象的姓名。")
            key = (
                named_key(row, self.group, groups, "票种"),
                name,
                named_key(row, self.item, dimensions, "测评维度"),
            )
            if key in read:
                raise TallyFileError(f"第 {row.number} 行与第 {read[key].row_number} 行重复：「{name}」只能有一行。")
            abstention, skipped, invalid = (
                _votes(row, self.others[other]) if other in self.others else 0
                for other in ("abstention", "skipped", "invalid")
            )
            grades = tuple(_votes(row, position) for position in self.grades)
            counts = GradeCounts(grades, abstention, skipped, invalid)
            read[key] = _CountedRow(row.number, counts)
        return read


def _votes(row: Row, position: int) -> int:
    if not _VOTES.fullmatch(row.cells[position]):
        raise TallyFileError(
            f"第 {row.number} 行第 {position + 1} 列的「{row.cells[position]}」不是票数，应为 0 以上的整数，"
            "没有票请填 0。"
        )
    return int(row.cells[position])
