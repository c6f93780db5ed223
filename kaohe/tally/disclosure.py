"""What published numbers give away of a small voter group (差减推算), decided over whole numbers.

Published are, for every item, the votes of all groups together and the weighted score as it was rounded; of every group
how many ballots it cast. A group with fewer than ``FEWEST_GROUP_BALLOTS`` is protected: its own votes are never listed.
They are given away all the same where only one table of votes fits everything that is published. See
docs/adr/0020 for what is exact here and what is decided for safety's sake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Final

from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS

TRIES_AT_MOST: Final = 20_000
"""Tables tried before the answer is given for safety's sake: the votes may be given away."""
_OPEN_ENDED: Final = 2
"""So many groups are left to the arithmetic once every other one has been filled."""


@dataclass(frozen=True, slots=True)
class CellOption:
    """One way to fill a cell: what it is worth, and whether it enters the mean."""

    points: Fraction
    is_counted: bool


@dataclass(frozen=True, slots=True)
class GroupPart:
    """One voter group's part of an item."""

    key: str
    weight: Fraction
    votes: tuple[int, ...]
    """What it really chose, by option. Nobody outside knows more of it than its sum."""
    base: int | None = None
    """What its points are divided by; None for the votes that are counted."""

    @property
    def ballots(self) -> int:
        """How many ballots it cast on this item: published."""
        return sum(self.votes)

    @property
    def is_protected(self) -> bool:
        """Whether the group is so small that its votes must not be known."""
        return 0 < self.ballots < FEWEST_GROUP_BALLOTS


@dataclass(frozen=True, slots=True)
class PublishedItem:
    """One subject on one dimension as it is published."""

    options: tuple[CellOption, ...]
    groups: tuple[GroupPart, ...]
    score_from: Fraction | None
    """The weighted score lies in ``score_from <= score < score_below``; None where no score is published."""
    score_below: Fraction | None
    is_renormalised: bool = True
    """Whether the weight of a group without a counted vote falls to the others."""

    @property
    def totals(self) -> tuple[int, ...]:
        """The votes of all groups together, by option."""
        return tuple(sum(votes) for votes in zip(*(group.votes for group in self.groups), strict=True))


def rounded_range(text: str) -> tuple[Fraction, Fraction]:
    """Every number that is printed as ``text``: from the first, and below the second."""
    half = Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
    return Fraction(text) - half, Fraction(text) + half


def withheld_by_group(groups: Mapping[str, int]) -> str:
    """Why nothing is listed by voter group, '' where it may be; ``groups`` are the ballots of each by its key.

    One small group is enough to withhold all: what the large ones have, taken from the total, is what the small has.
    """
    if len(groups) == 1:
        return "本次测评不分票种，没有各票种得分。"
    if any(cast < FEWEST_GROUP_BALLOTS for cast in groups.values()):
        return f"有的票种收回不足 {FEWEST_GROUP_BALLOTS} 票，为保护无记名，不分票种列出得票、得分和计算过程。"
    return ""


@lru_cache(maxsize=4096)
def given_away(item: PublishedItem, key: str) -> bool:
    """Whether the votes of one group on an item can be computed from what is published.

    Exact where at most two groups have ``FEWEST_GROUP_BALLOTS`` ballots or more. With more of them another table is
    looked for with all but two of them as they are: if there is one, the votes cannot be computed; if none is found, or
    after ``TRIES_AT_MOST`` tables, the answer is yes for safety's sake.
    """
    own_part = next(group for group in item.groups if group.key == key)
    others = sorted((group for group in item.groups if group is not own_part), key=lambda group: group.ballots)
    budget = _Budget(TRIES_AT_MOST)
    for votes in _fillings(own_part.ballots, item.totals):
        if votes != own_part.votes:
            rest = tuple(total - vote for total, vote in zip(item.totals, votes, strict=True))
            if _fits(item, [(own_part, votes)], others, rest, budget):
                return False
            if budget.is_spent:
                return True
    return True


@dataclass(slots=True)
class _Budget:
    left: int

    @property
    def is_spent(self) -> bool:
        return self.left <= 0


_Filled = list[tuple[GroupPart, tuple[int, ...]]]


def _fits(
    item: PublishedItem, filled: _Filled, others: Sequence[GroupPart], rest: tuple[int, ...], budget: _Budget
) -> bool:
    """Whether the other groups can be filled from ``rest`` so that the published score comes out."""
    budget.left -= 1
    if len(others) == 1:
        return _is_published(item, [*filled, (others[0], rest)])
    if len(others) == _OPEN_ENDED:
        return _two_fit(item, filled, others[0], others[1], rest)
    if others[0].ballots >= FEWEST_GROUP_BALLOTS:
        return _fits_with_all_but_two(item, filled, others, rest)
    return _fits_with_one_more(item, filled, others, rest, budget)


def _fits_with_one_more(
    item: PublishedItem, filled: _Filled, others: Sequence[GroupPart], rest: tuple[int, ...], budget: _Budget
) -> bool:
    for votes in _fillings(others[0].ballots, rest):
        left = tuple(total - vote for total, vote in zip(rest, votes, strict=True))
        if _fits(item, [*filled, (others[0], votes)], others[1:], left, budget):
            return True
        if budget.is_spent:
            break
    return False


