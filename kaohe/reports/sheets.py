"""The sheets that HR files, made from one result; a number that is printed here was computed by the tally."""

from __future__ import annotations

from collections.abc import Sequence

from kaohe.reports.heading import (
    SIGNATURE,
    header_lines,
    printed_names,
    sheet_notes,
    sheet_title,
    subject_cells,
    subject_columns,
)
from kaohe.reports.heading import Heading as Heading
from kaohe.reports.opinions import Comment as Comment
from kaohe.reports.opinions import ballot_list_sheet as ballot_list_sheet
from kaohe.reports.opinions import comments_sheet as comments_sheet
from kaohe.reports.sheet import NOTHING, Column, ColumnKind, Sheet
from kaohe.reports.verification import verification_code
from kaohe.tally.disclosure import withheld_by_group
from kaohe.tally.model import Figure, GradeCounts, GradeShare, Result, Subject, SubjectResult
from kaohe.tally.rounding import percent_text, round_text
from kaohe.tally.scheme import Scheme
from kaohe.tally.sharing import has_upper_rate, upper_label


def summary_sheet(result: Result, heading: Heading) -> Sheet:
    """The sheet to file (民主测评结果汇总表): one row per subject, votes and rate per grade, score and rank.

    With several dimensions the votes are those of all dimensions together, and each dimension adds its score.
    """
    scheme = result.scheme
    several = len(scheme.dimensions) > 1
    has_invalid = any(each.counts.invalid for each in result.subjects)
    rows = tuple(
        (
            *cells,
            *_vote_cells(each.counts, each.shares, has_invalid=has_invalid),
            *((_text(each.upper_rate),) if has_upper_rate(scheme) else ()),
            *((_text(item.score) for item in each.items) if several else ()),
            *_standing_cells(each),
        )
        for cells, each in zip(subject_cells(_subjects(result)), result.subjects, strict=True)
    )
    return Sheet(
        name="汇总表",
        title=sheet_title(heading, "结果汇总表"),
        header_lines=header_lines(result, heading),
        columns=(
            *subject_columns(_subjects(result)),
            *_vote_columns(scheme, has_invalid=has_invalid),
            *_upper_columns(scheme),
            *(_number(dimension.label, 9, over="各维度得分") for dimension in scheme.dimensions if several),
            _number("得分", 9),
            _number("名次", 6),
        ),
        rows=rows,
        notes=sheet_notes(
            result,
            heading,
            "票数、弃权/未填、无效均为各维度合计。" if several else "",
            "名次相同者为并列。" if any(each.tied for each in result.subjects) else "",
        ),
        signature=SIGNATURE,
        code=verification_code(result),
    )


def dimension_sheets(result: Result, heading: Heading) -> tuple[Sheet, ...]:
    """One vote sheet per dimension (得票统计表), in the scheme's order, of the same shape as the summary."""
    return tuple(_dimension_sheet(result, heading, position) for position in range(len(result.scheme.dimensions)))


def _dimension_sheet(result: Result, heading: Heading, position: int) -> Sheet:
    scheme = result.scheme
    label = scheme.dimensions[position].label
    items = [each.items[position] for each in result.subjects]
    has_invalid = any(item.counts.invalid for item in items)
    return Sheet(
        name=f"得票-{label}",
        title=sheet_title(heading, f"得票统计表（{label}）"),
        header_lines=header_lines(result, heading),
        columns=(
            *subject_columns(_subjects(result)),
            *_vote_columns(scheme, has_invalid=has_invalid),
            *_upper_columns(scheme),
            _number("得分", 9),
        ),
        rows=tuple(
            (
                *cells,
                *_vote_cells(item.counts, item.shares, has_invalid=has_invalid),
                *((_upper_text(scheme, item.shares),) if has_upper_rate(scheme) else ()),
                _text(item.score),
            )
            for cells, item in zip(subject_cells(_subjects(result)), items, strict=True)
        ),
        notes=sheet_notes(result, heading),
        signature=SIGNATURE,
        code=verification_code(result),
    )


