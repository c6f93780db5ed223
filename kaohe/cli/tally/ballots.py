"""Reading a ballots file (``kaohe tally --ballots``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from kaohe.cli.tally.files import (
    ABSTENTION_LABELS,
    GROUP_HEADERS,
    INVALID_LABELS,
    NOT_ASKED_LABELS,
    SKIPPED_LABELS,
    TICK_LABELS,
    EnteredNumbers,
    Row,
    Table,
    TallyFileError,
    entered_turnout,
    keys_by_name,
    named_key,
    printable_name,
)
from kaohe.cli.tally.subjects import KnownSubjects, subject_of
from kaohe.tally.model import Count
from kaohe.tally.scheme.questions import TICKED_MARK, QuestionKind
from kaohe.tally.scheme.refusals import SectionError
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.counting import ABSTAIN_MARK, INVALID_MARK, NOT_ASKED_MARK, MarkedBallot, count_marks
from kaohe.tally.scores.numbers import read_number
from kaohe.tally.scores.sectioning import section_of

Marks = Mapping[str, str | None]
"""What a cell may hold, and the mark that it stands for; None where the cell is skipped."""


def count_from_ballots(
    scheme: Scheme,
    table: Table,
    codes: Mapping[str, str],
    entered: EnteredNumbers,
    known: KnownSubjects = MappingProxyType({}),
) -> Count:
    """Count a ballots file, one ballot at a time.

    ``codes`` says what the cells may hold beside labels and keys: a code, and the label that it stands for.

    Raises:
        TallyFileError: naming the row and the column that cannot be read.
    """
    columns = _BallotColumns.of(scheme, table.header, codes, known)
    subjects = tuple(subject_of(known, name) for name in dict.fromkeys(item[0] for item in columns.items))
    counted = count_marks(scheme, subjects, columns.read(scheme, table.rows))
    turnout = {key: entered_turnout(key, found, entered) for key, found in counted.turnout.items()}
    return Count(scheme, subjects, counted.cells, turnout, counted.asked, counted.answers, void=counted.void)


def mark_codes(scheme: Scheme, mapping: str | None) -> dict[str, str]:
    """Read ``--map 6=优秀,5=称职,0=弃权``.

    Raises:
        TallyFileError: for a pair that is not one, a code given twice, or a grade that the scheme does not have.
    """
    codes: dict[str, str] = {}
    known = {label: None for section in scheme.sections for label in _grade_marks(section.scheme)}
    for pair in (mapping or "").replace("，", ",").replace("＝", "=").split(",") if mapping else ():
        code, equals, label = (part.strip() for part in pair.partition("="))
        if not code or not equals:
            raise TallyFileError(f"--map 的「{pair}」应写成“代码=等次”，如 6=优秀,5=称职。")
        if label not in known:
            usable = "、".join(known)
            raise TallyFileError(f"--map 的「{label}」不是本方案的等次，可用的有：{usable}。")
        if code in codes:
            raise TallyFileError(f"--map 的代码「{code}」写了两次，请只留一个。")
        codes[code] = label
    return codes


def _grade_marks(section_scheme: Scheme) -> dict[str, str | None]:
    return keys_by_name(section_scheme.grades) | _other_marks(section_scheme)


def _other_marks(section_scheme: Scheme) -> dict[str, str | None]:
    marks: dict[str, str | None] = dict.fromkeys(INVALID_LABELS, INVALID_MARK)
    marks.update(dict.fromkeys(SKIPPED_LABELS))
    if section_scheme.abstention_allowed:
        marks.update(dict.fromkeys(ABSTENTION_LABELS, ABSTAIN_MARK))
    return marks


class _NumberMarks(dict[str, "str | None"]):
    """What a cell of a number scale may hold: the other marks, and any number of the scale."""

    def __init__(self, scale: NumberScale, others: Marks) -> None:
        super().__init__(others)
        self._scale = scale

    def __missing__(self, cell: str) -> str:
        if read_number(self._scale, cell) is None:
            raise KeyError(cell)
        return cell


def _marks_of(section_scheme: Scheme, item: str, codes: Mapping[str, str]) -> Marks:
    """Return what the cells of one item may hold."""
    for question in section_scheme.questions:
        if item in question.items:
            if question.kind is QuestionKind.TICKS:
                return {"": None, **dict.fromkeys(TICK_LABELS, TICKED_MARK)}
            return {"": None} | keys_by_name(question.options)
    dimension = next(dimension for dimension in section_scheme.dimensions if dimension.key == item)
    marks: dict[str, str | None] = {"": None, **dict.fromkeys(NOT_ASKED_LABELS, NOT_ASKED_MARK)}
    scale = section_scheme.scale_of(dimension)
    mark_codes = _grade_marks(section_scheme) if scale is None else _other_marks(section_scheme)
    marks |= mark_codes | {code: mark_codes[label] for code, label in codes.items() if label in mark_codes}
    return marks if scale is None else _NumberMarks(scale, marks)


def _item_titles(section_scheme: Scheme) -> dict[str, str]:
    """Return what may stand behind a name in the first row, and the item that it means."""
    titles = keys_by_name(section_scheme.dimensions)
    for question in section_scheme.questions:
        if question.kind is QuestionKind.CHOICE:
            titles[question.label] = question.key
            continue
        for option, item in zip(question.options, question.items, strict=True):
            titles[f"{question.label}|{option.label}"] = item
    return titles


@dataclass(frozen=True, slots=True)
class _BallotColumns:
    """Where a ballots file keeps what; the first column is never read."""

    group: int | None
    first_item: int
    items: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]
    marks: tuple[Marks, ...]

    @classmethod
    def of(cls, scheme: Scheme, header: list[str], codes: Mapping[str, str], known: KnownSubjects) -> _BallotColumns:
        group = 1 if header[1:2] and header[1] in GROUP_HEADERS else None
        if group is None and len(scheme.groups) > 1:
            raise TallyFileError(f"第 1 行第 2 列应为 group：本方案有 {len(scheme.groups)} 个票种。")
        first_item = 1 if group is None else 2
        titles = tuple(header[first_item:])
        if not titles:
            raise TallyFileError("第 1 行没有考核对象：第一列之后，每个测评项应有一列。")
        items = tuple(_item_of(scheme, title, known) for title in titles)
        section_schemes = {name: section_of(scheme, subject_of(known, name)).scheme for name, _ in items}
        found = set(items)
        for name, section_scheme in section_schemes.items():
            for dimension in section_scheme.dimensions:
                if (name, dimension.key) not in found:
                    raise TallyFileError(f"第 1 行缺少「{name}|{dimension.label}」一列。")
        if len(found) != len(items):
            raise TallyFileError("第 1 行有两列是同一个对象的同一个维度，请只留一列。")
        # Subjects of one section share their marks: a list of thousands is read in the time of one.
        cache: dict[tuple[int, str], Marks] = {}
        for name, item in items:
            key = id(section_schemes[name]), item
            if key not in cache:
                cache[key] = _marks_of(section_schemes[name], item, codes)
        return cls(
            group, first_item, items, titles, tuple(cache[id(section_schemes[name]), item] for name, item in items)
        )

    def read(self, scheme: Scheme, rows: Iterator[Row]) -> Iterator[MarkedBallot]:
        groups = keys_by_name(scheme.groups)
        for row in rows:
            group_key = named_key(row, self.group, groups, "票种")
            cells = row.cells[self.first_item :]
            try:
                found = [marks[cell] for marks, cell in zip(self.marks, cells, strict=True)]
            except KeyError:
                self._refuse_cell(row, cells)
            yield group_key, {item: mark for item, mark in zip(self.items, found, strict=True) if mark is not None}

    def _refuse_cell(self, row: Row, cells: list[str]) -> NoReturn:
        title, marks, cell = next(
            found for found in zip(self.titles, self.marks, cells, strict=True) if not _is_known(found[1], found[2])
        )
        if isinstance(marks, _NumberMarks):
            raise TallyFileError(f"第 {row.number} 行「{title}」一列的「{cell}」不是可以打的分数。")
        raise TallyFileError(
            f"第 {row.number} 行「{title}」一列的「{cell}」不是本方案的等次；若是代码，请用 --map 说明，"
            "如 6=优秀,0=弃权。"
        )


def _is_known(marks: Marks, cell: str) -> bool:
    try:
        marks[cell]
    except KeyError:
        return False
    return True


def _item_of(scheme: Scheme, title: str, known: KnownSubjects) -> tuple[str, str]:
    parts = [part.strip() for part in title.split("|")]
    strange: SectionError | None = None
    # A name may itself hold a bar, so that the longest one that leaves an item behind it is meant.
    for cut in range(len(parts) - 1, 0, -1):
        name = "|".join(parts[:cut])
        try:
            section_scheme = section_of(scheme, subject_of(known, name)).scheme
        except SectionError as fault:
            strange = fault
            continue
        item = _item_titles(section_scheme).get("|".join(parts[cut:]))
        if name and item is not None:
            return printable_name(name, 1), item
    if strange is not None:
        raise strange
    section_scheme = section_of(scheme, subject_of(known, title)).scheme
    if len(parts) == 1 and section_scheme.is_overall:
        return printable_name(title, 1), section_scheme.dimensions[0].key
    labels = "、".join(dimension.label for dimension in section_scheme.dimensions)
    raise TallyFileError(f"第 1 行的「{title}」应写成“姓名|维度”，本方案的维度有：{labels}。")
