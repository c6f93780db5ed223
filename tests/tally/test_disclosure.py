from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaohe.tally import disclosure
from kaohe.tally.disclosure import (
    CellOption,
    GroupPart,
    PublishedItem,
    given_away,
    rounded_range,
    withheld_by_group,
)
from kaohe.tally.rounding import round_text

GRADES = tuple(CellOption(Fraction(points), is_counted=True) for points in (100, 80, 60, 40))
OPTIONS = (*GRADES, CellOption(Fraction(0), is_counted=False))


def _score(
    options: tuple[CellOption, ...], groups: list[tuple[GroupPart, tuple[int, ...]]], *, renormalised: bool
) -> Fraction | None:
    """The weighted mean, written down independently of the solver."""
    total, weight = Fraction(0), Fraction(0)
    for group, votes in groups:
        counted = [(option.points, n) for option, n in zip(options, votes, strict=True) if option.is_counted]
        number = sum(n for _, n in counted)
        if number:
            total += group.weight * sum(points * n for points, n in counted) / (group.base or number)
            weight += group.weight
    if not weight:
        return None
    return total / weight if renormalised else total


def _published(
    groups: list[GroupPart], options=OPTIONS, decimals: int = 2, *, renormalised: bool = True
) -> PublishedItem:
    score = _score(options, [(group, group.votes) for group in groups], renormalised=renormalised)
    low, below = (None, None) if score is None else rounded_range(round_text(score, decimals))
    return PublishedItem(options, tuple(groups), low, below, renormalised)


