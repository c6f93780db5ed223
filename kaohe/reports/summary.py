"""The sheet to file (结果汇总表), in the shape that fits the scheme."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kaohe.reports.figures import (
    GRADERS_NOTE,
    branch_cells,
    branch_columns,
    component_cells,
    component_columns,
    figure_text,
    grader_columns,
    graders_text,
    number,
    rank_text,
    rest_cells,
    rest_columns,
    scored_branches,
    share_cells,
    share_columns,
    shows_votes,
    vote_cells,
    vote_columns,
)
from kaohe.reports.heading import Heading, record_line, rules_of, subject_sheet, warnings_of
from kaohe.reports.ruled_tiers import confirmed_note, ruling_remarks, tier_cells, tier_columns
from kaohe.reports.sheet import Column, Sheet
from kaohe.reports.withholding import dimensions_withheld
from kaohe.tally.model import Result, SubjectResult
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.scheme import Scheme

UNDECIDED = "待再次投票"
"""Stands where candidates with the same votes share the last seat and there is none for all of them."""


def is_votes_only(scheme: Scheme) -> bool:
    """Whether the votes alone make the result, so that they and the score stand in one sheet."""
    has_more = scheme.components or scheme.bands or scheme.bonus_limit or scheme.deduction_limit
    return not has_more and not scheme.choose


def summary_sheet(result: Result, heading: Heading) -> Sheet:
    """One row per subject, with what leads to its score, its rank and its tier.

    Where the votes alone make the result they stand here, with all dimensions together; else in :func:`votes_sheet`,
    and here are the components, bonus and deduction, the tier, the flags and what people decided.
    """
    scheme = result.scheme
    if scheme.choose is not None:
        return _choice_sheet(result, heading, scheme.choose)
    votes = _Votes(result) if is_votes_only(scheme) else None
    several = len(scheme.dimensions) > 1
    graders, award_cells = grader_columns(result), _award_cells(result)
    return subject_sheet(
        result,
        heading,
        ("汇总表", "结果汇总表"),
        (
            *graders,
            *(votes.columns() if votes else ()),
            *(() if scheme.components else branch_columns(result)),
            *component_columns(scheme),
            *_change_columns(scheme),
            number("得分", 9),
            number("名次", 6),
            *_award_columns(result),
        ),
        lambda subject: (
            *(graders_text(subject.graders) if graders else ()),
            *(votes.cells(subject) if votes else ()),
            *(() if scheme.components else branch_cells(result, subject)),
            *component_cells(scheme, subject.components),
            *_change_cells(scheme, subject),
            figure_text(subject.score),
            rank_text(subject),
            *award_cells(subject),
        ),
        *result.findings,
        GRADERS_NOTE if graders else "",
        "票数、弃权/漏选、无效均为各维度合计。" if votes and shows_votes(result) and several else "",
        _folding_note(scheme),
        confirmed_note(result),
        "名次相同者为并列。" if any(subject.tied for subject in result.subjects) else "",
        dimensions_withheld(result),
        *warnings_of(result),
        heading.comparison,
        record_line(result, heading),
        rules=rules_of(result),
    )


def votes_sheet(result: Result, heading: Heading) -> Sheet | None:
    """The votes and scores of the voting alone, where the summary has no room for them.

    None where the summary holds them, and where they may not be shown.
    """
    scheme = result.scheme
    if is_votes_only(scheme) or scheme.choose or not scheme.has_votes:
        return None
    branches = scored_branches(result) if scheme.components else ()
    if not shows_votes(result) and not branches:
        return None
    votes = _Votes(result)
    return subject_sheet(
        result,
        heading,
        ("得票汇总", "测评得票汇总表"),
        (
            *votes.columns(),
            *(branch_columns(result) if scheme.components else ()),
            number("测评得分", 10),
        ),
        lambda subject: (
            *votes.cells(subject),
            *(branch_cells(result, subject) if scheme.components else ()),
            figure_text(subject.votes_score),
        ),
        "票数、弃权/漏选、无效均为各维度合计。" if len(scheme.dimensions) > 1 else "",
    )


class _Votes:
    """The columns of votes by grade of a result, as far as they may be shown."""

    def __init__(self, result: Result) -> None:
        self._scheme = result.scheme
        self._are_shown = shows_votes(result)
        self._has_invalid = any(subject.counts.invalid for subject in result.subjects)

    def columns(self) -> tuple[Column, ...]:
        return vote_columns(self._scheme, has_invalid=self._has_invalid) if self._are_shown else ()

    def cells(self, subject_result: SubjectResult) -> tuple[str, ...]:
        if not self._are_shown:
            return ()
        return vote_cells(self._scheme, subject_result.counts, subject_result.shares, has_invalid=self._has_invalid)


def _choice_sheet(result: Result, heading: Heading, choose: Choose) -> Sheet:
    """A vote for K out of N: the votes, and who has a seat."""
    scheme = result.scheme
    has_invalid = any(subject.counts.invalid for subject in result.subjects)
    has_rest = any(subject.counts.cast > subject.counts.graded for subject in result.subjects)
    is_open = any(subject.tier is None for subject in result.subjects)
    return subject_sheet(
        result,
        heading,
        ("汇总表", "票决结果汇总表"),
        (
            *share_columns([(grade.key, grade.label) for grade in scheme.grades]),
            *(rest_columns(has_invalid=has_invalid) if has_rest else ()),
            number("名次", 6),
            Column("结果", width=14),
        ),
        lambda subject: (
            *share_cells(subject.shares),
            *(rest_cells(subject.counts, has_invalid=has_invalid) if has_rest else ()),
            rank_text(subject),
            subject.tier_label or UNDECIDED,
        ),
        *result.findings,
        f"“{UNDECIDED}”：末位票数相同而名额不够，都未确定为{choose.elected}。" if is_open else "",
        *warnings_of(result),
        heading.comparison,
        record_line(result, heading),
        rules=rules_of(result),
    )


def _change_columns(scheme: Scheme) -> Iterator[Column]:
    if scheme.bonus_limit:
        yield number("加分", 7)
    if scheme.deduction_limit:
        yield number("减分", 7)


def _change_cells(scheme: Scheme, subject_result: SubjectResult) -> Iterator[str]:
    if scheme.bonus_limit:
        yield figure_text(subject_result.bonus)
    if scheme.deduction_limit:
        yield figure_text(subject_result.deduction)


def _award_columns(result: Result) -> Iterator[Column]:
    if result.scheme.bands:
        yield from tier_columns(result)
    if any(subject.flags for subject in result.subjects):
        yield Column("提示", width=20)
    if any(_explained(subject) for subject in result.subjects):
        yield Column("说明", width=24)


def _award_cells(result: Result) -> Callable[[SubjectResult], Iterator[str]]:
    """What fills ``_award_columns`` for one subject; which of them there are is looked up once for all."""
    steps, has_bands = result.ruled_steps, bool(result.scheme.bands)
    has_flags = any(one.flags for one in result.subjects)
    is_explained = any(_explained(one) for one in result.subjects)

    def cells(subject_result: SubjectResult) -> Iterator[str]:
        if has_bands:
            yield from tier_cells(steps, subject_result)
        if has_flags:
            yield "\n".join(flag.label for flag in subject_result.flags)
        if is_explained:
            yield "\n".join(_explained(subject_result))

    return cells


def _explained(subject_result: SubjectResult) -> tuple[str, ...]:
    return (*subject_result.decisions, *ruling_remarks(subject_result))


def _folding_note(scheme: Scheme) -> str:
    if len(scheme.components) > 1:
        return "折算分为分项得分乘以权重，各自四舍五入；得分按精确数相加后只舍入一次，与折算分之和可能相差末位。"
    return ""
