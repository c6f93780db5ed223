"""A subject on its way from its final score to a tier."""

from __future__ import annotations

from dataclasses import dataclass, field

from kaohe.tally.model import Figure, Flag, RuledTier, Subject
from kaohe.tally.scores.composing import Composition
from kaohe.tally.scores.deciding import Applied
from kaohe.tally.scores.standing import RankKey


@dataclass(frozen=True, slots=True)
class Candidate:
    """One subject as it comes to be awarded a tier."""

    subject: Subject
    composition: Composition
    score: Figure | None
    key: RankKey | None
    applied: tuple[Applied, ...]


@dataclass(slots=True)
class Award:
    """What a subject was awarded, and why."""

    tier_index: int | None = None
    """The index of its tier in the scheme, 0 for the best; None for no tier."""
    is_outright: bool = False
    is_vetoed: bool = False
    is_exempt: bool = False
    ceiling: int = 0
    """The best tier that decisions and rules leave to it."""
    recommended_index: int | None = None
    """Its tier before anybody ruled about it, once that is known."""
    rulings: list[RuledTier] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tiered:
    """A subject that has a tier so far; the quota may still change it."""

    candidate: Candidate
    award: Award

    @property
    def subject(self) -> Subject:
        """Who it is."""
        return self.candidate.subject
