"""Sizes of posted ballots: no style, filled in full, may need a longer body than the server accepts."""

from __future__ import annotations

from collections.abc import Iterator

from kaohe.domain.ballots.cells import Cell
from kaohe.domain.ballots.fields import ABSTAIN, LEFT_OUT, comment_field, left_out_field
from kaohe.domain.ballots.styles import COMMENTS_BYTES, BallotStyle, StyleSection
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.scales import NumberScale

BODY_BYTES_AT_MOST = 96_000
"""No form asks for more, and the server takes little more."""
_BESIDE = 512
"""Room for the ticket's code, the nonce, the round and what else is posted beside the marks."""
_ESCAPED = 3
"""Bytes that one byte outside ASCII becomes in a body: %E5."""
_FULL_WIDTH = 3 * _ESCAPED
"""Bytes of a digit that was typed full-width."""


def longest_body(style: BallotStyle) -> int:
    """The bytes that the longest honest ballot of a form is posted in.

    Every answer ticked, every number typed full-width, and all the comments that a ballot may hold. A phone that does
    not seal pads every ballot of the form to this.
    """
    cells: dict[str, list[Cell]] = {}
    for cell in style.cells:
        cells.setdefault(cell.subject, []).append(cell)
    comments = COMMENTS_BYTES * _ESCAPED if style.comments_wanted else 0
    return _BESIDE + comments + sum(sum(_subjects(section, cells)) for section in style.sections)


def _subjects(section: StyleSection, cells: dict[str, list[Cell]]) -> Iterator[int]:
    """What is posted about each subject of a section, without the text of a comment."""
    for subject in section.subjects:
        yield sum(map(_filled, cells.get(subject.key, ())))
        if section.may_leave_out:
            yield _pair(left_out_field(subject.key), len(LEFT_OUT))
        if section.scheme.comments_wanted:
            yield _pair(comment_field(subject.key), 0)


def _filled(cell: Cell) -> int:
    if cell.scale is None:
        marks = (*cell.marks, ABSTAIN) if cell.may_abstain else cell.marks
        return _pair(cell.field, max(map(len, marks)))
    typed = _pair(cell.field, _FULL_WIDTH * _longest(cell.scale))
    return max(typed, _pair(cell.field, 0) + _pair(cell.field, len(ABSTAIN))) if cell.may_abstain else typed


def _longest(scale: NumberScale) -> int:
    """Characters of the longest number that may be typed."""
    ends = (scale.low, scale.low + scale.step, scale.high - scale.step, scale.high)
    return max(len(unrounded_text(number)) for number in ends)


def _pair(field: str, value: int) -> int:
    """One ``&field=value``; names and marks are of letters that no body escapes."""
    return len(field) + len("&=") + value
