"""Counting ballots that hold more than one grade per cell: numbers, ticks, choices, picks, sections, relations."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, Subject, SubjectKind
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.refusals import MarkError, SectionError
from kaohe.tally.scheme.scheme import InvalidRule
from kaohe.tally.scores.ballot_layouts import layout_of
from kaohe.tally.scores.counting import count_marks

ZHANG, LI, WANG = (Subject(key=key, name=name) for key, name in (("zhang", "张三"), ("li", "李四"), ("wang", "王五")))
NUMBERS = load_preset("zhen-pingshi")
CHOICE = load_preset("ganbu-zonghe-texuan")


def panel(*marks):
    return [("panel", {("zhang", "overall"): mark} if mark else {}) for mark in marks]


def test_numbers_are_counted_by_their_value():
    found = count_marks(NUMBERS, (ZHANG,), panel("90", "90.0", "88", "abstain", None, "invalid"))
    cell = found.cells["panel", "zhang", "overall"]
    assert cell.numbers == ((Fraction(88), 1), (Fraction(90), 2))
    # An invalid mark voids the whole ballot.
    assert (cell.valid, cell.abstention, cell.skipped, cell.invalid, cell.cast) == (3, 1, 1, 1, 6)


@pytest.mark.parametrize("mark", ["101", "-1", "90.5", "九十", "1e1", "excellent", "٩٠"])
def test_what_is_no_number_of_the_scale_is_refused(mark):
    with pytest.raises(MarkError, match="不是「季度评分」可以打的分数"):
        count_marks(NUMBERS, (ZHANG,), panel(mark))


def test_piles_of_numbers_add_up():
    one, other = (
        count_marks(NUMBERS, (ZHANG,), panel(*marks)).cells["panel", "zhang", "overall"]
        for marks in (("90", "88"), ("90", "70"))
    )
    assert (one + other).numbers == ((Fraction(70), 1), (Fraction(88), 1), (Fraction(90), 2))


def picks(*names, group="all"):
    every = {(subject.key, "overall"): "not_chosen" for subject in (ZHANG, LI, WANG)}
    return group, every | {(name, "overall"): "chosen" for name in names}


def test_a_ballot_with_more_picks_than_seats_is_void():
    found = count_marks(CHOICE, (ZHANG, LI, WANG), [picks("zhang"), picks("zhang", "li")])
    assert found.turnout["all"].invalid == 1
    assert found.cells["all", "zhang", "overall"].grades == (1, 0)


def test_a_ballot_with_too_few_picks_is_void_but_a_blank_one_is_not():
    two = replace(CHOICE, choose=Choose(seats=2, most=2, fewest=2))
    found = count_marks(two, (ZHANG, LI, WANG), [picks("zhang"), picks("zhang", "li"), ("all", {})])
    assert found.turnout["all"].invalid == 1
    assert found.cells["all", "wang", "overall"].skipped == 1


def test_too_many_picks_void_only_the_picks_where_cells_are_invalid_one_by_one():
    scheme = replace(CHOICE, invalid_rule=InvalidRule.CELL)
    found = count_marks(scheme, (ZHANG, LI, WANG), [picks("zhang", "li")])
    assert found.turnout["all"].invalid == 0
    assert found.cells["all", "zhang", "overall"].invalid == 1
    assert found.cells["all", "wang", "overall"].grades == (0, 1)


TEAM = Subject(key="bureau", name="水务局", kind=SubjectKind.TEAM)
HEAD = Subject(key="head", name="张局长", section="head")
WHOLE = load_preset("ganbu-zonghe")


def filled(**answers):
    marks = {("bureau", each.key): "good" for each in WHOLE.sections[0].scheme.dimensions}
    marks |= {("head", each.key): "excellent" for each in WHOLE.sections[1].scheme.dimensions}
    return "all", marks | {(subject, item): mark for (subject, item), mark in answers.get("more", {}).items()}


def test_ticks_and_choices_are_counted_beside_the_grades():
    ballots = [
        filled(more={("bureau", "reverse.style"): "ticked", ("head", "intent"): "promote"}),
        filled(more={("bureau", "reverse.style"): "ticked", ("bureau", "reverse.law"): "ticked"}),
        filled(),
    ]
    found = count_marks(WHOLE, (TEAM, HEAD), ballots)
    assert found.answers["all", "bureau", "reverse"] == (0, 0, 2, 1, 0, 0, 0)
    assert found.answers["all", "head", "intent"] == (1, 0, 0, 0)
    count = Count(
        WHOLE,
        (TEAM, HEAD),
        found.cells,
        found.turnout,
        answers=found.answers,
        imported={("goals", "bureau"): Fraction(90), ("goals", "head"): Fraction(90)},
    )
    result = tally(count)
    assert [part.scheme.title for part in result.section_results] == ["领导班子", "党政主要负责人", "其他班子成员"]
    assert [share.rate.text for share in result.subjects[0].answers[0].shares][2:4] == ["66.67", "33.33"]
    # A choice is divided by those who chose.
    assert [share.rate.text for share in result.subjects[1].answers[1].shares] == ["100.00", "0.00", "0.00", "0.00"]


@pytest.mark.parametrize(("item", "mark"), [(("bureau", "reverse.style"), "yes"), (("head", "intent"), "ticked")])
def test_an_unknown_answer_is_refused(item, mark):
    with pytest.raises(MarkError, match="没有的选项"):
        count_marks(WHOLE, (TEAM, HEAD), [filled(more={item: mark})])


def test_a_group_that_does_not_fill_a_section_may_not_mark_it():
    scheme = load_preset("jiguan-kaoping")
    organ = Subject(key="organ", name="局机关", kind=SubjectKind.TEAM, section="organ")
    with pytest.raises(MarkError, match="没有的测评项「organ、style」"):
        count_marks(scheme, (organ,), [("school", {("organ", "style"): "good"})])


def test_a_subject_must_belong_to_one_section():
    scheme = load_preset("jiguan-kaoping")
    with pytest.raises(SectionError, match="分表「organs」不在本方案中"):
        count_marks(scheme, (Subject(key="a", name="甲", section="organs"),), [])
    with pytest.raises(SectionError, match="应写明属于哪一张分表：机关集体、科室"):
        count_marks(scheme, (Subject(key="a", name="甲", kind=SubjectKind.TEAM),), [])


RELATION = replace(load_preset("si-deng"), invalid_rule=InvalidRule.BALLOT)


def rates(own, **marks):
    """Make a ballot of somebody who does not rate himself."""
    return "all", {(key, "overall"): mark for key, mark in ({own: "not_asked"} | marks).items()}


def test_nobody_rates_himself_and_is_on_fewer_ballots_for_it():
    ballots = [
        rates("zhang", li="excellent", wang="competent"),
        rates("li", zhang="excellent", wang="excellent"),
        rates("wang", zhang="competent", li="invalid"),
    ]
    found = count_marks(RELATION, (ZHANG, LI, WANG), ballots)
    assert found.asked == {("all", "zhang"): 2, ("all", "li"): 2, ("all", "wang"): 2}
    assert (found.turnout["all"].cast, found.turnout["all"].invalid) == (3, 1)
    result = tally(Count(RELATION, (ZHANG, LI, WANG), found.cells, found.turnout, asked=found.asked))
    assert [row.score.text for row in result.subjects] == ["100.00", "100.00", "90.00"]
    assert [row.counts.invalid for row in result.subjects] == [1, 1, 0]


def test_a_ballot_is_about_a_subject_on_all_dimensions_or_on_none():
    five = load_preset("de-neng-qin-ji-lian")
    with pytest.raises(MarkError, match="有的问了、有的没问"):
        count_marks(five, (ZHANG,), [("all", {("zhang", "ability"): "not_asked"})])


def test_each_group_has_only_its_own_dimensions_on_the_ballot():
    scheme = load_preset("jingzheng-shanggang")
    ballots = [("panel", {("zhang", "speech"): "90"}), ("staff", {("zhang", "evaluation"): "excellent"})]
    found = count_marks(scheme, (ZHANG,), ballots)
    assert sorted(found.cells) == [("panel", "zhang", "speech"), ("staff", "zhang", "evaluation")]
    with pytest.raises(MarkError, match="没有的测评项「zhang、speech」"):
        count_marks(scheme, (ZHANG,), [("staff", {("zhang", "speech"): "90"})])


def test_picks_default_to_the_number_of_seats():
    two = replace(CHOICE, choose=Choose(seats=2))
    found = count_marks(two, (ZHANG, LI, WANG), [picks("zhang", "li"), picks("zhang", "li", "wang")])
    assert found.turnout["all"].invalid == 1


def test_the_items_of_a_question_stand_beside_the_dimensions():
    member = WHOLE.sections[2].scheme
    assert member.question_items[0] == "reverse.theory"
    assert member.question_items[-1] == "intent"


def test_a_void_ballot_is_invalid_wherever_it_is_about_somebody_and_its_pieces_stay_void():
    form = layout_of(WHOLE, "all", (TEAM, HEAD))
    group, marks = filled(more={("bureau", "politics"): "invalid", ("head", "intent"): "promote"})
    judged, is_void = form.judged(marks)
    assert is_void
    width = len(form.cells)
    expected = dict.fromkeys(form.items[:width], "invalid") | dict.fromkeys(form.items[width:], "void.ballot")
    assert judged == expected
    alone = {item: mark if item[0] == "head" else "not_asked" for item, mark in judged.items()}
    found = count_marks(WHOLE, (TEAM, HEAD), [(group, alone), filled(more={("bureau", "reverse.style"): "ticked"})])
    assert found.turnout["all"].invalid == 1
    assert found.void == {("all", "bureau"): 0}
    assert found.answers["all", "head", "intent"] == (0, 0, 0, 0)


def test_a_piece_of_a_void_ballot_is_void_even_where_cells_are_void_one_by_one():
    cells = replace(RELATION, invalid_rule=InvalidRule.CELL, questions=WHOLE.sections[0].scheme.questions)
    spoilt = {("zhang", dimension.key): "invalid" for dimension in cells.dimensions}
    for marks, invalid in ((spoilt | {("zhang", "reverse.style"): "void.ballot"}, 1), (spoilt, 0)):
        assert count_marks(cells, (ZHANG,), [("all", marks)]).turnout["all"].invalid == invalid


def test_a_ballot_that_is_not_void_is_judged_to_be_what_it_says():
    group, marks = filled()
    assert layout_of(WHOLE, group, (TEAM, HEAD)).judged(marks) == (marks, False)
