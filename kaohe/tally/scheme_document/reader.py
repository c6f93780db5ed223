"""Reading one table of a scheme document strictly, and saying where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme_checks.entries import MOST_ENTRIES

_Entry = TypeVar("_Entry")
_Choice = TypeVar("_Choice", bound=StrEnum)
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12}|/[0-9]{1,12})?")
_NUMBERS_BELOW = 10**12
NUMBER_PATTERN = f"^{_NUMBER.pattern}$"
"""How a number is written as text."""


class DocumentReader:
    """Reads one table of the document and knows where it stands."""

    def __init__(self, table: Mapping[str, object], path: str) -> None:
        self.table = table
        self._path = path

    def path(self, key: str) -> str:
        """Return a key's path in the whole document."""
        return f"{self._path}.{key}" if self._path else key

    def has(self, key: str) -> bool:
        """Whether the table says something about a key; null says nothing."""
        return self.table.get(key) is not None

    def check_keys(self, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        """Refuse what is unknown and what is missing."""
        for key in self.table:
            if key not in required and key not in optional:
                raise SchemeError(self.path(str(key)), f"没有这一项；可用的有 {'、'.join((*required, *optional))}。")
        for key in required:
            if key not in self.table:
                raise SchemeError(self.path(key), "缺少这一项，请补上。")

    def text(self, key: str) -> str:
        """Read a text."""
        value = self.table[key]
        if not isinstance(value, str):
            raise SchemeError(self.path(key), "应为文字（加引号）。")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts."""
        value = self.table[key]
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            raise SchemeError(self.path(key), '应为文字的列表，如 ["甲", "乙"]。')
        if len(value) > MOST_ENTRIES:
            raise SchemeError(self.path(key), f"最多 {MOST_ENTRIES} 项，现有 {len(value)} 项。")
        return tuple(value)

    def number(self, key: str) -> Fraction:
        """Read an exact number."""
        value = self.table[key]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _NUMBERS_BELOW:
            return Fraction(value)
        if isinstance(value, (float, str, Decimal)):
            # The shortest text of a float is the number that was typed, and a Fraction of that text is exact.
            written = str(value)
            if _NUMBER.fullmatch(written) and not _divides_by_zero(written):
                return Fraction(written)
        raise SchemeError(self.path(key), '应为数字，如 95、92.5，或加引号的分数，如 "100/3"。')

    def integer(self, key: str) -> int:
        """Read a whole number."""
        value = self.table[key]
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise SchemeError(self.path(key), "应为整数。")

    def flag(self, key: str) -> bool:
        """Read yes or no."""
        value = self.table[key]
        if not isinstance(value, bool):
            raise SchemeError(self.path(key), "应为 true 或 false。")
        return value

    def choice(self, key: str, kind: type[_Choice]) -> _Choice:
        """Read one of a few words."""
        value = self.table[key]
        choices = {choice.value: choice for choice in kind}
        if not isinstance(value, str) or value not in choices:
            raise SchemeError(self.path(key), f"应为 {'、'.join(choices)} 之一。")
        return choices[value]

    def one(self, key: str, read: Callable[[DocumentReader], _Entry]) -> _Entry:
        """Read a table within the table."""
        value = self.table[key]
        if not isinstance(value, Mapping):
            raise SchemeError(self.path(key), f"应为一组设置，写成 [{self.path(key)}]。")
        return read(DocumentReader(value, self.path(key)))

    def entries(self, key: str, read: Callable[[DocumentReader], _Entry]) -> tuple[_Entry, ...]:
        """Read a list of tables."""
        value = self.table[key]
        if not isinstance(value, (list, tuple)):
            raise SchemeError(self.path(key), f"应为列表，每项写成 [[{key}]]。")
        if len(value) > MOST_ENTRIES:
            raise SchemeError(self.path(key), f"最多 {MOST_ENTRIES} 项，现有 {len(value)} 项。")
        entries: list[_Entry] = []
        for number, entry in enumerate(value, start=1):
            path = f"{self.path(key)}[{number}]"
            if not isinstance(entry, Mapping):
                raise SchemeError(path, f"应为一组设置，写成 [[{key}]]。")
            entries.append(read(DocumentReader(entry, path)))
        return tuple(entries)


def _divides_by_zero(written: str) -> bool:
    _, slash, below = written.partition("/")
    return bool(slash) and not int(below)
