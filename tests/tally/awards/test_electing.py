"""A vote for K out of N in which nobody is elected says why."""

from __future__ import annotations

import pytest

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.awards.electing import nobody_elected
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout

VOTE = load_preset("ganbu-zonghe-texuan")
CANDIDATES = (Subject("a", "甲"), Subject("b", "乙"))


@pytest.mark.parametrize(
    ("for_first", "others", "says"),
    [(3, 0, ""), (0, 3, "无人得票，不产生人选。"), (0, 0, "无有效票，不产生人选。")],
)
def test_nobody_is_elected_without_a_vote(for_first: int, others: int, says: str) -> None:
    group, dimension = VOTE.groups[0].key, VOTE.dimensions[0].key
    cast = for_first + others
    cells = {
        (group, "a", dimension): GradeCounts((for_first, others)),
        (group, "b", dimension): GradeCounts((0, cast)),
    }
    result = tally(Count(VOTE, CANDIDATES, cells, {group: Turnout(cast=cast)}))
    assert nobody_elected(result) == says
    assert [subject.tier for subject in result.subjects].count("elected") == bool(for_first)
