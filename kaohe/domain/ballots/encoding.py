"""Encodes ballots at one fixed length for the envelope, and as the pieces that are kept once the box is open."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate

from kaohe.domain.ballots.cells import Cell, Codes, codes_of
from kaohe.domain.ballots.fields import INVALID, LEFT_OUT, VOID
from kaohe.domain.ballots.styles import HEADER_BYTES, Ballot, BallotStyle

FORMAT = 1
_PIECE_BYTES = 2


class _CellEncoder:
    """Encodes a fixed sequence of cells into a fixed number of bytes."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.items = [(cell.subject, cell.item) for cell in cells]
        self._codes: list[Codes] = [codes_of(cell) for cell in cells]
        self._may_be_open = [cell.is_answer for cell in cells]
        # An option may have the key that says invalid of a grade.
        self._spoilt = [VOID if cell.is_answer else INVALID for cell in cells]
        widths = [codes.width for codes in self._codes]
        self._ends = list(accumulate(widths))
        self._is_narrow = all(width == 1 for width in widths) and not any(self._may_be_open)
        self._marks = [codes.mark_of for codes in self._codes]
        self.length = sum(widths)

    def encode(self, ballot: Ballot) -> bytes:
        """The marks of these cells.

        Raises:
            KeyError: a cell that must be filled is not, or not with what it may hold.
        """
        return b"".join(
            (codes.open if may_be_open and item not in ballot.marks else codes.code_of[ballot.marks[item]]).to_bytes(
                codes.width, "big"
            )
            for item, codes, may_be_open in zip(self.items, self._codes, self._may_be_open, strict=True)
        )

    def encode_paper(self, marks: Mapping[tuple[str, str], str]) -> bytes:
        """Encode the marks of a paper ballot, where any cell may be left open or be invalid.

        Raises:
            KeyError: a cell holds what it may not hold.
        """
        return b"".join(
            _paper_code(codes, marks.get(item), spoilt).to_bytes(codes.width, "big")
            for item, codes, spoilt in zip(self.items, self._codes, self._spoilt, strict=True)
        )

    def decode(self, encoded: bytes) -> dict[tuple[str, str], str]:
        """The marks that ``encode`` wrote.

        Raises:
            ValueError: a code that no cell of this form holds.
        """
        if len(encoded) != self.length:
            raise ValueError("not as many marks as items")
        try:
            if self._is_narrow:
                return {item: marks[code] for item, marks, code in zip(self.items, self._marks, encoded, strict=True)}
            return dict(self._filled(encoded))
        except KeyError as error:
            raise ValueError("a mark that is not on the scale") from error

    def decode_any(self, encoded: bytes) -> dict[tuple[str, str], str]:
        """The marks that ``encode`` or ``encode_paper`` wrote.

        Raises:
            ValueError: a code that no cell of this form holds, not even on paper.
        """
        try:
            return self.decode(encoded)
        except ValueError:
            if len(encoded) != self.length:
                raise
        try:
            return dict(self._filled(encoded, is_paper=True))
        except KeyError as error:
            raise ValueError("a mark that is not on the scale") from error

    def _filled(self, encoded: bytes, *, is_paper: bool = False) -> list[tuple[tuple[str, str], str]]:
        found = []
        cells = zip(self.items, self._codes, self._may_be_open, self._spoilt, self._ends, strict=True)
        for item, codes, may_be_open, spoilt, end in cells:
            code = int.from_bytes(encoded[end - codes.width : end], "big")
            if is_paper and code == codes.invalid:
                found.append((item, spoilt))
            elif code != codes.open or not (may_be_open or is_paper):
                found.append((item, codes.mark_of[code]))
        return found


def _read_comments(encoded: bytes) -> dict[str, str]:
    try:
        found = json.loads(encoded)
    except (ValueError, RecursionError) as error:
        raise ValueError("no comments") from error
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ValueError("no comments")
    return found


def _paper_code(codes: Codes, mark: str | None, spoilt: str) -> int:
    if mark is None:
        return codes.open
    return codes.invalid if mark == spoilt else codes.code_of[mark]


