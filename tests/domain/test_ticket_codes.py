from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaohe.domain.errors import TicketMistyped
from kaohe.domain.ticket_codes import (
    ALPHABET,
    CODE_LENGTH,
    POOL_CODE_LENGTH,
    code_from_bytes,
    grouped,
    new_pool_code,
    new_ticket_code,
    read_code,
)

codes = st.binary(min_size=16, max_size=32).map(code_from_bytes)


@given(codes)
def test_a_code_reads_back_however_it_is_grouped_and_cased(code: str) -> None:
    assert read_code(grouped(code)) == read_code(code.lower()) == read_code(f"  {' '.join(code)}\n") == code


@given(codes, st.integers(0, CODE_LENGTH - 1), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_caught(code: str, place: int, character: str) -> None:
    if code[place] != character:
        with pytest.raises(TicketMistyped):
            read_code(code[:place] + character + code[place + 1 :])


@given(codes, st.integers(0, CODE_LENGTH - 2))
def test_every_swap_of_two_neighbours_is_caught(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(TicketMistyped):
            read_code(swapped)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_code_or_mistyped(typed: str) -> None:
    try:
        code = read_code(typed)
    except TicketMistyped:
        return
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(ALPHABET)


def test_full_width_letters_from_a_chinese_keyboard_are_read() -> None:
    code = code_from_bytes(b"0123456789abcdef")
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code)
    assert read_code(wide) == code


def test_the_letters_that_look_like_one_are_read_as_one() -> None:
    code = next(code for code in iter(new_ticket_code, "") if "1" in code)
    assert read_code(code.replace("1", "l")) == read_code(code.replace("1", "I")) == code


def test_the_same_bytes_always_give_the_same_code_and_others_another() -> None:
    seed = secrets.token_bytes(32)
    assert code_from_bytes(seed) == code_from_bytes(seed) != code_from_bytes(secrets.token_bytes(32))


def test_fresh_codes_do_not_repeat() -> None:
    assert len({new_ticket_code() for _ in range(10_000)}) == 10_000


def test_a_pool_code_is_short_and_not_a_ticket_code() -> None:
    code = new_pool_code()
    assert read_code(code, POOL_CODE_LENGTH) == code
    with pytest.raises(TicketMistyped):
        read_code(code)


@pytest.mark.parametrize("typed", ["", "  ", "- -\n"])
def test_an_empty_field_is_told_that_nothing_was_entered(typed: str) -> None:
    with pytest.raises(TicketMistyped, match="还没有输入，请照票面或大屏幕输入 16 位的码"):
        read_code(typed)
