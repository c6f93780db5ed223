"""How the score of one cell came about: points, a rate, a table, votes, or numbers."""

from __future__ import annotations

from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.scheme import AbstentionRule, PercentBase, Scheme, ScoreRule
from kaohe.tally.scores.bases import BASE_LABELS
from kaohe.tally.scores.numbers import Numbers, Trimmed, votes_of
from kaohe.tally.scores.scoring import CellScore


def explain_cell(scheme: Scheme, cell: CellScore) -> str:
    """Return the sum of one cell as one step."""
    if cell.score is None:
        return "没有可以计分的票"
    if cell.trimmed is not None:
        return _number_step(scheme, cell, cell.trimmed, unrounded_text(cell.score))
    if scheme.score_by is ScoreRule.VOTES:
        return f"{best_label(scheme)} {unrounded_text(cell.score)} 票"
    if scheme.score_by is not ScoreRule.POINTS:
        return _rate_step(scheme, cell)
    terms = " + ".join(
        f"{grade.label} {votes} 票 × {_points_text(unrounded_text(grade.points))} 分"
        for grade, votes in zip(scheme.grades, cell.counts.grades, strict=True)
    )
    total = unrounded_text(cell.points_sum)
    return f"{terms} = {total}；{total} ÷ {_base_text(scheme, cell)} = {unrounded_text(cell.score)}"


def best_label(scheme: Scheme) -> str:
    """Name the grades whose votes make the rate."""
    return "、".join(grade.label for grade in scheme.grades[: scheme.rate_grades])


def _rate_step(scheme: Scheme, cell: CellScore) -> str:
    votes = unrounded_text(cell.points_sum)
    rate = unrounded_text(100 * cell.points_sum / cell.base)
    step = f"{best_label(scheme)} {votes} 票 ÷ {_base_text(scheme, cell)} × 100 = {rate}"
    if cell.row is None:
        return step
    under = cell.row.lower_under
    also = "" if under is None else f"，且其余等次的占比低于 {unrounded_text(under)}%"
    row = f"得票率 {unrounded_text(cell.row.at_least)}% 以上{also}"
    return f"{step}；对照表：{row}，得 {unrounded_text(cell.row.score)} 分"


def _number_step(scheme: Scheme, cell: CellScore, trimmed: Trimmed, mean: str) -> str:
    gone = "，".join(
        f"去掉{name} {_numbers_text(numbers)}"
        for name, numbers in (("最高分", trimmed.high), ("最低分", trimmed.low))
        if numbers
    )
    total = unrounded_text(cell.points_sum)
    kept = votes_of(trimmed.kept)
    if gone:
        return f"{gone}，其余 {kept} 个分数合计 {total}；{total} ÷ {cell.base} = {mean}"
    return f"{kept} 个分数合计 {total}；{total} ÷ {_base_text(scheme, cell)} = {mean}"


def _numbers_text(numbers: Numbers) -> str:
    return "、".join(unrounded_text(number) for number, votes in numbers for _ in range(votes))


def _points_text(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _base_text(scheme: Scheme, cell: CellScore) -> str:
    if scheme.score_base is PercentBase.VALID and scheme.abstention is AbstentionRule.ZERO:
        silent = cell.counts.abstention + cell.counts.skipped
        return f"（有效票 {cell.counts.valid} + 弃权和漏选 {silent}）"
    return f"{BASE_LABELS[scheme.score_base]} {cell.base}"
