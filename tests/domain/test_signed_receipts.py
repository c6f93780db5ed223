"""Signed receipts: one text an envelope, told from what somebody else has made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaohe.domain.errors import ReceiptUnreadable
from kaohe.domain.record_chain import public_half
from kaohe.domain.signed_receipts import ReceiptSigner, SignedReceipt, digests_text, read_signed_receipt

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
SIGNER = ReceiptSigner.of(KEY, "m0123456789", 2)
DIGESTS = st.binary(min_size=32, max_size=32)


def test_a_signed_receipt_is_checked_by_the_public_half_alone() -> None:
    said = read_signed_receipt(SIGNER.signed(OTHER))
    assert said == SignedReceipt("m0123456789", 2, OTHER, said.signature)
    assert said.is_by(public_half(KEY))
    assert not said.is_by(public_half(OTHER))


@given(DIGESTS)
def test_a_signed_receipt_says_what_was_signed_and_is_the_same_at_every_call(digest: bytes) -> None:
    text = SIGNER.signed(digest)
    said = read_signed_receipt(f" {text[:40]}\n{text[40:]} ")

    assert (said.meeting_id, said.round_number, said.digest) == ("m0123456789", 2, digest)
    assert said.is_by(public_half(KEY))
    assert not said.is_by(public_half(OTHER))
    assert ReceiptSigner.of(KEY, "m0123456789", 2).signed(digest) == text


@given(DIGESTS, DIGESTS)
def test_a_signature_holds_for_one_envelope_of_one_round_of_one_meeting(digest: bytes, another: bytes) -> None:
    said = read_signed_receipt(SIGNER.signed(digest))
    moved = [
        SignedReceipt("m0123456788", 2, digest, said.signature),
        SignedReceipt(said.meeting_id, 3, digest, said.signature),
        *([SignedReceipt(said.meeting_id, 2, another, said.signature)] if another != digest else []),
    ]
    assert not any(each.is_by(public_half(KEY)) for each in moved)


@pytest.mark.parametrize("text", ["", "KAOHE1.", "1QSD-8T6T-S2ZJ", SIGNER.signed(KEY)[:-1], SIGNER.signed(KEY) + "A"])
def test_what_is_no_whole_signed_receipt_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ReceiptUnreadable):
        read_signed_receipt(text)


def test_the_list_of_digests_tells_no_order() -> None:
    assert digests_text([OTHER, KEY]) == digests_text([KEY, OTHER]) == f"{KEY.hex()}\n{OTHER.hex()}\n"


def test_the_signing_key_is_in_no_text_of_the_signer() -> None:
    assert "PrivateKey" not in repr(SIGNER)
