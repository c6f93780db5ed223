"""A figure beside its target, and the best of several runs of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Better(StrEnum):
    """Which of two runs of a figure is the better one."""

    LESS = "less"
    MORE = "more"


@dataclass(frozen=True)
class Line:
    """One figure beside its target."""

    name: str
    measured: float
    unit: str
    target: str
    is_met: bool
    better: Better = Better.LESS
    is_strict: bool = False
    """Whether it must hold in every run, so that the worst one counts: no other run makes a lost ballot good."""
    runs: tuple[float, ...] = ()
    """What each run has given, in their order."""


def at_most(name: str, measured: float, limit: float, unit: str) -> Line:
    """A figure that must not be larger; one that must be nothing must be so in every run."""
    figure = round(measured, 3)
    return Line(name, figure, unit, f"≤ {limit:g} {unit}", measured <= limit, is_strict=limit == 0, runs=(figure,))


def at_least(name: str, measured: float, limit: float, unit: str) -> Line:
    """A figure that must not be smaller."""
    figure = round(measured, 3)
    return Line(name, figure, unit, f"≥ {limit:g} {unit}", measured >= limit, Better.MORE, runs=(figure,))


def noted(name: str, measured: float, unit: str) -> Line:
    """A figure without a target of its own; as it is a cost, the smaller one is the better."""
    return Line(name, round(measured, 3), unit, "", is_met=True, runs=(round(measured, 3),))


def best_of(runs: int, part: Callable[[], Iterator[Line]]) -> Iterator[Line]:
    """The lines of a part that is run so often, each with its best figure."""
    seen = [list(part()) for _ in range(runs)]
    for same in zip(*seen, strict=True):
        yield _best(same)


def _best(same: Sequence[Line]) -> Line:
    first = same[0]
    if len(same) == 1:
        return first
    wants_more = (first.better is Better.MORE) != first.is_strict
    chosen = (max if wants_more else min)(same, key=lambda line: line.measured)
    return replace(chosen, runs=tuple(line.measured for line in same))
