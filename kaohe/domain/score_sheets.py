"""Sheets of scores, of earlier periods, and of who grades whom, matched with the subjects of a meeting.

A sheet is read whole: every row that cannot be taken is reported, so that an office mends its file once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from kaohe.domain.cells import hidden_character, plain_name, without_personal_data
from kaohe.domain.limits import PERIOD_LENGTH, TITLE_LENGTH
from kaohe.domain.office_tables.account import TableSheet
from kaohe.domain.office_tables.figures import FigureTable, read_figures
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.relations import Pair
from kaohe.domain.rosters import RowProblem
from kaohe.domain.typed_numbers import number_text, read_number
from kaohe.tally.model import Period, Subject
from kaohe.tally.periods import NOT_ASSESSED, canonical_label

_NO_TIER: Final = frozenset(
    {NOT_ASSESSED, "不定等次", "不确定等次", "不确定档次", "未定档次", "暂不定等次", "暂不定档"}
)
_BETWEEN_FLAGS = re.compile(r"[、，；,;\s]+")


SCORES: Final = (Field.NAME, Field.SCORE)
PERIODS: Final = (Field.NAME, Field.PERIOD, Field.SCORE, Field.TIER, Field.FLAGS)
_GRADERS: Final = (Field.NAME, Field.GRADER)


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """What was understood, and everything that was not."""

    scores: Mapping[str, Fraction]
    """By subject key."""
    table: FigureTable
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class PeriodSheet:
    """What was understood, and everything that was not."""

    periods: Mapping[str, tuple[Period, ...]]
    """By subject key, in the order of the rows."""
    table: FigureTable
    problems: tuple[RowProblem, ...]


def read_scores(
    table: FigureTable, subjects: Sequence[Subject], full: Fraction, *, is_same: bool = False
) -> ScoreSheet:
    """Read a score for some or all of the subjects, from 0 to ``full``, in a table of ``SCORES``; never raises.

    A name that several subjects have needs unit or post. A unit or post other than that of the only subject of a name
    is a problem, unless ``is_same`` says that it is the same one.
    """
    scores: dict[str, Fraction] = {}
    problems = list(table.problems)
    for number, cells in table.rows:
        subject, faults = _match(cells, subjects, is_same=is_same)
        score = _read_score(cells[Field.SCORE])
        if score is None or not 0 <= score <= full:
            faults.append(f"得分应为 0 到 {number_text(full)} 的数")
        if subject is not None and subject.key in scores:
            faults.append("前面已有这个考核对象的得分，请只留一行")
        if subject is None or score is None or faults:
            problems.append(RowProblem(number, "；".join(faults)))
        else:
            scores[subject.key] = score
    return ScoreSheet(scores, table, _in_order(problems))


@dataclass(frozen=True, slots=True)
class PairSheet:
    """What was understood, and everything that was not."""

    pairs: tuple[Pair, ...]
    problems: tuple[RowProblem, ...]


def read_pairs(sheets: Sequence[TableSheet], subjects: Sequence[Subject]) -> PairSheet:
    """Read who grades whom, a row for each subject and each of its graders; never raises.

    Without headings the columns are name and grader. A name that several subjects have needs unit or post.
    """
    table = read_figures(sheets, _GRADERS)
    pairs: list[Pair] = []
    problems = list(table.problems)
    for number, cells in table.rows:
        subject, faults = _match(cells, subjects, is_same=False)
        grader = cells[Field.GRADER]
        if not 0 < len(grader) <= TITLE_LENGTH:
            faults.append(f"没有写明谁来评，或超过 {TITLE_LENGTH} 个字")
        if subject is None or faults:
            problems.append(RowProblem(number, "；".join(faults)))
        else:
            pairs.append(Pair(number, grader, subject))
    return PairSheet(tuple(pairs), _in_order(problems))


def read_periods(
    table: FigureTable,
    subjects: Sequence[Subject],
    flag_keys: Mapping[str, str],
    *,
    is_same: bool = False,
) -> PeriodSheet:
    """Read what earlier periods came to, a row for each subject and period, in a table of ``PERIODS``; never raises.

    A cell holds several flags by ；. ``flag_keys`` gives the key of a flag by the label that sheets print. A period is
    called as the forms call it: Q1 becomes 第一季度.
    """
    periods: dict[str, dict[str, Period]] = {}
    problems = list(table.problems)
    for number, cells in table.rows:
        subject, faults = _match(cells, subjects, is_same=is_same)
        label, tier, typed = canonical_label(cells[Field.PERIOD]), cells[Field.TIER], cells[Field.SCORE]
        tier = NOT_ASSESSED if tier in _NO_TIER else tier
        score = _read_score(typed)
        faults += _period_faults(label, tier, has_bad_score=bool(typed) and score is None)
        flags, unknown = _read_flags(cells[Field.FLAGS], flag_keys)
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
    return PeriodSheet({key: tuple(found.values()) for key, found in periods.items()}, table, _in_order(problems))


def _in_order(problems: Iterable[RowProblem]) -> tuple[RowProblem, ...]:
    """The problems as the rows stand."""
    return tuple(sorted(problems, key=lambda problem: problem.row_number))


def _read_score(text: str) -> Fraction | None:
    return read_number(text.removesuffix("分"))


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
    cells: Mapping[Field, str], subjects: Sequence[Subject], *, is_same: bool
) -> tuple[Subject | None, list[str]]:
    """The subject that a row is about, and what is wrong with the row so far."""
    faults = [f"{field}里有看不见的字符，请删除后重新填写" for field, text in cells.items() if hidden_character(text)]
    name = plain_name(cells[Field.NAME])
    if not name:
        return None, ["姓名（名称）为空", *faults]
    found = [subject for subject in subjects if plain_name(subject.name) == name]
    if not found:
        return None, [f"考核对象中没有“{without_personal_data(name)}”", *faults]
    fitting = [
        subject
        for subject in found
        if cells[Field.UNIT] in ("", subject.unit) and cells[Field.POST] in ("", subject.post)
    ]
    if len(found) > 1 and len(fitting) != 1:
        return None, [f"有 {len(found)} 个“{name}”，请加上单位、职务两列写明是哪一个", *faults]
    if not fitting and not is_same:
        place = " ".join(part for part in (found[0].unit, found[0].post) if part) or "没有写单位和职务"
        faults.append(f"名单中的“{name}”为“{place}”，与本行的单位、职务不同，请核对是不是同一个对象")
    return (fitting or found)[0], faults
