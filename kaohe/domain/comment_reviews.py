"""What becomes of a comment (意见建议) before it is handed over: listed, masked, told to the person only, or left out.

What a voter wrote is never reworded: it can only be left out, whole or word by word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kaohe.domain.errors import FieldInvalid

MASK: Final = "××"
"""Stands in place of each masked word, however long it was."""


class CommentVerdict(StrEnum):
    """What was decided about one comment."""

    LISTED = "listed"
    MASKED = "masked"
    PERSON_ONLY = "person_only"
    LEFT_OUT = "left_out"


VERDICT_LABELS: Final[Mapping[CommentVerdict, str]] = {
    CommentVerdict.LISTED: "照原文列出",
    CommentVerdict.MASKED: "遮盖部分字词后列出",
    CommentVerdict.PERSON_ONLY: "只反馈给本人",
    CommentVerdict.LEFT_OUT: "不列出",
}
_HANDED_OVER: Final = {
    True: frozenset({CommentVerdict.LISTED, CommentVerdict.MASKED}),
    False: frozenset({CommentVerdict.LISTED, CommentVerdict.MASKED, CommentVerdict.PERSON_ONLY}),
}


@dataclass(frozen=True, slots=True)
class Comment:
    """What one voter wrote on one subject, or on the meeting where ``subject_key`` is empty, and what became of it."""

    subject_key: str
    text: str
    """As it was written."""
    verdict: CommentVerdict | None = CommentVerdict.LISTED
    """None while nobody has reviewed it."""
    shown: str = ""
    """With some words masked, where that was decided."""
    id: str = ""
    """A random name in hexadecimal digits; '' outside of the database."""

    @property
    def handed_over(self) -> str:
        """What is printed of it."""
        return self.shown if self.verdict is CommentVerdict.MASKED else self.text

    def is_for(self, *, everybody: bool) -> bool:
        """Whether the comment stands on the sheet that everybody concerned gets, or otherwise on that of the person."""
        return self.verdict in _HANDED_OVER[everybody]


def as_written(comments: Sequence[Comment]) -> list[Comment]:
    """The comments with what was decided about them put aside."""
    return [replace(comment, verdict=CommentVerdict.LISTED, shown="") for comment in comments]


def masked(text: str, words: str) -> str:
    """The text with each of the words, which white space or 、 parts, masked wherever it stands.

    Raises:
        FieldInvalid: there is no word, or one of them does not stand in the text.
    """
    wanted = words.replace("、", " ").split()
    if not wanted:
        raise FieldInvalid("请填写要遮盖的字词，几个字词之间用空格或顿号隔开。")
    places: list[tuple[int, int]] = []
    for word in wanted:
        found = [each.start() for each in re.finditer(f"(?={re.escape(word)})", text)]
        if not found:
            raise FieldInvalid(f"这条意见中没有“{word}”，请照原文填写要遮盖的字词。")
        places += [(at, at + len(word)) for at in found]
    shown, end = "", 0
    # Words that overlap share one mask, so that no end of one of them is left over.
    for start, stop in sorted(places):
        if start >= end:
            shown += text[end:start] + MASK
        end = max(end, stop)
    return shown + text[end:]
