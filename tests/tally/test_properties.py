"""What must hold for any ballots at all, checked on random ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, Subject
from kaohe.tally.scheme.scheme import AbstentionRule, EmptyGroupRule, InvalidRule, TieRule, VoterGroup
from kaohe.tally.scores.counting import count_marks

GROUPS = (VoterGroup("a", "A票", Fraction(3, 5)), VoterGroup("b", "B票", Fraction(2, 5)))
SCHEME = replace(load_preset("de-neng-qin-ji-lian"), groups=GROUPS)
GRADES = [grade.key for grade in SCHEME.grades]
SUBJECTS = (Subject(key="zhang", name="张三"), Subject(key="li", name="李四"))
ITEMS = [(subject.key, dimension.key) for subject in SUBJECTS for dimension in SCHEME.dimensions]

marks = st.sampled_from([*GRADES, "abstain", "invalid", None])
rows = st.lists(marks, min_size=len(ITEMS), max_size=len(ITEMS))
piles = st.lists(st.tuples(st.sampled_from(["a", "b"]), rows), max_size=25)
rules = st.builds(
    replace,
    st.just(SCHEME),
    invalid_rule=st.sampled_from(InvalidRule),
    abstention=st.sampled_from(AbstentionRule),
    empty_group=st.sampled_from(EmptyGroupRule),
    tie_rule=st.sampled_from(TieRule),
    top_grade_limit=st.sampled_from([None, 1]),
    decimals=st.integers(0, 4),
)


def as_ballots(pile):
    return [(group, {item: mark for item, mark in zip(ITEMS, row, strict=True) if mark}) for group, row in pile]


def counted(scheme, pile):
    found = count_marks(scheme, SUBJECTS, as_ballots(pile))
    return Count(scheme, SUBJECTS, found.cells, found.turnout)


@given(rules, piles, st.randoms(use_true_random=False))
def test_the_order_of_the_ballots_never_matters(scheme, pile, chance):
    shuffled = list(pile)
    chance.shuffle(shuffled)
    assert tally(counted(scheme, pile)) == tally(counted(scheme, shuffled))


@given(rules, piles, st.integers(0, 25))
def test_splitting_a_pile_and_adding_the_counts_changes_nothing(scheme, pile, cut):
    whole, left, right = (counted(scheme, part) for part in (pile, pile[:cut], pile[cut:]))
    assert whole.cells == {key: left.cells[key] + right.cells[key] for key in whole.cells}
    for group, turnout in whole.turnout.items():
        assert turnout.cast == left.turnout[group].cast + right.turnout[group].cast
        assert turnout.invalid == left.turnout[group].invalid + right.turnout[group].invalid


@given(rules, piles)
def test_every_row_conserves(scheme, pile):
    count = counted(scheme, pile)
    for (group, _, _), counts in count.cells.items():
        assert counts.cast == count.turnout[group].cast == sum(1 for voter, _ in pile if voter == group)
        assert counts.invalid >= count.turnout[group].invalid


@given(rules, piles)
def test_a_score_lies_between_the_worst_and_the_best_points(scheme, pile):
    for row in tally(counted(scheme, pile)).subjects:
        if row.score:
            assert 0 <= row.score.exact <= 100


@given(rules, piles, st.lists(st.fractions(-100, 100, max_denominator=8), min_size=4, max_size=4))
def test_whatever_the_points_a_score_lies_between_them(scheme, pile, points):
    """What counts as 0 widens them to 0: an abstention, where it does, or a group that nobody voted in."""
    points = sorted(points, reverse=True)
    grades = [replace(grade, points=worth) for grade, worth in zip(scheme.grades, points, strict=True)]
    is_widened = scheme.abstention is AbstentionRule.ZERO or scheme.empty_group is EmptyGroupRule.ZERO
    low, high = (min(points[-1], 0), max(points[0], 0)) if is_widened else (points[-1], points[0])
    for row in tally(counted(replace(scheme, grades=tuple(grades)), pile)).subjects:
        for figure in (row.score, *row.group_scores.values(), *(item.score for item in row.items)):
            assert figure is None or low <= figure.exact <= high


@given(rules, piles)
def test_the_shares_of_a_row_make_exactly_100_before_rounding(scheme, pile):
    for row in tally(counted(scheme, pile)).subjects:
        for shares, valid in ((row.shares, row.counts.valid), *((i.shares, i.counts.valid) for i in row.items)):
            if valid:
                assert sum(share.rate.exact for share in shares) == 100
            else:
                assert {share.rate for share in shares} == {None}


@given(rules, piles.filter(bool), st.data())
def test_a_better_grade_never_lowers_a_score(scheme, pile, data):
    # The limit is off, because one top grade more may void a ballot; that is a rule, not arithmetic.
    scheme = replace(scheme, top_grade_limit=None)
    ballot = data.draw(st.integers(0, len(pile) - 1))
    item = data.draw(st.integers(0, len(ITEMS) - 1))
    worse, better = sorted(data.draw(st.tuples(st.sampled_from(GRADES), st.sampled_from(GRADES))), key=GRADES.index)[
        ::-1
    ]
    scores = []
    for mark in (worse, better):
        group, row = pile[ballot]
        changed = [*pile[:ballot], (group, [*row[:item], mark, *row[item + 1 :]]), *pile[ballot + 1 :]]
        subject = tally(counted(scheme, changed)).subjects[[s.key for s in SUBJECTS].index(ITEMS[item][0])]
        scores.append(subject.score and subject.score.exact)
    assert (scores[0] is None) == (scores[1] is None)
    if scores[0] is not None:
        assert scores[0] <= scores[1]


@given(rules, piles)
def test_ranks_follow_the_printed_scores(scheme, pile):
    rows = tally(counted(scheme, pile)).subjects
    ranked = [row for row in rows if row.score]
    assert all((row.rank is None) == (row.score is None) for row in rows)
    for one in ranked:
        better = [other for other in ranked if Fraction(other.score.text) > Fraction(one.score.text)]
        assert one.rank >= 1 + len(better)
        assert one.tied == (sum(other.rank == one.rank for other in ranked) > 1)


@given(rules, piles)
def test_every_printed_score_is_the_end_of_its_explanation(scheme, pile):
    for row in tally(counted(scheme, pile)).subjects:
        if row.score:
            assert row.explain[-1].endswith(f"得 {row.score.text}")
        else:
            assert row.explain[-1].endswith("因此没有得分。")
