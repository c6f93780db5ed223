"""Reading one table of a document strictly, and saying where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, NoReturn, Self, TypeVar

from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme_checks.entries import MOST_ENTRIES

_Entry = TypeVar("_Entry")
_Choice = TypeVar("_Choice", bound=StrEnum)
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12}|/[0-9]{1,12})?")
_NUMBERS_BELOW = 10**12
NUMBER_PATTERN = f"^{_NUMBER.pattern}$"
"""How a number is written as text."""


class DocumentReader:
    """Reads one table of a scheme document and knows where it stands. A subclass reads another kind of document."""

    most_entries: ClassVar = MOST_ENTRIES
    """The longest list of tables."""

    def __init__(self, table: Mapping[str, object], path: str) -> None:
        self.table = table
        self._path = path

    def path(self, key: str) -> str:
        """Return a key's path in the whole document."""
        return f"{self._path}.{key}" if self._path else key

    def refuse(self, key: str, message: str) -> NoReturn:
        """Refuse the document at ``key``.

        Raises:
            SchemeError: always.
        """
        raise SchemeError(self.path(key), message)

    def has(self, key: str) -> bool:
        """Whether the table says something about a key; null says nothing."""
        return self.table.get(key) is not None

    def check_keys(self, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        """Refuse what is unknown and what is missing."""
        for key in self.table:
            if key not in required and key not in optional:
                self.refuse(str(key), f"没有这一项；可用的有 {'、'.join((*required, *optional))}。")
        for key in required:
            if key not in self.table:
                self.refuse(key, "缺少这一项，请补上。")

    def text(self, key: str) -> str:
        """Read a text."""
        value = self.table[key]
        if not isinstance(value, str):
            self.refuse(key, "应为文字（加引号）。")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts."""
        value = self.table[key]
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            self.refuse(key, '应为文字的列表，如 ["甲", "乙"]。')
        if len(value) > MOST_ENTRIES:
            self.refuse(key, f"最多 {MOST_ENTRIES} 项，现有 {len(value)} 项。")
        return tuple(value)

    def number(self, key: str) -> Fraction:
        """Read an exact number."""
        value = self.table[key]
        is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _NUMBERS_BELOW
        # The shortest text of a float is the number that was typed, and a Fraction of that text is exact.
        written = str(value) if is_whole or isinstance(value, (float, str, Decimal)) else ""
        if not _NUMBER.fullmatch(written) or _divides_by_zero(written):
            self.refuse(key, '应为数字，如 95、92.5，或加引号的分数，如 "100/3"。')
        return Fraction(written)

    def integer(self, key: str) -> int:
        """Read a whole number."""
        value = self.table[key]
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(key, "应为整数。")
        return value

    def flag(self, key: str) -> bool:
        """Read yes or no."""
        value = self.table[key]
        if not isinstance(value, bool):
            self.refuse(key, "应为 true 或 false。")
        return value

    def choice(self, key: str, kind: type[_Choice]) -> _Choice:
        """Read one of a few words."""
        value = self.table[key]
        choices = {choice.value: choice for choice in kind}
        if not isinstance(value, str) or value not in choices:
            self.refuse(key, f"应为 {'、'.join(choices)} 之一。")
        return choices[value]

    def one(self, key: str, read: Callable[[Self], _Entry]) -> _Entry:
        """Read a table within the table."""
        value = self.table[key]
        if not isinstance(value, Mapping):
            self.refuse(key, f"应为一组设置，写成 [{self.path(key)}]。")
        return read(type(self)(value, self.path(key)))

    def entries(self, key: str, read: Callable[[Self], _Entry]) -> tuple[_Entry, ...]:
        """Read a list of tables."""
        value = self.table[key]
        if not isinstance(value, (list, tuple)):
            self.refuse(key, f"应为列表，每项写成 [[{key}]]。")
        if len(value) > self.most_entries:
            self.refuse(key, f"最多 {self.most_entries} 项，现有 {len(value)} 项。")
        entries: list[_Entry] = []
        for number, entry in enumerate(value, start=1):
            place = f"{key}[{number}]"
            if not isinstance(entry, Mapping):
                self.refuse(place, f"应为一组设置，写成 [[{key}]]。")
            entries.append(read(type(self)(entry, self.path(place))))
        return tuple(entries)


def _divides_by_zero(written: str) -> bool:
    _, slash, below = written.partition("/")
    return bool(slash) and not int(below)
