from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaohe.domain.envelopes import (
    BoxKey,
    Envelope,
    envelope_digest,
    envelope_tag,
    fingerprint,
    read_key,
    receipt,
    receipt_list,
    retry_digest,
    ticket_digest,
)
from kaohe.domain.errors import KeyWrong
from kaohe.domain.sheet_checks import with_checks

KEY = BoxKey(bytes(range(32)))


@given(st.binary(min_size=32, max_size=32))
def test_a_key_reads_back_from_its_sheet(private: bytes) -> None:
    key = BoxKey(private)
    assert read_key(key.text) == read_key(key.text.lower().replace("-", " ")) == key


@given(st.integers(0, 55), st.sampled_from("123456789ABCDEFGHJKMNPQRSTVWXYZ0!"))
def test_a_mistyped_key_is_refused(place: int, character: str) -> None:
    code = KEY.text.replace("-", "")
    if code[place] != character:
        with pytest.raises(KeyWrong) as refused:
            read_key(code[:place] + character + code[place + 1 :])
        assert f"第 {place // 4 + 1} 组" in refused.value.message


@given(st.text(max_size=400))
def test_whatever_is_typed_is_a_key_or_refused(typed: str) -> None:
    with pytest.raises(KeyWrong):
        read_key(typed)


def test_a_key_is_read_from_its_sheet_in_small_letters_and_with_spaces_too() -> None:
    assert read_key(KEY.text.lower().replace("-", " ")) == KEY


@pytest.mark.parametrize(
    "typed",
    ["", "钥匙", KEY.text[:-1], f"{KEY.text}0", KEY.text.replace("-", "U", 1)],
    ids=["nothing", "a word", "one letter short", "one too many", "no letter of the sheet"],
)
def test_what_is_not_a_whole_key_is_refused(typed: str) -> None:
    with pytest.raises(KeyWrong):
        read_key(typed)


def test_a_number_too_large_for_a_key_is_refused_even_with_right_check_characters() -> None:
    body = "Z" * 52
    with pytest.raises(KeyWrong):
        read_key(with_checks(body))


def test_the_ticket_and_the_envelope_keep_different_functions_of_the_nonce() -> None:
    nonce = "n" * 16
    assert retry_digest("r", nonce)[:16] != envelope_tag("r", nonce)
    assert envelope_tag("r", nonce) == envelope_tag("r", nonce) != envelope_tag("r2", nonce)


def test_a_receipt_hangs_on_all_that_was_sealed() -> None:
    codes = {receipt(Envelope("all", tag, box).digest) for tag in (b"t" * 16, b"u" * 16) for box in (b"box", b"bow")}
    assert len(codes) == 4


def test_two_envelopes_with_one_receipt_stand_in_the_list_twice() -> None:
    digest, other = envelope_digest(b"t" * 16, b"box"), envelope_digest(b"u" * 16, b"box")
    listed = receipt_list([digest, other, digest])
    assert listed == sorted({receipt(digest), f"{receipt(digest)}-2", receipt(other)})


def test_a_receipt_is_short_enough_to_write_down() -> None:
    code = receipt(envelope_digest(b"t" * 16, b"box"))
    assert len(code) == 14
    assert code.count("-") == 2


def test_the_digest_of_a_ticket_hangs_on_the_pepper() -> None:
    assert ticket_digest(b"a", "CODE") != ticket_digest(b"b", "CODE")


def test_a_fingerprint_stands_for_one_key() -> None:
    assert fingerprint(KEY.public) == fingerprint(KEY.public) != fingerprint(BoxKey.new().public)
