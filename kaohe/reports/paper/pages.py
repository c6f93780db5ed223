"""Which rows stand on which page, and how what is too long for one row flows over several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kaohe.reports.paper.measures import broken, tallest

_ABOVE_THE_SIGNATURE: Final = 2
"""So many rows at least stand above the places to sign, where the table has them."""
_ENDS: Final = "、；。\n"


def paged(heights: Sequence[int], first: int, later: int, end: int) -> tuple[int, ...]:
    """How many rows each page takes; at least one page.

    ``first`` and ``later`` are the heights that the first page and the others leave for rows, ``end`` is the height of
    what stands whole below the last row. Rows move on to the last page where they would otherwise not stand above it.
    """
    counts, left = [0], first
    for height in heights:
        if height > left and counts[-1]:
            counts.append(0)
            left = later
        counts[-1] += 1
        left -= height
    moved = min(_ABOVE_THE_SIGNATURE, counts[-1])
    if moved > 1 and sum(heights[-moved:]) + end > later:
        moved = 1
    if end > left and (counts[-1] > moved or len(counts) == 1):
        counts = [*counts[:-1], counts[-1] - moved, moved]
    elif len(counts) > 1 and counts[-1] < _ABOVE_THE_SIGNATURE < counts[-2] and heights[-2] + end <= left:
        counts[-2:] = [counts[-2] - 1, counts[-1] + 1]
    return tuple(counts)


def flowed(row: Sequence[str], rooms: Sequence[int], most: int) -> Iterator[tuple[str, ...]]:
    """The row, as several where a text takes more than ``most`` lines; the others stand in the first of them.

    A text is parted after a comma or a full stop where it has one, so that no name is torn.
    """
    if tallest(row, rooms) <= most:
        yield tuple(row)
        return
    columns = [list(_pieces(text, room, most)) for text, room in zip(row, rooms, strict=True)]
    for at in range(max(map(len, columns))):
        yield tuple(pieces[at] if at < len(pieces) else "" for pieces in columns)


def _pieces(text: str, room: int, most: int) -> Iterator[str]:
    while len(lines := broken(text, room)) > most:
        length = 0
        for line in lines[:most]:
            length += len(line)
            length += text[length : length + 1] == "\n"
        good = max(text.rfind(end, 0, length) for end in _ENDS) + 1
        cut = good if good > length // 2 else length
        yield text[:cut].rstrip("\n")
        text = text[cut:]
    yield text
