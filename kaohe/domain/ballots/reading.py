"""A ballot (测评票) as it leaves the phone: read strictly, encoded at one length."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kaohe.domain.errors import (
    BallotIncomplete,
    CommentTooLong,
    ItemUnknown,
    MarkDoubled,
    MarkUnknown,
    NonceInvalid,
    OverLimit,
)
from kaohe.tally.model import Subject
from kaohe.tally.scheme import Scheme

ABSTAIN = "abstain"
COMMENT_LENGTH = 300
COMMENTS_BYTES = 3000
"""All comments of one ballot together, in UTF-8: about a thousand Chinese characters."""
_BLOCK = 256
_ABSTAIN_BYTE = 0xFE
_OPEN_BYTE = 0xFF
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_FORMAT = 1
_HEADER = 5


@dataclass(frozen=True, slots=True)
class BallotStyle:
    """One form (票样): what everyone who holds it is asked. Equal for every voter of the style."""

    meeting_id: str
    key: str
    round_id: str
    round_number: int
    is_rehearsal: bool
    title: str
    unit: str
    scheme: Scheme
    subjects: tuple[Subject, ...]

    @property
    def items(self) -> tuple[tuple[str, str], ...]:
        """(subject key, dimension key) of every cell, in the order of the form."""
        return tuple((s.key, d.key) for s in self.subjects for d in self.scheme.dimensions)

    @property
    def marks(self) -> tuple[str, ...]:
        """What a cell may carry."""
        grades = tuple(grade.key for grade in self.scheme.grades)
        return (*grades, ABSTAIN) if self.scheme.abstention_allowed else grades

    @property
    def plain_length(self) -> int:
        """The one length of every encoded ballot of this style, comments or not."""
        wanted = _HEADER + len(self.items) + (COMMENTS_BYTES if self.scheme.comments_wanted else 0)
        return -(-wanted // _BLOCK) * _BLOCK


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one voter chose. It never meets a ticket code after this point."""

    marks: Mapping[tuple[str, str], str]
    comments: Mapping[str, str]


def item_field(subject_key: str, dimension_key: str) -> str:
    """The form field that carries the mark of one cell."""
    return f"i.{subject_key}.{dimension_key}"


def comment_field(subject_key: str) -> str:
    """The form field that carries the comment on one subject."""
    return f"c.{subject_key}"


def read_ballot(style: BallotStyle, fields: Iterable[tuple[str, str]]) -> Ballot:
    """The ballot in a posted form, every cell checked.

    ``fields`` are all pairs that were posted under names beginning with ``i.`` or ``c.``, repeats included.

    Raises:
        MarkDoubled, ItemUnknown, MarkUnknown, BallotIncomplete, OverLimit, CommentTooLong.
    """
    given = list(fields)
    scale = frozenset(style.marks)
    if any(times > 1 for times in Counter(name for name, _ in given).values()):
        raise MarkDoubled
    posted = dict(given)
    marks: dict[tuple[str, str], str] = {}
    missing: list[str] = []
    for subject in style.subjects:
        for dimension in style.scheme.dimensions:
            mark = posted.pop(item_field(subject.key, dimension.key), "")
            if mark == "":
                missing.append(subject.name)
            elif mark not in scale:
                raise MarkUnknown
            else:
                marks[subject.key, dimension.key] = mark
    comments = _read_comments(style, posted)
    if posted:
        raise ItemUnknown
    if missing:
        names = list(dict.fromkeys(missing))
        shown = "、".join(names[:5]) + ("等" if len(names) > 5 else "")  # noqa: PLR2004 - five names fit a phone's line
        raise BallotIncomplete(f"还有 {len(names)} 个考核对象没有评完：{shown}。请补齐后再提交。")
    _require_within_limit(style, marks)
    return Ballot(marks, comments)


def read_nonce(nonce: str) -> str:
    """The phone's own retry nonce, as it was sent.

    Raises:
        NonceInvalid: shorter than 16 or longer than 64 characters, or with others than letters, digits, ``-``, ``_``.
    """
    if not _NONCE.fullmatch(nonce):
        raise NonceInvalid
    return nonce


def encode_ballot(style: BallotStyle, ballot: Ballot) -> bytes:
    """The ballot in exactly ``style.plain_length`` bytes, so that no length tells anything."""
    grades = [grade.key for grade in style.scheme.grades]
    marks = bytes(
        _ABSTAIN_BYTE if ballot.marks[item] == ABSTAIN else grades.index(ballot.marks[item]) for item in style.items
    )
    comments = (
        json.dumps(dict(ballot.comments), ensure_ascii=False, separators=(",", ":")).encode()
        if ballot.comments
        else b""
    )
    head = bytes([_FORMAT]) + len(marks).to_bytes(2, "big") + len(comments).to_bytes(2, "big")
    return (head + marks + comments).ljust(style.plain_length, b"\0")


