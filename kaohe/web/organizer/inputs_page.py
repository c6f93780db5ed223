"""What the page of other scores and decisions shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from kaohe.domain.errors import MeetingUnknown
from kaohe.domain.inputs import limit_of, own_component
from kaohe.domain.rosters import RowProblem
from kaohe.domain.typed_numbers import number_text
from kaohe.operations.preparing import list_meetings
from kaohe.operations.results import COUNTED
from kaohe.operations.standing_inputs import CHANGEABLE, StandingInputs, load_inputs
from kaohe.tally.components import Component, ComponentSource
from kaohe.tally.model import Period, Subject
from kaohe.tally.rounding import percent_text
from kaohe.tally.scheme import Scheme
from kaohe.tally.tiers import Clause, Effect
from kaohe.web.organizer.frame import MeetingFrame, day_text, frame_of
from kaohe.web.organizer.options import Option
from kaohe.web.organizer.refusing import Refusal

EFFECT_LABELS = {
    Effect.VETO: "一票否决",
    Effect.CAP: "限定最高档次",
    Effect.OUTRIGHT: "直接定档",
    Effect.EXEMPT: "不定档次",
    Effect.BONUS: "加分",
    Effect.DEDUCTION: "减分",
    Effect.FLAG: "只作标记",
}


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One subject's score of one component; empty where it is missing."""

    name: str
    place_text: str
    score: str


