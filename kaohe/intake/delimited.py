"""Text files with one row per line: which encoding, which separator, which cells."""

from __future__ import annotations

import codecs
import csv
from io import StringIO
from typing import Final

from kaohe.intake.refusals import SpreadsheetBroken, SpreadsheetTooLarge, SpreadsheetWrongType

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet program takes for the start of a formula; our own CSV puts an apostrophe before it."""

_SEPARATORS: Final = ("\t", ",", "，", ";", "；")


def decode_text(content: bytes) -> str:
    """The text of a file in UTF-8, in UTF-16 with its mark, or in GB18030 (which holds GBK and GB2312).

    Raises: SpreadsheetWrongType for binary content, SpreadsheetBroken for bytes that are none of these.
    """
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        if b"\0" in content:
            raise SpreadsheetWrongType
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise SpreadsheetBroken("看不懂这个文本文件的编码。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。") from error


def read_delimited(content: bytes, max_rows: int) -> list[list[str]]:
    """All rows of a text file, blank ones included; the apostrophe that guards a formula is taken off again.

    Raises: a SpreadsheetRefusal for what is not text, is broken or has more than ``max_rows`` rows.
    """
    text = decode_text(content)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=_separator_of(text)):
            if len(rows) >= max_rows:
                raise SpreadsheetTooLarge(f"表格超过 {max_rows:,} 行，请只保留考核对象名单后再上传。")
            rows.append([_unguard(cell) for cell in row])
    except csv.Error as error:
        raise SpreadsheetBroken from error
    return rows


def _separator_of(text: str) -> str:
    """The separator that the first line with any holds most of; a comma where there is none."""
    for line in StringIO(text):
        counts = {separator: line.count(separator) for separator in _SEPARATORS}
        best = max(_SEPARATORS, key=counts.__getitem__)
        if counts[best]:
            return best
    return ","


def _unguard(cell: str) -> str:
    is_guarded = cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS)
    return cell[1:] if is_guarded else cell
