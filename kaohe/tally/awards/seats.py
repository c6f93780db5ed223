"""Filling a limited number of seats, best first, without ever choosing among equals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Generic, TypeVar

from kaohe.tally.scheme.tiers import QuotaRounding
from kaohe.tally.scores.standing import RankKey

AnyPool = TypeVar("AnyPool", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Contender(Generic[AnyPool]):
    """Somebody who competes for a seat, and every pool that the seat would be taken from."""

    subject: str
    key: RankKey
    pools: tuple[AnyPool, ...]
    """The narrowest first."""


@dataclass(frozen=True, slots=True)
class Filled(Generic[AnyPool]):
    """Who got a seat, and who did not because equals did not all fit."""

    admitted: frozenset[str]
    tied_out: Mapping[str, AnyPool]
    """By subject: the pool at whose edge it stands among equals."""
    open_seats: Mapping[AnyPool, int]
    """By such a pool: the seats that stay empty there."""


def fill_seats(contenders: Iterable[Contender[AnyPool]], seats: Mapping[AnyPool, int]) -> Filled[AnyPool]:
    """Fill the seats; no pool is ever exceeded, and a seat stays empty only where a tie stands at its edge.

    Once equals did not all fit into a pool, nobody behind them gets in there either.
    """
    left = dict(seats)
    admitted: set[str] = set()
    tied_out: dict[str, AnyPool] = {}
    open_seats: dict[AnyPool, int] = {}
    ordered = sorted(contenders, key=lambda contender: (contender.key, contender.subject), reverse=True)
    for _, block in groupby(ordered, key=lambda contender: contender.key):
        standing = list(block)
        for pool in _pools(standing):
            inside = [contender for contender in standing if pool in contender.pools]
            if len(inside) > left[pool]:
                # With no seat left this is no tie, only the end.
                if left[pool]:
                    tied_out.update((contender.subject, pool) for contender in inside)
                    open_seats[pool] = left[pool]
                left[pool] = 0
                standing = [contender for contender in standing if pool not in contender.pools]
        for winner in standing:
            admitted.add(winner.subject)
        taken = Counter(pool for contender in standing for pool in contender.pools)
        for pool, number in taken.items():
            left[pool] -= number
    return Filled(frozenset(admitted), tied_out, open_seats)


def _pools(standing: Sequence[Contender[AnyPool]]) -> list[AnyPool]:
    """List the pools of a block, all narrow ones before the wider ones."""
    depth = max((len(contender.pools) for contender in standing), default=0)
    found = [contender.pools[level] for level in range(depth) for contender in standing if level < len(contender.pools)]
    return sorted(dict.fromkeys(found), key=found.index)


def seats_for_share(people: int, share: Fraction, rounding: QuotaRounding) -> int:
    """Turn a share of people into seats: rounded down, or half up."""
    exact = people * share
    if rounding is QuotaRounding.FLOOR:
        return int(exact)
    return int(exact + Fraction(1, 2))