def group_sheet(result: Result, heading: Heading) -> Sheet:
    """Each subject's score by voter group (票种), or the sentence that says why it is withheld."""
    scheme = result.scheme
    title = sheet_title(heading, "各票种得分表")
    reason = _withheld_by_group(result)
    if reason:
        return Sheet("票种得分", title, withheld=reason, code=verification_code(result))
    return Sheet(
        name="票种得分",
        title=title,
        header_lines=(
            *header_lines(result, heading),
            tuple(f"{group.label}收回 {result.group_turnout[group.key].cast} 票" for group in scheme.groups),
        ),
        columns=(
            *subject_columns(_subjects(result)),
            *(
                _number(percent_text(group.weight), max(9, 2 * len(group.label) + 2), over=group.label)
                for group in scheme.groups
            ),
            _number("得分", 9),
            _number("名次", 6),
        ),
        rows=tuple(
            (*cells, *(_text(each.group_scores[group.key]) for group in scheme.groups), *_standing_cells(each))
            for cells, each in zip(subject_cells(_subjects(result)), result.subjects, strict=True)
        ),
        notes=sheet_notes(result, heading, "票种名称下方的百分数是该票种的权重。"),
        signature=SIGNATURE,
        code=verification_code(result),
    )


def explanation_sheet(result: Result, heading: Heading) -> Sheet:
    """The rules used, the warnings, and how each score came about from the counts (口径说明).

    The steps name the votes of each group, so they are withheld where the group sheet is.
    """
    reason = _withheld_by_group(result) if len(result.scheme.groups) > 1 else ""
    names = printed_names(_subjects(result))
    steps = (
        [("计算过程", reason)]
        if reason
        else [
            (names[each.subject.key], f"{number}. {step}" if len(each.explain) > 1 else step)
            for each in result.subjects
            for number, step in enumerate(each.explain, start=1)
        ]
    )
    return Sheet(
        name="口径说明",
        title=sheet_title(heading, "口径说明"),
        columns=(Column("项目", width=16), Column("说明", width=84)),
        rows=(
            ("考核方案", result.scheme.title),
            *(("口径", note) for note in result.notes),
            *(("提示", warning) for warning in result.warnings),
            *steps,
        ),
        code=verification_code(result),
    )


def result_sheets(result: Result, heading: Heading) -> tuple[Sheet, ...]:
    """All sheets that a result alone gives, in filing order. Without voter groups there is no group sheet."""
    return (
        summary_sheet(result, heading),
        *dimension_sheets(result, heading),
        *((group_sheet(result, heading),) if len(result.scheme.groups) > 1 else ()),
        explanation_sheet(result, heading),
    )


def _withheld_by_group(result: Result) -> str:
    return withheld_by_group({group.key: result.group_turnout[group.key].cast for group in result.scheme.groups})


def _subjects(result: Result) -> Sequence[Subject]:
    return tuple(each.subject for each in result.subjects)


def _vote_columns(scheme: Scheme, *, has_invalid: bool) -> tuple[Column, ...]:
    return (
        *(
            column
            for grade in scheme.grades
            for column in (_number("票数", 6, over=grade.label), _number("%", 8, over=grade.label))
        ),
        _number("弃权/未填", 10),
        *((_number("无效", 6),) if has_invalid else ()),
    )


def _vote_cells(counts: GradeCounts, shares: Sequence[GradeShare], *, has_invalid: bool) -> tuple[str, ...]:
    return (
        *(cell for share in shares for cell in (str(share.count), _text(share.rate))),
        str(counts.abstention + counts.skipped),
        *((str(counts.invalid),) if has_invalid else ()),
    )


def _upper_columns(scheme: Scheme) -> tuple[Column, ...]:
    return (_number(f"{upper_label(scheme)}%", 11),) if has_upper_rate(scheme) else ()


def _upper_text(scheme: Scheme, shares: Sequence[GradeShare]) -> str:
    """The two best rates added before they are rounded, as the tally does for the whole row."""
    best, second = shares[0].rate, shares[1].rate
    return NOTHING if best is None or second is None else round_text(best.exact + second.exact, scheme.decimals)


def _standing_cells(each: SubjectResult) -> tuple[str, str]:
    return _text(each.score), NOTHING if each.rank is None else str(each.rank)


def _number(label: str, width: int, over: str = "") -> Column:
    return Column(label, ColumnKind.NUMBER, width, over)


def _text(figure: Figure | None) -> str:
    return NOTHING if figure is None else figure.text
