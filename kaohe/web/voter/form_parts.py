"""The values of which a ballot form is made: parts (分表), their subjects, and a row for each thing that is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One button of a row."""

    field: str
    mark: str
    label: str
    is_aside: bool
    """Whether it stands apart from the others: 弃权, or 不选 where a choice may be left open."""
    is_chosen: bool

    @property
    def halves(self) -> tuple[str, ...]:
        """The label, parted where a narrow button may break it: 基本 称职."""
        return (self.label[:2], self.label[2:]) if len(self.label) == 4 else (self.label,)  # noqa: PLR2004 # two and two


@dataclass(frozen=True, slots=True)
class RangePart:
    """A named stretch of a number scale."""

    label: str
    low: str
    high: str
    bounds: str


@dataclass(frozen=True, slots=True)
class NumberPart:
    """A field that takes a number."""

    value: str
    low: str
    high: str
    step: str
    bounds: str
    """The bounds in words: 0–30 分."""
    keyboard: str
    """Which keys a phone offers (``inputmode``)."""
    abstention: Choice | None
    ranges: tuple[RangePart, ...]
    fault: str
    """What is wrong with ``value``, where the server has just said so."""


@dataclass(frozen=True, slots=True)
class BranchPart:
    """The heading of a branch of the dimensions (绩)."""

    label: str
    full: str
    """What its numbers come to at most; '' where nothing is summed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is asked about a subject."""

    kind: str
    """``grade``, ``number``, ``pick``, ``ticks`` or ``choice``: which script reads it, and how it looks."""
    field: str
    dimension: str
    label: str
    choices: tuple[Choice, ...] = ()
    number: NumberPart | None = None
    hint: str = ""
    off_label: str = ""
    """What a pick means that is not made."""
    branches: tuple[BranchPart, ...] = ()
    """The branches that begin with this row, the topmost first."""
    is_within: bool = False
    """Whether it hangs on a branch."""
    is_missing: bool = False
    """Whether the server has just said that this one is still to be filled."""


@dataclass(frozen=True, slots=True)
class SubjectPart:
    """One subject with its rows and, where the scheme asks for it, a comment."""

    key: str
    name: str
    about: str
    class_name: str
    """The heading of its class (类别), where a class begins with it."""
    rows: tuple[Row, ...]
    comment_field: str
    """'' where no comment is asked for."""
    comment: str
    leave: Choice | None
    """The box that says that the voter does not evaluate this subject; None where everybody is to be evaluated."""
    material_url: str
    """Where something can be read about the subject; '' where there is nothing."""

    @property
    def wants_filling(self) -> bool:
        """Whether the server has just said that something here is to be corrected."""
        return any(row.is_missing or (row.number and row.number.fault) for row in self.rows)


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of the form."""

    label: str
    """'' where the form has one part only, which needs no heading."""
    level: str
    """Which heading a subject's name is."""
    rules: tuple[str, ...]
    limit: str
    """How many top grades there may be on a dimension, or how many picks; '' for any number."""
    limit_text: str
    fewest: str
    top_mark: str
    full: str
    """What a subject's numbers come to at most, where they are summed."""
    is_compact: bool
    """Whether one thing is graded, so that the subject's name is its label."""
    is_picked: bool
    fills_rest: bool
    """Whether all who are still without a grade may be given the same one at once."""
    abstains_at_once: bool
    """Whether there are several things on a subject from which one may abstain, and so at once."""
    rows: str
    """How the buttons of one item stand: ``inline`` beside its label, ``fours`` in a row below it, or ``thirds`` where
    four would leave a lone one."""
    subjects: tuple[SubjectPart, ...]
