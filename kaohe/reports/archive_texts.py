"""A count and its result as the plain texts of the archive; docs/bundle-format.md says what each holds."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from io import StringIO

from kaohe.domain.inputs import CountInputs
from kaohe.domain.meetings import GroupNumbers
from kaohe.domain.recorded_digests import ballot_columns, ballot_row
from kaohe.domain.typed_numbers import number_text
from kaohe.reports.figures import text_or_none
from kaohe.tally.model import (
    AnswerResult,
    Decision,
    GradeCounts,
    GradeShare,
    ItemResult,
    Period,
    Result,
    Ruling,
    Subject,
    SubjectResult,
    Turnout,
)
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.counting import MarkedBallot
from kaohe.tally.scores.sectioning import section_of


def json_text(document: object) -> str:
    """A document as the archive writes it: the same document is always the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def turnout_document(turnout: Turnout) -> dict[str, str | None]:
    """应到 to 无效 as texts; null where a number was not said."""
    numbers = {name: getattr(turnout, name) for name in ("entitled", "present", "issued", "cast", "valid", "invalid")}
    return {name: None if number is None else str(number) for name, number in numbers.items()}


def ballots_text(scheme: Scheme, subjects: Sequence[Subject], ballots: Iterable[MarkedBallot]) -> str:
    """One row per opened ballot, in the order given, which must tell nothing; an empty cell is a skipped one."""
    columns = ballot_columns(scheme, subjects)
    rows = [["ballot", "group", *(f"{subject}|{item}" for subject, item in columns)]]
    rows += [[str(number), *ballot_row(columns, *ballot)] for number, ballot in enumerate(ballots, start=1)]
    return _csv_text(rows)


def counts_text(scheme: Scheme, subjects: Sequence[Subject], cells: Mapping[tuple[str, str, str], GradeCounts]) -> str:
    """The votes of every group on every subject and dimension that it fills."""
    grades = list(dict.fromkeys(grade.key for section in scheme.sections for grade in section.scheme.grades))
    rows = [["group", "subject", "dimension", *grades, "numbers", "abstain", "skipped", "invalid"]]
    for group in scheme.groups:
        for subject in subjects:
            form = section_of(scheme, subject).scheme
            for dimension in form.dimensions:
                if group.key not in [filler.key for filler in form.fillers(dimension)]:
                    continue
                found = cells[group.key, subject.key, dimension.key]
                votes = dict(zip((grade.key for grade in form.grades), found.grades, strict=True))
                numbers = " ".join(f"{number_text(number)}*{times}" for number, times in found.numbers)
                rest = (str(found.abstention), str(found.skipped), str(found.invalid))
                given = [str(votes[key]) if key in votes else "" for key in grades]
                rows.append([group.key, subject.key, dimension.key, *given, numbers, *rest])
    return _csv_text(rows)


def numbers_document(
    turnout: Mapping[str, Turnout],
    paper: Mapping[str, int] | None = None,
    parts: Mapping[str, Mapping[str, GroupNumbers]] | None = None,
) -> dict[str, dict[str, object]]:
    """应到, 实到, 制票, 发出, 收回, 无效, 有效 of every group; null where nobody has said the number.

    ``paper`` says how many of the ballots cast by each group were on paper, where there were any. ``parts`` are the
    numbers of the groups of tickets that a voter group is divided into by whom its voters may grade.
    """
    names = ("entitled", "present", "printed", "issued", "cast", "invalid", "valid")
    document: dict[str, dict[str, object]] = {
        key: {name: getattr(numbers, name) for name in names} | {"paper": (paper or {}).get(key, 0)}
        for key, numbers in turnout.items()
    }
    for key, divided in (parts or {}).items():
        document[key]["parts"] = {
            part: {name: getattr(numbers, name) for name in ("entitled", "present", "issued", "cast")}
            for part, numbers in divided.items()
        }
    return document


def inputs_text(inputs: CountInputs) -> str:
    """All that was brought in beside the votes, as the archive holds it and as the record fixes it."""
    return json_text(_inputs_document(inputs))


