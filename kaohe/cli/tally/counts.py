"""Reading a counts file (``kaohe tally --counts``)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from kaohe.cli.tally.files import (
    ABSTENTION_LABELS,
    ASKED_HEADERS,
    GROUP_HEADERS,
    INVALID_LABELS,
    ITEM_HEADERS,
    NUMBERS_HEADERS,
    SKIPPED_LABELS,
    SUBJECT_HEADERS,
    EnteredNumbers,
    Row,
    Table,
    TallyFileError,
    column_of,
    entered_turnout,
    keys_by_name,
    named_key,
    printable_name,
)
from kaohe.cli.tally.subjects import KnownSubjects, subject_of
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.scheme.scheme import Dimension, Scheme, VoterGroup
from kaohe.tally.scores.conserving import completed
from kaohe.tally.scores.numbers import numbers_of, read_number
from kaohe.tally.scores.picking import pick_fault
from kaohe.tally.scores.sectioning import section_of, split_count

_ROWS_SHOWN = 5
_VOTES = re.compile(r"[0-9]{1,9}")


def count_from_counts(
    scheme: Scheme, table: Table, entered: EnteredNumbers, known: KnownSubjects = MappingProxyType({})
) -> Count:
    """Read a counts file; the ballots of a group are ``--cast``, else the largest row.

    Raises:
        TallyFileError: naming the row that cannot be read, is doubled, or does not conserve.
    """
    rows = _CountsColumns.of(scheme, table.header).read(scheme, table.rows, known)
    subjects = tuple(subject_of(known, name) for name in dict.fromkeys(key[1] for key in rows))
    if not subjects:
        raise TallyFileError("文件里没有票数，第 2 行起应为每个考核对象的票数。")
    turnout: dict[str, Turnout] = {}
    asked: dict[tuple[str, str], int] = {}
    for group in scheme.groups:
        group_rows = {key: found for key, found in rows.items() if key[0] == group.key}
        biggest = max((found.counts.cast for found in group_rows.values()), default=0)
        cast = entered["cast"].get(group.key, biggest)
        for (_, name, _), found in group_rows.items():
            wanted = cast if found.asked is None else found.asked
            if found.counts.cast != wanted:
                raise TallyFileError(
                    f"第 {found.row_number} 行合计 {found.counts.cast} 票，与收回的 {wanted} 票不符；"
                    "请核对，没有表态的票请填入“弃权”一列。"
                )
            if wanted != cast:
                asked[group.key, name] = wanted
        if cast:
            _refuse_missing_rows(scheme, group, subjects, group_rows)
        void = min((found.counts.invalid for found in group_rows.values()), default=0)
        turnout[group.key] = entered_turnout(group.key, Turnout(cast=cast, invalid=void), entered)
    count = Count(scheme, subjects, {key: found.counts for key, found in rows.items()}, turnout, asked)
    _refuse_impossible_picks(count, rows)
    return count


def _refuse_impossible_picks(count: Count, rows: Mapping[tuple[str, str, str], _CountedRow]) -> None:
    """Name the rows whose picks cannot all stand on the ballots; the tally would refuse them without their rows."""
    for part in split_count(count) if count.scheme.declared_sections else [count]:
        fault = pick_fault(completed(part))
        if fault is None:
            continue
        subject_keys = {subject.key for subject in part.subjects}
        numbers = sorted(
            found.row_number
            for (group, subject, dimension), found in rows.items()
            if (group, dimension) == (fault.group_key, fault.dimension_key) and subject in subject_keys
        )
        shown = "、".join(map(str, numbers[:_ROWS_SHOWN])) + (" 等" if len(numbers) > _ROWS_SHOWN else " ")
        raise TallyFileError(f"第 {shown}行：{fault.message}")


def _refuse_missing_rows(
    scheme: Scheme,
    group: VoterGroup,
    subjects: tuple[Subject, ...],
    group_rows: Mapping[tuple[str, str, str], _CountedRow],
) -> None:
    for subject in subjects:
        section_scheme = section_of(scheme, subject).scheme
        for dimension in section_scheme.dimensions:
            is_filled = group.key in {filling.key for filling in section_scheme.fillers(dimension)}
            if is_filled and (group.key, subject.key, dimension.key) not in group_rows:
                raise TallyFileError(
                    f"缺少「{subject.full_name}」在「{dimension.label}」、票种「{group.label}」上的一行，请补上。"
                )


@dataclass(frozen=True, slots=True)
class _CountedRow:
    row_number: int
    counts: GradeCounts
    asked: int | None
    """On how many ballots the subject stood, where the file says so."""


@dataclass(frozen=True, slots=True)
class _CountsColumns:
    """Where a counts file keeps what."""

    subject: int
    group: int | None
    item: int | None
    numbers: int | None
    asked: int | None
    grades: Mapping[str, int]
    """The column of each grade, by label; sections may have different ones."""
    others: Mapping[str, int]
    """The columns of abstention, skipped and invalid, where there are any."""

    @classmethod
    def of(cls, scheme: Scheme, header: list[str]) -> _CountsColumns:
        section_schemes = [section.scheme for section in scheme.sections]
        subject = column_of(header, SUBJECT_HEADERS)
        if subject is None:
            raise TallyFileError("第 1 行缺少 subject 一列（考核对象的姓名）。")
        group = column_of(header, GROUP_HEADERS)
        if group is None and len(scheme.groups) > 1:
            raise TallyFileError(f"第 1 行缺少 group 一列：本方案有 {len(scheme.groups)} 个票种。")
        item = column_of(header, ITEM_HEADERS)
        many = max(len(section_scheme.dimensions) for section_scheme in section_schemes)
        if item is None and many > 1:
            raise TallyFileError(f"第 1 行缺少 item 一列：本方案有 {many} 个测评维度。")
        numbers = column_of(header, NUMBERS_HEADERS)
        if numbers is None and any(
            section_scheme.scale_of(dimension)
            for section_scheme in section_schemes
            for dimension in section_scheme.dimensions
        ):
            raise TallyFileError("第 1 行缺少 numbers 一列（打分的维度在这一列写各票的分数，用空格隔开）。")
        grades: dict[str, int] = {}
        for grade in (grade for section_scheme in section_schemes for grade in section_scheme.grades):
            position = column_of(header, (grade.label, grade.key))
            if position is None:
                raise TallyFileError(f"第 1 行缺少等次「{grade.label}」一列。")
            grades[grade.label] = position
        others = {
            name: position
            for name, titles in (
                ("abstention", ABSTENTION_LABELS),
                ("skipped", SKIPPED_LABELS),
                ("invalid", INVALID_LABELS),
            )
            if (position := column_of(header, titles)) is not None
        }
        asked = column_of(header, ASKED_HEADERS)
        used = {subject, group, item, numbers, asked, *grades.values(), *others.values()}
        for position, name in enumerate(header):
            if position not in used:
                raise TallyFileError(f"第 1 行的「{name}」不是本方案的等次，也不是弃权、漏选或无效，请改正或删去该列。")
        return cls(subject, group, item, numbers, asked, grades, others)

    def read(
        self, scheme: Scheme, rows: Iterator[Row], known: KnownSubjects
    ) -> dict[tuple[str, str, str], _CountedRow]:
        groups = keys_by_name(scheme.groups)
        read: dict[tuple[str, str, str], _CountedRow] = {}
        for row in rows:
            name = printable_name(row.cells[self.subject], row.number)
            if not name:
                raise TallyFileError(f"第 {row.number} 行没有考核对象的姓名。")
            section_scheme = section_of(scheme, subject_of(known, name)).scheme
            key = (
                named_key(row, self.group, groups, "票种"),
                name,
                named_key(row, self.item, keys_by_name(section_scheme.dimensions), "测评维度"),
            )
            if key in read:
                raise TallyFileError(f"第 {row.number} 行与第 {read[key].row_number} 行重复：「{name}」只能有一行。")
            dimension = next(dimension for dimension in section_scheme.dimensions if dimension.key == key[2])
            if key[0] not in {group.key for group in section_scheme.fillers(dimension)}:
                raise TallyFileError(f"第 {row.number} 行的票种不填「{name}」的「{dimension.label}」，请删去这一行。")
            asked = None if self.asked is None or not row.cells[self.asked] else _votes(row, self.asked)
            read[key] = _CountedRow(row.number, self._counts(row, section_scheme, dimension), asked)
        return read

    def _counts(self, row: Row, section_scheme: Scheme, dimension: Dimension) -> GradeCounts:
        abstention, skipped, invalid = (
            _votes(row, self.others[other]) if other in self.others else 0
            for other in ("abstention", "skipped", "invalid")
        )
        scale = section_scheme.scale_of(dimension)
        grade_labels = set() if scale else {grade.label for grade in section_scheme.grades}
        for label, position in self.grades.items():
            if label not in grade_labels and row.cells[position] not in ("", "0"):
                raise TallyFileError(f"第 {row.number} 行的「{dimension.label}」没有等次「{label}」，请留空。")
        if scale is None:
            grades = tuple(_votes(row, self.grades[grade.label]) for grade in section_scheme.grades)
            return GradeCounts(grades, abstention, skipped, invalid)
        found: Counter[Fraction] = Counter()
        for text in row.cells[self.numbers or 0].replace("，", " ").replace("、", " ").split():
            number = read_number(scale, text)
            if number is None:
                raise TallyFileError(f"第 {row.number} 行的「{text}」不是「{dimension.label}」可以打的分数。")
            found[number] += 1
        return GradeCounts((0,) * len(section_scheme.grades), abstention, skipped, invalid, numbers_of(found))


def _votes(row: Row, position: int) -> int:
    if not _VOTES.fullmatch(row.cells[position]):
        raise TallyFileError(
            f"第 {row.number} 行第 {position + 1} 列的「{row.cells[position]}」不是票数，应为 0 以上的整数，"
            "没有票请填 0。"
        )
    return int(row.cells[position])