def _fits_with_all_but_two(
    item: PublishedItem, filled: _Filled, others: Sequence[GroupPart], rest: tuple[int, ...]
) -> bool:
    """A table with every large group but two as it really is; it is one, if it is found."""
    for number, one in enumerate(others):
        for other in others[number + 1 :]:
            fixed = [(group, group.votes) for group in others if group is not one and group is not other]
            left = tuple(total - sum(votes[option] for _, votes in fixed) for option, total in enumerate(rest))
            if min(left) >= 0 and _two_fit(item, [*filled, *fixed], one, other, left):
                return True
    return False


def _two_fit(item: PublishedItem, filled: _Filled, one: GroupPart, other: GroupPart, rest: tuple[int, ...]) -> bool:
    """Whether ``rest`` can be dealt to two groups so that the published score comes out.

    Once it is said how many counted votes the first group has, the score is a line in the sum of its points; which sums
    there are is a set of whole numbers, kept as the bits of one.
    """
    if item.score_from is None:
        return True
    unit = lcm(*(option.points.denominator for option in item.options))
    counted = [
        (int(option.points * unit), votes)
        for option, votes in zip(item.options, rest, strict=True)
        if option.is_counted
    ]
    total = sum(votes for _, votes in counted)
    points = sum(worth * votes for worth, votes in counted)
    uncounted = sum(rest) - total
    sums = _sums(counted, one.ballots)
    for votes in range(max(0, one.ballots - uncounted), min(one.ballots, total) + 1):
        window = _window(item, filled, _Deal(one, other, votes, total - votes, Fraction(points, unit)), unit)
        if window is not None and sums[votes] & window:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Deal:
    """How many counted votes each of two groups has, and the points of both together."""

    one: GroupPart
    other: GroupPart
    votes: int
    more_votes: int
    points: Fraction


def _window(item: PublishedItem, filled: _Filled, deal: _Deal, unit: int) -> int | None:
    """The sums of points, as bits, with which the first group makes the published score; None for none."""
    known, weight = _weighted(item, filled)
    shares = []
    for group, votes in ((deal.one, deal.votes), (deal.other, deal.more_votes)):
        base = votes if group.base is None else group.base
        shares.append(group.weight / base if votes else Fraction(0))
        weight += group.weight if votes else 0
    low, below = _unweighted(item, weight)
    slope = shares[0] - shares[1]
    fixed = known + shares[1] * deal.points
    highest = int(deal.points * unit)
    if slope == 0:
        return (1 << highest + 1) - 1 if low <= fixed < below else None
    ends = sorted(((low - fixed) / slope * unit, (below - fixed) / slope * unit))
    first, last = max(0, -(-ends[0] // 1)), min(highest, ends[1] // 1)
    # The range is open at the end that ``score_below`` has become.
    if slope > 0 and last == ends[1]:
        last -= 1
    if slope < 0 and first == ends[0]:
        first += 1
    return None if first > last else ((1 << int(last - first) + 1) - 1) << int(first)


def _sums(counted: Sequence[tuple[int, int]], most: int) -> list[int]:
    """By number of votes up to ``most``: every sum of points that so many of the votes can make, as bits."""
    sums = [1] + [0] * most
    for worth, votes in counted:
        left, pack = min(votes, most), 1
        while left:
            # Packs of 1, 2, 4 … make every number of votes from 0 to all of them.
            taken = min(pack, left)
            for number in range(most, taken - 1, -1):
                sums[number] |= sums[number - taken] << worth * taken
            left, pack = left - taken, pack * 2
    return sums


def _is_published(item: PublishedItem, filled: _Filled) -> bool:
    if item.score_from is None:
        return True
    known, weight = _weighted(item, filled)
    low, below = _unweighted(item, weight)
    return low <= known < below


def _weighted(item: PublishedItem, filled: _Filled) -> tuple[Fraction, Fraction]:
    """Σ mean × weight, and Σ weight, over the groups with a counted vote."""
    known, weight = Fraction(0), Fraction(0)
    for group, votes in filled:
        pairs = [pair for pair in zip(item.options, votes, strict=True) if pair[0].is_counted]
        counted = sum(number for _, number in pairs)
        if counted:
            points = sum((option.points * number for option, number in pairs), start=Fraction(0))
            known += group.weight * points / (counted if group.base is None else group.base)
            weight += group.weight
    return known, weight


def _unweighted(item: PublishedItem, weight: Fraction) -> tuple[Fraction, Fraction]:
    """Where the weighted sum must lie; nowhere for a table without a counted vote."""
    assert item.score_from is not None  # noqa: S101 - asked by every caller; said for the type checker
    assert item.score_below is not None  # noqa: S101 - the same
    whole = weight if item.is_renormalised else Fraction(1)
    return item.score_from * whole, item.score_below * whole


def _fillings(ballots: int, at_most: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every way to fill so many ballots from what there is."""
    if len(at_most) == 1:
        if ballots <= at_most[0]:
            yield (ballots,)
        return
    for votes in range(min(ballots, at_most[0]) + 1):
        for more in _fillings(ballots - votes, at_most[1:]):
            yield (votes, *more)
