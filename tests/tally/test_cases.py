"""Every case file in ``cases/`` is a sum done by hand; docs/tally-rules.md says how to add one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.counting import count_marks
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.refusals import TallyError
from kaohe.tally.scheme_document import parse_scheme, scheme_document

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
}


def scheme_of(case):
    document = scheme_document(load_preset(case["scheme"]["preset"]))
    settings = {key: value for key, value in case["scheme"].items() if key not in ("preset", "points")}
    document.update(settings)
    for grade, points in zip(document["grades"], case["scheme"].get("points", []), strict=False):
        grade["points"] = points
    return parse_scheme(document)


def count_of(case, scheme):
    names = dict.fromkeys(vote["subject"] for vote in case.get("votes", []))
    names |= dict.fromkeys(name for ballot in case.get("ballots", []) for name in ballot["marks"])
    classes = case.get("classes", {})
    subjects = tuple(Subject(key=name, name=name, class_label=classes.get(name, "")) for name in names)
    if "ballots" in case:
        ballots = [
            ("all", {(name, "overall"): mark for name, mark in ballot["marks"].items()})
            for ballot in case["ballots"]
            for _ in range(ballot["times"])
        ]
        counted = count_marks(scheme, subjects, ballots)
        return Count(scheme, subjects, counted.cells, counted.turnout)
    cells = {
        (vote.get("group", "all"), vote["subject"], vote.get("item", "overall")): GradeCounts(
            tuple(vote["grades"]), vote.get("abstention", 0), vote.get("skipped", 0), vote.get("invalid", 0)
        )
        for vote in case["votes"]
    }
    turnout = {group: Turnout(**numbers) for group, numbers in case["turnout"].items()}
    return Count(scheme, subjects, cells, turnout)


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


def test_the_worked_examples_of_the_catalogue_are_all_there():
    sources = " ".join(tomllib.loads(path.read_text(encoding="utf-8"))["source"] for path in CASES)
    for example in ("W1", "W3", "W4", "W5b", "W7", "T1", "T2", "T3", "T6"):
        assert example in sources
