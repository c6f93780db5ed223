"""Dimensions hung on their branches: 绩 = 业务工作 70% + 中心工作 30%."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from kaohe.tally.scheme.scheme import Dimension


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A leaf or a branch, with its share of what it hangs on."""

    key: str
    label: str
    share: Fraction
    leaves: tuple[Dimension, ...]
    children: tuple[TreeNode, ...]
    """Empty for a leaf."""


def dimension_tree(dimensions: Iterable[Dimension], depth: int = 0) -> tuple[TreeNode, ...]:
    """Hang the leaves on their branches; neighbours with the same branch hang together."""
    nodes: list[TreeNode] = []
    waiting = list(dimensions)
    while waiting:
        first = waiting[0]
        if len(first.within) == depth:
            share = first.weight / prod((branch.weight for branch in first.within), start=Fraction(1))
            nodes.append(TreeNode(first.key, first.label, share, (first,), ()))
            waiting.pop(0)
            continue
        branch = first.within[depth]
        leaves = tuple(dimension for dimension in waiting if dimension.within[depth : depth + 1] == (branch,))
        waiting = [dimension for dimension in waiting if dimension not in leaves]
        nodes.append(TreeNode(branch.key, branch.label, branch.weight, leaves, dimension_tree(leaves, depth + 1)))
    return tuple(nodes)
