"""How a score came about, in Chinese steps that a person can redo on paper."""

from __future__ import annotations

from kaohe.tally.bases import BASE_LABELS
from kaohe.tally.rounding import percent_text, round_text, unrounded_text
from kaohe.tally.scheme import AbstentionRule, EmptyGroupRule, PercentBase, Scheme
from kaohe.tally.scoring import CellScore
from kaohe.tally.weighting import ItemScore, SubjectScore, filled_weight, weighted_sum


def explain_subject(scheme: Scheme, scored: SubjectScore) -> tuple[str, ...]:
    """Return one sentence per step, from the counts to the printed score, in the order of the sum.

    Numbers between the steps are not rounded; ``…`` marks digits that are left off.
    """
    steps: list[str] = []
    for item in scored.items:
        steps.extend(_item_steps(scheme, item))
    if len(scored.items) > 1 and scored.score is not None:
        terms = " + ".join(
            f"{item.dimension.label} {unrounded_text(item.score)} × {percent_text(item.dimension.weight)}"
            for item in scored.items
            if item.score is not None
        )
        steps.append(f"各维度加权：{terms} = {unrounded_text(scored.score)}")
    if scored.score is None:
        empty = "、".join(item.dimension.label for item in scored.items if item.score is None)
        steps.append(f"「{empty}」没有可以计分的票，因此没有得分。")
    else:
        steps[-1] += f"，四舍五入保留 {scheme.decimals} 位得 {round_text(scored.score, scheme.decimals)}"
    return tuple(steps)


def _item_steps(scheme: Scheme, item: ItemScore) -> list[str]:
    item_name = f"【{item.dimension.label}】" if len(scheme.dimensions) > 1 else ""
    one_group = len(item.cells) == 1
    steps = [
        f"{item_name}{'' if one_group else cell.group.label + '：'}{_cell_step(scheme, cell)}" for cell in item.cells
    ]
    if not one_group and item.score is not None:
        steps.append(f"{item_name}各票种加权：{_weighing_step(scheme, item)}")
    return steps


def _cell_step(scheme: Scheme, cell: CellScore) -> str:
    if cell.score is None:
        return "没有可以计分的票"
    terms = " + ".join(
        f"{grade.label} {votes} 票 × {_points_text(unrounded_text(grade.points))} 分"
        for grade, votes in zip(scheme.grades, cell.counts.grades, strict=True)
    )
    total = unrounded_text(cell.points_sum)
    return f"{terms} = {total}；{total} ÷ {_base_text(scheme, cell)} = {unrounded_text(cell.score)}"


def _points_text(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _base_text(scheme: Scheme, cell: CellScore) -> str:
    if scheme.score_base is PercentBase.VALID and scheme.abstention is AbstentionRule.ZERO:
        silent = cell.counts.abstention + cell.counts.skipped
        return f"（有效票 {cell.counts.valid} + 弃权和漏选 {silent}）"
    return f"{BASE_LABELS[scheme.score_base]} {cell.base}"


def _weighing_step(scheme: Scheme, item: ItemScore) -> str:
    terms = " + ".join(
        f"{unrounded_text(cell.score)} × {percent_text(cell.group.weight)}"
        for cell in item.cells
        if cell.score is not None
    )
    total = unrounded_text(weighted_sum(item.cells))
    empty = [cell.group for cell in item.cells if cell.score is None]
    if not empty:
        return f"{terms} = {total}"
    names = "、".join(group.label for group in empty)
    if scheme.empty_group is EmptyGroupRule.ZERO:
        return f"{terms} + {names} 0 分 = {total}"
    weight = percent_text(filled_weight(item.cells))
    share = unrounded_text(weighted_sum(item.cells) / filled_weight(item.cells))
    return f"（{terms}）÷ {weight} = {total} ÷ {weight} = {share}，其中 {names} 无票，权重按比例分给其余票种"
