"""Numbers are read exactly as people type them, and typing what is shown gives the same number again."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaohe.domain.typed_numbers import number_text, read_number, read_whole


@pytest.mark.parametrize(
    ("typed", "number"),
    [("30", 30), (" 33.50 ", Fraction("33.5")), ("100/3", Fraction(100, 3)), ("-1", -1), ("20%", 20), ("1/0", None)],
)
def test_a_number_is_read_exactly(typed: str, number: Fraction | None) -> None:
    assert read_number(typed) == number


@pytest.mark.parametrize("typed", ["", "八十", "1e3", "0x10", "1.", "--1", "1" * 13])
def test_what_is_no_number_is_not_guessed(typed: str) -> None:
    assert read_number(typed) is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [("0.05", "0.05"), ("-2.5", "-2.5"), ("1/125", "0.008"), ("3/20", "0.15"), ("100/3", "100/3"), ("7", "7")],
)
def test_a_number_is_shown_as_a_decimal_where_one_ends(number: str, shown: str) -> None:
    assert number_text(Fraction(number)) == shown
    assert read_number(shown) == Fraction(number)


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=1000))
def test_typing_what_is_shown_gives_the_same_number(number: Fraction) -> None:
    assert read_number(number_text(number)) == number


@pytest.mark.parametrize(
    ("typed", "number"), [("12", 12), ("\uff11\uff12", 12), ("-1", None), ("1.5", None), ("", None)]
)
def test_whole_numbers_count_from_nought(typed: str, number: int | None) -> None:
    assert read_whole(typed) == number
