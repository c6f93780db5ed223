"""How a score came about, in Chinese steps that a person can redo on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from kaohe.tally.periods import NOT_ASSESSED
from kaohe.tally.rounding import percent_text, round_text, unrounded_text
from kaohe.tally.scheme.dimension_tree import TreeNode, dimension_tree
from kaohe.tally.scheme.scheme import Combine, EmptyGroupRule, Scheme
from kaohe.tally.scores.cell_explaining import explain_cell
from kaohe.tally.scores.weighting import ItemScore, SubjectScore, filled_weight, weighted_sum

NO_VALID_BALLOT = "无有效票，不产生人选。"
NO_VOTE_FOR_ANYBODY = "无人得票，不产生人选。"


def explain_subject(scheme: Scheme, scored: SubjectScore) -> list[str]:
    """Return one sentence per step, from the counts to the exact score of the votes, in the order of the sum.

    Numbers between the steps are not rounded; ``…`` marks digits that are left off.
    """
    steps: list[str] = []
    for item in scored.items:
        steps.extend(_item_steps(scheme, item))
    if scored.score is None:
        empty = "、".join(item.dimension.label for item in scored.items if item.score is None)
        return [*steps, f"「{empty}」没有可以计分的票，因此没有得分。"]
    if len(scored.items) > 1:
        scores = {item.dimension.key: item.score for item in scored.items if item.score is not None}
        tree = dimension_tree(item.dimension for item in scored.items)
        for node in tree:
            steps.extend(_branch_steps(scheme, node, scores))
        name = "各维度加权" if scheme.combine is Combine.WEIGHTED else "各维度相加"
        steps.append(f"{name}：{_node_terms(scheme, tree, scores)} = {unrounded_text(scored.score)}")
    return steps


def closed(steps: Sequence[str], exact: Fraction, decimals: int) -> tuple[str, ...]:
    """Add to the last step how its number is rounded."""
    last = f"{steps[-1]}，四舍五入保留 {decimals} 位得 {round_text(exact, decimals)}"
    return (*steps[:-1], last)


def _branch_steps(scheme: Scheme, node: TreeNode, scores: Mapping[str, Fraction]) -> list[str]:
    if not node.children:
        return []
    steps = [step for child in node.children for step in _branch_steps(scheme, child, scores)]
    total = unrounded_text(_node_score(scheme, node, scores))
    return [*steps, f"【{node.label}】{_node_terms(scheme, node.children, scores)} = {total}"]


def _node_terms(scheme: Scheme, nodes: Iterable[TreeNode], scores: Mapping[str, Fraction]) -> str:
    return " + ".join(
        f"{node.label} {unrounded_text(_node_score(scheme, node, scores))}"
        + (f" × {percent_text(node.share)}" if scheme.combine is Combine.WEIGHTED else "")
        for node in nodes
    )


def _node_score(scheme: Scheme, node: TreeNode, scores: Mapping[str, Fraction]) -> Fraction:
    weight = sum((leaf.weight for leaf in node.leaves), start=Fraction(0))
    total = sum((scores[leaf.key] * leaf.weight for leaf in node.leaves), start=Fraction(0))
    return total / weight if scheme.combine is Combine.WEIGHTED else total


def _item_steps(scheme: Scheme, item: ItemScore) -> list[str]:
    item_name = f"【{item.dimension.label}】" if len(scheme.dimensions) > 1 else ""
    one_group = len(item.cells) == 1
    steps = [
        f"{item_name}{'' if one_group else cell.group.label + '：'}{explain_cell(scheme, cell)}" for cell in item.cells
    ]
    if not one_group and item.score is not None:
        steps.append(f"{item_name}各票种加权：{_weighing_step(scheme, item)}")
    return steps


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


def not_assessed_remark(periods: str) -> str:
    """What stands behind a mean of periods that leaves some out; '' where ``periods`` names none."""
    return f"（{periods}{NOT_ASSESSED}，不计入）" if periods else ""