@dataclass(frozen=True, slots=True)
class ComponentBlock:
    """An imported component and its scores so far."""

    key: str
    label: str
    rule: str
    """What it weighs and its full marks."""
    lines: tuple[ScoreLine, ...]
    count: str
    sources: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """What the periods came to for one subject, in the order of their labels."""

    name: str
    place_text: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeriodsBlock:
    """The earlier periods."""

    rule: str
    labels: tuple[str, ...]
    lines: tuple[PeriodLine, ...]
    flags: str
    """The labels of the flags that may be written; empty for none."""


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision as it stands."""

    id: str
    name: str
    clause: str
    effect: str
    reason: str
    is_counted: bool
    """Whether the scheme still knows the clause."""


@dataclass(frozen=True, slots=True)
class DecisionsBlock:
    """The decisions and the form for one more."""

    lines: tuple[DecisionLine, ...]
    subjects: tuple[Option, ...]
    clauses: tuple[Option, ...]
    amount: str
    matter: str
    reason: str
    limits: str


@dataclass(frozen=True, slots=True)
class InputsPage:
    """Everything that the scheme asks for beside the votes."""

    frame: MeetingFrame
    may_change: bool
    is_asked: bool
    needs_scores: bool
    """Whether a part of the score comes from elsewhere at all."""
    missing: tuple[str, ...]
    components: tuple[ComponentBlock, ...]
    periods: PeriodsBlock | None
    decisions: DecisionsBlock | None
    meetings: tuple[Option, ...]
    """The counted meetings that scores may be taken from."""
    at: str
    """The block that was posted, whose text is kept."""
    pasted: str
    label: str
    problems: tuple[RowProblem, ...]
    refusal: Refusal | None


def these_inputs(meeting_id: str) -> StandingInputs:
    """The inputs of a console page.

    Raises:
        MeetingUnknown: in words for an organizer.
    """
    try:
        return load_inputs(meeting_id)
    except MeetingUnknown as error:
        raise MeetingUnknown("没有找到这场测评会，请返回列表重新选择。") from error


def inputs_page(meeting_id: str, refusal: Refusal | None = None, problems: Sequence[RowProblem] = ()) -> InputsPage:
    """The page, with what was posted where it was refused."""
    standing = these_inputs(meeting_id)
    needs = standing.needs
    return InputsPage(
        frame=frame_of(standing.setup, standing.round, "inputs"),
        may_change=standing.round.state in CHANGEABLE,
        is_asked=needs.has_any or bool(standing.decisions),
        needs_scores=bool(needs.components) or needs.needs_periods,
        missing=tuple(standing.missing),
        components=tuple(_component_block(standing, component) for component in needs.components),
        periods=_periods_block(standing) if needs.uses_periods else None,
        decisions=_decisions_block(standing) if needs.clauses or standing.decisions else None,
        meetings=_counted_meetings(meeting_id),
        at=request.form.get("at", "") if refusal else "",
        pasted=request.form.get("pasted", ""),
        label=request.form.get("label", ""),
        problems=tuple(problems),
        refusal=refusal,
    )


def _component_block(standing: StandingInputs, component: Component) -> ComponentBlock:
    scheme = standing.setup.full_scheme
    own = [subject for subject in standing.setup.subjects if own_component(scheme, subject, component.key)]
    scores = [standing.inputs.imported.get((component.key, subject.key)) for subject in own]
    there = [score for score in scores if score is not None]
    return ComponentBlock(
        key=component.key,
        label=_component_label(scheme, component.key),
        rule=_component_rule(scheme, component.key),
        lines=tuple(
            ScoreLine(subject.name, _place_text(subject), "" if score is None else number_text(score))
            for subject, score in zip(own, scores, strict=True)
        ),
        count=f"{len(there)} / {len(own)}",
        sources="、".join(
            f"取自“{title}”" if title else "导入" for title in standing.sources.get(component.key, ()) if there
        ),
        is_whole=len(there) == len(own),
    )


def _component_label(scheme: Scheme, key: str) -> str:
    """Its name; several where the sections call it differently."""
    labels = [each.label for section in scheme.sections for each in section.scheme.components if each.key == key]
    return " / ".join(dict.fromkeys(labels))


def _component_rule(scheme: Scheme, key: str) -> str:
    found = [
        (section.label if scheme.parts else "", each)
        for section in scheme.sections
        for each in section.scheme.components
        if each.key == key
    ]
    shares = dict.fromkeys(f"{label}占 {percent_text(each.weight)}" for label, each in found)
    return f"{'，'.join(shares)}；满分 {number_text(found[0][1].full)}"


def _periods_block(standing: StandingInputs) -> PeriodsBlock:
    scheme = standing.setup.full_scheme
    history = standing.inputs.history
    flags = dict.fromkeys(flag.label for section in scheme.sections for flag in section.scheme.flags)
    return PeriodsBlock(
        rule=_periods_rule(scheme),
        labels=tuple(standing.periods),
        lines=tuple(
            PeriodLine(subject.name, _place_text(subject), _period_cells(history.get(subject.key, ()), standing))
            for subject in standing.setup.subjects
        ),
        flags="；".join(flags),
    )


def _period_cells(periods: Sequence[Period], standing: StandingInputs) -> tuple[str, ...]:
    found = {period.label: period for period in periods}
    labels = {flag.key: flag.label for section in standing.setup.full_scheme.sections for flag in section.scheme.flags}
    return tuple(
        " · ".join(
            part
            for period in [found.get(label)]
            if period
            for part in (
                number_text(period.score) if period.score is not None else "",
                period.tier or "",
                *sorted(labels.get(flag, "") for flag in period.flags),
            )
            if part
        )
        for label in standing.periods
    )


def _periods_rule(scheme: Scheme) -> str:
    parts = [
        f"“{each.label}”占 {percent_text(each.weight)}"
        + (f"，应有 {each.periods} 期" if each.periods is not None else "")
        for section in scheme.sections
        for each in section.scheme.components
        if each.source is ComponentSource.PERIODS
    ]
    return "；".join(dict.fromkeys(parts)) or "用于“连续”一类的规则和标记，没有往期结果时可以不填"


def _decisions_block(standing: StandingInputs) -> DecisionsBlock:
    scheme = standing.setup.full_scheme
    names = {subject.key: subject.name for subject in standing.setup.subjects}
    clauses = {clause.key: clause for clause in standing.needs.clauses}
    counted = set(standing.inputs.decisions)
    lines = []
    for kept in standing.decisions:
        clause = clauses.get(kept.decision.clause)
        amount = clause.points if clause and kept.decision.amount is None else kept.decision.amount
        lines.append(
            DecisionLine(
                id=kept.id,
                name=names.get(kept.decision.subject, "已不在名单中"),
                clause=clause.label if clause else "方案中已没有的条款",
                effect=_effect_text(scheme, clause, "" if amount is None else number_text(amount)) if clause else "",
                reason=kept.decision.reason + (f"（事项：{kept.decision.matter}）" if kept.decision.matter else ""),
                is_counted=kept.decision in counted,
            )
        )
    typed = request.form
    return DecisionsBlock(
        lines=tuple(lines),
        subjects=tuple(Option(key, name, is_chosen=key == typed.get("subject", "")) for key, name in names.items()),
        clauses=tuple(
            Option(
                clause.key,
                _clause_text(scheme, clause),
                is_chosen=clause.key == typed.get("clause", ""),
            )
            for clause in clauses.values()
        ),
        amount=typed.get("amount", ""),
        matter=typed.get("matter", ""),
        reason=typed.get("reason", ""),
        limits=_limits(scheme),
    )


def _effect_text(scheme: Scheme, clause: Clause, amount: str) -> str:
    labels = {band.key: band.label for section in scheme.sections for band in section.scheme.bands}
    if clause.effect in (Effect.BONUS, Effect.DEDUCTION):
        return f"{EFFECT_LABELS[clause.effect]}{f' {amount} 分' if amount else ''}"
    tier = labels.get(clause.tier, "")
    return EFFECT_LABELS[clause.effect] + (f"：{tier}" if tier else "")


def _clause_text(scheme: Scheme, clause: Clause) -> str:
    points = number_text(clause.points) if clause.points is not None else ""
    owners = [section.label for section in scheme.parts if clause in section.scheme.clauses]
    only = f"；限{'、'.join(owners)}" if owners and len(owners) < len(scheme.parts) else ""
    return f"{clause.label}（{_effect_text(scheme, clause, points)}{only}）"


def _limits(scheme: Scheme) -> str:
    found: dict[str, None] = {}
    for section in scheme.sections:
        for clause in section.scheme.clauses:
            limit = limit_of(section.scheme, clause)
            if limit is not None:
                found[f"{EFFECT_LABELS[clause.effect]}合计不超过 {number_text(limit)} 分"] = None
    return "；".join(found)


def _counted_meetings(meeting_id: str) -> tuple[Option, ...]:
    return tuple(
        Option(
            line.id,
            " · ".join(part for part in (line.title, line.unit, day_text(line.held_on)) if part),
            is_chosen=request.form.get("meeting") == line.id,
        )
        for line in list_meetings()
        if line.id != meeting_id and line.state in COUNTED
    )


def _place_text(subject: Subject) -> str:
    return " · ".join(part for part in (subject.unit, subject.post) if part)
