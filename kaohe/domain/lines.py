"""One line of text as people type it: a title, a label, a reason."""

from __future__ import annotations

import unicodedata
from typing import Final

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import REASON_LENGTH, TITLE_LENGTH

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def read_line(text: str, what: str, at_most: int = TITLE_LENGTH, *, is_needed: bool = False) -> str:
    """One line of text that can be printed, its white space made single.

    Raises:
        FieldInvalid: it is too long, holds what cannot be seen, or is empty although it is needed.
    """
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    if any(unicodedata.category(character) in _UNSEEN for character in line):
        raise FieldInvalid(f"{what}中有看不见的字符，请重新输入。")
    if len(line) > at_most:
        raise FieldInvalid(f"{what}过长，请不超过 {at_most} 个字。")
    if is_needed and not line:
        raise FieldInvalid(f"请填写{what}。")
    return line


def read_reason(text: str, asking: str) -> str:
    """The reason of an act as the record of acts keeps it: one line, as ``read_line`` reads it.

    Raises:
        FieldInvalid: it is empty or too long, in a sentence that begins with ``asking``; or it holds what cannot be
            seen.
    """
    if not 1 <= len(" ".join(text.split())) <= REASON_LENGTH:
        raise FieldInvalid(f"{asking}（不超过 {REASON_LENGTH} 字），它会记入操作记录。")
    return read_line(text, "原因", REASON_LENGTH)
