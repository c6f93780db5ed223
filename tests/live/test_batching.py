"""Any two pictures that the hall sees differ by k ballots or by none, restarts included."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import combinations, count

from hypothesis import given
from hypothesis import strategies as st

from kaohe.live.batching import BATCH, Batches, next_batches

arrivals = st.lists(st.integers(0, 45), max_size=25)
steps = st.lists(st.one_of(st.integers(0, 45), st.just("restart")), max_size=30)


def named(numbers: Iterable[int]) -> frozenset[bytes]:
    """The names of ballots, as random to whoever cuts a batch out of them as they are in a box."""
    return frozenset(hashlib.sha256(str(number).encode()).digest()[:16] for number in numbers)


def pictures_of(happenings: list[int | str], k: int = BATCH) -> list[tuple[frozenset[bytes], int]]:
    """(ballots counted, ballots in the box) after every look, empty pictures included."""
    names = count()
    box: frozenset[bytes] = frozenset()
    batches, seen = Batches(), []
    for happening in happenings:
        if happening == "restart":
            batches = Batches()
        else:
            box |= named(next(names) for _ in range(happening))
        batches = next_batches(batches, box, k)
        seen.append((batches.shown, len(box)))
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
    batches, in_the_box = next_batches(Batches(), frozenset(), k), 0
    for size in happenings:
        in_the_box += size
        batches = next_batches(batches, named(range(in_the_box)), k)
        assert len(batches.shown) == max(0, in_the_box - k) // k * k


def test_ten_are_shown_with_the_twentieth_ballot_and_not_before():
    nineteen = next_batches(next_batches(Batches(), frozenset()), named(range(19)))
    assert nineteen.shown == frozenset()
    twenty = next_batches(nineteen, named(range(20)))
    assert len(twenty.shown) == 10
    assert next_batches(twenty, named(range(29))).shown == twenty.shown
    thirty = next_batches(twenty, named(range(30)))
    assert len(thirty.shown) == 20
    assert twenty.shown < thirty.shown


def test_a_late_first_look_shows_what_it_found_as_one_lump():
    found = named(range(37))
    first = next_batches(Batches(), found)
    assert first.shown == frozenset()
    assert next_batches(first, named(range(46))).shown == frozenset()
    assert next_batches(first, named(range(47))).shown == found


@given(steps)
def test_what_is_shown_is_in_the_box(happenings):
    for shown, in_the_box in pictures_of(happenings):
        assert shown <= named(range(in_the_box))
