"""A result as JSON (design contract of ``kaohe tally --json``), as a table to read, and as the workbook to file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from kaohe.cli.tally.files import TallyFileError
from kaohe.domain.voting_mode import takes_ballots
from kaohe.reports.archive_texts import turnout_document
from kaohe.reports.figures import graders_text, rank_text, text_or_none
from kaohe.reports.heading import Heading, announced
from kaohe.tally.model import Figure, GradeCounts, GradeShare, ItemResult, Result, SubjectResult
from kaohe.tally.periods import canonical_label
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.sharing import has_upper_rate, upper_label

_ANY_WIDTH = 10_000


def result_json(result: Result) -> str:
    """Write the result for a program: every number is a string, already rounded; null is "there is none"."""
    schemes = {row.subject.key: part.scheme for *_, part in result.parts for row in part.subjects}
    document = {
        "scheme": result.scheme.key,
        "turnout": turnout_document(result.turnout),
        "subjects": [_subject_document(schemes[row.subject.key], row) for row in result.subjects],
        "warnings": list(result.warnings),
    }
    if result.findings:
        document["findings"] = list(result.findings)
    return json.dumps(document, ensure_ascii=False, indent=2)


def print_result(result: Result, console: Console) -> None:
    """Print the result for a person: turnout, one row per subject, warnings and 口径说明; a table per section."""
    if takes_ballots(result.scheme):
        console.print(Text("  ".join(announced(result.turnout))), soft_wrap=True)
    for *_, part in result.parts:
        table = _table(part)
        # A terminal that is too narrow wraps the line; to cut a number short would be worse.
        widest = Measurement.get(console, console.options.update(width=_ANY_WIDTH), table).maximum
        console.width = max(console.width, widest)
        console.print(table)
    for finding in result.findings:
        console.print(Text(finding), soft_wrap=True)
    for warning in result.warnings:
        console.print(Text(f"注意：{warning}"), soft_wrap=True)
    console.print(Text("口径说明"))
    for note in result.notes:
        console.print(Text(f"  {note}"), soft_wrap=True)


def write_workbook(result: Result, path: Path) -> None:
    """Write the sheets that HR files, the same that a meeting's console offers; a file that is there is replaced.

    Unit and day are not known here, so their places stay open for the pen.

    Raises:
        TallyFileError: the name does not end in .xlsx, or the file cannot be written.
    """
    # Few results are filed from here, and every command about meetings would load what writes workbooks.
    from kaohe.reports.sheets import result_sheets  # noqa: PLC0415 - as above
    from kaohe.reports.xlsx import workbook  # noqa: PLC0415 - as above

    if path.suffix.lower() != ".xlsx":
        raise TallyFileError(f"工作簿的文件名「{path.name}」应以 .xlsx 结尾。")
    heading = Heading(unit="", title=result.scheme.title)
    content = workbook([filed.sheet for filed in result_sheets(result, heading)])
    try:
        path.write_bytes(content)
    except OSError as error:
        raise TallyFileError(f"不能写入「{path}」，请检查文件夹是否存在、文件是否正被其他程序打开。") from error


def _table(result: Result) -> Table:
    scheme, rows = result.scheme, result.subjects
    table = Table(title=Text(scheme.title), show_lines=True)
    of_votes = (*(grade.label for grade in scheme.grades), "弃权", "漏选", "无效") if scheme.has_votes else ()
    for title in ("名次", "考核对象", *of_votes):
        table.add_column(Text(title), justify="left" if title == "考核对象" else "right")
    optional = (
        (f"{upper_label(scheme)}率" if has_upper_rate(scheme) else "", [_rate_text(row.upper_rate) for row in rows]),
        *(
            (component.label, [_component_text(row, index) for row in rows])
            for index, component in enumerate(scheme.components)
        ),
        ("得分", [text_or_none(row.score) or "—" for row in rows]),
        ("档次", [row.tier_label for row in rows]),
        ("提示", ["\n".join(flag.label for flag in row.flags) for row in rows]),
    )
    shown = [(title, cells) for title, cells in optional if any(cells)]
    for title, _ in shown:
        table.add_column(Text(title), justify="right")
    for index, row in enumerate(rows):
        cells = [*_table_cells(row)[: 2 + len(of_votes)], *(column[index] for _, column in shown)]
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _component_text(row: SubjectResult, index: int) -> str:
    component = row.components[index]
    return f"{text_or_none(component.score) or '—'}\n{component.band_label}".strip()


def _rate_text(rate: Figure | None) -> str:
    return f"{rate.text}%" if rate else ""


def _subject_document(scheme: Scheme, subject: SubjectResult) -> dict[str, object]:
    return {
        "subject": subject.subject.name,
        "key": subject.subject.key,
        "unit": subject.subject.unit,
        "post": subject.subject.post,
        "group_scores": _group_scores(scheme, subject.group_scores),
        "items": {item.label: _item_document(scheme, item) for item in subject.items},
        "counts": _counts_document(scheme, subject.counts),
        "rates": _rates_document(scheme, subject.shares, subject.upper_rate),
        "score": text_or_none(subject.score),
        "rank": None if subject.rank is None else str(subject.rank),
        "tier": subject.tier_label or None,
        "flags": [
            *(flag for flag, holds in (("tied", subject.tied), ("no_score", subject.score is None)) if holds),
            *(flag.key for flag in subject.flags),
        ],
        "explain": list(subject.explain),
        **_more_documents(subject),
    }


def _more_documents(subject: SubjectResult) -> dict[str, object]:
    """What only some schemes have; a scheme without it has no such key."""
    more: dict[str, object] = {}
    if subject.components:
        more["votes_score"] = text_or_none(subject.votes_score)
        more["components"] = {component.label: text_or_none(component.score) for component in subject.components}
    if subject.graders:
        more["graders"] = dict(zip(("entitled", "cast"), graders_text(subject.graders), strict=True))
    for name, figure in (("bonus", subject.bonus), ("deduction", subject.deduction)):
        if figure is not None:
            more[name] = figure.text
    if subject.periods:
        more["periods"] = {
            canonical_label(period.label): {
                "score": None if period.score is None else unrounded_text(period.score),
                "tier": period.tier,
            }
            for period in subject.periods
        }
    if subject.rulings:
        more["recommended_tier"] = subject.recommended_label or None
        more["rulings"] = {ruled.step: ruled.tier_label or None for ruled in subject.rulings}
    if subject.answers:
        more["answers"] = {
            answer.label: {
                share.label: {"count": str(share.count), "rate": text_or_none(share.rate)} for share in answer.shares
            }
            for answer in subject.answers
        }
    return more


def _item_document(scheme: Scheme, item: ItemResult) -> dict[str, object]:
    return {
        "group_scores": _group_scores(scheme, item.group_scores),
        "counts": _counts_document(scheme, item.counts),
        "rates": {share.label: text_or_none(share.rate) for share in item.shares},
        "score": text_or_none(item.score),
        **_numbers_document(item.counts),
    }


def _numbers_document(counts: GradeCounts) -> dict[str, object]:
    if not counts.numbers:
        return {}
    return {"numbers": {unrounded_text(number): str(votes) for number, votes in counts.numbers}}


def _group_scores(scheme: Scheme, scores: Mapping[str, Figure | None]) -> dict[str, str | None]:
    return {group.label: text_or_none(scores[group.key]) for group in scheme.groups}


def _counts_document(scheme: Scheme, counts: GradeCounts) -> dict[str, str]:
    votes = {grade.label: str(number) for grade, number in zip(scheme.grades, counts.grades, strict=True)}
    return votes | {"弃权": str(counts.abstention), "漏选": str(counts.skipped), "无效": str(counts.invalid)}


def _rates_document(scheme: Scheme, shares: Iterable[GradeShare], upper: Figure | None) -> dict[str, str | None]:
    rates = {share.label: text_or_none(share.rate) for share in shares}
    return rates if upper is None else rates | {upper_label(scheme): upper.text}


def _table_cells(subject: SubjectResult) -> list[str]:
    counts = subject.counts
    cells = [rank_text(subject), subject.subject.full_name]
    cells += [f"{share.count}\n{share.rate.text}%" if share.rate else str(share.count) for share in subject.shares]
    return [*cells, str(counts.abstention), str(counts.skipped), str(counts.invalid)]
