"""Stated forms and ballots for what the properties on drawn ones meet only by chance."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ballot_forms import fields_of
from stated_forms import FIRST_ONLY, MIXED, NARROW, PLAIN, TWO

from kaohe.domain.ballots import (
    ABSTAIN,
    INVALID,
    LEFT_OUT,
    Ballot,
    BallotCodec,
    BallotReader,
    BallotStyle,
    comment_field,
    encode_ballot,
    item_field,
    left_out_field,
    read_ballot,
)
from kaohe.domain.errors import KaoheError
from kaohe.domain.paper import paper_cells


def _pieces_of_paper(style: BallotStyle, marks: dict[tuple[str, str], str]) -> list[dict[tuple[str, str], str]]:
    codec = BallotCodec(style)
    return [codec.decode_piece(piece) for piece in codec.encode_paper_pieces(marks)]


def test_a_ballot_about_one_of_two_is_kept_as_one_piece_that_leaves_the_other_out() -> None:
    codec = BallotCodec(MIXED)
    assert codec.is_in_pieces
    assert codec.decode(codec.encode(FIRST_ONLY)) == FIRST_ONLY
    (piece,) = codec.encode_pieces(FIRST_ONLY)
    assert codec.decode_piece(piece) == FIRST_ONLY.marks


def test_a_ballot_on_which_nobody_may_be_left_out_is_kept_whole() -> None:
    ballot = Ballot({("s1", "overall"): "excellent", ("s2", "overall"): ABSTAIN}, {})
    codec = BallotCodec(PLAIN)
    assert [codec.decode_piece(piece) for piece in codec.encode_pieces(ballot)] == [ballot.marks]


def test_an_opened_envelope_of_another_length_or_format_holds_no_ballot() -> None:
    codec = BallotCodec(PLAIN)
    plain = codec.encode(Ballot({("s1", "overall"): "excellent", ("s2", "overall"): "excellent"}, {}))
    for other in (plain[:-1], b"\x63" + plain[1:]):
        with pytest.raises(ValueError, match="not a ballot"):
            codec.decode(other)


def test_paper_keeps_an_open_cell_open_and_an_unreadable_one_invalid() -> None:
    on_plain = {("s1", "overall"): INVALID}
    assert _pieces_of_paper(PLAIN, on_plain) == [on_plain]
    on_mixed = {("s1", "overall"): INVALID, ("s1", "speech"): ABSTAIN, ("s1", "intent"): "promote"}
    elsewhere = {("s2", "overall"): LEFT_OUT, ("s2", "speech"): LEFT_OUT}
    assert _pieces_of_paper(MIXED, on_mixed) == [on_mixed | elsewhere]
    assert _pieces_of_paper(MIXED, elsewhere) == []


def test_what_is_kept_of_no_ballot_is_told_from_a_ballot() -> None:
    plain, mixed = BallotCodec(PLAIN), BallotCodec(MIXED)
    assert not plain.is_in_pieces
    for piece in (b"\x63\x00", b"\x00\x63"):
        with pytest.raises(ValueError, match="not on the scale"):
            plain.decode_piece(piece)
    with pytest.raises(ValueError, match="as many marks"):
        plain.decode_piece(b"\x00")
    with pytest.raises(ValueError, match="no subject"):
        mixed.decode_piece(b"\xff\xff")


def test_paper_is_read_subject_by_subject() -> None:
    assert [cell.subject for cell in paper_cells(MIXED)] == ["s1"] * 5 + ["s2"] * 5
    assert {cell.subject for cell in MIXED.cells[:3]} == {"s1", "s2"}


def _outcome(style: BallotStyle, fields: list[tuple[str, str]], *, at_once: bool) -> object:
    try:
        return BallotReader(style).read(fields) if at_once else encode_ballot(style, read_ballot(style, fields))
    except KaoheError as refusal:
        return refusal.code


GRADED = [(item_field(subject.key, "overall"), "excellent") for subject in TWO]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (GRADED, None),
        ([*GRADED, (comment_field("s1"), "")], None),
        ([*GRADED, (comment_field("s1"), "好")], None),
        ([GRADED[0], (left_out_field("s2"), LEFT_OUT)], None),
        ([*GRADED, (left_out_field("s2"), LEFT_OUT)], "left_out_but_marked"),
        ([GRADED[0], (GRADED[1][0], LEFT_OUT)], "mark_unknown"),
        ([GRADED[0], (GRADED[1][0], "brilliant")], "mark_unknown"),
        ([*GRADED, GRADED[0]], "mark_doubled"),
        ([*GRADED, ("i.s9.overall", "excellent")], "item_unknown"),
        (GRADED[:1], "ballot_incomplete"),
    ],
)
def test_in_one_pass_or_field_by_field_a_form_is_read_alike(fields: list[tuple[str, str]], code: str | None) -> None:
    slowly = _outcome(NARROW, fields, at_once=False)
    assert _outcome(NARROW, fields, at_once=True) == slowly
    assert (None if isinstance(slowly, bytes) else slowly) == code


@pytest.mark.parametrize("limit", [None, 1])
def test_a_form_of_wide_numbers_or_with_a_limit_beside_answers_is_read_field_by_field(limit: int | None) -> None:
    style = MIXED if limit is None else replace(NARROW, scheme=replace(NARROW.scheme, top_grade_limit=limit))
    fields = fields_of(style, FIRST_ONLY) if limit is None else GRADED
    assert _outcome(style, fields, at_once=True) == _outcome(style, fields, at_once=False)
    assert isinstance(_outcome(style, fields, at_once=False), bytes) == (limit is None)


def test_a_limit_on_top_grades_says_nothing_about_numbers() -> None:
    limited = replace(MIXED, scheme=replace(MIXED.scheme, top_grade_limit=1))
    highest = Ballot(
        {
            **{(subject.key, "overall"): grade for subject, grade in zip(TWO, ("excellent", "competent"), strict=True)},
            **{(subject.key, "speech"): "1000" for subject in TWO},
        },
        {},
    )
    assert read_ballot(limited, fields_of(limited, highest)) == highest
