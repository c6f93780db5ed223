"""How a score came about, in Chinese steps that a person can redo on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from kaohe.tally.periods import NOT_ASSESSED
from kaohe.tally.rounding import percent_text, round_text, unrounded_text
from kaohe.tally.scheme.dimension_tree import TreeNode, dimension_tree
from kaohe.tally.scheme.scheme import Combine, EmptyGroupRule, Scheme
from kaohe.tally.scores.bases import BASE_LABELS
from kaohe.tally.scores.cell_explaining import explain_cell
from kaohe.tally.scores.weighting import ItemScore, SubjectScore, filled_weight, weighted_sum

NO_VALID_BALLOT = "无有效票，不产生人选。"
NO_VOTE_FOR_ANYBODY = "无人得票，不产生人选。"
NO_MAJORITY = "无人得票超过规定的比例，不产生人选。"


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


def voted_step(scheme: Scheme, votes: Sequence[int], base: int, index: int) -> str:
    """Say how the votes decided about a tier: which shares were missed before one was exceeded."""
    looked_at = [
        majority_text(
            scheme,
            f"{'、'.join(grade.label for grade in scheme.grades[: band.grades])}共",
            sum(votes[: band.grades]),
            band.over,
            base,
            is_met=number == index,
        )
        for number, band in enumerate(scheme.bands[: index + 1])
        if band.over is not None
    ]
    return f"表决：{'；'.join(looked_at)}，为{scheme.bands[index].label}"


def majority_text(scheme: Scheme, what: str, votes: int, share: Fraction, base: int, *, is_met: bool) -> str:
    """Say whether some votes are more than a share of the rates' base."""
    exceeded = "超过" if is_met else "没有超过"
    return f"{what} {votes} 票，{exceeded}{BASE_LABELS[scheme.rate_base]} {base} 的 {percent_text(share)}"


def seats_step(label: str, seats: int, why: str, outcome: str) -> str:
    """Say what somebody came to who stood for one of the seats of a class; ``why`` is '' for the number of votes."""
    return f"{label}名额 {seats} 个，{why or '按票数从多到少'}：{outcome}"


def vacant_warning(label: str, seats: int, elected: int, outcome: str) -> str:
    """Say that seats of a class stay empty because nobody else has the majority that is asked for."""
    name = f"「{label}」" if label else ""
    return f"{name}名额 {seats} 个，{outcome} {elected} 个，其余得票不够：是否再次投票，请会议决定。"


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
