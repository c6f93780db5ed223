"""A count and its result as the plain texts of the archive; docs/bundle-format.md says what each holds."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO

from kaohe.tally.counting import MarkedBallot
from kaohe.tally.model import Figure, GradeCounts, GradeShare, ItemResult, Result, Subject, SubjectResult, Turnout
from kaohe.tally.scheme import Scheme


def json_text(document: object) -> str:
    """A document as the archive writes it: the same document is always the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def subjects_document(subjects: Sequence[Subject]) -> list[dict[str, str]]:
    """Who was evaluated, in the organizer's order."""
    return [
        {
            "key": each.key,
            "name": each.name,
            "unit": each.unit,
            "post": each.post,
            "class": each.class_label,
            "kind": str(each.kind),
            "section": each.section,
        }
        for each in subjects
    ]


def ballots_text(scheme: Scheme, subjects: Sequence[Subject], ballots: Iterable[MarkedBallot]) -> str:
    """One row per opened ballot, in the order given, which must tell nothing; an empty cell is a skipped one."""
    items = [(subject.key, dimension.key) for subject in subjects for dimension in scheme.dimensions]
    rows = [["ballot", "group", *(f"{subject}|{dimension}" for subject, dimension in items)]]
    for number, (group_key, marks) in enumerate(ballots, start=1):
        rows.append([str(number), group_key, *(marks.get(item, "") for item in items)])
    return _csv_text(rows)


def counts_text(scheme: Scheme, subjects: Sequence[Subject], cells: Mapping[tuple[str, str, str], GradeCounts]) -> str:
    """The votes of every group on every subject and dimension."""
    grades = [grade.key for grade in scheme.grades]
    rows = [["group", "subject", "dimension", *grades, "abstain", "skipped", "invalid"]]
    for group in scheme.groups:
        for subject in subjects:
            for dimension in scheme.dimensions:
                found = cells[group.key, subject.key, dimension.key]
                votes = (*found.grades, found.abstention, found.skipped, found.invalid)
                rows.append([group.key, subject.key, dimension.key, *map(str, votes)])
    return _csv_text(rows)


def numbers_document(turnout: Mapping[str, Turnout]) -> dict[str, dict[str, int | None]]:
    """应到, 实到, 制票, 发出, 收回, 无效, 有效 of every group; null where nobody has said the number."""
    return {
        key: {
            "entitled": each.entitled,
            "present": each.present,
            "printed": each.printed,
            "issued": each.issued,
            "cast": each.cast,
            "invalid": each.invalid,
            "valid": each.valid,
        }
        for key, each in turnout.items()
    }


def result_document(result: Result) -> dict[str, object]:
    """The published result by keys: every number is a text as it is printed, null where there is none."""
    turnout = result.turnout
    numbers = {
        "entitled": turnout.entitled,
        "present": turnout.present,
        "issued": turnout.issued,
        "cast": turnout.cast,
        "valid": turnout.valid,
        "invalid": turnout.invalid,
    }
    return {
        "turnout": {name: None if number is None else str(number) for name, number in numbers.items()},
        "subjects": [_subject_document(result.scheme, each) for each in result.subjects],
    }


def _subject_document(scheme: Scheme, each: SubjectResult) -> dict[str, object]:
    return {
        "subject": each.subject.key,
        "name": each.subject.name,
        "items": {item.dimension: _item_document(scheme, item) for item in each.items},
        "counts": _counts_document(scheme, each.counts),
        "rates": _rates_document(each.shares),
        "upper_rate": _text(each.upper_rate),
        "group_scores": {key: _text(score) for key, score in each.group_scores.items()},
        "score": _text(each.score),
        "rank": None if each.rank is None else str(each.rank),
        "tied": each.tied,
    }


def _item_document(scheme: Scheme, item: ItemResult) -> dict[str, object]:
    return {
        "counts": _counts_document(scheme, item.counts),
        "rates": _rates_document(item.shares),
        "group_scores": {key: _text(score) for key, score in item.group_scores.items()},
        "score": _text(item.score),
    }


def _counts_document(scheme: Scheme, counts: GradeCounts) -> dict[str, str]:
    votes = {grade.key: str(number) for grade, number in zip(scheme.grades, counts.grades, strict=True)}
    rest = {"abstain": str(counts.abstention), "skipped": str(counts.skipped), "invalid": str(counts.invalid)}
    return votes | rest


def _rates_document(shares: Iterable[GradeShare]) -> dict[str, str | None]:
    return {share.grade: _text(share.rate) for share in shares}


def _csv_text(rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _text(figure: Figure | None) -> str | None:
    return None if figure is None else figure.text
