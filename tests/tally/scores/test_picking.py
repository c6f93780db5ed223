"""More picks than the ballots can hold are no count, wherever they come from."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.refusals import CompetitionError, ConservationError
from kaohe.tally.scheme.scheme import InvalidRule, VoterGroup
from kaohe.tally.scores.counting import count_marks

VOTE = load_preset("ganbu-zonghe-texuan")
PEOPLE = tuple(Subject(key=key, name=name) for key, name in zip("abcd", "甲乙丙丁", strict=True))
TWO_OF_FOUR = replace(VOTE, choose=Choose(seats=2))


def voted(scheme, *votes, ballots=10, invalid=0):
    """So many votes for each; every other ballot did not pick them."""
    own = PEOPLE[: len(votes)]
    cells = {
        ("all", subject.key, "overall"): GradeCounts((number, ballots - invalid - number), invalid=invalid)
        for subject, number in zip(own, votes, strict=True)
    }
    return Count(scheme, own, cells, {"all": Turnout(cast=ballots, invalid=invalid)})


@pytest.mark.parametrize(
    ("votes", "invalid"), [((10, 10, 0, 0), 0), ((5, 5, 5, 5), 0), ((8, 6, 2, 0), 2), ((0, 0, 0, 0), 0)]
)
def test_as_many_picks_as_the_valid_ballots_may_hold_are_a_count(votes, invalid):
    assert tally(voted(TWO_OF_FOUR, *votes, invalid=invalid))


@pytest.mark.parametrize(
    ("votes", "invalid", "says"),
    [
        ((10, 10, 1, 0), 0, "各人共得「赞成」21 票，而有效的 10 张票每票最多选 2 个，合计不会超过 20 票"),
        ((8, 8, 1, 0), 2, "有效的 8 张票每票最多选 2 个，合计不会超过 16 票"),
    ],
)
def test_one_pick_more_than_the_valid_ballots_may_hold_is_refused(votes, invalid, says):
    with pytest.raises(ConservationError) as refusal:
        tally(voted(TWO_OF_FOUR, *votes, invalid=invalid))
    assert says in refusal.value.message


def test_who_picks_one_must_have_picked_as_many_as_the_fewest():
    at_least_two = replace(VOTE, choose=Choose(seats=3, fewest=2))
    assert tally(voted(at_least_two, 6, 4, 2, 0))
    with pytest.raises(ConservationError, match="每票至少选 2 个，各人合计不会少于 12 票，现为 11 票"):
        tally(voted(at_least_two, 6, 3, 2, 0))


def test_a_limit_on_top_grades_bounds_each_dimension_and_group_by_itself():
    groups = (VoterGroup("a", "A票", Fraction(1, 2)), VoterGroup("b", "B票", Fraction(1, 2)))
    scheme = replace(load_preset("de-neng-qin-ji-lian"), groups=groups, top_grade_limit=1)
    own = PEOPLE[:2]
    half = GradeCounts((2, 2, 0, 0))
    cells = {
        (group.key, subject.key, dimension.key): half
        for group in groups
        for subject in own
        for dimension in scheme.dimensions
    }
    turnout = {"a": Turnout(cast=4), "b": Turnout(cast=4)}
    assert tally(Count(scheme, own, cells, turnout))
    cells["b", "a", "diligence"] = GradeCounts((3, 1, 0, 0))
    with pytest.raises(ConservationError, match="票种「B票」在「勤」上，各人共得「优秀」5 票，而有效的 4 张票"):
        tally(Count(scheme, own, cells, turnout))


def test_numbers_know_no_top_grade():
    scheme = replace(load_preset("jingzheng-shanggang"), top_grade_limit=1)
    highest = GradeCounts((0,) * len(scheme.grades), numbers=((Fraction(100), 2),))
    cells = {("panel", subject.key, "speech"): highest for subject in PEOPLE[:2]}
    cells |= {("staff", subject.key, "evaluation"): GradeCounts((1, 1, 0, 0)) for subject in PEOPLE[:2]}
    assert tally(Count(scheme, PEOPLE[:2], cells, {"panel": Turnout(cast=2), "staff": Turnout(cast=2)}))


def test_where_cells_are_void_one_by_one_every_ballot_may_hold_a_pick():
    # One ballot picks 甲 and is unreadable at 乙, the other the reverse.
    one_of_two = replace(VOTE, invalid_rule=InvalidRule.CELL)
    cells = {("all", key, "overall"): GradeCounts((1, 0), invalid=1) for key in "ab"}
    assert tally(Count(one_of_two, PEOPLE[:2], cells, {"all": Turnout(cast=2, invalid=1)}))


def test_of_ballots_that_are_counted_in_pieces_nothing_is_said():
    scheme = replace(load_preset("si-deng"), top_grade_limit=1, may_leave_out=True)
    cells = {("all", key, "overall"): GradeCounts((2, 0, 0, 0)) for key in "ab"}
    assert tally(Count(scheme, PEOPLE[:2], cells, {"all": Turnout(cast=2)}))


def test_without_a_seat_it_is_the_competition_that_is_refused():
    with pytest.raises(CompetitionError, match="没有差额"):
        tally(voted(VOTE, 10))


@given(
    st.sampled_from([Choose(seats=1), Choose(seats=2), Choose(seats=1, most=3, fewest=2), Choose(seats=3, fewest=1)]),
    st.sampled_from(InvalidRule),
    st.lists(st.sets(st.sampled_from("abcd")), max_size=12),
)
def test_no_pile_of_real_ballots_is_ever_taken_for_an_impossible_count(choose, rule, pile):
    scheme = replace(VOTE, choose=choose, invalid_rule=rule)
    ballots = [
        ("all", {(each.key, "overall"): "chosen" if each.key in picked else "not_chosen" for each in PEOPLE})
        for picked in pile
    ]
    found = count_marks(scheme, PEOPLE, ballots)
    assert tally(Count(scheme, PEOPLE, found.cells, found.turnout))
