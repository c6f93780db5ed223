"""A year built from its quarters, one row per subject (年度考核情况登记汇总表)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaohe.reports.figures import figure_text, number
from kaohe.reports.heading import OFFICE_SIGNS, Heading, brief_notes, header_lines, printed_names, sheet_title
from kaohe.reports.ruled_tiers import confirmed_note, ruling_remarks, tier_cells, tier_columns
from kaohe.reports.sheet import NOTHING, RULES_ELSEWHERE, Column, Sheet
from kaohe.tally.model import Period, Result, SubjectResult
from kaohe.tally.periods import canonical_label
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.components import Component, ComponentSource, PeriodMeasure
from kaohe.tally.scheme.scheme import Scheme


def has_register(scheme: Scheme) -> bool:
    """Whether earlier periods are a part of the score."""
    return _periods_component(scheme) is not None


def register_sheet(result: Result, heading: Heading) -> Sheet:
    """One row per subject: its periods, the components, the score, what is recommended, and remarks if there are any.

    The periods stand in the order of time; who lacks one has a dash there.

    What a period came to is its tier, its score where it has no tier, or both where the score is made from scores. The
    step in pay is nobody's to compute, so its column stays empty for the pen.

    Raises:
        ValueError: the scheme has no register (``has_register``).
    """
    scheme = result.scheme
    component = _periods_component(scheme)
    if component is None:
        raise ValueError("a scheme without earlier periods has no register")
    names = printed_names([each.subject for each in result.subjects])
    ruled_steps = result.ruled_steps
    has_remarks = any(_remark(each) for each in result.subjects)
    return Sheet(
        name="登记汇总表",
        title=sheet_title(heading, _kind(heading)),
        header_lines=header_lines(result, heading)[:1],
        columns=(
            number("序号", 6),
            Column("姓名", width=12),
            *(Column(canonical_label(label), width=10) for label in result.periods),
            *(number(_component_label(component), 14) for component in scheme.components),
            *((number(_year_label(component), 12),) if len(scheme.components) > 1 else ()),
            *tier_columns(result, "年度考核定等建议"),
            Column("绩效奖励级差建议", width=14),
            *((Column("备注", width=24),) if has_remarks else ()),
        ),
        rows=tuple(
            (
                str(number),
                names[subject_result.subject.key],
                *_period_texts(component, subject_result, result.periods),
                *(figure_text(found.score) for found in subject_result.components),
                *((figure_text(subject_result.score),) if len(scheme.components) > 1 else ()),
                *tier_cells(ruled_steps, subject_result),
                "",
                *((_remark(subject_result),) if has_remarks else ()),
            )
            for number, subject_result in enumerate(result.subjects, start=1)
        ),
        notes=brief_notes(heading, "绩效奖励级差建议由单位研究后填写。", confirmed_note(result), RULES_ELSEWHERE),
        signature=OFFICE_SIGNS,
    )


def _kind(heading: Heading) -> str:
    """What the title ends with, without what the meeting's own title has said already."""
    says_it = "年度" in heading.title and "考核" in heading.title
    return "情况登记汇总表" if says_it else "年度考核情况登记汇总表"


def _periods_component(scheme: Scheme) -> Component | None:
    return next((component for component in scheme.components if component.source is ComponentSource.PERIODS), None)


def _component_label(component: Component) -> str:
    """平时考核优秀率 on the form, whatever the scheme calls the component."""
    if component.source is ComponentSource.PERIODS and component.measure is PeriodMeasure.TIER_RATE:
        return f"平时考核{component.tier}率"
    return component.label


def _year_label(component: Component) -> str:
    return f"年度考核{component.tier}率" if component.measure is PeriodMeasure.TIER_RATE else "年度得分"


def _period_texts(component: Component, subject_result: SubjectResult, labels: Sequence[str]) -> Iterator[str]:
    found = {period.label: period for period in subject_result.periods}
    return (_period_text(component, found[label]) if label in found else NOTHING for label in labels)


def _period_text(component: Component, period: Period) -> str:
    score = "" if period.score is None else unrounded_text(period.score)
    if component.measure is PeriodMeasure.SCORE:
        return f"{score} {period.tier or ''}".strip() or NOTHING
    return period.tier or score or NOTHING


def _remark(subject_result: SubjectResult) -> str:
    explained = (*subject_result.decisions, *ruling_remarks(subject_result))
    return "\n".join([*explained, *(flag.label for flag in subject_result.flags)])
