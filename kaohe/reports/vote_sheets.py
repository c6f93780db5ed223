"""One sheet per dimension: the votes by grade, or what became of the numbers that voters gave."""

from __future__ import annotations

from collections.abc import Iterator

from kaohe.reports.figures import (
    figure_text,
    number,
    number_spread,
    rest_cells,
    rest_columns,
    share_cells,
    share_columns,
    vote_cells,
    vote_columns,
)
from kaohe.reports.heading import Heading, sheet_title, subject_sheet
from kaohe.reports.sheet import Column, Sheet
from kaohe.reports.withholding import dimensions_withheld, numbers_withheld
from kaohe.tally.model import Result, SubjectResult
from kaohe.tally.rounding import percent_text, unrounded_text
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Combine, Dimension, Scheme


def dimension_sheets(result: Result, heading: Heading) -> Iterator[tuple[str, Sheet]]:
    """The sheets in the scheme's order, each with its key; one more says why some are withheld, where they are."""
    reasons: dict[str, list[str]] = {}
    for position, dimension in enumerate(result.scheme.dimensions):
        is_number = result.scheme.scale_of(dimension) is not None
        reason = dimensions_withheld(result) or (numbers_withheld(result) if is_number else "")
        if reason:
            reasons.setdefault(reason, []).append(dimension.label)
        else:
            yield f"votes-{dimension.key}", _dimension_sheet(result, heading, position)
    for reason, labels in reasons.items():
        title = sheet_title(heading, "得票统计表")
        yield "votes-withheld", Sheet("得票统计", title, withheld=f"{'、'.join(labels)}：{reason}")


def _dimension_sheet(result: Result, heading: Heading, position: int) -> Sheet:
    scheme = result.scheme
    dimension = scheme.dimensions[position]
    scale = scheme.scale_of(dimension)
    kind = "得票" if scale is None else "打分"
    has_invalid = any(subject.items[position].counts.invalid for subject in result.subjects)
    votes = (
        vote_columns(scheme, has_invalid=has_invalid)
        if scale is None
        else _number_columns(scale, has_invalid=has_invalid)
    )

    def cells(subject: SubjectResult) -> tuple[str, ...]:
        item = subject.items[position]
        if scale is None:
            given = vote_cells(scheme, item.counts, item.shares, has_invalid=has_invalid)
        else:
            given = (
                str(item.counts.valid),
                *rest_cells(item.counts, has_invalid=has_invalid),
                *number_spread(scheme, item.counts),
                *share_cells(item.shares),
            )
        return (*given, figure_text(item.score))

    return subject_sheet(
        result,
        heading,
        (f"{kind}-{dimension.label}", f"{kind}统计表"),
        (*votes, number("得分", 9)),
        cells,
        *_dimension_notes(scheme, dimension, scale),
        detail=dimension.label,
    )


def _number_columns(scale: NumberScale, *, has_invalid: bool) -> tuple[Column, ...]:
    return (
        number("打分票数", 10),
        *rest_columns(has_invalid=has_invalid),
        *(number(label, 9, over="所打分数") for label in ("最高", "最低", "平均")),
        *share_columns(
            [
                (band.key, f"{band.label} {unrounded_text(band.low)}–{unrounded_text(band.high)} 分")
                for band in scale.ranges
            ]
        ),
    )


def _dimension_notes(scheme: Scheme, dimension: Dimension, scale: NumberScale | None) -> Iterator[str]:
    branches = "".join(f"{branch.label}—" for branch in dimension.within)
    full = "" if scale is None else f"，打分范围 {unrounded_text(scale.low)}–{unrounded_text(scale.high)} 分"
    if len(scheme.dimensions) > 1:
        weight = "各维度得分相加" if scheme.combine is Combine.SUM else f"权重 {percent_text(dimension.weight)}"
        yield f"本表维度：{branches}{dimension.label}，{weight}{full}。"
    elif full:
        yield f"本表维度：{dimension.label}{full}。"
    if scale is not None and len(scheme.fillers(dimension)) > 1:
        yield "“平均”为全部打分的平均；“得分”为各票种分别平均后加权。"
    elif scale is not None and scheme.trim is not None:
        yield "“平均”为全部打分的平均；“得分”为去掉最高分和最低分后的平均。"
    if dimension.groups:
        yield f"本维度由{'、'.join(group.label for group in scheme.fillers(dimension))}填写。"