def read_inputs(text: str, title: str = "") -> CountInputs:
    """What ``inputs_text`` has written, for a meeting of this title."""
    document = json.loads(text)
    return CountInputs(
        {
            (component, subject): Fraction(score)
            for component, scores in document["imported"].items()
            for subject, score in scores.items()
        },
        {
            subject: tuple(
                Period(each["label"], _fraction(each["score"]), each["tier"], frozenset(each["flags"]))
                for each in periods
            )
            for subject, periods in document["history"].items()
        },
        tuple(Decision(**{**each, "amount": _fraction(each["amount"])}) for each in document["decisions"]),
        title,
        tuple(Ruling(**each) for each in document.get("rulings", ())),
    )


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _inputs_document(inputs: CountInputs) -> dict[str, object]:
    """Every number exact; rulings only where there are any, so that an older text reads as it did."""
    scores: dict[str, dict[str, str]] = {}
    for (component, subject), score in inputs.imported.items():
        scores.setdefault(component, {})[subject] = number_text(score)
    return {
        "imported": scores,
        "history": {
            subject: [
                {
                    "label": period.label,
                    "score": None if period.score is None else number_text(period.score),
                    "tier": period.tier,
                    "flags": sorted(period.flags),
                }
                for period in periods
            ]
            for subject, periods in inputs.history.items()
        },
        "decisions": [
            {
                "subject": decision.subject,
                "clause": decision.clause,
                "reason": decision.reason,
                "amount": None if decision.amount is None else number_text(decision.amount),
                "matter": decision.matter,
            }
            for decision in inputs.decisions
        ],
        **({"rulings": [asdict(ruling) for ruling in inputs.rulings]} if inputs.rulings else {}),
    }


def result_document(result: Result) -> dict[str, object]:
    """The published result by keys: every number is a text as it is printed, null where there is none."""
    return {
        "turnout": turnout_document(result.turnout),
        "subjects": [_subject_document(section_of(result.scheme, row.subject).scheme, row) for row in result.subjects],
        "findings": list(result.findings),
        "parts": [
            {
                "section": key,
                "turnout": turnout_document(part.turnout),
                "subjects": [row.subject.key for row in part.subjects],
                "findings": list(part.findings),
            }
            for key, _, part in result.parts
            if key
        ],
    }


def _subject_document(scheme: Scheme, subject_result: SubjectResult) -> dict[str, object]:
    return {
        "subject": subject_result.subject.key,
        "name": subject_result.subject.name,
        "items": {item.dimension: _item_document(scheme, item) for item in subject_result.items},
        "counts": _counts_document(scheme, subject_result.counts),
        "numbers": _given_numbers(subject_result.counts),
        "rates": _rates_document(subject_result.shares),
        "upper_rate": text_or_none(subject_result.upper_rate),
        "answers": {answer.question: _answer_document(answer) for answer in subject_result.answers},
        "group_scores": {key: text_or_none(score) for key, score in subject_result.group_scores.items()},
        "votes_score": text_or_none(subject_result.votes_score),
        "components": {
            part.key: {"score": text_or_none(part.score), "band": part.band_label} for part in subject_result.components
        },
        "bonus": text_or_none(subject_result.bonus),
        "deduction": text_or_none(subject_result.deduction),
        "score": text_or_none(subject_result.score),
        "rank": None if subject_result.rank is None else str(subject_result.rank),
        "tied": subject_result.tied,
        "tier": subject_result.tier,
        "tier_label": subject_result.tier_label,
        "flags": [{"key": flag.key, "label": flag.label} for flag in subject_result.flags],
        **_rulings_document(subject_result),
        **_graders_document(subject_result),
    }


def _graders_document(subject_result: SubjectResult) -> dict[str, object]:
    """How many may grade and did; nothing where everybody may."""
    graders = subject_result.graders
    if graders is None:
        return {}
    entitled = None if graders.entitled is None else str(graders.entitled)
    return {"graders": {"entitled": entitled, "cast": str(graders.cast)}}


def _rulings_document(subject_result: SubjectResult) -> dict[str, object]:
    """What people ruled; nothing where they did not, so that an older result reads as it did."""
    if not subject_result.rulings:
        return {}
    return {
        "recommended": subject_result.recommended,
        "rulings": [{"step": ruled.step, "tier": ruled.tier} for ruled in subject_result.rulings],
    }


def _item_document(scheme: Scheme, item: ItemResult) -> dict[str, object]:
    return {
        "counts": _counts_document(scheme, item.counts),
        "numbers": _given_numbers(item.counts),
        "rates": _rates_document(item.shares),
        "group_scores": {key: text_or_none(score) for key, score in item.group_scores.items()},
        "score": text_or_none(item.score),
    }


def _counts_document(scheme: Scheme, counts: GradeCounts) -> dict[str, str]:
    votes = {grade.key: str(number) for grade, number in zip(scheme.grades, counts.grades, strict=True)}
    rest = {"abstain": str(counts.abstention), "skipped": str(counts.skipped), "invalid": str(counts.invalid)}
    return votes | rest


def _given_numbers(counts: GradeCounts) -> dict[str, str]:
    return {number_text(number): str(times) for number, times in counts.numbers}


def _answer_document(answer: AnswerResult) -> dict[str, dict[str, str | None]]:
    return {share.grade: {"count": str(share.count), "rate": text_or_none(share.rate)} for share in answer.shares}


def _rates_document(shares: Iterable[GradeShare]) -> dict[str, str | None]:
    return {share.grade: text_or_none(share.rate) for share in shares}


def _csv_text(rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
