"""收回 and the tally move together, in steps, and mean the same to every server that reads the note."""

from __future__ import annotations

import hashlib

import pytest

from kaohe.live.shown_ballots import ShownBallots


@pytest.fixture(autouse=True)
def steps_of_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kaohe.live.shown_ballots.TURNOUT_STEP_SECONDS", 2.0)


def box_of(number: int, *, form: str = "1") -> dict[str, frozenset[bytes]]:
    return {form: frozenset(hashlib.sha256(f"{form}{each}".encode()).digest()[:16] for each in range(number))}


def test_nothing_moves_before_a_step_is_over():
    first = ShownBallots().advance(100.0, 1, box_of(1))
    assert first.advance(101.9, 25, box_of(25)) == first
    second = first.advance(102.0, 25, box_of(25))
    assert (second.cast, second.moved_at, len(second.names)) == (25, 102.0, 10)


def test_an_unchanged_box_begins_no_step():
    first = ShownBallots().advance(100.0, 1, box_of(1))
    assert first.advance(110.0, 1, box_of(1)) == first
    assert first.advance(110.5, 2, box_of(2)).cast == 2


def test_a_clock_that_is_set_back_holds_no_screen_up():
    shown = ShownBallots().advance(5000.0, 1, None)
    assert shown.advance(1400.0, 7, None).cast == 7


def test_no_more_are_counted_than_are_said_to_be_in():
    shown = ShownBallots().advance(100.0, 29, box_of(30))
    assert shown.cast == 30


def test_where_the_box_may_not_be_looked_into_the_tally_stays():
    shown = ShownBallots().advance(0.0, 0, box_of(0)).advance(10.0, 30, box_of(30))
    assert shown.advance(20.0, 40, None).batches == shown.batches


def test_another_server_reads_what_one_has_written():
    shown = ShownBallots()
    for second, number in enumerate((3, 47, 47, 61, 140)):
        shown = shown.advance(10.0 * second, number, box_of(number))
        assert ShownBallots.from_bytes(shown.to_bytes()) == shown
    late = ShownBallots().advance(1.0, 30, box_of(30))
    assert ShownBallots.from_bytes(late.to_bytes()) == late
    assert ShownBallots.from_bytes(b"") == ShownBallots()
    assert (
        ShownBallots.from_bytes(b'{"cast": 30, "moved_at": 1.0, "boundary": 10, "shown": "", "found": ""}')
        == ShownBallots()
    )


def test_each_form_is_held_back_by_itself():
    """Thirty ballots are in, so ten may be counted; but of the leaders' three none, however many others there are."""
    box = {**box_of(30), **box_of(3, form="2")}
    shown = ShownBallots().advance(0.0, 0, {**box_of(0), **box_of(0, form="2")})
    shown = shown.advance(10.0, 33, box)

    assert (shown.cast, len(shown.names)) == (33, 20)
    assert not shown.names & box["2"]
    assert ShownBallots.from_bytes(shown.to_bytes()) == shown
