"""Earlier periods on the page of other scores and decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.inputs import names_text
from kaohe.domain.typed_numbers import number_text
from kaohe.operations.count.sources import OfferedPeriod
from kaohe.operations.setup.input_checks import flag_keys
from kaohe.operations.setup.inputs import MeetingInputs
from kaohe.reports.heading import printed_names
from kaohe.tally.model import Period
from kaohe.tally.periods import year_named
from kaohe.tally.rounding import percent_text
from kaohe.tally.scheme.components import ComponentSource
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.organizer.setup.subject_rows import words_of
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.lists import ListPart, part_of_list


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """What the periods came to for one subject, in the order of their labels."""

    name: str
    unit_and_post: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeriodsBlock:
    """The earlier periods."""

    title: str
    rule: str
    lacking: tuple[str, ...]
    """What is missing: whole periods, then who lacks which, a sentence each without its full stop."""
    offers: tuple[Option, ...]
    """The meetings of the year that can be taken as its periods."""
    labels: tuple[str, ...]
    lines: tuple[PeriodLine, ...]
    """Of a long list those of one page."""
    part: ListPart
    flags: str
    """The labels of the flags that may be written; empty for none."""


def periods_block(standing: MeetingInputs, offered: Sequence[OfferedPeriod]) -> PeriodsBlock:
    """What earlier periods came to, subject by subject; ``offered`` are the meetings that they can be taken from."""
    scheme = standing.setup.full_scheme
    history = standing.inputs.history
    flags = flag_keys(scheme)
    flag_labels = {key: label for label, key in flags.items()}
    shown, part = part_of_list(
        standing.setup.subjects, words_of, "organizer.inputs", name="periods", meeting_id=standing.setup.id
    )
    return PeriodsBlock(
        title=f"{year}年度各期结果" if (year := year_named(standing.setup.title)) else "往期结果",
        rule=_periods_rule(scheme),
        lacking=tuple(_lacking(standing)) if standing.periods else (),
        offers=tuple(_offer(each) for each in offered),
        labels=tuple(standing.periods),
        lines=tuple(
            PeriodLine(
                subject.name,
                unit_and_post(subject),
                _period_cells(history.get(subject.key, ()), standing.periods, flag_labels),
            )
            for subject in shown
        ),
        part=part,
        flags="；".join(flags),
    )


def _offer(offered: OfferedPeriod) -> Option:
    hint = "已取用，可以重新取用" if offered.is_taken else ""
    return Option(offered.meeting_id, f"{offered.label} · {offered.title}", is_chosen=not offered.is_taken, hint=hint)


def _lacking(standing: MeetingInputs) -> Iterator[str]:
    setup, history = standing.setup, standing.inputs.history
    wanted = [
        component.periods
        for section in setup.full_scheme.sections
        for component in section.scheme.components
        if component.source is ComponentSource.PERIODS and component.periods is not None
    ]
    if wanted and len(standing.periods) < max(wanted):
        yield f"应有 {max(wanted)} 期，现有 {len(standing.periods)} 期"
    names = printed_names(setup.subjects)
    labels = {key: {period.label for period in periods} for key, periods in history.items()}
    for label in standing.periods:
        without = [names[subject.key] for subject in setup.subjects if label not in labels.get(subject.key, ())]
        if without:
            yield f"“{label}”缺 {len(without)} 个：{names_text(without)}"


def _period_cells(periods: Sequence[Period], labels: Sequence[str], flag_labels: Mapping[str, str]) -> tuple[str, ...]:
    found = {period.label: period for period in periods}
    return tuple(period_text(found[label], flag_labels) if label in found else "" for label in labels)


def period_text(period: Period, flag_labels: Mapping[str, str]) -> str:
    """Score, tier and flags of a period in a line."""
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
