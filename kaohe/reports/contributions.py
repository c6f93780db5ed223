"""The parts of a score, for a screen with room for one bar and one line of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from kaohe.reports.figures import branch_score, figure_text, scored_branches
from kaohe.tally.model import Figure, Result, SubjectResult
from kaohe.tally.scheme.dimension_tree import TreeNode
from kaohe.tally.scheme.scheme import Combine, Scheme

MOST_PARTS: Final = 6
"""With more parts than these there is only the score itself."""
_FULL_MARKS: Final = Fraction(100)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One part of a score: its own score as it is printed, and how much of full marks it brings."""

    label: str
    text: str
    share: Fraction
    """0 to 1; the shares of one subject together are at most 1."""


def contribution_labels(result: Result) -> tuple[str, ...]:
    """The parts' names, in the order of :func:`contributions`; one name where the score has no parts to show."""
    scheme = result.scheme
    if _has_components(scheme):
        return tuple(component.label for component in scheme.components)
    return tuple(node.label for node in _branches(result)) or ("得分",)


def contributions(result: Result, subject_result: SubjectResult) -> tuple[Contribution, ...]:
    """The components of a score, else its topmost branches, else the score as a whole."""
    scheme, room = result.scheme, Fraction(1)
    parts = []
    for label, figure, share in _parts(result, subject_result):
        full = _FULL_MARKS if scheme.components else _full(scheme)
        brought = figure.exact * share / full if figure and full > 0 else Fraction(0)
        fitting = min(max(brought, Fraction(0)), room)
        room -= fitting
        parts.append(Contribution(label, figure_text(figure), fitting))
    return tuple(parts)


def _parts(result: Result, subject_result: SubjectResult) -> Iterator[tuple[str, Figure | None, Fraction]]:
    """Label, score, and what a point of it is worth in the final score."""
    scheme, branches = result.scheme, _branches(result)
    if _has_components(scheme):
        for component, found in zip(scheme.components, subject_result.components, strict=True):
            yield component.label, found.score, component.weight
    elif branches:
        for node in branches:
            weight = sum((leaf.weight for leaf in node.leaves), start=Fraction(0))
            share = weight if scheme.combine is Combine.WEIGHTED else Fraction(1)
            yield node.label, branch_score(scheme, node, subject_result), share
    else:
        yield "得分", subject_result.score, Fraction(1)


def _has_components(scheme: Scheme) -> bool:
    return 1 < len(scheme.components) <= MOST_PARTS


def _branches(result: Result) -> tuple[TreeNode, ...]:
    branches = () if result.scheme.components else scored_branches(result)
    return branches if len(branches) <= MOST_PARTS else ()


def _full(scheme: Scheme) -> Fraction:
    """The score of full marks."""
    best = max((grade.points for grade in scheme.grades), default=_FULL_MARKS)
    return sum(
        (leaf.weight * (scale.high if (scale := scheme.scale_of(leaf)) else best) for leaf in scheme.dimensions),
        start=Fraction(0),
    )
