"""The sums done by hand, as bundles: the recount finds what the tally found, and what stands in the case."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from case_files import CASES, ballots_in, count_of, scheme_of
from random_meetings import bundle_texts

from kaohe import recount
from kaohe.schemes import list_presets
from kaohe.tally import tally
from kaohe.tally.model import Count, GradeCounts
from kaohe.tally.scheme.questions import Question, QuestionKind
from kaohe.tally.scheme.scheme import InvalidRule, Scheme
from kaohe.tally.scores.counting import MarkedBallot, count_marks
from kaohe.tally.scores.sectioning import section_of

HELD = [path for path in CASES if "refused" not in tomllib.loads(path.read_text(encoding="utf-8"))]


def ballots_of(count: Count) -> list[MarkedBallot]:
    """Ballots that add up to the counts of a case: who is void is void throughout, picks are spread evenly."""
    ballots: list[MarkedBallot] = []
    for group in count.scheme.groups:
        pile: list[dict[tuple[str, str], str]] = [{} for _ in range(cast_of(count, group.key))]
        turn = 0
        for subject in count.subjects:
            form = section_of(count.scheme, subject).scheme
            cells = {d.key: count.cells.get((group.key, subject.key, d.key)) for d in form.dimensions}
            filled = {key: cell for key, cell in cells.items() if cell is not None}
            asked = pile[: count.asked.get((group.key, subject.key), len(pile))]
            for key, cell in filled.items():
                marks = list(marks_of(form, cell))
                if form.choose:
                    turn, marks = (
                        turn + cell.grades[0],
                        [marks[(place - turn) % len(marks)] for place in range(len(marks))],
                    )
                for ballot, mark in zip(asked, marks, strict=True):
                    ballot[subject.key, key] = mark
                for ballot in pile[len(asked) :]:
                    ballot[subject.key, key] = "not_asked"
            for question in form.questions:
                votes = count.answers.get((group.key, subject.key, question.key), ())
                answer(subject.key, question, votes, asked)
        ballots += [(group.key, {item: mark for item, mark in marks.items() if mark}) for marks in pile]
    return ballots


def cast_of(count: Count, group: str) -> int:
    turnout = count.turnout.get(group)
    return turnout.cast if turnout else 0


def marks_of(form: Scheme, cell: GradeCounts) -> Iterator[str]:
    # The void ballots are the same ones for everybody: those at the front.
    yield from ["invalid"] * cell.invalid
    for grade, votes in zip(form.grades, cell.grades, strict=True):
        yield from [grade.key] * votes
    for number, votes in cell.numbers:
        yield from [str(number) if number.denominator == 1 else str(float(number))] * votes
    yield from ["abstain"] * cell.abstention
    yield from [""] * cell.skipped


def answer(
    subject: str, question: Question, votes: Sequence[int], ballots: Sequence[dict[tuple[str, str], str]]
) -> None:
    turn = 0
    for option, number in zip(question.options, votes, strict=False):
        for place in range(number):
            if question.kind is QuestionKind.CHOICE:
                ballots[turn + place][subject, question.key] = option.key
            else:
                ballots[place][subject, f"{question.key}.{option.key}"] = "ticked"
        turn += number


def held(path: Path) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """A case and the bundle of a meeting with just its counts."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    stated = count_of(case, scheme_of(case))
    ballots = ballots_in(case) if "ballots" in case else ballots_of(stated)
    counted = count_marks(stated.scheme, stated.subjects, ballots)
    if any(counted.cells[key] != cell for key, cell in stated.cells.items()):
        # Cells of one row are invalid and those of another are not: then no ballot can be void for it.
        stated = replace(stated, scheme=replace(stated.scheme, invalid_rule=InvalidRule.CELL))
        counted = count_marks(stated.scheme, stated.subjects, ballots)
    turnout = {
        key: replace(stated.turnout.get(key, each), cast=each.cast, invalid=each.invalid)
        for key, each in counted.turnout.items()
    }
    assert {key: counted.cells[key] for key in stated.cells} == dict(stated.cells)
    count = replace(
        stated, cells=counted.cells, turnout=turnout, asked=counted.asked, answers={**counted.answers, **stated.answers}
    )
    return case, bundle_texts(count, ballots, tally(count))


@pytest.mark.parametrize("path", HELD, ids=lambda path: path.stem)
def test_a_case_held_as_a_meeting_is_recounted_as_it_was_worked_out_by_hand(path: Path) -> None:
    case, files = held(path)

    assert list(recount.compare(files)) == []
    result = recount.result_of(recount.read_meeting(files))
    for expected, row in zip(case["expected"], result["subjects"], strict=True):
        assert {key: value for key, value in found(row).items() if key in expected} == {
            key: value for key, value in expected.items() if key in found(row)
        }
    assert case.get("findings", result["findings"]) == result["findings"]


def found(row: Mapping[str, Any]) -> dict[str, object]:
    """A subject of a recounted result in the words of a case."""

    def texts(values: Mapping[str, str | None]) -> list[str]:
        return [value or "none" for value in values.values()]

    return {
        "subject": row["name"],
        "score": row["score"] or "none",
        "rates": texts(row["rates"]),
        "upper_rate": row["upper_rate"] or "none",
        "rank": int(row["rank"] or 0),
        "tied": row["tied"],
        "group_scores": texts(row["group_scores"]),
        "item_scores": [item["score"] or "none" for item in row["items"].values()],
        "votes_score": row["votes_score"] or "none",
        "components": [f"{each['score']} {each['band']}".strip() for each in row["components"].values()],
        "bonus": row["bonus"] or "none",
        "deduction": row["deduction"] or "none",
        "tier": row["tier_label"] or "none",
        "flags": [flag["label"] for flag in row["flags"]],
        "answers": [
            [f"{each['count']} {each['rate'] or 'none'}" for each in options.values()]
            for options in row["answers"].values()
        ],
    }


def test_every_preset_is_among_them() -> None:
    presets = {tomllib.loads(path.read_text(encoding="utf-8"))["scheme"]["preset"] for path in HELD}
    assert presets == {preset.key for preset in list_presets()}
