"""A subject on its way from its final score to a tier."""

from __future__ import annotations

from dataclasses import dataclass, field

from kaohe.tally.model import Figure, Flag, Subject
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
