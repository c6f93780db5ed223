"""Workbooks (.xlsx, .xls, .ods) are read by a process of their own, under limits of memory and time."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from kaohe.intake.file_kinds import MAX_UNPACKED_BYTES, FileKind
from kaohe.intake.refusals import SpreadsheetBroken, SpreadsheetTooLarge
from kaohe.intake.workbook_reader import TOO_LARGE

_READER: Final = Path(__file__).with_name("workbook_reader.py")
_SECONDS: Final = 20
_ABORTED: Final = {-6, 134, 0xC0000409}
"""How a process ends whose parser asked for more memory than there is (POSIX, shell, Windows)."""

# A second import waits: two at once would take the memory and both cores from the people who vote.
_one_at_a_time = threading.Lock()


def read_workbook(content: bytes, kind: FileKind, max_rows: int, max_columns: int) -> list[list[str]]:
    """The first visible sheet with any text in it, as rows of text from row 1 and column A on.

    Raises: SpreadsheetBroken, or SpreadsheetTooLarge for too many rows or columns, or for a file that takes
    more memory or time than an honest one.
    """
    form = "biff" if kind is FileKind.XLS else "archive"
    limits = [str(max_rows), str(max_columns), str(MAX_UNPACKED_BYTES)]
    command = [sys.executable, "-I", "-X", "utf8", str(_READER), form, *limits]
    with _one_at_a_time:
        try:
            reading = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 -- our own program; the file goes in by standard input
        except subprocess.TimeoutExpired as error:
            raise SpreadsheetTooLarge from error
        except OSError as error:
            raise SpreadsheetBroken("服务器暂时无法读取表格，请稍后再试，或改用粘贴的方式录入。") from error
    if reading.returncode == TOO_LARGE or reading.returncode in _ABORTED:
        raise SpreadsheetTooLarge
    if reading.returncode != 0:
        raise SpreadsheetBroken
    rows: list[list[str]] = json.loads(reading.stdout)
    return rows
