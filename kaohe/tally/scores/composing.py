"""From the score of the votes to the final score: components × weights, then bonus and deduction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from kaohe.tally.model import Count, Period, Subject
from kaohe.tally.periods import NOT_ASSESSED
from kaohe.tally.rounding import percent_text, unrounded_text
from kaohe.tally.scheme.components import Component, ComponentSource, PeriodMeasure
from kaohe.tally.scheme.refusals import ComponentError
from kaohe.tally.scheme.tiers import Effect
from kaohe.tally.scores.banding import band_step
from kaohe.tally.scores.deciding import Applied, points_of
from kaohe.tally.scores.explaining import explain_subject, not_assessed_remark
from kaohe.tally.scores.weighting import SubjectScore


@dataclass(frozen=True, slots=True)
class ComponentScore:
    """One component's score for one subject, exact."""

    component: Component
    score: Fraction | None
    """None where nobody's vote counts; every other component must be there."""
    step: str


@dataclass(frozen=True, slots=True)
class Composition:
    """How one subject's final score is put together."""

    votes: SubjectScore
    components: tuple[ComponentScore, ...]
    bonus: Fraction
    deduction: Fraction
    score: Fraction | None
    steps: tuple[str, ...]

    def component_score(self, key: str) -> Fraction | None:
        """Return the score of a component."""
        return next(component.score for component in self.components if component.component.key == key)


def compose(count: Count, votes: SubjectScore, applied: tuple[Applied, ...]) -> Composition:
    """Put the final score of one subject together.

    Raises:
        ComponentError: where a component's score is missing or out of bounds.
    """
    scheme = count.scheme
    steps = explain_subject(scheme, votes) if scheme.has_votes else []
    components = tuple(_component_score(count, votes, component) for component in scheme.components)
    steps.extend(component.step for component in components if component.step)
    steps.extend(
        f"{component.component.label}的评价：{band_step(component.component.bands, component.score, None)}"
        for component in components
        if component.component.bands and component.score is not None
    )
    score = votes.score
    if components:
        score = _weighted(components)
        if score is not None:
            terms = " + ".join(_term(component) for component in components)
            steps.append(f"各分项加权：{terms} = {unrounded_text(score)}")
    bonus, bonus_terms = points_of(scheme, applied, Effect.BONUS)
    deduction, deduction_terms = points_of(scheme, applied, Effect.DEDUCTION)
    if score is not None and (bonus_terms or deduction_terms):
        base, score = score, score + bonus - deduction
        steps.extend(f"{name}：{terms}" for name, terms in (("加分", bonus_terms), ("减分", deduction_terms)) if terms)
        parts = [f" + {unrounded_text(bonus)}"] * bool(bonus_terms)
        parts += [f" - {unrounded_text(deduction)}"] * bool(deduction_terms)
        steps.append(f"加减分之后：{unrounded_text(base)}{''.join(parts)} = {unrounded_text(score)}")
    return Composition(votes, components, bonus, deduction, score, tuple(steps))


def short_periods(count: Count) -> Iterator[str]:
    """Warn of subjects with fewer periods than a year has."""
    for component in count.scheme.components:
        for subject in count.subjects:
            given = len(count.history.get(subject.key, ()))
            if (
                component.source is ComponentSource.PERIODS
                and component.periods is not None
                and given < component.periods
            ):
                wanted = f"应有 {component.periods} 期结果，现有 {given} 期。"
                yield f"「{subject.full_name}」的「{component.label}」{wanted}"


def _weighted(components: tuple[ComponentScore, ...]) -> Fraction | None:
    total = Fraction(0)
    for component in components:
        if component.score is None:
            return None
        total += component.score * component.component.weight
    return total


def _term(weighted: ComponentScore) -> str:
    component, score = weighted.component, weighted.score or Fraction(0)
    return f"{component.label} {unrounded_text(score)} × {percent_text(component.weight)}"


def _component_score(count: Count, votes: SubjectScore, component: Component) -> ComponentScore:
    subject = votes.subject
    if component.source is ComponentSource.VOTES:
        return ComponentScore(component, votes.score, "")
    if component.source is ComponentSource.PERIODS:
        return _period_score(component, subject, count.history.get(subject.key, ()))
    score = count.imported.get((component.key, subject.key))
    if score is None:
        raise ComponentError(f"「{subject.full_name}」缺少「{component.label}」的得分，请先导入。")
    if not 0 <= score <= component.full:
        raise ComponentError(
            f"「{subject.full_name}」的「{component.label}」{unrounded_text(score)} 分，"
            f"不在 0 到 {unrounded_text(component.full)} 之间，请核对。"
        )
    origin = "另一场测评" if component.source is ComponentSource.MEETING else "导入"
    return ComponentScore(component, score, f"{component.label}（{origin}）：{unrounded_text(score)} 分")


def _period_score(component: Component, subject: Subject, periods: tuple[Period, ...]) -> ComponentScore:
    if not periods or (component.periods is not None and len(periods) > component.periods):
        wanted = "" if component.periods is None else f"，应有 {component.periods} 期"
        raise ComponentError(
            f"「{subject.full_name}」的「{component.label}」有 {len(periods)} 期结果{wanted}，请核对。"
        )
    given = tuple(period for period in periods if period.tier != NOT_ASSESSED)
    left_out = "、".join(period.label for period in periods if period.tier == NOT_ASSESSED)
    if not given:
        raise ComponentError(f"「{subject.full_name}」各期都未定等次，「{component.label}」无从计算，请核对。")
    remark = not_assessed_remark(left_out)
    if component.measure is PeriodMeasure.TIER_RATE:
        times = sum(period.tier == component.tier for period in given)
        whole = (component.periods or len(periods)) - (len(periods) - len(given))
        score = Fraction(100 * times, whole)
        step = f"{component.label}：{times} 次 ÷ {whole} 次 × 100 = {unrounded_text(score)}{remark}"
        return ComponentScore(component, score, step)
    worth = {point.tier: point.points for point in component.points}
    scores: list[Fraction] = []
    for period in given:
        found = period.score if component.measure is PeriodMeasure.SCORE else worth.get(period.tier or "")
        if found is None:
            raise ComponentError(
                f"「{subject.full_name}」{period.label}的结果不能折算为「{component.label}」，请核对。"
            )
        scores.append(found)
    score = sum(scores, start=Fraction(0)) / len(scores)
    terms = " + ".join(unrounded_text(score) for score in scores)
    step = f"{component.label}：（{terms}）÷ {len(scores)} = {unrounded_text(score)}{remark}"
    return ComponentScore(component, score, step)
