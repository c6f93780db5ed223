"""What a result is made from beside this meeting's votes, and what of it a scheme asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from kaohe.tally.model import Decision, Period, Ruling, Subject
from kaohe.tally.periods import NOT_ASSESSED, timeline_of
from kaohe.tally.scheme.components import Component, ComponentSource, PeriodMeasure
from kaohe.tally.scheme.refusals import SectionError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import Clause, Effect
from kaohe.tally.scores.sectioning import section_of

IMPORTED_SOURCES = (ComponentSource.IMPORTED, ComponentSource.MEETING)
_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class CountInputs:
    """What :class:`kaohe.tally.model.Count` takes beside the votes, in its own shapes."""

    imported: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    """By (component key, subject key)."""
    history: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)
    """By subject key: earlier periods, in any order."""
    decisions: tuple[Decision, ...] = ()
    title: str = ""
    """The meeting's title; where it names a period, that is the meeting's own."""
    rulings: tuple[Ruling, ...] = ()


@dataclass(frozen=True, slots=True)
class InputNeeds:
    """What a scheme asks for."""

    components: tuple[Component, ...]
    """Those whose scores are imported, each key once, in the order of the sections."""
    needs_periods: bool
    """Whether a part of the score is made from earlier periods."""
    uses_periods: bool
    """Whether earlier periods have any part: a score, a rule or a flag."""
    clauses: tuple[Clause, ...]

    @property
    def has_any(self) -> bool:
        """Whether there is anything to bring at all."""
        return bool(self.components or self.uses_periods or self.clauses)


def needs_of(scheme: Scheme) -> InputNeeds:
    """What a scheme asks for, all its sections together."""
    rules = [section.scheme for section in scheme.sections]
    components = {
        component.key: component
        for one in rules
        for component in one.components
        if component.source in IMPORTED_SOURCES
    }
    needs_periods = any(component.source is ComponentSource.PERIODS for one in rules for component in one.components)
    looks_back = any(one.period_rules or any(flag.running > 1 for flag in one.flags) for one in rules)
    clauses = {clause.key: clause for one in rules for clause in one.clauses}
    return InputNeeds(tuple(components.values()), needs_periods, needs_periods or looks_back, tuple(clauses.values()))


def own_rules(scheme: Scheme, subject: Subject) -> Scheme | None:
    """The rules that a subject is judged by; None where its section is still to be named."""
    try:
        return section_of(scheme, subject).scheme
    except SectionError:
        return None


def own_component(scheme: Scheme, subject: Subject, component_key: str) -> Component | None:
    """The imported component of that key which a subject has; None for none."""
    rules = own_rules(scheme, subject)
    components = rules.components if rules else ()
    return next(
        (
            component
            for component in components
            if component.key == component_key and component.source in IMPORTED_SOURCES
        ),
        None,
    )


def own_clauses(scheme: Scheme, subject: Subject) -> tuple[Clause, ...]:
    """The clauses that may be applied to a subject."""
    rules = own_rules(scheme, subject)
    return rules.clauses if rules else ()


def limit_of(rules: Scheme, clause: Clause) -> Fraction | None:
    """The most points that a clause may give or take; None where it is not about points."""
    limits = {Effect.BONUS: rules.bonus_limit, Effect.DEDUCTION: rules.deduction_limit}
    return limits.get(clause.effect)


def fitting_inputs(scheme: Scheme, subjects: Sequence[Subject], inputs: CountInputs, title: str = "") -> CountInputs:
    """The inputs without what the scheme does not ask for, or not for that subject; ``title`` is the meeting's."""
    known = {subject.key: subject for subject in subjects}
    looks_back = needs_of(scheme).uses_periods
    return CountInputs(
        {
            (component, key): score
            for (component, key), score in inputs.imported.items()
            if key in known and own_component(scheme, known[key], component)
        },
        {key: periods for key, periods in inputs.history.items() if key in known} if looks_back else {},
        tuple(
            decision
            for decision in inputs.decisions
            if decision.subject in known
            and decision.clause in {clause.key for clause in own_clauses(scheme, known[decision.subject])}
        ),
        title,
        tuple(ruling for ruling in inputs.rulings if _fits(scheme, known, ruling)),
    )


def _fits(scheme: Scheme, known: Mapping[str, Subject], ruling: Ruling) -> bool:
    """Whether a ruling is about somebody, a step and a tier that are there."""
    rules = own_rules(scheme, known[ruling.subject]) if ruling.subject in known else None
    if rules is None:
        return not ruling.subject and ruling.step in ruling_steps(scheme)
    return ruling.step in rules.ruling_steps and ruling.tier in {"", *(band.key for band in rules.bands)}


def ruling_steps(scheme: Scheme) -> tuple[str, ...]:
    """The steps at which people rule about tiers; empty where the scheme awards none."""
    rules = (section.scheme for section in scheme.sections)
    return tuple(dict.fromkeys(step for one in rules if one.bands for step in one.ruling_steps))


def missing_inputs(scheme: Scheme, subjects: Sequence[Subject], inputs: CountInputs) -> tuple[str, ...]:
    """What the score still lacks, one sentence each, without its full stop; empty where it can be made whole."""
    found: dict[str, list[str]] = {}
    for subject in subjects:
        rules = own_rules(scheme, subject)
        for component in rules.components if rules else ():
            for what in _missing(component, subject, inputs):
                found.setdefault(what, []).append(subject.full_name)
    return tuple(f"{what}：{names_text(names)}" for what, names in found.items())


def misplaced_periods(inputs: CountInputs) -> tuple[str, ...]:
    """What keeps the earlier periods from being put in the order of time, a sentence each without its full stop."""
    return timeline_of(inputs.history, inputs.title).problems


def _missing(component: Component, subject: Subject, inputs: CountInputs) -> Iterator[str]:
    if component.source in IMPORTED_SOURCES and (component.key, subject.key) not in inputs.imported:
        yield f"“{component.label}”缺少得分"
    if component.source is not ComponentSource.PERIODS:
        return
    periods = inputs.history.get(subject.key, ())
    if not periods:
        yield f"“{component.label}”缺少各期结果"
    if component.periods is not None and len(periods) > component.periods:
        yield f"“{component.label}”应有 {component.periods} 期结果，现有 {len(periods)} 期"
    worth = {point.tier for point in component.points}
    if periods and all(period.tier == NOT_ASSESSED for period in periods):
        yield f"“{component.label}”的各期都{NOT_ASSESSED}，无从计算"
    for period in periods:
        if period.tier == NOT_ASSESSED:
            continue
        if component.measure is PeriodMeasure.SCORE and period.score is None:
            yield f"“{component.label}”缺少“{period.label}”的得分"
        if component.measure is PeriodMeasure.POINTS and period.tier not in worth:
            yield f"“{component.label}”中“{period.label}”的等次不能折算，应为 {'、'.join(sorted(worth))} 之一"


def names_text(names: Sequence[str]) -> str:
    """Some names, the first five where there are more, and how many there are then."""
    rest = f" 等 {len(names)} 个" if len(names) > _NAMES_SHOWN else ""
    return "、".join(names[:_NAMES_SHOWN]) + rest
