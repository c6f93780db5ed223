"""How many have which tier, and who they are (等次名单): the list that is put up for the public notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from kaohe.reports.figures import number
from kaohe.reports.heading import OFFICE_SIGNS, TELLERS_SIGN, Heading, brief_notes, printed_names, sheet_title
from kaohe.reports.sheet import NOTHING, RULES_ELSEWHERE, Column, Sheet
from kaohe.reports.summary import UNDECIDED
from kaohe.tally.model import Result, SubjectResult
from kaohe.tally.resulting import ELECTED, OTHERS
from kaohe.tally.rounding import round_text
from kaohe.tally.scheme.scheme import Scheme

_WITHOUT = "不定等次"


def has_tiers(scheme: Scheme) -> bool:
    """Whether the scheme awards tiers or seats."""
    return bool(scheme.bands or scheme.choose)


def tier_sheet(result: Result, heading: Heading) -> Sheet:
    """One row per class and tier, best first; a share is that of those who have a tier in the class."""
    scheme = result.scheme
    classes = list(dict.fromkeys(subject_result.subject.class_label for subject_result in result.subjects))
    several = len(classes) > 1
    rows = [
        (*((label,) if several else ()), *row)
        for label in classes
        for row in _rows(
            result,
            [subject_result for subject_result in result.subjects if subject_result.subject.class_label == label],
        )
    ]
    tiered = sum(subject.tier is not None for subject in result.subjects)
    word, size = ("名次", "个数") if scheme.choose else ("等次", "人数")
    return Sheet(
        name="当选名单" if scheme.choose else "等次名单",
        title=sheet_title(heading, "票决结果名单" if scheme.choose else "等次名单汇总表"),
        header_lines=(
            (f"单位：{heading.unit or '____'}",),
            (
                f"应参加考核 {len(result.subjects)}",
                f"参加定{word} {tiered}",
                f"{UNDECIDED if scheme.choose else _WITHOUT} {len(result.subjects) - tiered}",
            ),
        ),
        columns=(
            *((Column("类别", width=16),) if several else ()),
            Column("结果" if scheme.choose else "等次", width=14),
            number(size, 8),
            number("占比%", 10),
            Column("名单", width=62),
        ),
        rows=tuple(rows),
        notes=brief_notes(
            heading,
            f"占比为除以参加定{word}的{size}。",
            "等次以最后一步审定的为准，未经审定的为建议等次。" if result.ruled_steps else "",
            RULES_ELSEWHERE,
        ),
        signature=TELLERS_SIGN if scheme.choose else OFFICE_SIGNS,
    )


def _rows(result: Result, subjects: Sequence[SubjectResult]) -> Iterator[tuple[str, ...]]:
    names = printed_names([subject_result.subject for subject_result in result.subjects])
    tiered = sum(subject.tier is not None for subject in subjects)

    def row(label: str, subject_results: Sequence[SubjectResult], *, is_tier: bool) -> tuple[str, ...]:
        share = (
            round_text(Fraction(100 * len(subject_results), tiered), result.scheme.decimals)
            if tiered and is_tier
            else NOTHING
        )
        return (
            label,
            str(len(subject_results)),
            share,
            "、".join(names[subject_result.subject.key] for subject_result in subject_results) or NOTHING,
        )

    for key, label in tiers_of(result.scheme):
        yield row(label, [subject for subject in subjects if subject.tier == key], is_tier=True)
    without = [subject for subject in subjects if subject.tier is None]
    if without:
        yield row(UNDECIDED if result.scheme.choose else _WITHOUT, without, is_tier=False)


def tiers_of(scheme: Scheme) -> tuple[tuple[str, str], ...]:
    """Key and label of every tier, best first."""
    if scheme.choose:
        return (ELECTED, scheme.choose.elected), (OTHERS, scheme.choose.others)
    return tuple((band.key, band.label) for band in scheme.bands)
