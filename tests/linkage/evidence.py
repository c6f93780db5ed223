"""What the attackers are handed, and the truth that only the referee knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

FIXED_MARKS = bytes((3, 1, 2, 0, 3, 2))
"""How every ballot of the game begins, so that one pass over a file finds all of them."""
OWN_MARKS = 10
"""Marks after those, which are different on every ballot."""
_RAW = re.compile(b"(?s)" + re.escape(FIXED_MARKS) + b"[\x00-\x03]{%d}" % OWN_MARKS)
_HEX = re.compile(FIXED_MARKS.hex().encode() + b"(?:0[0-3]){%d}" % OWN_MARKS)
_COMMENT = re.compile(b"MK[0-9A-Z]{10}")
MARKER_LENGTH = 12


@dataclass(frozen=True)
class Content:
    """What one voter chose: the marks as the database encodes them, and the comment, which starts with its marker."""

    marks: bytes
    comment: str

    @property
    def marker(self) -> bytes:
        return self.comment[:MARKER_LENGTH].encode()


@dataclass(frozen=True)
class TicketUsed:
    """What the worst onlooker knows of one voter: whose ticket, from which phone, when."""

    digest: bytes
    address: str
    posted_at: float


@dataclass(frozen=True)
class OnTheAir:
    """One connection as somebody hears it who records the hall's network."""

    address: str
    moment: float
    """When it began to ask."""
    took: float
    """Seconds until the answer began."""
    asked: bytes = field(repr=False)
    told: bytes = field(repr=False)


@dataclass(frozen=True)
class TableRow:
    """A row as a database administrator sees it, hidden columns included."""

    values: Mapping[str, object]
    hidden: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass
class Dump:
    """All that lies on disks at one moment of a meeting."""

    files: dict[str, bytes] = field(repr=False)
    page_size: int
    tables: dict[str, list[TableRow]] = field(repr=False)


@dataclass(frozen=True)
class Evidence:
    """Everything the attackers get of one meeting."""

    round_id: str
    tickets: tuple[TicketUsed, ...] = field(repr=False)
    """In the order in which they were used."""
    contents: tuple[Content, ...] = field(repr=False)
    """All ballots and comments, in an order that has nothing to do with the tickets."""
    dumps: Mapping[str, Dump]
    """By moment: ``voting``, ``closed``, ``stripped``, ``before_erasing``, ``opened``; what the game has come to."""
    wal: tuple[bytes, ...] = field(repr=False)
    """Every page image that was written to SQLite's log, one commit after the other."""
    wal_commits: tuple[int, ...] = field(repr=False)
    """The number of the commit that each image belongs to."""
    stream: tuple[tuple[float, bytes], ...] = field(repr=False)
    """What the projector's stream carried, with the times of arrival."""
    air: tuple[OnTheAir, ...] = field(default=(), repr=False)
    """All that was said in the hall's network, where the game has recorded it."""

    def marks_in(self, data: bytes) -> Iterator[tuple[int, int]]:
        """(position, number of the content) wherever the marks of a ballot stand in the clear."""
        known = {content.marks: number for number, content in enumerate(self.contents)}
        for match in _RAW.finditer(data):
            if match.group() in known:
                yield match.start(), known[match.group()]
        for match in _HEX.finditer(data):
            marks = bytes.fromhex(match.group().decode())
            if marks in known:
                yield match.start(), known[marks]

    def comments_in(self, data: bytes) -> Iterator[tuple[int, int]]:
        """(position, number of the content) wherever a comment stands in the clear."""
        known = {content.marker: number for number, content in enumerate(self.contents)}
        for match in _COMMENT.finditer(data):
            if match.group() in known:
                yield match.start(), known[match.group()]

    def found_in(self, data: bytes) -> list[tuple[int, int]]:
        """Either of both."""
        return [*self.marks_in(data), *self.comments_in(data)]


@dataclass(frozen=True)
class Played:
    """One meeting of the game. ``truth[i]`` is the number of the content that ticket ``i`` paid for."""

    evidence: Evidence
    truth: tuple[int, ...]
    batch: int = 10
    """By how many ballots two pictures of the hall may differ at least."""
