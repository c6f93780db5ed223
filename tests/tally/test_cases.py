"""Every case file in ``cases/`` is a sum done by hand; docs/tally-rules.md says how to add one."""

from __future__ import annotations

import tomllib
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.counting import count_marks
from kaohe.tally.model import Count, Decision, GradeCounts, Period, Subject, SubjectKind, Turnout
from kaohe.tally.refusals import TallyError
from kaohe.tally.scheme_document import parse_scheme, scheme_document
from kaohe.tally.sectioning import section_of

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
EXPECTATIONS = {
    "subject",
    "score",
    "rates",
    "upper_rate",
    "rank",
    "tied",
    "group_scores",
    "item_scores",
    "counts",
    "others",
    "explain",
    "votes_score",
    "components",
    "bonus",
    "deduction",
    "tier",
    "flags",
    "answers",
}


def scheme_of(case):
    document = scheme_document(load_preset(case["scheme"]["preset"]))
    settings = {key: value for key, value in case["scheme"].items() if key not in ("preset", "points")}
    document.update(settings)
    for grade, points in zip(document.get("grades", ()), case["scheme"].get("points", []), strict=False):
        grade["points"] = points
    return parse_scheme(document)


def subjects_of(case):
    named = dict.fromkeys(case.get("subjects", []))
    named |= dict.fromkeys(vote["subject"] for vote in case.get("votes", []))
    named |= dict.fromkeys(name for ballot in case.get("ballots", []) for name in ballot["marks"])
    return tuple(
        Subject(
            key=name,
            name=name,
            unit=case.get("units", {}).get(name, ""),
            class_label=case.get("classes", {}).get(name, ""),
            kind=SubjectKind(case.get("kinds", {}).get(name, "person")),
            section=case.get("sections", {}).get(name, ""),
        )
        for name in named
    )


def cells_of(case, scheme, subjects):
    """``item = "*"`` stands for every dimension that the group fills, ``group = "*"`` for every group."""
    sections = {subject.key: section_of(scheme, subject).scheme for subject in subjects}
    cells = {}
    for vote in case.get("votes", []):
        form = sections[vote["subject"]]
        numbers = Counter(Fraction(str(number)) for number in vote.get("numbers", []))
        counts = GradeCounts(
            tuple(vote.get("grades", (0,) * len(form.grades))),
            vote.get("abstention", 0),
            vote.get("skipped", 0),
            vote.get("invalid", 0),
            tuple(sorted(numbers.items())),
        )
        for dimension in form.dimensions:
            for group in form.fillers(dimension):
                only = form.groups[0].key if len(form.groups) == 1 else "all"
                if vote.get("group", only) in ("*", group.key) and vote.get("item", "overall") in ("*", dimension.key):
                    cells[group.key, vote["subject"], dimension.key] = counts
    return cells


def count_of(case, scheme):
    subjects = subjects_of(case)
    more = {
        "imported": {
            (component, name): Fraction(str(score))
            for component, scores in case.get("imported", {}).items()
            for name, score in scores.items()
        },
        "history": {
            each["subject"]: tuple(
                Period(
                    label=f"第 {number} 期",
                    score=Fraction(str(period["score"])) if "score" in period else None,
                    tier=period.get("tier"),
                    flags=frozenset(period.get("flags", [])),
                )
                for number, period in enumerate(each["periods"], start=1)
            )
            for each in case.get("history", [])
        },
        "decisions": tuple(
            Decision(**{key: Fraction(str(value)) if key == "amount" else value for key, value in decision.items()})
            for decision in case.get("decisions", [])
        ),
        "answers": {
            (each.get("group", "all"), each["subject"], each["question"]): tuple(each["votes"])
            for each in case.get("answers", [])
        },
        "asked": {(each["group"], each["subject"]): each["ballots"] for each in case.get("asked", [])},
    }
    if "ballots" in case:
        ballots = [
            ("all", {(name, "overall"): mark for name, mark in ballot["marks"].items()})
            for ballot in case["ballots"]
            for _ in range(ballot["times"])
        ]
        counted = count_marks(scheme, subjects, ballots)
        return Count(scheme, subjects, counted.cells, counted.turnout, **more)
    cells = cells_of(case, scheme, subjects)
    turnout = {group: Turnout(cast=counts.cast) for (group, _, _), counts in cells.items()}
    turnout |= {group: Turnout(**numbers) for group, numbers in case.get("turnout", {}).items()}
    return Count(scheme, subjects, cells, turnout, **more)


def printed(figure):
    return "none" if figure is None else figure.text


def found(row):
    return {
        "subject": row.subject.name,
        "score": printed(row.score),
        "rates": [printed(share.rate) for share in row.shares],
        "upper_rate": printed(row.upper_rate),
        "rank": row.rank or 0,
        "tied": row.tied,
        "group_scores": [printed(score) for score in row.group_scores.values()],
        "item_scores": [printed(item.score) for item in row.items],
        "counts": list(row.counts.grades),
        "others": [row.counts.abstention, row.counts.skipped, row.counts.invalid],
        "explain": list(row.explain),
        "votes_score": printed(row.votes_score),
        "components": [f"{printed(each.score)} {each.band_label}".strip() for each in row.components],
        "bonus": printed(row.bonus),
        "deduction": printed(row.deduction),
        "tier": row.tier_label or "none",
        "flags": [flag.label for flag in row.flags],
        "answers": [[f"{share.count} {printed(share.rate)}" for share in answer.shares] for answer in row.answers],
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_comes_out_as_it_was_worked_out_by_hand(path):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    scheme = scheme_of(case)
    count = count_of(case, scheme)
    if "refused" in case:
        with pytest.raises(TallyError) as refusal:
            tally(count)
        assert refusal.value.code == case["refused"]["code"]
        assert case["refused"]["says"] in refusal.value.message
        return
    result = tally(count)
    assert case["expected"]
    for expected, row in zip(case["expected"], result.subjects, strict=True):
        assert expected.keys() <= EXPECTATIONS
        assert expected == {key: value for key, value in found(row).items() if key in expected}
    if "warnings" in case:
        assert case["warnings"] == list(result.warnings)
    if "findings" in case:
        assert case["findings"] == list(result.findings)


def test_the_worked_examples_of_the_catalogue_are_all_there():
    sources = " ".join(tomllib.loads(path.read_text(encoding="utf-8"))["source"] for path in CASES)
    for example in ("W1", "W3", "W4", "W5b", "W7", "W9", "W11", "T1", "T2", "T3", "T6", "T8"):
        assert example in sources
