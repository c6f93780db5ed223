"""Cells of the sheets that offices bring, cleaned alike for every kind of list."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_BRACKETED = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]?")
HAN = r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0003FFFF]"
"""One Chinese character, as a regular expression."""
_SPREAD_NAME = re.compile(rf"({HAN})\s+({HAN})")
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Letters by category, yet they draw nothing: two different names would look alike.
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffe\uffff")


def clean(raw: str) -> str:
    """The text in NFC, trimmed, with each run of white space (line breaks in a cell too) as one space."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", raw)).strip()


def squeeze(name: str) -> str:
    """A two-character name without the space that sets it as wide as its neighbours ("张　三")."""
    spread = _SPREAD_NAME.fullmatch(name)
    return spread[1] + spread[2] if spread else name


def heading_of(cell: str) -> str:
    """A heading as it is compared: without remarks in brackets, spaces and signs."""
    text = unicodedata.normalize("NFKC", _BRACKETED.sub("", cell))
    return "".join(ch for ch in text if not ch.isspace() and ch not in "*:/、").casefold()


def hidden_character(text: str) -> str | None:
    """The first character that cannot be seen, where there is one."""
    return next((ch for ch in text if unicodedata.category(ch) in _REFUSED_CATEGORIES or ch in _BLANK_LETTERS), None)
