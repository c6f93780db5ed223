"""The result as rows for programs: one head, one kind of row, no title and no notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kaohe.reports.csv_sheets import guarded
from kaohe.reports.figures import figure_text, rank_text
from kaohe.reports.heading import Heading
from kaohe.reports.sheet import NOTHING
from kaohe.reports.withholding import dimensions_withheld, numbers_withheld
from kaohe.tally.model import ItemResult, Result, SubjectResult

HEAD: Final = (
    *("测评单位", "测评", "轮次", "分表", "类别", "考核对象", "单位", "职务"),
    *("维度", "项目", "票数", "占比%", "得分", "名次", "等次"),
)
FINAL, SCORE = "最终结果", "得分"
"""What stands under 维度 in the row of the final result, and under 项目 in rows of a score."""
_ABSTAINED, _SKIPPED, _INVALID = "弃权", "漏选", "无效"


def data_rows(result: Result, heading: Heading) -> Iterator[tuple[str, ...]]:
    """The head, then for each subject its final result and, for each dimension, a row a grade and one for the score.

    Numbers are the text of the printed sheets, an empty cell where there is none. What the sheets withhold to protect
    small groups is not there.
    """
    yield HEAD
    for _, label, part in result.parts:
        yield from _section_rows(part, heading, label)


def _section_rows(result: Result, heading: Heading, section: str) -> Iterator[tuple[str, ...]]:
    scheme = result.scheme
    for subject_result in result.subjects:
        subject = subject_result.subject
        whose = tuple(
            guarded(text)
            for text in (
                heading.unit,
                heading.title,
                str(heading.round_number),
                section,
                subject.class_label,
                subject.name,
                subject.unit,
                subject.post,
            )
        )
        yield (*whose, *_final(subject_result))
        if scheme.has_votes and not dimensions_withheld(result):
            for dimension, item in zip(scheme.dimensions, subject_result.items, strict=True):
                if scheme.scale_of(dimension) is None or not numbers_withheld(result):
                    label = guarded(dimension.label)
                    yield from ((*whose, label, *cells) for cells in _item_rows(item))


def _final(subject_result: SubjectResult) -> tuple[str, ...]:
    rank, score = _known(rank_text(subject_result)), _known(figure_text(subject_result.score))
    return FINAL, SCORE, "", "", score, rank, guarded(subject_result.tier_label or "")


def _item_rows(item: ItemResult) -> Iterator[tuple[str, ...]]:
    """What stands behind the label of a dimension, from 项目 on."""
    counts = item.counts
    for share in item.shares:
        yield guarded(share.label), str(share.count), _known(figure_text(share.rate)), "", "", ""
    for label, count in ((_ABSTAINED, counts.abstention), (_SKIPPED, counts.skipped), (_INVALID, counts.invalid)):
        yield label, str(count), "", "", "", ""
    yield SCORE, "", "", _known(figure_text(item.score)), "", ""


def _known(text: str) -> str:
    return "" if text == NOTHING else text
