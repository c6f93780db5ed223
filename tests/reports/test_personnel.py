"""Tables over many published results: who is named in them cannot be taken for somebody else."""

from __future__ import annotations

from found_lines import found

from kaohe.domain.comparisons import compare
from kaohe.reports.personnel import comparison_sheets


def test_who_has_one_result_only_is_told_from_namesakes_by_place() -> None:
    before = [found("王芳", "80"), found("王芳", "85", unit="二科"), found("陈静", "80")]
    after = [found("王芳", "84"), found("王芳", "88", unit="三科")]
    by_class, _ = comparison_sheets("第一季度", "第二季度", compare(before, after))
    assert by_class.notes[1:] == (
        "只在前一期有结果的 2 个：王芳（二科）、陈静。",
        "只在后一期有结果的 1 个：王芳（三科）。",
    )
