"""What a ballot asks beside grades and numbers: counted, never scored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

TICKED_MARK = "ticked"
"""What a ticked option holds; one that is not ticked holds nothing."""


class QuestionKind(StrEnum):
    """How a question is answered."""

    TICKS = "ticks"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be ticked or chosen."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question about each subject: ticks (逆向测评) or the choice of one answer (使用意向)."""

    key: str
    label: str
    kind: QuestionKind
    options: tuple[Option, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The keys under which a ballot holds the answer: one per tick, or one for the choice."""
        if self.kind is QuestionKind.CHOICE:
            return (self.key,)
        return tuple(f"{self.key}.{option.key}" for option in self.options)

    def marks(self) -> frozenset[str]:
        """Return what one such item may hold."""
        if self.kind is QuestionKind.CHOICE:
            return frozenset(option.key for option in self.options)
        return frozenset({TICKED_MARK})


@dataclass(frozen=True, slots=True)
class Choose:
    """A vote for K out of N (差额票决): each ballot picks some subjects, most votes win the seats of their class."""

    seats: int | None = None
    """Seats in each class; None where ``seats_share`` says it."""
    seats_share: Fraction | None = None
    """Seats as a share of the candidates of a class, rounded down: 1/2 is one seat for two candidates."""
    most: int | None = None
    """The most picks of one ballot; None for as many as there are seats."""
    fewest: int = 0
    over: Fraction | None = None
    """The share of the rates' base that one's votes must exceed to be elected; None for any number of votes."""
    elected: str = "当选"
    others: str = "未当选"

    def seats_for(self, candidates: int) -> int:
        """Return the seats of a class with so many candidates."""
        if self.seats_share is not None:
            return int(candidates * self.seats_share)
        return self.seats or 0
