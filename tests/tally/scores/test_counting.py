from __future__ import annotations

import tracemalloc
from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.scheme.refusals import MarkError
from kaohe.tally.scheme.scheme import InvalidRule, VoterGroup
from kaohe.tally.scores.counting import PartForm, count_marks

OVERALL = load_preset("si-deng")
FIVE = load_preset("de-neng-qin-ji-lian")
ZHANG = Subject(key="zhang", name="张三")
LI = Subject(key="li", name="李四")
LED = replace(
    OVERALL,
    groups=(VoterGroup("leaders", "分管领导", Fraction(1, 2)), VoterGroup("staff", "职工", Fraction(1, 2))),
)
LEADERS = {"wang": PartForm("leaders", frozenset({"zhang"})), "zhao": PartForm("leaders", frozenset({"zhang", "li"}))}
"""Wang leads 张三 only, Zhao leads both; each has a form of his own."""


def ballot(**marks):
    return ("all", {(subject, "overall"): mark for subject, mark in marks.items()})


def test_each_kind_of_mark_has_its_own_column():
    scheme = replace(OVERALL, invalid_rule=InvalidRule.CELL)
    counted = count_marks(
        scheme,
        [ZHANG],
        [
            ballot(zhang="excellent"),
            ballot(zhang="abstain"),
            ballot(),
            ballot(zhang="invalid"),
            ballot(zhang="excellent"),
        ],
    )
    assert counted.cells["all", "zhang", "overall"] == GradeCounts((2, 0, 0, 0), abstention=1, skipped=1, invalid=1)
    assert counted.turnout == {"all": Turnout(cast=5, invalid=0)}


def test_a_blank_ballot_is_cast_and_valid_but_skips_every_item():
    counted = count_marks(OVERALL, [ZHANG, LI], [ballot()])
    assert counted.turnout["all"] == Turnout(cast=1, invalid=0)
    assert counted.cells["all", "li", "overall"] == GradeCounts((0, 0, 0, 0), skipped=1)


def test_the_limit_is_counted_on_each_dimension_apart():
    scheme = replace(FIVE, top_grade_limit=1)
    spread = {("zhang", "ability"): "excellent", ("li", "probity"): "excellent"}
    crowded = {("zhang", "probity"): "excellent", ("li", "probity"): "excellent"}
    counted = count_marks(scheme, [ZHANG, LI], [("all", spread), ("all", crowded)])
    assert counted.turnout["all"] == Turnout(cast=2, invalid=1)
    assert counted.cells["all", "zhang", "ability"] == GradeCounts((1, 0, 0, 0), invalid=1)
    assert counted.cells["all", "zhang", "probity"] == GradeCounts((0, 0, 0, 0), skipped=1, invalid=1)


def test_no_ballots_and_no_subjects_count_to_nothing():
    counted = count_marks(replace(OVERALL, top_grade_limit=1), [], [ballot()])
    assert counted.cells == {}
    assert counted.turnout["all"].cast == 1
    assert count_marks(OVERALL, [ZHANG], []).cells["all", "zhang", "overall"] == GradeCounts((0, 0, 0, 0))


@pytest.mark.parametrize(
    ("scheme", "strange", "says"),
    [
        (OVERALL, ("visitors", {}), "没有票种「visitors」"),
        (OVERALL, ballot(wang="excellent"), "没有的测评项「wang、overall」"),
        (OVERALL, ballot(zhang="splendid"), "没有的等次「splendid」"),
        (replace(OVERALL, abstention_allowed=False), ballot(zhang="abstain"), "不设弃权"),
    ],
)
def test_what_the_scheme_does_not_know_is_refused(scheme, strange, says):
    with pytest.raises(MarkError, match=says):
        count_marks(scheme, [ZHANG], [strange])


def test_what_the_parts_of_a_group_hold_is_added_up_under_the_group():
    counted = count_marks(
        LED,
        [ZHANG, LI],
        [
            ("wang", {("zhang", "overall"): "excellent"}),
            ("wang", {("zhang", "overall"): "invalid"}),
            ("zhao", {("zhang", "overall"): "competent", ("li", "overall"): "excellent"}),
            ("staff", {("zhang", "overall"): "excellent", ("li", "overall"): "incompetent"}),
        ],
        LEADERS,
    )
    assert counted.cells == {
        ("leaders", "zhang", "overall"): GradeCounts((1, 1, 0, 0), invalid=1),
        ("leaders", "li", "overall"): GradeCounts((1, 0, 0, 0)),
        ("staff", "zhang", "overall"): GradeCounts((1, 0, 0, 0)),
        ("staff", "li", "overall"): GradeCounts((0, 0, 0, 1)),
    }
    assert counted.turnout == {"leaders": Turnout(cast=3, invalid=1), "staff": Turnout(cast=1)}
    assert (counted.asked, counted.void) == ({("leaders", "li"): 1}, {("leaders", "li"): 0})


def test_a_part_may_not_say_anything_of_whom_it_does_not_grade():
    with pytest.raises(MarkError, match="没有的测评项「li、overall」"):
        count_marks(LED, [ZHANG, LI], [("wang", {("li", "overall"): "excellent"})], LEADERS)


@pytest.mark.parametrize(
    ("staff", "entitled"),
    [(Turnout(cast=2, entitled=5), {"zhang": 7, "li": 6}), (Turnout(cast=2), {"zhang": None, "li": None})],
)
def test_the_graders_of_a_subject_are_those_of_all_groups_who_may_grade_it(staff, entitled):
    both = {("zhang", "overall"): "excellent", ("li", "overall"): "competent"}
    ballots = [("wang", {("zhang", "overall"): "competent"}), ("zhao", both), ("staff", both), ("staff", both)]
    counted = count_marks(LED, [ZHANG, LI], ballots, LEADERS)
    graders = {("leaders", "zhang"): Turnout(cast=2, entitled=2), ("leaders", "li"): Turnout(cast=1, entitled=1)}
    turnout = {"leaders": Turnout(cast=2, entitled=2), "staff": staff}
    count = Count(LED, (ZHANG, LI), counted.cells, turnout, asked=counted.asked, graders=graders)
    assert {row.subject.key: row.graders for row in tally(count).subjects} == {
        "zhang": Turnout(cast=4, entitled=entitled["zhang"]),
        "li": Turnout(cast=3, entitled=entitled["li"]),
    }


def test_where_everybody_grades_everybody_no_graders_are_told():
    both = {("zhang", "overall"): "excellent", ("li", "overall"): "competent"}
    counted = count_marks(LED, [ZHANG, LI], [("leaders", both), ("staff", both)])
    result = tally(Count(LED, (ZHANG, LI), counted.cells, counted.turnout))
    assert [row.graders for row in result.subjects] == [None, None]


def test_memory_is_flat_in_the_number_of_ballots():
    def peak(ballots):
        tracemalloc.start()
        count_marks(OVERALL, [ZHANG, LI], (ballot(zhang="excellent", li="competent") for _ in range(ballots)))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(20_000) < peak(4_000) * 1.5
