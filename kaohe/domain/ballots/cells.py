"""The places of a form, and the codes that stand for what is written there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from kaohe.domain.ballots.fields import ABSTAIN, LEFT_OUT
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scales import NumberScale

OPEN, _ABSTAINED, _LEFT_OUT, _INVALID = 1, 2, 3, 4
"""The highest codes that fit, counted from the end: the same whatever the scale."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a form, and what may be written there."""

    subject: str
    item: str
    """A dimension's key, or a question item."""
    field: str
    marks: tuple[str, ...]
    """What may be chosen, best first; empty for a number."""
    scale: NumberScale | None
    may_abstain: bool
    may_leave_out: bool
    is_answer: bool
    """Answers may be left open; all else must be filled."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What may be written in a cell, each as a number of ``width`` bytes."""

    width: int
    code_of: Mapping[str, int]
    mark_of: Mapping[int, str]

    @property
    def open(self) -> int:
        """A cell that was left open: an answer, or any cell on paper."""
        return int(256**self.width) - OPEN

    @property
    def invalid(self) -> int:
        """A cell on paper that cannot be read as one mark."""
        return int(256**self.width) - _INVALID


def codes_of(cell: Cell) -> Codes:
    """The codes of a cell; equal for all cells of one kind."""
    return _codes(cell.marks, cell.scale, may_abstain=cell.may_abstain, may_leave_out=cell.may_leave_out)


@lru_cache(maxsize=256)
def _codes(marks: tuple[str, ...], scale: NumberScale | None, *, may_abstain: bool, may_leave_out: bool) -> Codes:
    found = dict(enumerate(marks)) if scale is None else _numbers(scale)
    highest = max(found) if found else 0
    width = 1
    while highest + _INVALID >= 256**width:
        width += 1
    if may_abstain:
        found[256**width - _ABSTAINED] = ABSTAIN
    if may_leave_out:
        found[256**width - _LEFT_OUT] = LEFT_OUT
    return Codes(width, {mark: code for code, mark in found.items()}, found)


def _numbers(scale: NumberScale) -> dict[int, str]:
    """The numbers of a scale by their step; without those that no decimal can write, as nobody can give them."""
    steps = int((scale.high - scale.low) / scale.step)
    texts = {step: unrounded_text(scale.low + step * scale.step) for step in range(steps + 1)}
    return {step: text for step, text in texts.items() if not text.endswith("…")}
