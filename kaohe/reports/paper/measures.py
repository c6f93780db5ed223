"""Lengths on paper in twips (a twentieth of a point), and where text of a given size breaks into lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

EM: Final = 100
"""Widths of text are measured in hundredths of an em."""
_NARROW: Final = 62
"""A digit or a Latin letter. The Chinese fonts of an office take 50; what stands in for them where they are missing
takes up to 64, and a full stop in it 32, so that every number has its reserve."""
_LEADING: Final = 145
"""Height of a line in hundredths of the type's size; the tallest of the usual Chinese fonts needs 145."""
_NEVER_FIRST: Final = frozenset("、。，；：！？）》”’%·")
_TOKENS: Final = re.compile(r"[!-~]+ ?| +|.", re.DOTALL)


def mm(length: int) -> int:
    """Millimetres in twips."""
    return length * 7200 // 127


def ems(text: str) -> int:
    """The width of a text on one line, in hundredths of an em."""
    # Counted at once: a result of 300 subjects asks for the width of some ten million characters.
    return EM * len(text) - (EM - _NARROW) * len(text.encode("ascii", "ignore"))


def twips(width: int, size: int) -> int:
    """A width of text in twips, for type of ``size`` half points."""
    return -(-width * size // 10)


def room_in_ems(length: int, size: int) -> int:
    """How much text of ``size`` half points a length in twips takes, in hundredths of an em."""
    return max(EM, length * 10 // size)


def line_height(size: int) -> int:
    """The height of a line of type of ``size`` half points, in twips."""
    return size * _LEADING // 10


@lru_cache(maxsize=20_000)
def broken(text: str, room: int) -> tuple[str, ...]:
    """The lines of a text in a room of so many hundredths of an em; joined without a sign they give the text back.

    Words and numbers are broken only where one alone is wider than the room. No line begins with a comma or the like.
    """
    return tuple(line for part in text.split("\n") for line in _lines(part, room))


def line_count(text: str, room: int) -> int:
    """How many lines a text takes; an empty one takes one."""
    return 1 if "\n" not in text and ems(text) <= room else len(broken(text, room))


def tallest(texts: Sequence[str], rooms: Sequence[int]) -> int:
    """The lines of the tallest of some texts side by side."""
    return max(map(line_count, texts, rooms), default=1)


def _lines(text: str, room: int) -> Iterator[str]:
    line, width = "", 0
    for token in _tokens(text, room):
        needed = ems(token.rstrip(" "))
        if line and width + needed > room:
            carried = line[-1] if token[0] in _NEVER_FIRST and len(line) > 1 else ""
            yield line.removesuffix(carried) if carried else line
            line, width = carried, ems(carried)
        line += token
        width += ems(token)
    yield line


def _tokens(text: str, room: int) -> Iterator[str]:
    most = max(1, room // _NARROW)
    for match in _TOKENS.finditer(text):
        token = match[0]
        if ems(token.rstrip(" ")) <= room:
            yield token
        else:
            yield from (token[at : at + most] for at in range(0, len(token), most))
