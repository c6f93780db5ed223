"""Whether so many picks can stand on so many ballots, where a ballot may hold only some of them."""

from __future__ import annotations

from dataclasses import dataclass

from kaohe.tally.model import Count
from kaohe.tally.scheme.scheme import Dimension, InvalidRule, Scheme, VoterGroup
from kaohe.tally.scores.ballot_layouts import seats_in_all


@dataclass(frozen=True, slots=True)
class PickFault:
    """Top grades of one group on one dimension that no pile of ballots within the limits can hold."""

    group_key: str
    dimension_key: str
    message: str


def pick_fault(count: Count) -> PickFault | None:
    """Return the first impossible sum of picks of a completed count without sections; None where all are possible.

    A valid ballot holds at most ``top_grade_limit`` top grades on a dimension, or ``choose.most`` picks; and where it
    picks anybody at all, at least ``choose.fewest``. Where subjects may be left out nothing can be said: such ballots
    are kept and counted in pieces.
    """
    scheme = count.scheme
    most, fewest = scheme.top_grade_limit, 0
    if scheme.choose is not None:
        # Without a single seat there is no competition, which is refused in its own words.
        most, fewest = scheme.choose.most or seats_in_all(scheme.choose, count.subjects) or None, scheme.choose.fewest
    if most is None or scheme.may_leave_out:
        return None
    for dimension in scheme.dimensions:
        for group in scheme.fillers(dimension):
            message = "" if scheme.scale_of(dimension) else _fault(count, group, dimension, most, fewest)
            if message:
                return PickFault(group.key, dimension.key, f"{_where(scheme, group, dimension)}{message}")
    return None


def _fault(count: Count, group: VoterGroup, dimension: Dimension, most: int, fewest: int) -> str:
    votes = [count.cells[group.key, subject.key, dimension.key].grades[0] for subject in count.subjects]
    turnout = count.turnout[group.key]
    # Where cells are void one by one, a ballot that is void in one row may hold a pick in another.
    ballots = turnout.valid if count.scheme.invalid_rule is InvalidRule.BALLOT else turnout.cast
    picked, top = sum(votes), count.scheme.grades[0].label
    if picked > most * ballots:
        return (
            f"各人共得「{top}」{picked} 票，而有效的 {ballots} 张票每票最多选 {most} 个，"
            f"合计不会超过 {most * ballots} 票，请核对票数。"
        )
    # Whoever picked the best-liked one picked at least so many in all.
    if picked < fewest * max(votes, default=0):
        return (
            f"得票最多的有「{top}」{max(votes)} 票，而选人的票每票至少选 {fewest} 个，各人合计不会少于 "
            f"{fewest * max(votes)} 票，现为 {picked} 票，请核对票数。"
        )
    return ""


def _where(scheme: Scheme, group: VoterGroup, dimension: Dimension) -> str:
    where = f"票种「{group.label}」" if len(scheme.groups) > 1 else ""
    where += f"在「{dimension.label}」上" if len(scheme.dimensions) > 1 else ""
    return f"{where}，" if where else ""
