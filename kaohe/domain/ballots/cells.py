"""The cells of a ballot style, and the codes for what is written in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from kaohe.domain.ballots.fields import ABSTAIN, LEFT_OUT
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scores.numbers import read_number

OPEN, _ABSTAINED, _LEFT_OUT, _INVALID = 1, 2, 3, 4
"""The highest codes that fit, counted from the end: the same whatever the scale."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a form, and what may be written there."""

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
    highest = len(marks) - 1 if scale is None else _steps(scale)
    width = 1
    while highest + _INVALID >= 256**width:
        width += 1
    kept = {ABSTAIN: 256**width - _ABSTAINED} if may_abstain else {}
    kept |= {LEFT_OUT: 256**width - _LEFT_OUT} if may_leave_out else {}
    code_of, mark_of = {mark: code for code, mark in enumerate(marks)} | kept, dict(enumerate(marks))
    if scale is not None:
        code_of, mark_of = _NumberCodes(scale, kept), _NumberMarks(scale)
    mark_of |= {code: mark for mark, code in kept.items()}
    return Codes(width, code_of, mark_of)


def _steps(scale: NumberScale) -> int:
    return int((scale.high - scale.low) / scale.step)


class _NumberCodes(dict[str, int]):
    """The step of each number as it is written; worked out when it is first met, as a scale may have very many."""

    def __init__(self, scale: NumberScale, kept: Mapping[str, int]) -> None:
        super().__init__(kept)
        self._scale = scale

    def __missing__(self, mark: str) -> int:
        number = read_number(self._scale, mark)
        if number is None or unrounded_text(number) != mark:
            raise KeyError(mark)
        code = self[mark] = int((number - self._scale.low) / self._scale.step)
        return code


class _NumberMarks(dict[int, str]):
    """The code of each mark; the inverse of ``mark_of``."""

    def __init__(self, scale: NumberScale) -> None:
        super().__init__()
        self._scale = scale

    def __missing__(self, code: int) -> str:
        mark = unrounded_text(self._scale.low + code * self._scale.step)
        # A third of a point is a step of some scales, and no decimal that anybody could have written.
        if code > _steps(self._scale) or mark.endswith("…"):
            raise KeyError(code)
        self[code] = mark
        return mark
