from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shamir_mnemonic.shamir import combine_mnemonics
from shamir_mnemonic.share import Share

from kaohe.domain.envelopes import BoxKey, read_key
from kaohe.domain.errors import KaoheError, KeyWrong, ShareForeign, ShareRepeated, ShareWrong
from kaohe.domain.key_shares import SHARE_GROUPS, KeyShare, join_shares, read_share, read_shares, split_key
from kaohe.domain.ticket_codes import ALPHABET

KEY = BoxKey.new()
SHARES = split_key(KEY)


@pytest.mark.parametrize("pair", list(permutations(range(3), 2)))
def test_any_two_sheets_in_any_order_make_the_key(pair: tuple[int, int]) -> None:
    assert join_shares([SHARES[number] for number in pair]) == KEY


def test_what_stands_on_a_sheet_is_read_back_however_it_is_typed() -> None:
    for share in SHARES:
        assert len(share.text.split("-")) == SHARE_GROUPS
        assert read_share(share.text.lower().replace("-", "  ")) == share
    assert [share.number for share in SHARES] == [1, 2, 3]
    assert read_shares(f"{SHARES[2].text}\n{SHARES[0].text}") == (SHARES[2], SHARES[0])


def test_every_single_wrong_character_is_found() -> None:
    # The check characters are 20 bits of a digest, so one wrong character in a million is taken for right: on a sheet
    # drawn anew at each run this would fail once in 560 runs.
    text = KeyShare(number=1, set_number=12345, value=bytes(range(32))).text
    for place, right in enumerate(text):
        for wrong in ALPHABET if right != "-" else "":
            if wrong != right:
                with pytest.raises(ShareWrong):
                    read_share(text[:place] + wrong + text[place + 1 :])


def test_the_same_sheet_twice_and_one_alone_make_nothing() -> None:
    with pytest.raises(ShareRepeated):
        join_shares([SHARES[0], SHARES[0]])
    with pytest.raises(ShareRepeated):
        join_shares([SHARES[0]])


def test_sheets_of_two_sets_are_told_apart_and_never_make_a_key() -> None:
    other = split_key(KEY)
    with pytest.raises(ShareForeign):
        join_shares([SHARES[0], replace(other[1], set_number=SHARES[0].set_number ^ 1)])
    with pytest.raises(KeyWrong):
        join_shares([SHARES[0], replace(other[1], set_number=SHARES[0].set_number)])


def test_a_whole_key_is_no_share_and_a_share_no_key() -> None:
    with pytest.raises(ShareWrong):
        read_share(KEY.text)
    with pytest.raises(KeyWrong):
        read_key(SHARES[0].text)


def test_splitting_again_gives_other_sheets() -> None:
    assert not {share.text for share in split_key(KEY)} & {share.text for share in SHARES}


def test_a_share_is_one_of_the_standard_that_any_tool_of_it_can_join() -> None:
    def words(number: int) -> str:
        share = SHARES[number]
        return Share(share.set_number, True, 0, 0, 1, 1, share.number - 1, 2, share.value).mnemonic()  # noqa: FBT003 - as the library has it

    for one, other in combinations(range(3), 2):
        assert combine_mnemonics([words(one), words(other)]) == KEY.private


@given(st.text(max_size=300) | st.text(ALPHABET, min_size=60, max_size=60))
def test_whatever_is_typed_is_a_share_or_a_plain_refusal(typed: str) -> None:
    try:
        read_shares(typed)
    except KaoheError as refusal:
        assert isinstance(refusal, ShareWrong)


@pytest.mark.parametrize(
    "typed",
    ["", "钥匙", SHARES[0].text[:-1], f"{SHARES[0].text} {SHARES[1].text[:-1]}"],
    ids=["nothing", "a word", "one letter short", "the second one short"],
)
def test_what_is_not_a_whole_sheet_is_refused(typed: str) -> None:
    with pytest.raises(ShareWrong):
        read_shares(typed)


def test_a_number_that_no_share_can_have_is_refused_though_its_check_is_right() -> None:
    # The lowest number of all says that it is share 0.
    nothing = replace(SHARES[0], number=0, set_number=0, value=bytes(32))
    with pytest.raises(ShareWrong):
        read_share(nothing.text)


def test_a_share_is_known_again_by_a_digest_that_is_not_the_share() -> None:
    digests = [share.digest for share in SHARES]
    assert [read_share(share.text).digest for share in SHARES] == digests
    assert len({*digests}) == 3
    assert all(len(digest) == 64 and share.text not in digest for share, digest in zip(SHARES, digests, strict=True))
