"""One table of a meeting file (TOML), read key by key, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import NoReturn, TypeVar

from kaohe.domain.errors import KaoheError
from kaohe.domain.limits import PEOPLE_AT_MOST

_PER_CENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12}|/[1-9][0-9]{0,11})?")
_Choice = TypeVar("_Choice", bound=StrEnum)


class MeetingFileInvalid(KaoheError):
    """The file does not describe a meeting; the message names the place. Nothing is made."""

    code = "meeting_file_invalid"
    http_code = 422


class FileTable:
    """One table of the file. Every reader refuses what it does not expect, naming the place."""

    def __init__(self, content: Mapping[str, object], place: str) -> None:
        self.content = content
        self._place = place

    def refuse(self, key: str, message: str) -> NoReturn:
        """Refuse the file at ``key``.

        Raises:
            MeetingFileInvalid: always.
        """
        raise MeetingFileInvalid(f"会议文件的 {self._place}{key} 有误：{message}")

    def check_keys(self, known: tuple[str, ...]) -> None:
        """Refuse a key that nobody knows."""
        for key in self.content:
            if key not in known:
                self.refuse(key, f"没有这一项；可用的有 {'、'.join(known)}。")

    def text(self, key: str) -> str:
        """Return a text; empty where it is left out."""
        value = self.content.get(key, "")
        if not isinstance(value, str):
            self.refuse(key, "应为文字（加引号）。")
        return value

    def line(self, key: str, at_most: int, *, is_needed: bool = False) -> str:
        """Return one line that can be printed."""
        line = " ".join(self.text(key).split())
        if not line.isprintable():
            self.refuse(key, "有看不见的字符，请重新输入。")
        if len(line) > at_most:
            self.refuse(key, f"过长，请不超过 {at_most} 个字。")
        if is_needed and not line:
            self.refuse(key, "不能为空，请填写。")
        return line

    def day(self, key: str) -> date | None:
        """Return a day, written as a date or as text."""
        value = self.content.get(key)
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                value = True
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            self.refuse(key, "应为日期，如 2026-12-18。")
        return value

    def count(self, key: str, default: int | None) -> int:
        """Return a number of people or tickets."""
        value = self.content.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= PEOPLE_AT_MOST:
            self.refuse(key, f"应为 0 到 {PEOPLE_AT_MOST} 的整数。")
        return value

    def per_cent(self, key: str) -> Fraction | None:
        """Return a share that is written in per cent; None where it is left out."""
        value = self.content.get(key)
        if value is None:
            return None
        written = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        share = Fraction(written) / 100 if _PER_CENT.fullmatch(written) else Fraction(0)
        if not 0 < share <= 1:
            self.refuse(key, '应为大于 0、不超过 100 的数，如 40、33.5，或加引号的分数，如 "100/3"。')
        return share

    def flag(self, key: str) -> bool:
        """Return yes or no; no where it is left out."""
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, "应为 true 或 false。")
        return value

    def choice(self, key: str, default: _Choice) -> _Choice:
        """Return one of the words of an enumeration."""
        value = self.content.get(key, default.value)
        choices = {choice.value: choice for choice in type(default)}
        if not isinstance(value, str) or value not in choices:
            self.refuse(key, f"应为 {'、'.join(choices)} 之一。")
        return choices[value]

    def entries(self, key: str) -> list[FileTable]:
        """Return a list of tables."""
        value = self.content.get(key)
        if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
            self.refuse(key, f"应为列表，每项写成 [[{key}]]。")
        return [FileTable(entry, f"{key}[{number}].") for number, entry in enumerate(value, start=1)]
