"""Any two pictures that the hall sees differ by k ballots or by none, restarts included."""

from __future__ import annotations

from itertools import combinations, count

from hypothesis import given
from hypothesis import strategies as st

from kaohe.live.batching import BATCH, AtOnce, TwoSidedBatches

arrivals = st.lists(st.integers(0, 45), max_size=25)
steps = st.lists(st.one_of(st.integers(0, 45), st.just("restart")), max_size=30)


def pictures_of(happenings: list[int | str], k: int = BATCH) -> list[tuple[frozenset[int], int]]:
    """(ballots counted, ballots in the box) after every look, empty pictures included."""
    names = count()
    box: list[int] = []
    unseen: list[int] = []
    gate, shown, seen = TwoSidedBatches(k), set(), []
    for happening in happenings:
        if happening == "restart":
            gate, shown, unseen = TwoSidedBatches(k), set(), list(box)
        else:
            new = [next(names) for _ in range(happening)]
            box += new
            unseen += new
        shown |= set(gate.take(unseen))
        unseen = []
        seen.append((frozenset(shown), len(box)))
    return seen


@given(arrivals)
def test_two_pictures_one_after_the_other_differ_by_k_ballots_or_none(happenings):
    pictures = [shown for shown, _ in pictures_of(happenings)]
    for before, after in zip([frozenset(), *pictures], pictures, strict=False):
        assert before <= after
        assert len(after - before) == 0 or len(after - before) >= BATCH


@given(steps)
def test_a_picture_leaves_out_at_least_k_ballots_or_shows_none(happenings):
    for shown, in_the_box in pictures_of(happenings):
        assert not shown or len(shown) <= in_the_box - BATCH


@given(steps)
def test_no_two_pictures_ever_differ_by_fewer_than_k_ballots_even_across_restarts(happenings):
    pictures = {shown for shown, _ in pictures_of(happenings) if shown}
    for one, other in combinations(pictures, 2):
        assert len(one ^ other) >= BATCH


@given(steps)
def test_a_picture_after_a_restart_holds_every_ballot_that_was_shown_before_it(happenings):
    shown_before: frozenset[int] = frozenset()
    for shown, _ in pictures_of(happenings):
        if shown:
            assert shown_before <= shown
            shown_before = shown


@given(arrivals, st.integers(1, 12))
def test_without_restarts_everything_that_may_be_shown_is_shown(happenings, k):
    names, gate, in_the_box, shown = count(), TwoSidedBatches(k), 0, 0
    gate.take([])
    for size in happenings:
        in_the_box += size
        shown += len(gate.take([next(names) for _ in range(size)]))
        assert shown == max(0, in_the_box - k) // k * k


def test_the_first_ten_are_shown_with_the_twentieth_ballot_and_not_before():
    gate = TwoSidedBatches()
    assert gate.take(range(19)) == []
    assert gate.take([19]) == list(range(10))
    assert gate.take(range(20, 29)) == []
    assert gate.take([29]) == list(range(10, 20))


def test_a_late_first_look_shows_what_it_found_as_one_lump():
    gate = TwoSidedBatches()
    assert gate.take(range(37)) == []
    assert gate.take(range(37, 46)) == []
    assert gate.take([46]) == list(range(37))


def test_every_ballot_is_given_once():
    gate = TwoSidedBatches()
    given = [ballot for start in range(0, 600, 7) for ballot in gate.take(range(start, start + 7))]
    assert given == list(range(len(given)))


def test_instant_shows_every_ballot_at_once():
    gate = AtOnce()
    assert gate.take([3, 1]) == [3, 1]
    assert gate.take([]) == []
    assert gate.take([2]) == [2]
