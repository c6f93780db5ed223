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
from kaohe.reports.heading import SIGNATURE, Heading, header_lines, sheet_notes, sheet_title, subject_part
from kaohe.reports.sheet import Column, Sheet
from kaohe.reports.withholding import dimensions_withheld, numbers_withheld
from kaohe.tally.model import ItemResult, Result
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
    items = [subject.items[position] for subject in result.subjects]
    has_invalid = any(item.counts.invalid for item in items)
    columns, rows = subject_part([subject_result.subject for subject_result in result.subjects])
    if scale is None:
        vote_columns, cells = _grade_part(scheme, items, has_invalid=has_invalid)
    else:
        vote_columns, cells = _number_part(scheme, scale, items, has_invalid=has_invalid)
    return Sheet(
        name=f"{kind}-{dimension.label}",
        title=sheet_title(heading, f"{kind}统计表", dimension.label),
        header_lines=header_lines(result, heading),
        columns=(*columns, *vote_columns, number("得分", 9)),
        rows=tuple(
            (*who, *votes, figure_text(item.score)) for who, votes, item in zip(rows, cells, items, strict=True)
        ),
        notes=sheet_notes(result, heading, *_dimension_notes(scheme, dimension, scale)),
        signature=SIGNATURE,
    )


def _grade_part(
    scheme: Scheme, items: list[ItemResult], *, has_invalid: bool
) -> tuple[tuple[Column, ...], list[tuple[str, ...]]]:
    return vote_columns(scheme, has_invalid=has_invalid), [
        vote_cells(scheme, item.counts, item.shares, has_invalid=has_invalid) for item in items
    ]


def _number_part(
    scheme: Scheme, scale: NumberScale, items: list[ItemResult], *, has_invalid: bool
) -> tuple[tuple[Column, ...], list[tuple[str, ...]]]:
    columns = (
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
    return columns, [
        (
            str(item.counts.valid),
            *rest_cells(item.counts, has_invalid=has_invalid),
            *number_spread(scheme, item.counts),
            *share_cells(item.shares),
        )
        for item in items
    ]


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
