"""Subjects of published results for tests that put several of them together."""

from __future__ import annotations

from kaohe.domain.published_results import FoundLine, PublishedLine


def found(
    name: str,
    score: str = "90.00",
    *,
    unit: str = "一科",
    label: str = "",
    tier: str = "",
    tier_index: int | None = None,
    top: bool = False,
    full: bool | None = None,
    person: str = "",
    is_person: bool = True,
) -> FoundLine:
    line = PublishedLine(
        key=name, name=name, is_person=is_person, unit=unit, post="", class_label=label, section="", score=score,
        rank=1, among=1, tier=tier, tier_index=tier_index, is_top=top, has_full_marks=full, decisions=(), periods=(),
    )  # fmt: skip
    return FoundLine("m", "考核", "统计局", None, line, person)
