"""The result of each section (分表) as the console shows it; a meeting of one form has one section without a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kaohe.reports.accounts import steps_withheld
from kaohe.reports.contributions import contribution_labels
from kaohe.reports.figures import shows_votes
from kaohe.reports.sheet import Sheet
from kaohe.reports.sheets import FiledSheet
from kaohe.reports.tier_sheet import has_tiers
from kaohe.reports.withholding import dimensions_withheld
from kaohe.tally.model import Result, SubjectResult
from kaohe.tally.scores.sharing import has_upper_rate, upper_label
from kaohe.web.organizer.results.result_lines import TONES, SubjectLine, subject_line


@dataclass(frozen=True, slots=True)
class SectionBlock:
    """One section's subjects, classes and summary sheet."""

    key: str
    """'' where the meeting has only one section."""
    label: str
    findings: Sequence[str]
    warnings: Sequence[str]
    classes: Sequence[tuple[str, Sequence[SubjectLine]]]
    """Subjects by class, each in the order of rank; the class is empty where there is only one."""
    legend: Sequence[tuple[str, str]]
    """(kind, label) of every colour."""
    upper_label: str
    """称职以上率, where the scale has it."""
    score_label: str
    has_tiers: bool
    votes_withheld: str
    explain_withheld: str
    table: Sheet


def section_blocks(result: Result, filed_sheets: Iterable[FiledSheet]) -> Sequence[SectionBlock]:
    """The sections that have subjects, in the scheme's order, each with its summary from the sheets of the result."""
    sheets = {filed.key: filed.sheet for filed in filed_sheets}
    return [
        _block(part, key, label, sheets[f"{key}.summary" if key else "summary"])
        for key, label, part in result.parts
        if part.subjects or not key
    ]


def _block(result: Result, key: str, label: str, table: Sheet) -> SectionBlock:
    scheme = result.scheme
    return SectionBlock(
        key=key,
        label=label,
        findings=result.findings,
        warnings=result.warnings,
        classes=_classes(result),
        legend=_legend(result),
        upper_label=f"{upper_label(scheme)}率" if has_upper_rate(scheme) and shows_votes(result) else "",
        score_label="票" if scheme.choose else "分",
        has_tiers=has_tiers(scheme),
        votes_withheld=dimensions_withheld(result),
        explain_withheld=steps_withheld(result),
        table=table,
    )


def _legend(result: Result) -> list[tuple[str, str]]:
    if shows_votes(result):
        grades = [grade.label for grade in result.scheme.grades]
        return [*_coloured(grades), ("abstain", "弃权、漏选或无效")]
    labels = contribution_labels(result)
    return _coloured(labels) if len(labels) > 1 else []


def _coloured(labels: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"grade-{min(number, TONES)}", label) for number, label in enumerate(labels, start=1)]


def _classes(result: Result) -> list[tuple[str, list[SubjectLine]]]:
    labels = list(dict.fromkeys(subject_result.subject.class_label for subject_result in result.subjects))
    return [
        (
            label if len(labels) > 1 else "",
            [
                subject_line(result, subject_result)
                for subject_result in sorted(result.subjects, key=_by_rank)
                if subject_result.subject.class_label == label
            ],
        )
        for label in labels
    ]


def _by_rank(subject_result: SubjectResult) -> tuple[bool, int]:
    return subject_result.rank is None, subject_result.rank or 0
