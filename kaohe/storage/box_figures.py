"""Sums over the ballot box's work since the process began, for monitoring.

Never anything about a single ballot, and no time. How the sums may be shown is decided where they are shown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper ends of the classes that commits are counted in."""
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Upper ends of the classes that the sizes of groups are counted in."""


@dataclass(slots=True)
class Histogram:
    """How many observations fell into each class; the last class has no upper end."""

    ends: Sequence[float]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = self.counts or [0] * (len(self.ends) + 1)

    def note(self, value: float) -> None:
        """Count one observation."""
        self.counts[bisect_left(self.ends, value)] += 1
        self.total += value

    def copy(self) -> Histogram:
        """A copy that later observations do not change."""
        return Histogram(self.ends, list(self.counts), self.total)


@dataclass(slots=True)
class BoxFigures:
    """The sums of one ballot box."""

    stored: int = 0
    """Ballots acknowledged, repeated ones included."""
    turned_away: int = 0
    """Ballots told to come back, because nothing could be stored or too many waited."""
    commit_seconds: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    group_sizes: Histogram = field(default_factory=lambda: Histogram(SIZES))

    def note_group(self, stored: int, seconds: float) -> None:
        """One group has been committed, ``stored`` of its ballots acknowledged."""
        self.stored += stored
        self.commit_seconds.note(seconds)
        self.group_sizes.note(stored)

    def copy(self) -> BoxFigures:
        """A copy that later ballots do not change."""
        return BoxFigures(self.stored, self.turned_away, self.commit_seconds.copy(), self.group_sizes.copy())
