"""A result as JSON (design contract of ``kaohe tally --json``) and as a table to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from kaohe.tally.model import Figure, GradeCounts, GradeShare, ItemResult, Result, SubjectResult, Turnout
from kaohe.tally.scheme import Scheme
from kaohe.tally.sharing import upper_label

_ANY_WIDTH = 10_000


def result_json(result: Result) -> str:
    """Write the result for a program: every number is a string, already rounded; null is "there is none"."""
    document = {
        "scheme": result.scheme.key,
        "turnout": _turnout_document(result.turnout),
        "subjects": [_subject_document(result.scheme, subject) for subject in result.subjects],
        "warnings": list(result.warnings),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def print_result(result: Result, console: Console) -> None:
    """Print the result for a person: turnout, one row per subject, warnings and 口径说明."""
    table = Table(title=Text(result.scheme.title), show_lines=True)
    for title in ("名次", "考核对象", *(grade.label for grade in result.scheme.grades), "弃权", "漏选", "无效"):
        table.add_column(Text(title), justify="left" if title == "考核对象" else "right")
    if any(subject.upper_rate for subject in result.subjects):
        table.add_column(Text(f"{upper_label(result.scheme)}率"), justify="right")
    table.add_column("得分", justify="right")
    for subject in result.subjects:
        table.add_row(*(Text(cell) for cell in _table_cells(subject)))
    console.print(Text(_turnout_line(result.turnout)), soft_wrap=True)
    # A terminal that is too narrow wraps the line; to cut a number short would be worse.
    widest = Measurement.get(console, console.options.update(width=_ANY_WIDTH), table).maximum
    console.width = max(console.width, widest)
    console.print(table)
    for warning in result.warnings:
        console.print(Text(f"注意：{warning}"), soft_wrap=True)
    console.print(Text("口径说明"))
    for note in result.notes:
        console.print(Text(f"  {note}"), soft_wrap=True)


def _turnout_document(turnout: Turnout) -> dict[str, str | None]:
    numbers = {
        "entitled": turnout.entitled,
        "present": turnout.present,
        "issued": turnout.issued,
        "cast": turnout.cast,
        "valid": turnout.valid,
        "invalid": turnout.invalid,
    }
    return {name: None if number is None else str(number) for name, number in numbers.items()}


def _subject_document(scheme: Scheme, subject: SubjectResult) -> dict[str, object]:
    return {
        "subject": subject.subject.name,
        "group_scores": _group_scores(scheme, subject.group_scores),
        "items": {item.label: _item_document(scheme, item) for item in subject.items},
        "counts": _counts_document(scheme, subject.counts),
        "rates": _rates_document(scheme, subject.shares, subject.upper_rate),
        "score": _text(subject.score),
        "rank": None if subject.rank is None else str(subject.rank),
        "tier": None,
        "flags": [flag for flag, holds in (("tied", subject.tied), ("no_score", subject.score is None)) if holds],
        "explain": list(subject.explain),
    }


def _item_document(scheme: Scheme, item: ItemResult) -> dict[str, object]:
    return {
        "group_scores": _group_scores(scheme, item.group_scores),
        "counts": _counts_document(scheme, item.counts),
        "rates": {share.label: _text(share.rate) for share in item.shares},
        "score": _text(item.score),
    }


def _group_scores(scheme: Scheme, scores: Mapping[str, Figure | None]) -> dict[str, str | None]:
    return {group.label: _text(scores[group.key]) for group in scheme.groups}


def _counts_document(scheme: Scheme, counts: GradeCounts) -> dict[str, str]:
    votes = {grade.label: str(number) for grade, number in zip(scheme.grades, counts.grades, strict=True)}
    return votes | {"弃权": str(counts.abstention), "漏选": str(counts.skipped), "无效": str(counts.invalid)}


def _rates_document(scheme: Scheme, shares: Iterable[GradeShare], upper: Figure | None) -> dict[str, str | None]:
    rates = {share.label: _text(share.rate) for share in shares}
    return rates if upper is None else rates | {upper_label(scheme): upper.text}


def _turnout_line(turnout: Turnout) -> str:
    numbers = (
        ("应到", turnout.entitled),
        ("实到", turnout.present),
        ("发出", turnout.issued),
        ("收回", turnout.cast),
        ("有效", turnout.valid),
        ("无效", turnout.invalid),
    )
    return "  ".join(f"{label} {number}" for label, number in numbers if number is not None)


def _table_cells(subject: SubjectResult) -> list[str]:
    counts = subject.counts
    cells = ["—" if subject.rank is None else str(subject.rank), subject.subject.name]
    cells += [f"{share.count}\n{share.rate.text}%" if share.rate else str(share.count) for share in subject.shares]
    cells += [str(counts.abstention), str(counts.skipped), str(counts.invalid)]
    if subject.upper_rate:
        cells.append(f"{subject.upper_rate.text}%")
    return [*cells, _text(subject.score) or "—"]


def _text(figure: Figure | None) -> str | None:
    return None if figure is None else figure.text