class BallotReader:
    """Reads whole and faultless ballots of one style, in one pass; whatever else is left to ``read_ballot``."""

    def __init__(self, style: BallotStyle) -> None:
        """``style`` is that of an open round, which does not change any more."""
        self._style = style
        self._places = {item_field(*item): place for place, item in enumerate(style.items)}
        self._bytes = {grade.key: number for number, grade in enumerate(style.scheme.grades)}
        if style.scheme.abstention_allowed:
            self._bytes[ABSTAIN] = _ABSTAIN_BYTE
        self._blank = b"\xff" * len(self._places)
        self._head = bytes([_FORMAT]) + len(self._places).to_bytes(2, "big") + bytes(2)
        self._length = style.plain_length
        self._step = len(style.scheme.dimensions)
        self._limit = style.scheme.top_grade_limit

    def read(self, fields: Sequence[tuple[str, str]]) -> bytes:
        """What ``encode_ballot`` makes of what ``read_ballot`` reads.

        Raises:
            The refusals of ``read_ballot``.
        """
        plain = self._read_plain(fields)
        return encode_ballot(self._style, read_ballot(self._style, fields)) if plain is None else plain

    def _read_plain(self, fields: Sequence[tuple[str, str]]) -> bytes | None:
        if len(fields) != len(self._places):
            return None
        marks = bytearray(self._blank)
        try:
            for name, mark in fields:
                marks[self._places[name]] = self._bytes[mark]
        except KeyError:
            return None
        # As many fields as cells, so a cell that was posted twice leaves another one open.
        if _OPEN_BYTE in marks:
            return None
        if self._limit is not None and any(marks[at :: self._step].count(0) > self._limit for at in range(self._step)):
            return None
        return (self._head + marks).ljust(self._length, b"\0")


def decode_ballot(style: BallotStyle, plain: bytes) -> Ballot:
    """The ballot that ``encode_ballot`` made.

    Raises:
        ValueError: the bytes are not such a ballot.
    """
    if len(plain) != style.plain_length or plain[0] != _FORMAT:
        raise ValueError("not a ballot of this style")
    marks_length, comments_length = int.from_bytes(plain[1:3], "big"), int.from_bytes(plain[3:5], "big")
    items = style.items
    end = _HEADER + marks_length
    if marks_length != len(items):
        raise ValueError("not as many marks as items")
    marks = decode_marks(style, plain[_HEADER:end])
    comments = json.loads(plain[end : end + comments_length]) if comments_length else {}
    return Ballot(marks, comments)


def encode_marks(style: BallotStyle, ballot: Ballot) -> bytes:
    """The marks alone, one byte a cell: what is kept of a ballot once the box is open."""
    return encode_ballot(style, Ballot(ballot.marks, {}))[_HEADER : _HEADER + len(style.items)]


def decode_marks(style: BallotStyle, marks: bytes) -> dict[tuple[str, str], str]:
    """The marks by (subject key, dimension key).

    Raises:
        ValueError: a byte that is no grade of the scale.
    """
    keys = [grade.key for grade in style.scheme.grades]
    try:
        return {
            item: ABSTAIN if mark == _ABSTAIN_BYTE else keys[mark]
            for item, mark in zip(style.items, marks, strict=True)
        }
    except IndexError as error:
        raise ValueError("a mark that is not on the scale") from error


def _read_comments(style: BallotStyle, posted: dict[str, str]) -> dict[str, str]:
    if not style.scheme.comments_wanted:
        return {}
    comments = {}
    for subject in style.subjects:
        text = _clean_comment(posted.pop(comment_field(subject.key), ""))
        if len(text) > COMMENT_LENGTH:
            raise CommentTooLong
        if text:
            comments[subject.key] = text
    if len(json.dumps(comments, ensure_ascii=False, separators=(",", ":")).encode()) > COMMENTS_BYTES:
        raise CommentTooLong
    return comments


def _clean_comment(text: str) -> str:
    """White space folded; what cannot be seen (controls, bidi marks, zero width) left out."""
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(
        character for character in folded if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


def _require_within_limit(style: BallotStyle, marks: Mapping[tuple[str, str], str]) -> None:
    limit = style.scheme.top_grade_limit
    if limit is None:
        return
    top = style.scheme.grades[0]
    for dimension in style.scheme.dimensions:
        given = sum(1 for subject in style.subjects if marks[subject.key, dimension.key] == top.key)
        if given > limit:
            where = "" if style.scheme.is_overall else f"“{dimension.label}”一项中，"
            raise OverLimit(f"{where}“{top.label}”最多选 {limit} 个，现在选了 {given} 个。请调整后再提交。")