def _every_table(sizes: list[int], totals: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    if len(sizes) == 1:
        yield (totals,)
        return
    for votes in product(*(range(min(sizes[0], total) + 1) for total in totals)):
        if sum(votes) == sizes[0]:
            left = tuple(total - vote for total, vote in zip(totals, votes, strict=True))
            for more in _every_table(sizes[1:], left):
                yield (votes, *more)


def _by_brute_force(item: PublishedItem, key: str) -> bool:
    """Whether all tables that fit what is published agree on the group."""
    place = [group.key for group in item.groups].index(key)
    found = set()
    for table in _every_table([group.ballots for group in item.groups], item.totals):
        score = _score(item.options, list(zip(item.groups, table, strict=True)), renormalised=item.is_renormalised)
        if item.score_from is None or (score is not None and item.score_from <= score < item.score_below):
            found.add(table[place])
    return len(found) == 1


@st.composite
def _items(draw: st.DrawFn, most_groups: int, most_ballots: int) -> PublishedItem:
    count = draw(st.integers(1, most_groups))
    options = OPTIONS if draw(st.booleans()) else (*GRADES[:2], *OPTIONS[-1:])
    parts = [draw(st.integers(1, 9)) for _ in range(count)]
    groups = []
    for number, part in enumerate(parts):
        ballots = draw(st.integers(0 if number else 1, most_ballots))
        votes = [0] * len(options)
        for _ in range(ballots):
            votes[draw(st.integers(0, len(options) - 1))] += 1
        base = draw(st.none() | st.just(ballots + 1)) if ballots else None
        groups.append(GroupPart(f"g{number}", Fraction(part, sum(parts)), tuple(votes), base))
    return _published(groups, options, draw(st.integers(0, 2)), renormalised=draw(st.booleans()))


@settings(max_examples=250, deadline=None)
@given(_items(3, 4))
def test_the_answer_is_that_of_trying_every_table(item: PublishedItem) -> None:
    for group in item.groups:
        assert given_away(item, group.key) is _by_brute_force(item, group.key)


@settings(max_examples=40, deadline=None)
@given(_items(3, 7))
def test_with_two_larger_groups_the_answer_is_exact_too(item: PublishedItem) -> None:
    for group in item.groups:
        if group.is_protected:
            assert given_away(item, group.key) is _by_brute_force(item, group.key)


@settings(max_examples=40, deadline=None)
@given(_items(4, 5))
def test_with_more_groups_it_never_says_safe_where_the_votes_can_be_computed(item: PublishedItem) -> None:
    for group in item.groups:
        if _by_brute_force(item, group.key):
            assert given_away(item, group.key)


def test_a_single_leader_with_a_weight_of_his_own_is_given_away_by_the_total() -> None:
    # 主要领导 1 票 30 %，职工 30 票 70 %：总票数和总分合在一起，只有一种可能。
    leader = GroupPart("leader", Fraction(3, 10), (0, 0, 0, 1, 0))
    staff = GroupPart("staff", Fraction(7, 10), (20, 8, 2, 0, 0))
    assert given_away(_published([leader, staff]), "leader")


def test_without_a_published_score_the_same_leader_is_safe_as_long_as_others_might_have_chosen_so() -> None:
    leader = GroupPart("leader", Fraction(3, 10), (0, 1, 0, 0, 0))
    staff = GroupPart("staff", Fraction(7, 10), (20, 8, 2, 0, 0))
    item = PublishedItem(OPTIONS, (leader, staff), None, None)
    assert not given_away(item, "leader")


def test_a_unanimous_item_gives_everybody_away() -> None:
    few, many = (GroupPart(key, Fraction(1, 2), (n, 0, 0, 0, 0)) for key, n in (("few", 3), ("many", 40)))
    assert given_away(_published([few, many]), "few")


def test_three_leaders_among_two_large_groups_are_given_away_by_two_decimals_and_not_by_none() -> None:
    leaders = GroupPart("a", Fraction(1, 5), (2, 1, 0, 0, 0))
    middle = GroupPart("b", Fraction(2, 5), (15, 10, 4, 1, 0))
    staff = GroupPart("c", Fraction(2, 5), (100, 60, 30, 8, 2))
    assert given_away(_published([leaders, middle, staff]), "a")
    assert not given_away(_published([leaders, middle, staff], decimals=0), "a")


def test_four_groups_are_safe_where_two_of_them_alone_could_make_the_same_score() -> None:
    leaders = GroupPart("a", Fraction(1, 10), (2, 1, 0, 0, 0))
    many = [GroupPart(key, Fraction(3, 10), (15 + n, 10, 4, 1, 0)) for n, key in enumerate("bcd")]
    assert not given_away(_published([leaders, *many], decimals=0), "a")
    assert given_away(_published([leaders, *many], decimals=4), "a")


def test_when_too_many_tables_would_have_to_be_tried_the_answer_is_the_safe_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = [GroupPart(f"g{n}", Fraction(1, 5), (1, 1, 1, 1, 0)) for n in range(4)]
    large = GroupPart("g4", Fraction(1, 5), (9, 9, 9, 9, 9))
    item = _published([*small, large], decimals=1)
    assert not given_away(item, "g0")
    monkeypatch.setattr(disclosure, "TRIES_AT_MOST", 1)
    given_away.cache_clear()
    assert given_away(_published([*small, large], decimals=4), "g0")
    given_away.cache_clear()


def test_a_group_alone_is_its_own_total() -> None:
    assert given_away(_published([GroupPart("a", Fraction(1), (2, 1, 0, 0, 0))]), "a")
    pair = [GroupPart("a", Fraction(1, 2), (2, 1, 0, 0, 0)), GroupPart("b", Fraction(1, 2), (0, 1, 1, 0, 0))]
    assert [group.is_protected for group in (*pair, GroupPart("c", Fraction(1), (0, 0, 0, 0, 0)))] == [
        True,
        True,
        False,
    ]


THREE = (*GRADES[:2], OPTIONS[-1])


@pytest.mark.parametrize(
    ("weights", "votes", "decimals", "is_given_away"),
    [
        # b and c weigh alike, so whose the abstention is shows in no score.
        ((3, 10, 10), ((1, 0, 0), (1, 0, 0), (0, 0, 1)), 2, False),
        # The printed whole number leaves room for a's vote and b's abstention to change places.
        ((10, 9, 3), ((0, 1, 0), (0, 0, 1), (0, 1, 0)), 0, False),
        # a's 100 among 80 and an abstention is the only way to that whole number.
        ((10, 21, 27), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), 0, True),
        # Weights a power of ten apart: four decimals tell every single vote.
        ((1000, 100, 10, 1), ((1, 0, 0), (0, 1, 0), (1, 0, 0), (0, 1, 0)), 4, True),
    ],
)
def test_a_stated_item_is_judged_as_by_trying_every_table(
    weights: tuple[int, ...], votes: tuple[tuple[int, ...], ...], decimals: int, *, is_given_away: bool
) -> None:
    parts = zip("abcd", weights, votes, strict=False)
    groups = [GroupPart(key, Fraction(weight, sum(weights)), own) for key, weight, own in parts]
    item = _published(groups, THREE, decimals)
    assert _by_brute_force(item, "a") == is_given_away
    assert given_away(item, "a") == is_given_away


@pytest.mark.parametrize(("text", "low", "below"), [("93.30", "93.295", "93.305"), ("80", "79.5", "80.5")])
def test_a_printed_number_stands_for_a_range_that_ends_before_its_end(text: str, low: str, below: str) -> None:
    assert rounded_range(text) == (Fraction(low), Fraction(below))


def test_three_groups_without_a_published_score_are_safe() -> None:
    groups = [GroupPart(key, Fraction(1, 3), (n, n, 0, 0, 0)) for key, n in (("a", 1), ("b", 9), ("c", 20))]
    assert not given_away(PublishedItem(OPTIONS, tuple(groups), None, None), "a")


def test_nothing_is_listed_by_group_as_soon_as_one_is_small() -> None:
    assert withheld_by_group({"a": 5, "b": 30}) == ""
    assert "不足 5 票" in withheld_by_group({"a": 4, "b": 30})
    assert "不分票种" in withheld_by_group({"a": 30})
