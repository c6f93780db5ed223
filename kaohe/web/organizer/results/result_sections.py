"""The result of each section (分表) as the console shows it; a meeting of one form has one section without a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from flask import request

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
from kaohe.web.organizer.setup.subject_rows import words_of
from kaohe.web.organizer.shell.lists import ListPart, part_of_list


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
    part: ListPart
    """Which subjects stand in ``classes``: of a long list one page."""
    table: Sheet
    """The summary, of a long one one page."""
    table_part: ListPart


def section_blocks(result: Result, filed_sheets: Iterable[FiledSheet], meeting_id: str) -> Sequence[SectionBlock]:
    """The sections that have subjects, in the scheme's order, each with its summary from the sheets of the result."""
    sheets = {filed.key: filed.sheet for filed in filed_sheets}
    return [
        _block(part, key, label, sheets[f"{key}.summary" if key else "summary"], meeting_id)
        for key, label, part in result.parts
        if part.subjects or not key
    ]


def _block(result: Result, key: str, label: str, table: Sheet, meeting_id: str) -> SectionBlock:
    scheme = result.scheme
    of_round = {name: value for name in ("round", "version") if (value := request.args.get(name, ""))}
    asked: dict[str, Any] = {"endpoint": "organizer.result", "kept": of_round, "meeting_id": meeting_id}
    labels = {label: at for at, label in enumerate(dict.fromkeys(each.subject.class_label for each in result.subjects))}
    shown, part = part_of_list(
        sorted(result.subjects, key=lambda each: (labels[each.subject.class_label], *_by_rank(each))),
        lambda each: f"{words_of(each.subject)} {each.tier_label}",
        name="-".join(filter(None, ("standings", key))),
        **asked,
    )
    rows, table_part = part_of_list(table.rows, " ".join, name="-".join(filter(None, ("table", key))), **asked)
    return SectionBlock(
        key=key,
        label=label,
        findings=result.findings,
        warnings=result.warnings,
        classes=_classes(result, shown, has_classes=len(labels) > 1),
        legend=_legend(result),
        upper_label=f"{upper_label(scheme)}率" if has_upper_rate(scheme) and shows_votes(result) else "",
        score_label="票" if scheme.choose else "分",
        has_tiers=has_tiers(scheme),
        votes_withheld=dimensions_withheld(result),
        explain_withheld=steps_withheld(result),
        part=part,
        table=replace(table, rows=tuple(rows)),
        table_part=table_part,
    )


def _legend(result: Result) -> list[tuple[str, str]]:
    if shows_votes(result):
        grades = [grade.label for grade in result.scheme.grades]
        return [*_coloured(grades), ("abstain", "弃权、漏选或无效")]
    labels = contribution_labels(result)
    return _coloured(labels) if len(labels) > 1 else []


def _coloured(labels: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"grade-{min(number, TONES)}", label) for number, label in enumerate(labels, start=1)]


def _classes(
    result: Result, shown: Sequence[SubjectResult], *, has_classes: bool
) -> list[tuple[str, list[SubjectLine]]]:
    by_class = groupby(shown, lambda each: each.subject.class_label)
    return [(label if has_classes else "", [subject_line(result, each) for each in own]) for label, own in by_class]


def _by_rank(subject_result: SubjectResult) -> tuple[bool, int]:
    return subject_result.rank is None, subject_result.rank or 0
