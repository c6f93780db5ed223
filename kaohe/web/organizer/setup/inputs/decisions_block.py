"""Decisions on the page of other scores and decisions, and the form for one more."""

from __future__ import annotations

from dataclasses import dataclass

from kaohe.domain.inputs import limit_of
from kaohe.domain.typed_numbers import number_text
from kaohe.operations.setup.inputs import MeetingInputs
from kaohe.reports.heading import printed_names
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import Clause, Effect
from kaohe.web.organizer.setup.inputs.input_forms import DecisionForm
from kaohe.web.organizer.setup.subject_rows import SubjectChoice, subject_choice
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.lists import ListPart, part_of_list

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
    """Of many those of one page."""
    part: ListPart
    subjects: SubjectChoice
    clauses: tuple[Option, ...]
    amount: str
    matter: str
    reason: str
    limits: str


def decisions_block(standing: MeetingInputs) -> DecisionsBlock:
    """The decisions as they stand, with what was typed for one more."""
    scheme = standing.setup.full_scheme
    names = printed_names(standing.setup.subjects)
    clauses = {clause.key: clause for clause in standing.needs.clauses}
    counted = set(standing.inputs.decisions)
    lines = []
    decisions, part = part_of_list(
        standing.decisions,
        lambda kept: f"{names.get(kept.decision.subject, '')} {kept.decision.reason} {kept.decision.matter}",
        "organizer.inputs",
        name="decided",
        meeting_id=standing.setup.id,
    )
    for kept in decisions:
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
    form = DecisionForm()
    return DecisionsBlock(
        lines=tuple(lines),
        part=part,
        subjects=subject_choice(
            standing.setup.subjects, form.subject.data, "organizer.inputs", "decisions", standing.setup.id
        ),
        clauses=tuple(
            Option(
                clause.key,
                _clause_text(scheme, clause),
                is_chosen=clause.key == form.clause.data,
            )
            for clause in clauses.values()
        ),
        amount=form.amount.data,
        matter=form.matter.data,
        reason=form.reason.data,
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
    owners = [section.label for section in scheme.declared_sections if clause in section.scheme.clauses]
    only = f"；限{'、'.join(owners)}" if owners and len(owners) < len(scheme.declared_sections) else ""
    return f"{clause.label}（{_effect_text(scheme, clause, points)}{only}）"


def _limits(scheme: Scheme) -> str:
    found: dict[str, None] = {}
    for section in scheme.sections:
        for clause in section.scheme.clauses:
            limit = limit_of(section.scheme, clause)
            if limit is not None:
                found[f"{EFFECT_LABELS[clause.effect]}合计不超过 {number_text(limit)} 分"] = None
    return "；".join(found)
