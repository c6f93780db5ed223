"""Sheets of scores, of earlier periods, and of who grades whom, matched with the subjects of a meeting.

A sheet is read whole: every row that cannot be taken is reported, so that an office mends its file once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from kaohe.domain.cells import clean, heading_of, hidden_character, plain_name
from kaohe.domain.limits import PERIOD_LENGTH, TITLE_LENGTH
from kaohe.domain.relations import Pair
from kaohe.domain.rosters import RowProblem
from kaohe.domain.typed_numbers import number_text, read_number
from kaohe.tally.model import Period, Subject
from kaohe.tally.periods import NOT_ASSESSED, canonical_label

_NO_TIER: Final = frozenset(
    {NOT_ASSESSED, "不定等次", "不确定等次", "不确定档次", "未定档次", "暂不定等次", "暂不定档"}
)
_HEADER_SEARCH_ROWS: Final = 10
"""A header may stand below a few title lines, but not deeper than this."""
_BETWEEN_FLAGS = re.compile(r"[、，；,;\s]+")


class _Field(StrEnum):
    NAME = "姓名"
    UNIT = "单位"
    POST = "职务"
    SCORE = "得分"
    PERIOD = "时段"
    TIER = "等次"
    FLAGS = "标记"
    GRADER = "评价人"


_HEADINGS: Final[Mapping[_Field, frozenset[str]]] = {
    _Field.NAME: frozenset({"姓名", "名称", "考核对象", "测评对象", "被考核人", "被测评人", "对象", "班子名称"}),
    _Field.UNIT: frozenset({"单位", "部门", "科室", "处室", "所在单位", "工作单位", "单位名称", "部门名称"}),
    _Field.POST: frozenset({"职务", "岗位", "职位", "现任职务", "职务职级"}),
    _Field.SCORE: frozenset({"得分", "分数", "成绩", "分值", "考核得分", "评分", "总分"}),
    _Field.PERIOD: frozenset({"时段", "时期", "期次", "季度", "年度", "考核周期", "周期", "考核时段"}),
    _Field.TIER: frozenset({"等次", "档次", "等级", "考核等次", "结果"}),
    _Field.FLAGS: frozenset({"标记", "提示", "标注"}),
    _Field.GRADER: frozenset(
        {"评价人", "评分人", "测评人", "评价组", "评分组", "分管领导", "主管领导", "负责人", "科室负责人", "部门负责人"}
    ),
}
_SCORE_POSITIONS: Final = (_Field.NAME, _Field.SCORE)
_GRADER_POSITIONS: Final = (_Field.NAME, _Field.GRADER)
_PERIOD_POSITIONS: Final = (_Field.NAME, _Field.PERIOD, _Field.SCORE, _Field.TIER, _Field.FLAGS)


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """What was understood, and everything that was not."""

    scores: Mapping[str, Fraction]
    """By subject key."""
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class PeriodSheet:
    """What was understood, and everything that was not."""

    periods: Mapping[str, tuple[Period, ...]]
    """By subject key, in the order of the rows."""
    problems: tuple[RowProblem, ...]


def read_scores(
    rows: Sequence[Sequence[str]], subjects: Sequence[Subject], full: Fraction, *, is_same: bool = False
) -> ScoreSheet:
    """Read a score for some or all of the subjects, from 0 to ``full``; never raises.

    Without a header row the columns are name and score. A name that several subjects have needs unit or post. A unit
    or post other than that of the only subject of a name is a problem, unless ``is_same`` says that it is the same one.
    """
    scores: dict[str, Fraction] = {}
    problems: list[RowProblem] = []
    for number, cells in _cells_of(rows, _SCORE_POSITIONS):
        subject, faults = _match(cells, subjects, is_same=is_same)
        score = read_number(cells[_Field.SCORE])
        if score is None or not 0 <= score <= full:
            faults.append(f"得分应为 0 到 {number_text(full)} 的数")
        if subject is not None and subject.key in scores:
            faults.append("前面已有这个考核对象的得分，请只留一行")
        if subject is None or score is None or faults:
            problems.append(RowProblem(number, "；".join(faults)))
        else:
            scores[subject.key] = score
    return ScoreSheet(scores, tuple(problems))


@dataclass(frozen=True, slots=True)
class PairSheet:
    """What was understood, and everything that was not."""

    pairs: tuple[Pair, ...]
    problems: tuple[RowProblem, ...]


def read_pairs(rows: Sequence[Sequence[str]], subjects: Sequence[Subject]) -> PairSheet:
    """Read who grades whom, a row for each subject and each of its graders; never raises.

    Without a header row the columns are name and grader. A name that several subjects have needs unit or post.
    """
    pairs: list[Pair] = []
    problems: list[RowProblem] = []
    for number, cells in _cells_of(rows, _GRADER_POSITIONS):
        subject, faults = _match(cells, subjects, is_same=False)
        grader = cells[_Field.GRADER]
        if not 0 < len(grader) <= TITLE_LENGTH:
            faults.append(f"没有写明谁来评，或超过 {TITLE_LENGTH} 个字")
        if subject is None or faults:
            problems.append(RowProblem(number, "；".join(faults)))
        else:
            pairs.append(Pair(number, grader, subject))
    return PairSheet(tuple(pairs), tuple(problems))


def read_periods(
    rows: Sequence[Sequence[str]],
    subjects: Sequence[Subject],
    flag_keys: Mapping[str, str],
    *,
    is_same: bool = False,
) -> PeriodSheet:
    """Read what earlier periods came to, a row for each subject and period; never raises.

    Without a header row the columns are name, period, score, tier, flags (several by ；). ``flag_keys`` gives the key
    of a flag by the label that sheets print. A period is called as the forms call it: Q1 becomes 第一季度.
    """
    periods: dict[str, dict[str, Period]] = {}
    problems: list[RowProblem] = []
    for number, cells in _cells_of(rows, _PERIOD_POSITIONS):
        subject, faults = _match(cells, subjects, is_same=is_same)
        label, tier, typed = canonical_label(cells[_Field.PERIOD]), cells[_Field.TIER], cells[_Field.SCORE]
        tier = NOT_ASSESSED if tier in _NO_TIER else tier
        score = read_number(typed)
        faults += _period_faults(label, tier, has_bad_score=bool(typed) and score is None)
        flags, unknown = _read_flags(cells[_Field.FLAGS], flag_keys)
        if unknown:
            faults.append(f"“{unknown}”不是本方案的标记")
        if not typed and not tier and not flags and not unknown:
            faults.append("得分、等次和标记都没有填")
        if subject is not None and label in periods.get(subject.key, {}):
            faults.append(f"前面已有这个考核对象“{label}”的结果，请只留一行")
        if subject is None or faults:
            problems.append(RowProblem(number, "；".join(faults)))
            continue
        periods.setdefault(subject.key, {})[label] = Period(label, score, tier or None, flags)
    return PeriodSheet({key: tuple(found.values()) for key, found in periods.items()}, tuple(problems))


def _read_flags(text: str, flag_keys: Mapping[str, str]) -> tuple[frozenset[str], str]:
    """The keys of the flags in a cell, and the first word that is none of them. A label may itself hold commas."""
    found: set[str] = set()
    for label in sorted(flag_keys, key=len, reverse=True):
        if label in text:
            found.add(flag_keys[label])
            text = text.replace(label, " ")
    words = [word for word in _BETWEEN_FLAGS.split(text) if word]
    found.update(word for word in words if word in flag_keys.values())
    return frozenset(found), next((word for word in words if word not in flag_keys.values()), "")


def _period_faults(label: str, tier: str, *, has_bad_score: bool) -> list[str]:
    faults = []
    if not label:
        faults.append("没有写明是哪一期，如“第一季度”")
    if len(label) > PERIOD_LENGTH or len(tier) > PERIOD_LENGTH:
        faults.append(f"时段和等次都不超过 {PERIOD_LENGTH} 个字")
    if has_bad_score:
        faults.append("得分应为数，如 92.5")
    return faults


def _match(
    cells: Mapping[_Field, str], subjects: Sequence[Subject], *, is_same: bool
) -> tuple[Subject | None, list[str]]:
    """The subject that a row is about, and what is wrong with the row so far."""
    faults = [f"{field}里有看不见的字符，请删除后重新填写" for field, text in cells.items() if hidden_character(text)]
    name = plain_name(cells[_Field.NAME])
    if not name:
        return None, ["姓名（名称）为空", *faults]
    found = [subject for subject in subjects if plain_name(subject.name) == name]
    if not found:
        return None, [f"考核对象中没有“{name}”", *faults]
    fitting = [
        subject
        for subject in found
        if cells[_Field.UNIT] in ("", subject.unit) and cells[_Field.POST] in ("", subject.post)
    ]
    if len(found) > 1 and len(fitting) != 1:
        return None, [f"有 {len(found)} 个“{name}”，请加上单位、职务两列写明是哪一个", *faults]
    if not fitting and not is_same:
        place = " ".join(part for part in (found[0].unit, found[0].post) if part) or "没有写单位和职务"
        faults.append(f"名单中的“{name}”为“{place}”，与本行的单位、职务不同，请核对是不是同一个对象")
    return (fitting or found)[0], faults


def _cells_of(rows: Sequence[Sequence[str]], positions: Sequence[_Field]) -> Iterable[tuple[int, Mapping[_Field, str]]]:
    """Every filled row below the header, with its number as a spreadsheet shows it."""
    header, columns = _find_columns(rows, positions)
    for number, row in enumerate(rows, start=1):
        if number <= header or not any(cell.strip() for cell in row):
            continue
        yield (
            number,
            {
                field: clean(row[columns[field]]) if field in columns and columns[field] < len(row) else ""
                for field in _Field
            },
        )


def _find_columns(rows: Sequence[Sequence[str]], positions: Sequence[_Field]) -> tuple[int, Mapping[_Field, int]]:
    """The number of the header row, 0 for none, and where each field stands."""
    for number, row in enumerate(rows[:_HEADER_SEARCH_ROWS], start=1):
        columns: dict[_Field, int] = {}
        for index, cell in enumerate(row):
            heading = heading_of(cell)
            field = next((field for field, headings in _HEADINGS.items() if heading in headings), None)
            if field is not None:
                columns.setdefault(field, index)
        if _Field.NAME in columns and len(columns) > 1:
            return number, columns
    return 0, {field: index for index, field in enumerate(positions)}
