"""Decisions of people, each under a clause of the scheme and with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kaohe.tally.model import Count, Decision, Subject
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.refusals import DecisionError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import POINTED, Clause, Effect


@dataclass(frozen=True, slots=True)
class Applied:
    """One clause applied to one subject."""

    clause: Clause
    reason: str
    points: Fraction
    """0 for a clause that is not about points."""

    @property
    def text(self) -> str:
        """The clause, its reason, and the points where it is about any."""
        points = f" {unrounded_text(self.points)} 分" if self.clause.effect in POINTED else ""
        return f"{self.clause.label}（{self.reason}）{points}"


def decisions_by_subject(count: Count) -> Mapping[str, tuple[Applied, ...]]:
    """Sort the decisions by subject; within a subject their order never matters.

    Raises:
        DecisionError: for an unknown subject or clause, points that do not fit, one matter counted twice, or two
            tiers given outright.
    """
    subjects = {subject.key: subject for subject in count.subjects}
    clauses = {clause.key: clause for clause in count.scheme.clauses}
    found: dict[str, list[Applied]] = {key: [] for key in subjects}
    matters: set[tuple[str, str]] = set()
    for decision in count.decisions:
        subject, clause = subjects.get(decision.subject), clauses.get(decision.clause)
        if subject is None or clause is None:
            raise DecisionError(
                f"组织认定「{decision.clause}」不是本方案的条款，或没有考核对象「{decision.subject}」。"
            )
        if not decision.reason.strip():
            raise DecisionError(f"对「{subject.full_name}」的「{clause.label}」没有写明理由，请补上。")
        points = _points(subject, clause, decision)
        matter = (subject.key, decision.matter or decision.reason)
        if clause.effect in POINTED:
            if matter in matters:
                raise DecisionError(f"「{subject.full_name}」的同一件事「{matter[1]}」计了两次加分或减分，只能计一次。")
            matters.add(matter)
        found[subject.key].append(Applied(clause, decision.reason, points))
    for key, applied in found.items():
        outright = {decision.clause.tier for decision in applied if decision.clause.effect is Effect.OUTRIGHT}
        if len(outright) > 1:
            raise DecisionError(f"「{subjects[key].full_name}」被直接定为两个不同的档次，请只留一个。")
    return {key: tuple(sorted(applied, key=_in_order)) for key, applied in found.items()}


def _points(subject: Subject, clause: Clause, decision: Decision) -> Fraction:
    amount = decision.amount
    if clause.effect not in POINTED:
        if amount is not None:
            raise DecisionError(f"「{clause.label}」不是加分或减分，不能写分值。")
        return Fraction(0)
    if clause.points is not None and amount not in (None, clause.points):
        raise DecisionError(f"「{clause.label}」的分值由方案规定为 {unrounded_text(clause.points)} 分，请改正。")
    points = amount if clause.points is None else clause.points
    if points is None or points <= 0:
        raise DecisionError(f"对「{subject.full_name}」的「{clause.label}」应写明大于 0 的分值。")
    return points


def _in_order(applied: Applied) -> tuple[str, str, Fraction]:
    return applied.clause.key, applied.reason, applied.points


def points_of(scheme: Scheme, applied: tuple[Applied, ...], effect: Effect) -> tuple[Fraction, str]:
    """Add up the bonus or the deduction of a subject within its limit; say how."""
    limit = scheme.bonus_limit if effect is Effect.BONUS else scheme.deduction_limit
    matching = [decision for decision in applied if decision.clause.effect is effect]
    total = sum((decision.points for decision in matching), start=Fraction(0))
    terms = " + ".join(
        f"{decision.clause.label}（{decision.reason}）{unrounded_text(decision.points)}" for decision in matching
    )
    if total > limit:
        terms += f" = {unrounded_text(total)}，超过上限，按 {unrounded_text(limit)} 计"
    elif len(matching) > 1:
        terms += f" = {unrounded_text(total)}"
    return min(total, limit), terms
