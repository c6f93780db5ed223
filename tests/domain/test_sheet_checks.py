"""What a misread key sheet says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaohe.domain.sheet_checks import CHECKS, misread, typed_letters, with_checks
from kaohe.domain.ticket_codes import ALPHABET, grouped

BODIES = st.sampled_from((52, 56)).flatmap(lambda length: st.text(ALPHABET, min_size=length, max_size=length))
SHEET = grouped(with_checks("7K3Q" * 13))


@given(BODIES)
def test_a_sheet_that_is_read_right_says_nothing(body: str) -> None:
    code = with_checks(body)
    assert code.startswith(body)
    assert misread(grouped(code).lower(), len(body) + CHECKS) == ""


@given(BODIES, st.data())
def test_one_wrong_character_is_found_in_its_group_wherever_it_stands(body: str, data: st.DataObject) -> None:
    code = with_checks(body)
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from([each for each in ALPHABET if each != code[place]]))
    told = misread(code[:place] + wrong + code[place + 1 :], len(code))
    assert f"请先核对第 {place // 4 + 1} 组，" in told


@given(BODIES, st.data())
def test_two_neighbours_that_changed_places_are_both_pointed_at(body: str, data: st.DataObject) -> None:
    code = with_checks(body)
    place = data.draw(st.integers(0, len(code) - 2))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    told = misread(swapped, len(code))
    groups = sorted({place // 4 + 1, (place + 1) // 4 + 1})
    assert ("、".join(map(str, groups)) in told) is (swapped != code)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (SHEET.replace("-", " "), ""),
        (SHEET.replace("-", "\r\n"), ""),
        ("2" + SHEET[1:], "请先核对第 1 组，"),
        (SHEET[:-1] + ("2" if SHEET[-1] != "2" else "3"), "请先核对第 14 组，"),
        ("K7" + SHEET[2:], "请先核对第 1 组，"),
        ("0" + SHEET[1:-1] + "!", "第 1、14 组有单子上不会出现的字符"),
        (SHEET[:6] + SHEET[7:], "现在是 55 个，请先看第 2 组。"),
        (SHEET.replace("-", "")[:-1], "现在是 55 个。"),
        ("", "现在是 0 个。"),
        (SHEET + SHEET, "现在是 112 个，"),
    ],
)
def test_what_is_wrong_is_said_with_the_group_to_look_at(typed: str, told: str) -> None:
    assert misread(typed, 56) == told if not told else told in misread(typed, 56)


def test_two_wrong_characters_of_one_word_are_noticed_even_where_they_cannot_be_placed() -> None:
    code = typed_letters(SHEET)
    first, third = ALPHABET.index(code[0]), ALPHABET.index(code[2])
    # As much more in one place as less in another: the plain sum stays.
    wrong = ALPHABET[(first + 1) % 31] + code[1] + ALPHABET[(third - 1) % 31] + code[3:]
    assert misread(wrong, 56).startswith("输入的与钥匙单不符：不止一处有误")
