"""Fast single-pass encoder for complete, valid ballots, which nearly all of them are."""

from __future__ import annotations

from collections.abc import Sequence

from kaohe.domain.ballots.cells import OPEN, codes_of
from kaohe.domain.ballots.encoding import FORMAT, BallotCodec
from kaohe.domain.ballots.fields import LEFT_OUT, comment_field, left_out_field
from kaohe.domain.ballots.reading import read_ballot
from kaohe.domain.ballots.styles import BallotStyle

_OPEN_BYTE = 0x100 - OPEN


class BallotReader:
    """Encodes complete, valid ballots of one style in one pass; leaves every other one to ``read_ballot``."""

    def __init__(self, style: BallotStyle) -> None:
        """``style`` is that of an open round, which does not change any more."""
        self._style = style
        self._codec = BallotCodec(style)
        one_byte_each = all(codes_of(cell).width == 1 for cell in style.cells)
        has_limits = any(section.most is not None for section in style.sections)
        self._way: _Plain | _Mixed | None = None
        if one_byte_each and _is_plain(style):
            self._way = _Plain(style)
        elif one_byte_each and not has_limits:
            self._way = _Mixed(style)

    def read(self, fields: Sequence[tuple[str, str]]) -> bytes:
        """Return ``encode_ballot(read_ballot(…))``, faster.

        Raises:
            The refusals of ``read_ballot``.
        """
        plain = self._way.read(fields) if self._way is not None else None
        return self._codec.encode(read_ballot(self._style, fields)) if plain is None else plain


def _is_plain(style: BallotStyle) -> bool:
    """Whether one table of bytes holds for all cells, and one look at each dimension finds a limit exceeded."""
    kinds = {(cell.marks, cell.may_abstain) for cell in style.cells}
    return (
        len(kinds) == 1
        and all(cell.scale is None and not cell.is_answer and not cell.may_leave_out for cell in style.cells)
        and not any(section.choose for section in style.sections)
        and (len(style.sections) == 1 or all(section.most is None for section in style.sections))
    )


class _Plain:
    """For styles with nothing but grades on one scale."""

    def __init__(self, style: BallotStyle) -> None:
        self._cell_indexes = {cell.field: index for index, cell in enumerate(style.cells)}
        self._bytes = codes_of(style.cells[0]).code_of
        self._blank = b"\xff" * len(self._cell_indexes)
        self._head = _head(style)
        self._length = style.plain_length
        self._step = len(style.sections[0].dimensions)
        self._limit = style.sections[0].most

    def read(self, fields: Sequence[tuple[str, str]]) -> bytes | None:
        if len(fields) != len(self._cell_indexes):
            return None
        marks = bytearray(self._blank)
        try:
            for name, mark in fields:
                marks[self._cell_indexes[name]] = self._bytes[mark]
        except KeyError:
            return None
        # As many fields as cells, so a cell that was posted twice leaves another one open.
        if _OPEN_BYTE in marks:
            return None
        if self._limit is not None and any(marks[at :: self._step].count(0) > self._limit for at in range(self._step)):
            return None
        return (self._head + marks).ljust(self._length, b"\0")


class _Mixed:
    """For styles with grades, numbers, answers and subjects that may be left out, but no limits and comments."""

    def __init__(self, style: BallotStyle) -> None:
        self._cells = {cell.field: (index, codes_of(cell).code_of) for index, cell in enumerate(style.cells)}
        self._graded = sum(not cell.is_answer for cell in style.cells)
        self._left_out = {
            left_out_field(subject.key): [
                index for index, cell in enumerate(style.cells) if cell.subject == subject.key
            ]
            for section in style.sections
            for subject in section.subjects
            if section.may_leave_out
        }
        commented = [s.key for section in style.sections if section.scheme.comments_wanted for s in section.subjects]
        self._may_be_blank = {*self._cells, *self._left_out, *map(comment_field, commented)}
        self._left_out_byte = {
            index: code_of[LEFT_OUT] for index, code_of in self._cells.values() if LEFT_OUT in code_of
        }
        self._blank = b"\xff" * len(self._cells)
        self._head = _head(style)
        self._length = style.plain_length

    def read(self, fields: Sequence[tuple[str, str]]) -> bytes | None:
        posted = {name: mark for name, mark in fields if mark}
        names = {name for name, _ in fields}
        if len(names) != len(fields) or not self._may_be_blank.issuperset(names):
            return None
        marks = bytearray(self._blank)
        left_out: list[int] = []
        try:
            for name, mark in posted.items():
                if name in self._left_out and mark == LEFT_OUT:
                    left_out += self._left_out[name]
                elif mark == LEFT_OUT:
                    return None
                else:
                    index, code_of = self._cells[name]
                    marks[index] = code_of[mark]
        except KeyError:
            return None
        for index in left_out:
            if marks[index] != _OPEN_BYTE:
                return None
            marks[index] = self._left_out_byte.get(index, _OPEN_BYTE)
        if _OPEN_BYTE in marks[: self._graded]:
            return None
        return (self._head + marks).ljust(self._length, b"\0")


def _head(style: BallotStyle) -> bytes:
    return bytes([FORMAT]) + len(style.cells).to_bytes(2, "big") + bytes(2)