class BallotCodec:
    """Encodes the ballots of one style at one length, and what is kept of them once the box is open."""

    def __init__(self, style: BallotStyle) -> None:
        """``style`` is that of a round that has opened, which does not change any more."""
        self.style = style
        self._length = style.plain_length
        self._all = _CellEncoder(style.cells)
        apart = {s.key for section in style.sections if section.may_leave_out for s in section.subjects}
        self._pieces: list[_CellEncoder] = []
        self._elsewhere: list[dict[tuple[str, str], str]] = []
        if apart:
            together = [cell for cell in style.cells if cell.subject not in apart]
            alone = [[cell for cell in style.cells if cell.subject == key] for key in sorted(apart)]
            graded = [(cell.subject, cell.item) for cell in style.cells if not cell.is_answer]
            for cells in (together, *alone):
                encoder = _CellEncoder(cells)
                self._pieces.append(encoder)
                self._elsewhere.append({item: LEFT_OUT for item in graded if item not in set(encoder.items)})

    def encode(self, ballot: Ballot) -> bytes:
        """The ballot in exactly ``style.plain_length`` bytes, so that the length reveals nothing."""
        marks = self._all.encode(ballot)
        comments = (
            json.dumps(dict(ballot.comments), ensure_ascii=False, separators=(",", ":")).encode()
            if ballot.comments
            else b""
        )
        head = bytes([FORMAT]) + len(marks).to_bytes(2, "big") + len(comments).to_bytes(2, "big")
        return (head + marks + comments).ljust(self._length, b"\0")

    def decode(self, plain: bytes) -> Ballot:
        """The ballot that ``encode`` made.

        Raises:
            ValueError: the bytes are not such a ballot.
        """
        if len(plain) != self._length or plain[0] != FORMAT:
            raise ValueError("not a ballot of this style")
        marks_length, comments_length = int.from_bytes(plain[1:3], "big"), int.from_bytes(plain[3:5], "big")
        end = HEADER_BYTES + marks_length
        marks = self._all.decode(plain[HEADER_BYTES:end])
        return Ballot(marks, _read_comments(plain[end : end + comments_length]) if comments_length else {})

    @property
    def is_in_pieces(self) -> bool:
        """Whether some subject may be left out, so that an opened ballot is kept subject by subject."""
        return bool(self._pieces)

    def encode_pieces(self, ballot: Ballot) -> list[bytes]:
        """What is kept of a ballot once the box is open: its marks alone.

        One piece, unless some subject may be left out: then the marks of each such subject that was not left out are
        a piece of their own, so that no row tells who was left out by whom. The caller shuffles the pieces of all
        ballots together.
        """
        if not self._pieces:
            return [self._all.encode(ballot)]
        return [
            number.to_bytes(_PIECE_BYTES, "big") + encoder.encode(ballot)
            for number, encoder in enumerate(self._pieces)
            if any(ballot.marks.get(item, LEFT_OUT) != LEFT_OUT for item in encoder.items)
        ]

    def encode_paper_pieces(self, marks: Mapping[tuple[str, str], str]) -> list[bytes]:
        """What is kept of a paper ballot, in pieces as ``encode_pieces`` makes them; ``marks`` from ``judged_sheet``.

        Its cells may be open or invalid. A subject that might have been left out is no piece where it has no mark; what
        stands on the form beside those is one, blank or not.

        Raises:
            KeyError: a cell holds what it may not hold.
        """
        if not self._pieces:
            return [self._all.encode_paper(marks)]
        return [
            number.to_bytes(_PIECE_BYTES, "big") + encoder.encode_paper(marks)
            for number, encoder in enumerate(self._pieces)
            if (number == 0 and encoder.items) or any(marks.get(item, LEFT_OUT) != LEFT_OUT for item in encoder.items)
        ]

    def decode_piece(self, piece: bytes) -> dict[tuple[str, str], str]:
        """The marks of a piece as the tally takes them: every cell that is on another piece holds ``LEFT_OUT``.

        Raises:
            ValueError: the bytes are not such a piece.
        """
        if not self._pieces:
            return self._all.decode_any(piece)
        number = int.from_bytes(piece[:_PIECE_BYTES], "big")
        if number >= len(self._pieces):
            raise ValueError("a piece of no subject")
        return self._elsewhere[number] | self._pieces[number].decode_any(piece[_PIECE_BYTES:])


def encode_ballot(style: BallotStyle, ballot: Ballot) -> bytes:
    """One ballot of a style, as ``BallotCodec.encode`` does it for many."""
    return BallotCodec(style).encode(ballot)
