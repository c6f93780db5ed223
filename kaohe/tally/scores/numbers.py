"""Numbers that voters wrote (打分): reading them, their mean, and the mean without the extremes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kaohe.tally.scheme.scales import NumberScale, Trim

_WRITTEN = re.compile(r"-?[0-9]{1,7}(\.[0-9]{1,6})?")

Numbers = tuple[tuple[Fraction, int], ...]
"""Each number once, ascending, and how often it was given."""


def read_number(scale: NumberScale, mark: str) -> Fraction | None:
    """Read a mark as a number of the scale; None where it is not one."""
    if not _WRITTEN.fullmatch(mark):
        return None
    number = Fraction(mark)
    return number if scale.holds(number) else None


def numbers_of(found: Mapping[Fraction, int]) -> Numbers:
    """Put counted numbers in order; what was never given is left out."""
    return tuple(sorted((number, votes) for number, votes in found.items() if votes))


def votes_of(numbers: Numbers) -> int:
    """Return how many numbers there are."""
    return sum(votes for _, votes in numbers)


def sum_of(numbers: Numbers) -> Fraction:
    """Return the sum of all numbers."""
    return sum((number * votes for number, votes in numbers), start=Fraction(0))


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Numbers from which the extremes were taken."""

    kept: Numbers
    high: Numbers = ()
    low: Numbers = ()


def trim_numbers(numbers: Numbers, trim: Trim | None) -> Trimmed:
    """Leave out the highest and the lowest, where there are enough numbers for that."""
    if trim is None or votes_of(numbers) < trim.begins_at:
        return Trimmed(numbers)
    rest, low = _taken(numbers, trim.low)
    kept, high = _taken(tuple(reversed(rest)), trim.high)
    return Trimmed(tuple(reversed(kept)), high, low)


def _taken(numbers: Numbers, wanted: int) -> tuple[Numbers, Numbers]:
    """Take so many from the front; return what is left and what was taken."""
    left: list[tuple[Fraction, int]] = []
    taken: list[tuple[Fraction, int]] = []
    for number, votes in numbers:
        part = min(votes, wanted)
        wanted -= part
        if part:
            taken.append((number, part))
        if votes > part:
            left.append((number, votes - part))
    return tuple(left), tuple(taken)
