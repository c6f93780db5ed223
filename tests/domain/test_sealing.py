"""Envelopes: what opens them, what they are bound to, and what is taken from a phone."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from fractions import Fraction

import pytest
from ballot_forms import fields_of
from hypothesis import given
from hypothesis import strategies as st
from stated_forms import FIRST_ONLY, MIXED, NARROW, PLAIN, TWO

from kaohe.domain.ballots import Ballot, BallotCodec, judge_opened
from kaohe.domain.ballots.phone_forms import phone_form
from kaohe.domain.envelopes import BoxKey, envelope_tag, fingerprint, retry_digest
from kaohe.domain.errors import ItemUnknown, KaoheError, KeyWrong, OverLimit, RoundChanged, SealMalformed
from kaohe.domain.meeting_keys import MeetingKey
from kaohe.domain.sealing import (
    SUITES,
    Binding,
    Opener,
    PhoneSealed,
    Sealer,
    binding_of,
    new_canary,
    opens_canary,
    read_sealed,
    require_fit,
    seal_document,
)
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Dimension

KEY = BoxKey(bytes(range(32)))
BOUND = Binding("r", "1", "digest", "key", 6)
TAG = b"t" * 16


@given(st.binary(max_size=2000), st.binary(min_size=16, max_size=16))
def test_what_was_sealed_opens_with_the_key(plain: bytes, tag: bytes) -> None:
    assert Opener(KEY).open(Sealer(KEY.public, BOUND).seal(plain, tag), BOUND, tag) == plain


def test_another_key_round_form_edition_or_tag_opens_nothing() -> None:
    box = Sealer(KEY.public, BOUND).seal(b"ballot", TAG)
    others = [replace(BOUND, **{name: "other"}) for name in ("round_id", "form_key", "form_digest", "key_id")]
    for key, binding, tag in [
        (BoxKey.new(), BOUND, TAG),
        (KEY, BOUND, b"u" * 16),
        *((KEY, each, TAG) for each in others),
    ]:
        with pytest.raises(KeyWrong):
            Opener(key).open(box, binding, tag)


def test_a_change_of_any_single_byte_is_found() -> None:
    box = Sealer(KEY.public, BOUND).seal(b"ballot", TAG)
    for place in range(len(box)):
        changed = bytearray(box)
        changed[place] ^= 1
        with pytest.raises(KeyWrong):
            Opener(KEY).open(bytes(changed), BOUND, TAG)


@pytest.mark.parametrize("box", [b"", b"\x01", b"\x01" + bytes(80), b"\x63" + bytes(80)])
def test_what_is_no_envelope_opens_nothing(box: bytes) -> None:
    with pytest.raises(KeyWrong):
        Opener(KEY).open(box, BOUND, TAG)


def test_two_equal_ballots_are_sealed_differently_and_as_long_as_the_form_says() -> None:
    sealer = Sealer(KEY.public, BOUND)
    one, other = sealer.seal(b"ballot", TAG), sealer.seal(b"ballot", TAG)
    assert one != other
    assert len(one) == len(other) == BOUND.box_length


def test_an_envelope_begins_with_the_number_of_its_suite() -> None:
    assert Sealer(KEY.public, BOUND).seal(b"ballot", TAG)[0] == SUITES[1].number == 1


def test_only_the_right_key_opens_the_canary() -> None:
    canary = new_canary(KEY.public, "r")
    assert opens_canary(KEY, canary, "r")
    assert not opens_canary(BoxKey.new(), canary, "r")
    assert not opens_canary(KEY, canary, "r2")
    assert not opens_canary(KEY, b"", "r")


def test_a_form_is_described_alike_for_equal_styles_and_otherwise_for_any_other() -> None:
    assert phone_form(MIXED) == phone_form(replace(MIXED))
    renamed = replace(MIXED, subjects=(replace(TWO[0], key="s9"), TWO[1]))
    assert len({phone_form(style).digest for style in (MIXED, PLAIN, renamed)}) == 3


def test_a_phone_is_told_how_many_top_grades_each_dimension_takes() -> None:
    limited = replace(NARROW, scheme=replace(NARROW.scheme, top_grade_limit=1))
    assert json.loads(phone_form(limited).text)["limits"] == [{"most": 1, "fewest": 0, "cells": [[0, 1]]}]
    assert json.loads(phone_form(NARROW).text)["limits"] == []


def test_a_phone_is_told_the_numbers_of_a_scale_in_whole_units() -> None:
    thirds = NumberScale(Fraction(1), Fraction(0), Fraction(1, 3))
    speech = replace(MIXED.scheme, dimensions=(Dimension("overall", "总体", Fraction(1), thirds),))
    (kind, *_) = json.loads(phone_form(replace(MIXED, scheme=speech)).text)["kinds"]
    assert kind["scale"] == {"low": 0, "high": 3_000_000, "step": 1_000_000, "per": 3}


def test_what_a_phone_is_told_holds_no_name_and_no_label() -> None:
    text = seal_document(MIXED, KEY.public, MeetingKey(bytes(32)))
    assert text.isascii()
    assert json.loads(text)["key"] == fingerprint(KEY.public)
    assert not [name for name in ("\\u", "张伟") if name in text]


def posted(**changes: str) -> dict[str, str]:
    binding = binding_of(PLAIN, KEY.public)
    tag = envelope_tag(PLAIN.round_id, "n" * 16)
    box = Sealer(KEY.public, binding).seal(bytes(PLAIN.plain_length), tag)
    fields = {
        "form": binding.form_digest,
        "key": binding.key_id,
        "tag": tag.hex(),
        "retry": retry_digest(PLAIN.round_id, "n" * 16).hex(),
        "box": base64.urlsafe_b64encode(box).decode().rstrip("="),
    }
    return fields | changes


def test_an_envelope_reads_back_from_what_a_phone_posts() -> None:
    sealed = read_sealed(**posted())
    binding = binding_of(PLAIN, KEY.public)
    require_fit(sealed, binding)
    assert Opener(KEY).open(sealed.box, binding, sealed.tag) == bytes(PLAIN.plain_length)


@pytest.mark.parametrize(
    "changes",
    [
        {"tag": ""},
        {"tag": "0" * 30},
        {"tag": "G" * 32},
        {"tag": "A" * 32},
        {"retry": "0" * 66},
        {"retry": "票" * 64},
        {"box": "票"},
        {"box": "a"},
        {"box": "+/=="},
    ],
)
def test_what_is_no_envelope_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(SealMalformed):
        read_sealed(**posted(**changes))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"form_digest": "0" * 64}, RoundChanged),
        ({"key_id": "AAAA-AAAA"}, RoundChanged),
        ({"box": b""}, SealMalformed),
        ({"box": b"\x01" + bytes(80)}, SealMalformed),
    ],
)
def test_an_envelope_for_something_else_is_refused_by_what_stands_outside(
    changes: dict[str, object], refusal: type[KaoheError]
) -> None:
    sealed = replace(read_sealed(**posted()), **changes)
    with pytest.raises(refusal):
        require_fit(sealed, binding_of(PLAIN, KEY.public))


def test_an_envelope_of_an_unknown_suite_is_refused() -> None:
    sealed = read_sealed(**posted())
    unknown = PhoneSealed(sealed.form_digest, sealed.key_id, sealed.tag, sealed.retry, b"\x09" + sealed.box[1:])
    with pytest.raises(SealMalformed):
        require_fit(unknown, binding_of(PLAIN, KEY.public))


def test_an_opened_ballot_is_judged_like_a_posted_one() -> None:
    assert judge_opened(MIXED, FIRST_ONLY) == FIRST_ONLY
    half_out = Ballot({**FIRST_ONLY.marks, ("s2", "overall"): "excellent"}, {})
    with pytest.raises(KaoheError):
        judge_opened(MIXED, half_out)
    limited = replace(PLAIN, scheme=replace(PLAIN.scheme, top_grade_limit=1))
    with pytest.raises(OverLimit):
        judge_opened(limited, Ballot({(subject.key, "overall"): "excellent" for subject in TWO}, {}))
    with pytest.raises(ItemUnknown):
        judge_opened(MIXED, replace(FIRST_ONLY, comments={"s9": "好"}))
    written_otherwise = {**FIRST_ONLY.marks, ("s1", "speech"): "-0999.75"}
    with pytest.raises(ItemUnknown):
        judge_opened(MIXED, Ballot(written_otherwise, {}))


def test_what_cannot_be_seen_is_dropped_from_the_comments_of_an_opened_ballot() -> None:
    dirty = replace(FIRST_ONLY, comments={"s1": " 工作\u200b扎实\n"})
    assert judge_opened(MIXED, dirty) == FIRST_ONLY


@pytest.mark.parametrize("comments", [b"[]", b"{", b'{"s1":1}', b"[" * 2900, b"\xff\xfe", b"1" * 2900])
def test_comments_that_are_none_make_no_ballot(comments: bytes) -> None:
    plain = BallotCodec(MIXED).encode(replace(FIRST_ONLY, comments={}))
    end = 5 + int.from_bytes(plain[1:3], "big")
    spoilt = plain[:3] + len(comments).to_bytes(2, "big") + plain[5:end] + comments
    with pytest.raises(ValueError, match="no comments"):
        BallotCodec(MIXED).decode(spoilt.ljust(MIXED.plain_length, b"\0"))


def test_the_fields_of_a_ballot_are_those_that_make_it() -> None:
    assert sorted(fields_of(MIXED, FIRST_ONLY)) == sorted(fields_of(MIXED, judge_opened(MIXED, FIRST_ONLY)))
