"""How well an attacker did, and what chance alone would give."""

from __future__ import annotations

import math
import random
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence

from linkage.attackers import Guess, Order
from linkage.evidence import Played

MATCHES_PER_MEETING = 6
MATCHES_IN_TWENTY = 35
PLANTED_AT_LEAST = 0.95


def matches(played: Played, guess: Guess) -> int:
    """How many tickets were linked to what they really paid for."""
    return sum(played.truth[ticket] == number for ticket, number in guess.items() if ticket < len(played.truth))


def share(played: Played, guess: Guess) -> float:
    return matches(played, guess) / len(played.truth)


def concordance(played: Played, order: Order) -> float:
    """The share of pairs of ballots that stand in the order in which they were cast; chance is one half."""
    cast_at = {number: place for place, number in enumerate(played.truth)}
    times = [cast_at[number] for number in order.contents]
    before: list[int] = []
    in_order = 0
    for time in times:
        in_order += bisect_left(before, time)
        insort(before, time)
    return in_order / math.comb(len(times), 2)


def concordance_deviation(size: int, meetings: int) -> float:
    """One standard deviation of the mean concordance of random orders."""
    return math.sqrt(2 * (2 * size + 5) / (9 * size * (size - 1))) / 2 / math.sqrt(meetings)


def poisson_above(mean: float, chance: float) -> int:
    """The least number that random matching exceeds with a probability below ``chance``."""
    term, total, number = math.exp(-mean), math.exp(-mean), 0
    while 1 - total >= chance:
        number += 1
        term *= mean / number
        total += term
    return number


def learned_auc(
    meetings: Sequence[tuple[Played, Callable[[int, int], list[float]]]], chance: random.Random, rounds: int = 12
) -> float:
    """U6: a logistic regression learns from half of the meetings what true pairs look like; the others are its test."""
    half = len(meetings) // 2
    learn = [pair for each in meetings[:half] for pair in _pairs(*each, chance)]
    weights = [0.0] * len(learn[0][0])
    for _ in range(rounds):
        chance.shuffle(learn)
        for values, is_true in learn:
            off = is_true - _sigmoid(sum(w * v for w, v in zip(weights, values, strict=True)))
            weights = [w + 0.05 * off * v for w, v in zip(weights, values, strict=True)]
    scored = [
        (sum(w * v for w, v in zip(weights, values, strict=True)), chance.random(), is_true)
        for each in meetings[half:]
        for values, is_true in _pairs(*each, chance)
    ]
    scored.sort()
    true_count = sum(is_true for *_, is_true in scored)
    ranks = sum(place for place, (*_, is_true) in enumerate(scored, start=1) if is_true)
    return (ranks - true_count * (true_count + 1) / 2) / (true_count * (len(scored) - true_count))


def _pairs(
    played: Played, of: Callable[[int, int], list[float]], chance: random.Random
) -> list[tuple[list[float], int]]:
    size = len(played.truth)
    pairs = []
    for ticket, number in enumerate(played.truth):
        pairs.append((of(ticket, number), 1))
        for _ in range(3):
            other = chance.randrange(size)
            if other != number:
                pairs.append((of(ticket, other), 0))
    return pairs


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
