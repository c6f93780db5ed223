"""One table of a meeting file (TOML), read as strictly as one of a scheme document."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import NoReturn

from kaohe.domain.errors import KaoheError
from kaohe.domain.limits import PATH_LENGTH, PEOPLE_AT_MOST
from kaohe.tally.scheme_document.reader import DocumentReader


class MeetingFileInvalid(KaoheError):
    """The file does not describe a meeting; the message names the place. Nothing is made."""

    http_code = 422


class FileTable(DocumentReader):
    """One table of the file. Every reader refuses what it does not expect, naming the place."""

    most_entries = PEOPLE_AT_MOST

    def refuse(self, key: str, message: str) -> NoReturn:
        """Refuse the file at ``key``.

        Raises:
            MeetingFileInvalid: always.
        """
        raise MeetingFileInvalid(f"会议文件的 {self.path(key)} 有误：{message}")

    def line(self, key: str, at_most: int, *, is_needed: bool = False) -> str:
        """Return one line that can be printed; empty where it is left out."""
        line = " ".join(self.text(key).split()) if self.has(key) else ""
        if not line.isprintable():
            self.refuse(key, "有看不见的字符，请重新输入。")
        if len(line) > at_most:
            self.refuse(key, f"过长，请不超过 {at_most} 个字。")
        if is_needed and not line:
            self.refuse(key, "不能为空，请填写。")
        return line

    def file_path(self, key: str, *, is_needed: bool = False) -> str:
        """Return where a file is, as it is written: its name may hold several spaces, or wide ones."""
        if not self.has(key) or (not is_needed and not self.text(key).strip()):
            return ""
        self.line(key, PATH_LENGTH, is_needed=is_needed)
        return self.text(key).strip()

    def day(self, key: str) -> date | None:
        """Return a day, written as a date or as text; None where it is left out."""
        value = self.table.get(key)
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                value = True
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            self.refuse(key, "应为日期，如 2026-12-18。")
        return value

    def count(self, key: str, default: int | None) -> int:
        """Return a number of people or tickets; without a ``default`` it may not be left out."""
        value = self.integer(key) if self.has(key) else default
        if value is None or not 0 <= value <= PEOPLE_AT_MOST:
            self.refuse(key, f"应为 0 到 {PEOPLE_AT_MOST} 的整数。")
        return value

    def per_cent(self, key: str) -> Fraction | None:
        """Return a share that is written in per cent; None where it is left out."""
        if not self.has(key):
            return None
        share = self.number(key) / 100
        if not 0 < share <= 1:
            self.refuse(key, '应为大于 0、不超过 100 的数，如 40、33.5，或加引号的分数，如 "100/3"。')
        return share
