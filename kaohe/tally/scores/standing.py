"""Who stands where: competition ranking (1, 2, 2, 4) within each class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from kaohe.tally.model import Figure, GradeCounts, Subject
from kaohe.tally.scheme.scheme import TieRule

RankKey = tuple[Fraction, tuple[int, ...]]
"""What subjects are put in order by: the greater one comes first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A subject's rank in its class (名次); None where it has no score."""

    rank: int | None
    tied: bool


def rank_subjects(rows: Iterable[tuple[Subject, GradeCounts, Figure | None]], tie_rule: TieRule) -> list[Standing]:
    """Rank subjects within their class by the *printed* score, best first; the standings keep the order of the rows.

    Two people whose sheets print the same score are never ranked apart by digits that nobody sees.
    With ``TOP_GRADES``, equal scores are ordered by more votes for the top grade, then the second, and so on; the
    lowest grade breaks nothing, as more of it is no merit.
    """
    classes: dict[str, Counter[RankKey]] = {}
    keys: list[tuple[str, RankKey | None]] = []
    for subject, counts, score in rows:
        key = rank_key(counts, score, tie_rule)
        if key is not None:
            classes.setdefault(subject.class_label, Counter())[key] += 1
        keys.append((subject.class_label, key))
    ranks = {label: _ranks(tally) for label, tally in classes.items()}
    return [
        Standing(None, tied=False) if key is None else Standing(ranks[label][key], tied=classes[label][key] > 1)
        for label, key in keys
    ]


def rank_key(counts: GradeCounts, score: Figure | None, tie_rule: TieRule) -> RankKey | None:
    """Return what a subject is put in order by; None where it has no score."""
    if score is None:
        return None
    return Fraction(score.text), counts.grades[:-1] if tie_rule is TieRule.TOP_GRADES else ()


def _ranks(holders: Counter[RankKey]) -> dict[RankKey, int]:
    ranks: dict[RankKey, int] = {}
    next_rank = 1
    for key in sorted(holders, reverse=True):
        ranks[key] = next_rank
        next_rank += holders[key]
    return ranks
