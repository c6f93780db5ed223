"""What is kept of a ballot on paper: any cell may be open or invalid, and nothing else changes."""

from __future__ import annotations

import pytest
from ballot_forms import ballots_on, styles
from hypothesis import given, settings
from hypothesis import strategies as st

from kaohe.domain.ballots import INVALID, LEFT_OUT, BallotCodec
from kaohe.domain.ballots.cells import codes_of
from kaohe.domain.ballots.styles import HEADER_BYTES
from kaohe.domain.paper import paper_cells, read_typed, typed_text


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_pieces_of_a_ballot_on_paper_hold_every_mark_and_every_gap(data: st.DataObject) -> None:
    style = data.draw(styles())
    marks = dict(data.draw(ballots_on(style)).marks)
    for cell in data.draw(st.lists(st.sampled_from(style.cells), unique=True)):
        marks.pop((cell.subject, cell.item), None)
        if not cell.is_answer and data.draw(st.booleans()):
            marks[cell.subject, cell.item] = INVALID
    codec = BallotCodec(style)
    kept: dict[tuple[str, str], str] = {}
    for piece in codec.encode_paper_pieces(marks):
        kept |= {item: mark for item, mark in codec.decode_piece(piece).items() if mark != LEFT_OUT}
    assert kept == {item: mark for item, mark in marks.items() if mark != LEFT_OUT}


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_typed_for_a_mark_reads_as_that_mark_on_every_form(data: st.DataObject) -> None:
    style = data.draw(styles())
    marks = data.draw(ballots_on(style)).marks
    cells = paper_cells(style)
    assert {cell.field for cell in cells} == {cell.field for cell in style.cells}
    for cell in cells:
        mark = marks.get((cell.subject, cell.item))
        assert read_typed(cell, typed_text(cell, mark), "") == mark


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_no_envelope_may_hold_what_only_paper_can(data: st.DataObject) -> None:
    style = data.draw(styles())
    ballot = data.draw(ballots_on(style))
    codec = BallotCodec(style)
    plain = bytearray(codec.encode(ballot))
    cell = next(cell for cell in style.cells if not cell.is_answer)
    assert style.cells[0] == cell
    width = codes_of(cell).width
    plain[HEADER_BYTES : HEADER_BYTES + width] = b"\xff" * width
    with pytest.raises(ValueError, match="not on the scale"):
        codec.decode(bytes(plain))
