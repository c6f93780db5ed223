"""Earlier periods on the page of other scores and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaohe.domain.typed_numbers import number_text
from kaohe.operations.setup.inputs import MeetingInputs
from kaohe.tally.model import Period
from kaohe.tally.rounding import percent_text
from kaohe.tally.scheme.components import ComponentSource
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.organizer.setup.subject_rows import unit_and_post


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """What the periods came to for one subject, in the order of their labels."""

    name: str
    unit_and_post: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeriodsBlock:
    """The earlier periods."""

    rule: str
    labels: tuple[str, ...]
    lines: tuple[PeriodLine, ...]
    flags: str
    """The labels of the flags that may be written; empty for none."""


def periods_block(standing: MeetingInputs) -> PeriodsBlock:
    """What earlier periods came to, subject by subject."""
    scheme = standing.setup.full_scheme
    history = standing.inputs.history
    flags = dict.fromkeys(flag.label for section in scheme.sections for flag in section.scheme.flags)
    return PeriodsBlock(
        rule=_periods_rule(scheme),
        labels=tuple(standing.periods),
        lines=tuple(
            PeriodLine(subject.name, unit_and_post(subject), _period_cells(history.get(subject.key, ()), standing))
            for subject in standing.setup.subjects
        ),
        flags="；".join(flags),
    )


def _period_cells(periods: Sequence[Period], standing: MeetingInputs) -> tuple[str, ...]:
    found = {period.label: period for period in periods}
    labels = {flag.key: flag.label for section in standing.setup.full_scheme.sections for flag in section.scheme.flags}
    return tuple(_period_text(found[label], labels) if label in found else "" for label in standing.periods)


def _period_text(period: Period, flag_labels: Mapping[str, str]) -> str:
    score = "" if period.score is None else number_text(period.score)
    parts = (score, period.tier or "", *sorted(flag_labels.get(flag, "") for flag in period.flags))
    return " · ".join(part for part in parts if part)


def _periods_rule(scheme: Scheme) -> str:
    parts = [
        f"“{component.label}”占 {percent_text(component.weight)}"
        + (f"，应有 {component.periods} 期" if component.periods is not None else "")
        for section in scheme.sections
        for component in section.scheme.components
        if component.source is ComponentSource.PERIODS
    ]
    return "；".join(dict.fromkeys(parts)) or "用于“连续”一类的规则和标记，没有往期结果时可以不填"
