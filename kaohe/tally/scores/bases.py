"""What rates and scores are divided by (基数)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.scheme.refusals import MissingBaseError
from kaohe.tally.scheme.scheme import AbstentionRule, Dimension, PercentBase, Scheme

BASE_LABELS: Mapping[PercentBase, str] = {
    PercentBase.VALID: "有效票",
    PercentBase.CAST: "收回票数",
    PercentBase.ISSUED: "发出票数",
    PercentBase.PRESENT: "实到人数",
    PercentBase.ENTITLED: "应到人数",
}
"""The base as sheets print it."""


def entered_number(base: PercentBase, turnout: Turnout) -> int | None:
    """Return what the turnout says about one base; None where nobody has said it."""
    numbers: dict[PercentBase, int | None] = {
        PercentBase.VALID: turnout.valid,
        PercentBase.CAST: turnout.cast,
        PercentBase.ISSUED: turnout.issued,
        PercentBase.PRESENT: turnout.present,
        PercentBase.ENTITLED: turnout.entitled,
    }
    return numbers[base]


def number_of(base: PercentBase, turnout: Turnout) -> int:
    """Return the number of a base that :func:`check_bases` has found to be known."""
    return entered_number(base, turnout) or 0


def turnout_about(count: Count, group_key: str, subject_key: str) -> Turnout:
    """Return the numbers of those of a group who may grade a subject."""
    return count.graders.get((group_key, subject_key)) or count.turnout[group_key]


def asked_about(count: Count, group_key: str, subject_key: str) -> int:
    """Return on how many collected ballots of a group a subject stood."""
    return count.asked.get((group_key, subject_key), count.turnout[group_key].cast)


def check_bases(count: Count) -> None:
    """Refuse a count whose scheme divides by a number that is not known for every voter group.

    Raises:
        MissingBaseError: naming the number that has to be entered.
    """
    for base, purpose in ((count.scheme.score_base, "得分"), (count.scheme.rate_base, "各等次的占比")):
        for group in count.scheme.groups:
            if entered_number(base, count.turnout[group.key]) is None:
                raise MissingBaseError(
                    f"{purpose}以{BASE_LABELS[base]}为基数，但票种「{group.label}」还没有填写{BASE_LABELS[base]}，"
                    "请先填写，或改用其他基数。"
                )


def counted_votes(scheme: Scheme, counts: GradeCounts) -> int:
    """Return how many votes of a cell enter the score: grades, and abstentions where they count as 0."""
    if scheme.abstention is AbstentionRule.ZERO:
        return counts.valid + counts.abstention + counts.skipped
    return counts.valid


def score_base(scheme: Scheme, counts: GradeCounts, turnout: Turnout) -> int:
    """Return what the points of one cell (one group, subject and dimension) are divided by.

    Where some ballots are not about the subject, 收回 is the ballots that are.
    """
    if scheme.score_base is PercentBase.VALID:
        return counted_votes(scheme, counts)
    if scheme.score_base is PercentBase.CAST:
        return counts.cast
    return number_of(scheme.score_base, turnout)


def rate_base(count: Count, subject: Subject, dimensions: Sequence[Dimension]) -> int:
    """Return what a row's votes are divided by; a row runs over all groups that fill its dimensions."""
    scheme = count.scheme
    graded = [
        (group.key, subject.key, dimension.key) for dimension in dimensions for group in scheme.fillers(dimension)
    ]
    if scheme.rate_base is PercentBase.VALID:
        return sum(count.cells[key].valid for key in graded)
    if scheme.rate_base is PercentBase.CAST:
        return sum(count.cells[key].cast for key in graded)
    return sum(number_of(scheme.rate_base, turnout_about(count, *key[:2])) for key in graded)
