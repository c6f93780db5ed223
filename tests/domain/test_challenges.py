from __future__ import annotations

import pytest

from kaohe.domain.challenges import chance_of_detection, read_challenge, suggested_challenges
from kaohe.domain.envelopes import envelope_tag


# Of 200 ballots so many are altered; the chance that n challenged ones are all good is C(200 - altered, n) / C(200, n).
@pytest.mark.parametrize(
    ("altered", "challenges", "percent"), [(20, 10, 66), (20, 20, 89), (20, 30, 97), (40, 20, 99), (0, 20, 0)]
)
def test_challenges_catch_a_cheat_as_often_as_is_said(altered: int, challenges: int, percent: int) -> None:
    assert round(100 * chance_of_detection(200, altered, challenges)) == percent


def test_more_challenges_than_ballots_are_no_question() -> None:
    with pytest.raises(ValueError, match="parts of the box"):
        chance_of_detection(10, 2, 11)


@pytest.mark.parametrize(("voters", "challenges"), [(9, 0), (30, 3), (150, 15), (200, 20), (5000, 20)])
def test_a_tenth_of_the_room_or_twenty_are_suggested(voters: int, challenges: int) -> None:
    assert suggested_challenges(voters) == challenges


def test_a_code_is_found_however_it_was_copied() -> None:
    nonce = "0123456789abcdef0123456789abcdef"
    for typed in (nonce, " 0123-4567 89ab-cdef 0123-4567 89AB—CDEF ".upper(), nonce + "\n"):
        assert envelope_tag("r", nonce) in read_challenge("r", typed)
    assert envelope_tag("r", "A-b_C-d_E-f_G-h_I-j_K") in read_challenge("r", "A-b_C-d_E-f_G-h_I-j_K")
