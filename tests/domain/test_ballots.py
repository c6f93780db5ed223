from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaohe.domain.ballots import (
    ABSTAIN,
    Ballot,
    BallotCodec,
    BallotReader,
    BallotStyle,
    comment_field,
    encode_ballot,
    item_field,
    read_ballot,
    read_nonce,
)
from kaohe.domain.errors import KaoheError, NonceInvalid
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject

calm = settings(deadline=None)
SCHEME = replace(load_preset("de-neng-qin-ji-lian"), comments_wanted=True)
STYLE = BallotStyle(
    meeting_id="m",
    key="1",
    round_id="r",
    round_number=1,
    is_rehearsal=False,
    title="年度测评",
    unit="统计局",
    scheme=SCHEME,
    subjects=tuple(Subject(f"s{number}", f"人{number}") for number in range(1, 5)),
)

ballots = st.builds(
    Ballot,
    st.fixed_dictionaries({item: st.sampled_from(STYLE.marks) for item in STYLE.items}),
    st.dictionaries(
        st.sampled_from([subject.key for subject in STYLE.subjects]),
        st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=120),
    ),
)


def _fields(ballot: Ballot) -> list[tuple[str, str]]:
    return [(item_field(*item), mark) for item, mark in ballot.marks.items()] + [
        (comment_field(key), text) for key, text in ballot.comments.items()
    ]


@calm
@given(ballots)
def test_an_encoded_ballot_has_one_length_and_decodes_to_itself(ballot: Ballot) -> None:
    plain = encode_ballot(STYLE, ballot)
    assert len(plain) == STYLE.plain_length
    assert BallotCodec(STYLE).decode(plain) == ballot
    codec = BallotCodec(STYLE)
    assert [codec.decode_piece(piece) for piece in codec.encode_pieces(ballot)] == [ballot.marks]


@calm
@given(ballots)
def test_what_a_form_posts_reads_back_whatever_the_order_of_its_fields(ballot: Ballot) -> None:
    try:
        read = read_ballot(STYLE, reversed(_fields(ballot)))
    except KaoheError as refusal:
        assert refusal.code == "comment_too_long"
        return
    assert read.marks == ballot.marks
    assert set(read.comments) <= set(ballot.comments)


@calm
@given(st.binary(max_size=STYLE.plain_length + 5))
def test_bytes_that_are_no_ballot_are_a_value_error(plain: bytes) -> None:
    with pytest.raises(ValueError, match=r"ballot|mark"):
        BallotCodec(STYLE).decode(plain.ljust(STYLE.plain_length + 1, b"\xff"))


def test_a_byte_off_the_scale_is_a_value_error() -> None:
    ballot = Ballot(dict.fromkeys(STYLE.items, ABSTAIN), {})
    plain = bytearray(encode_ballot(STYLE, ballot))
    plain[5] = 9
    with pytest.raises(ValueError, match="scale"):
        BallotCodec(STYLE).decode(bytes(plain))
    plain[2] = 1
    with pytest.raises(ValueError, match="as many marks"):
        BallotCodec(STYLE).decode(bytes(plain))


names = st.one_of(
    st.sampled_from([item_field(*item) for item in STYLE.items]),
    st.sampled_from(["c.s1", "c.s9", "i.s1.overall", "i.__proto__", "i.", "c.", "i.s1.ability.x"]),
    st.text(max_size=20).map(lambda text: f"i.{text}"),
)
values = st.one_of(st.sampled_from([*STYLE.marks, "", "100", "excellent,competent", "[]"]), st.text(max_size=400))


@calm
@given(st.lists(st.tuples(names, values), max_size=60))
def test_any_posted_fields_are_a_ballot_or_a_refusal(fields: list[tuple[str, str]]) -> None:
    try:
        ballot = read_ballot(STYLE, fields)
    except KaoheError as refusal:
        assert refusal.code in {
            "ballot_incomplete",
            "mark_doubled",
            "mark_unknown",
            "item_unknown",
            "comment_too_long",
        }
        return
    assert set(ballot.marks) == set(STYLE.items)


def test_what_cannot_be_seen_is_left_out_of_a_comment() -> None:
    fields = _fields(Ballot(dict.fromkeys(STYLE.items, "excellent"), {"s1": " 工作\u202e\u200b认真\x00 \r\n 负责 "}))
    assert read_ballot(STYLE, fields).comments == {"s1": "工作认真 负责"}


def test_a_comment_of_white_space_is_no_comment() -> None:
    fields = _fields(Ballot(dict.fromkeys(STYLE.items, "excellent"), {"s1": " \n\t "}))
    assert read_ballot(STYLE, fields).comments == {}


def test_the_refusal_names_who_is_missing_but_not_a_whole_phone_book() -> None:
    many = replace(STYLE, subjects=tuple(Subject(f"s{n}", f"人{n}") for n in range(1, 31)))
    with pytest.raises(KaoheError, match="还有 30 个考核对象没有评完：人1、人2、人3、人4、人5等。"):
        read_ballot(many, [])


@calm
@given(st.text(max_size=80))
def test_a_nonce_is_itself_or_refused(nonce: str) -> None:
    try:
        assert read_nonce(nonce) == nonce
    except NonceInvalid:
        return
    assert 16 <= len(nonce) <= 64
    assert nonce.isascii()


@st.composite
def _posted(draw: st.DrawFn) -> list[tuple[str, str]]:
    """A ballot as a phone posts it, whole or spoilt in one place."""
    fields = [pair for pair in _fields(draw(ballots)) if draw(st.booleans()) or pair[0].startswith("i.")]
    at = draw(st.integers(0, len(fields) - 1))
    spoil = draw(st.sampled_from(("not", "leave out", "repeat", "unknown mark", "unknown item", "empty")))
    name, mark = fields[at]
    changed = {
        "not": [(name, mark)],
        "leave out": [],
        "repeat": [(name, mark)] * 2,
        "unknown mark": [(name, "brilliant")],
        "unknown item": [("i.s99.de", mark)],
        "empty": [(name, "")],
    }
    return draw(st.permutations([*fields[:at], *changed[spoil], *fields[at + 1 :]]))


def _outcome(read: object, fields: list[tuple[str, str]]) -> object:
    try:
        return read(fields)
    except KaoheError as refusal:
        return refusal.code, refusal.message


@pytest.mark.parametrize("comments_wanted", [True, False])
@pytest.mark.parametrize("limit", [None, 1])
def test_reading_in_one_pass_gives_the_same_bytes_and_the_same_refusals(
    limit: int | None, *, comments_wanted: bool
) -> None:
    style = replace(STYLE, scheme=replace(SCHEME, comments_wanted=comments_wanted, top_grade_limit=limit))
    reader = BallotReader(style)

    @calm
    @given(_posted())
    def holds(fields: list[tuple[str, str]]) -> None:
        expected = _outcome(lambda given: encode_ballot(style, read_ballot(style, given)), fields)
        assert _outcome(reader.read, fields) == expected

    holds()


def test_a_nonce_as_phones_make_it_is_itself() -> None:
    assert read_nonce("0123456789abcDEF-_") == "0123456789abcDEF-_"


@pytest.mark.parametrize("nonce", ["", "0123456789abcde", "0" * 65, "0123456789abcdef ", "0123456789abcdé0"])
def test_a_nonce_of_another_make_is_refused(nonce: str) -> None:
    with pytest.raises(NonceInvalid):
        read_nonce(nonce)
