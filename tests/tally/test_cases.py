"""Every case file in ``cases/`` is a sum done by hand; docs/tally-rules.md says how to add one."""

from __future__ import annotations

import tomllib

import pytest
from case_files import CASES, count_of, found, scheme_of

from kaohe.tally import tally
from kaohe.tally.refusals import TallyError

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
