"""The recount, which shares nothing with the tally, says what the tally says; and says so where a bundle does not."""

from __future__ import annotations

import ast
import json
import random
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaohe import recount
from kaohe.reports.archive_texts import (
    ballots_text,
    counts_text,
    json_text,
    numbers_document,
    result_document,
    subjects_document,
)
from kaohe.tally import tally
from kaohe.tally.counting import count_marks
from kaohe.tally.model import Count, Subject, Turnout
from kaohe.tally.scheme import (
    AbstentionRule,
    Dimension,
    EmptyGroupRule,
    Grade,
    InvalidRule,
    PercentBase,
    Scheme,
    TieRule,
    VoterGroup,
)
from kaohe.tally.scheme_document import scheme_document


def random_bundle(seed: int) -> dict[str, str]:
    """A meeting made by chance, with everything that schemes can say, and the result that the tally gives it."""
    chance = random.Random(seed)
    points = sorted(
        (Fraction(chance.randint(-200, 1000), chance.choice((1, 2, 3, 10))) for _ in range(5)), reverse=True
    )
    grades = tuple(Grade(f"g{n}", f"等次{n}", points[n]) for n in range(chance.randint(2, 5)))
    scheme = Scheme(
        key="random",
        title="随机方案",
        grades=grades,
        dimensions=tuple(Dimension(f"d{n}", f"维度{n}", weight) for n, weight in enumerate(_weights(chance, 3))),
        groups=tuple(VoterGroup(f"v{n}", f"票种{n}", weight) for n, weight in enumerate(_weights(chance, 3))),
        score_base=chance.choice(tuple(PercentBase)),
        rate_base=chance.choice(tuple(PercentBase)),
        abstention=chance.choice(tuple(AbstentionRule)),
        empty_group=chance.choice(tuple(EmptyGroupRule)),
        tie_rule=chance.choice(tuple(TieRule)),
        invalid_rule=chance.choice(tuple(InvalidRule)),
        top_grade_limit=chance.choice((None, 1, 2)),
        decimals=chance.randint(0, 4),
    )
    subjects = tuple(
        Subject(f"s{n}", f"对象{n}", class_label=chance.choice(("正职", "副职"))) for n in range(chance.randint(1, 5))
    )
    marks = [*(grade.key for grade in grades), *(grade.key for grade in grades), "abstain", "invalid", ""]
    ballots = []
    for group in scheme.groups:
        for _ in range(chance.choice((0, 1, 3, 8))):
            ballot = {(s.key, d.key): chance.choice(marks) for s in subjects for d in scheme.dimensions}
            ballots.append((group.key, {item: mark for item, mark in ballot.items() if mark}))
    counted = count_marks(scheme, subjects, ballots)
    turnout = {
        key: Turnout(each.cast, each.invalid, each.cast + 3, each.cast + 2, each.cast + 1, each.cast + 4)
        for key, each in counted.turnout.items()
    }
    result = tally(Count(scheme, subjects, counted.cells, turnout))
    return {
        "scheme.json": json_text(scheme_document(scheme)),
        "subjects.json": json_text(subjects_document(subjects)),
        "numbers.json": json_text(numbers_document(turnout)),
        "ballots.csv": ballots_text(scheme, subjects, ballots),
        "counts.csv": counts_text(scheme, subjects, counted.cells),
        "result.json": json_text(result_document(result)),
        "receipts.txt": "".join(f"{number:04d}\n" for number in range(len(ballots))),
    }


def _weights(chance: random.Random, most: int) -> list[Fraction]:
    parts = [chance.randint(1, 9) for _ in range(chance.randint(1, most))]
    return [Fraction(part, sum(parts)) for part in parts]


def test_the_recount_of_a_thousand_random_meetings_is_the_tally_to_the_last_character() -> None:
    for seed in range(1000):
        assert list(recount.compare(random_bundle(seed))) == [], seed


def _leaves(document: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(document, dict):
        return [leaf for key, value in document.items() for leaf in _leaves(value, (*path, key))]
    if isinstance(document, list):
        return [leaf for place, value in enumerate(document) for leaf in _leaves(value, (*path, place))]
    return [path]


@settings(max_examples=60)
@given(seed=st.integers(0, 200), data=st.data())
def test_one_changed_number_of_a_result_is_one_difference(seed: int, data: st.DataObject) -> None:
    files = random_bundle(seed)
    result = json.loads(files["result.json"])
    *way, last = data.draw(st.sampled_from([leaf for leaf in _leaves(result) if leaf[-1] != "name"]))
    table = result
    for step in way:
        table = table[step]
    table[last] = "999"

    found = list(recount.compare({**files, "result.json": json_text(result)}))

    assert len(found) == 1
    assert "记载 999" in found[0]


def test_a_changed_ballot_a_missing_ballot_and_a_missing_receipt_are_differences() -> None:
    files = random_bundle(4)
    head, first, *rest = files["ballots.csv"].splitlines(keepends=True)
    cells = first.strip().split(",")
    other = "g1" if cells[2] == "g0" else "g0"
    changed = ",".join([*cells[:2], other, *cells[3:]]) + "\n"

    assert list(recount.compare({**files, "ballots.csv": "".join([head, changed, *rest])}))
    assert list(recount.compare({**files, "ballots.csv": "".join([head, *rest])}))
    assert list(recount.compare({**files, "receipts.txt": files["receipts.txt"][5:]}))


def test_a_rule_that_the_recount_does_not_know_is_not_passed_over() -> None:
    files = random_bundle(1)
    for change in ({"bands": []}, {"tie_rule": "seniority"}, {"format": 2}):
        scheme = json.loads(files["scheme.json"]) | change
        with pytest.raises(recount.NotRecountable):
            list(recount.compare({**files, "scheme.json": json_text(scheme)}))


def test_it_is_one_file_that_needs_python_and_nothing_else() -> None:
    tree = ast.parse(Path(recount.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {str(name).partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)
    assert "random" not in imported
