"""A vote for K out of N in which nobody is elected says why."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.awards.electing import nobody_elected, uncontested
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.scheme import PercentBase

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


def test_without_a_majority_nobody_is_elected_and_the_result_says_why() -> None:
    group, dimension = VOTE.groups[0].key, VOTE.dimensions[0].key
    cells = {
        (group, "a", dimension): GradeCounts((5, 4)),
        (group, "b", dimension): GradeCounts((4, 5)),
    }
    scheme = replace(VOTE, choose=Choose(seats=1, over=Fraction(1, 2)))
    of_cast = tally(Count(scheme, CANDIDATES, cells, {group: Turnout(cast=9, entitled=10)}))
    assert (nobody_elected(of_cast), of_cast.subjects[0].tier_label) == ("", "当选")
    scheme = replace(scheme, rate_base=PercentBase.ENTITLED)
    # 5 of 10 is the half and not more than it.
    of_entitled = tally(Count(scheme, CANDIDATES, cells, {group: Turnout(cast=9, entitled=10)}))
    assert nobody_elected(of_entitled) == "无人得票超过规定的比例，不产生人选。"
    assert [subject.tier_label for subject in of_entitled.subjects] == ["未当选", "未当选"]
    assert "得票：得票须超过应到人数的 50%，才能当选。" in of_entitled.notes


def test_those_whose_post_has_no_more_candidates_than_places_have_no_competition() -> None:
    speech = load_preset("jingzheng-shanggang")
    posts = ["主任", "科长", "主任", ""]
    subjects = tuple(Subject(f"s{n}", f"人{n}", class_label=post) for n, post in enumerate(posts))
    assert [each.key for each in uncontested(speech, subjects)] == ["s1", "s3"]
    assert [each.key for each in uncontested(replace(speech, candidates_over=2), subjects)] == ["s0", "s1", "s2", "s3"]
    assert uncontested(load_preset("si-deng"), subjects) == ()
