from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaohe.tally.rounding import figure, optional_figure, percent_text, round_text, unrounded_text


@pytest.mark.parametrize(
    ("exact", "decimals", "text"),
    [
        ("88.125", 2, "88.13"),  # a binary float prints 88.12
        ("2.675", 2, "2.68"),  # a binary float prints 2.67
        ("0.25", 1, "0.3"),  # banker's rounding prints 0.2
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("99.995", 2, "100.00"),
        ("280/3", 2, "93.33"),
        ("200/3", 4, "66.6667"),
        ("100", 4, "100.0000"),
        ("0", 2, "0.00"),
        ("-0.5", 0, "-1"),
        ("-0.625", 2, "-0.63"),
        ("-0.004", 2, "0.00"),
        ("-1/3", 3, "-0.333"),
    ],
)
def test_a_half_goes_up_and_away_from_zero(exact, decimals, text):
    assert round_text(Fraction(exact), decimals) == text


@pytest.mark.parametrize("decimals", [-1, 5])
def test_only_0_to_4_decimals_are_printed(decimals):
    with pytest.raises(ValueError, match="decimals"):
        round_text(Fraction(1), decimals)


def test_a_figure_keeps_the_exact_number_beside_its_text():
    assert figure(Fraction(280, 3), 2).exact == Fraction(280, 3)
    assert figure(Fraction(280, 3), 2).text == "93.33"
    assert optional_figure(None, 2) is None


def test_unrounded_numbers_say_where_digits_are_left_off():
    assert unrounded_text(Fraction("88.125")) == "88.125"
    assert unrounded_text(Fraction(96)) == "96"
    assert unrounded_text(Fraction(200, 3)) == "66.666666…"
    assert unrounded_text(Fraction(-5, 8)) == "-0.625"
    assert percent_text(Fraction(3, 10)) == "30%"
    assert percent_text(Fraction(1, 3)) == "33.333333…%"


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.integers(0, 4))
def test_it_agrees_with_decimal_arithmetic(top, bottom, decimals):
    with localcontext(prec=60):
        # 60 digits leave no room for a tie that is not one: the denominators have at most 6.
        expected = (Decimal(top) / Decimal(bottom)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = round_text(Fraction(top, bottom), decimals)
    assert Decimal(text) == expected
    assert len(text.partition(".")[2]) == decimals


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.integers(0, 4))
def test_whoever_rounds_the_unrounded_text_gets_the_printed_score(top, bottom, decimals):
    shown = Decimal(unrounded_text(Fraction(top, bottom)).removesuffix("…"))
    by_hand = shown.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert by_hand == Decimal(round_text(Fraction(top, bottom), decimals))
