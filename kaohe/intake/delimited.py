"""Text files with one row per line: which encoding they are in."""

from __future__ import annotations

import codecs
import csv
import unicodedata

from kaohe.domain.office_tables.texts import split_text
from kaohe.intake.refusals import SpreadsheetBroken, SpreadsheetTooLarge, SpreadsheetWrongType


def decode_text(content: bytes) -> str:
    """The text of a file in UTF-8, in UTF-16 with its mark or without, or in GB18030 (which holds GBK and GB2312).

    Raises: SpreadsheetWrongType for binary content, SpreadsheetBroken for bytes that are none of these.
    """
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        if b"\0" in content:
            return _decode_unmarked(content)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise SpreadsheetBroken("看不懂这个文本文件的编码。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。") from error


def _decode_unmarked(content: bytes) -> str:
    """UTF-16 without its mark: separators and line ends have a zero byte on one side only, and all of it is text."""
    evens, odds = content[::2].count(0), content[1::2].count(0)
    if len(content) % 2 or min(evens, odds):
        raise SpreadsheetWrongType
    try:
        text = content.decode("utf-16-le" if odds else "utf-16-be")
    except UnicodeDecodeError as error:
        raise SpreadsheetWrongType from error
    if any(unicodedata.category(ch) in ("Cc", "Cn", "Cs", "Co") and ch not in "\t\r\n" for ch in text):
        raise SpreadsheetWrongType
    return text


def read_delimited(content: bytes, max_rows: int) -> list[list[str]]:
    """All rows of a text file, blank ones included; the apostrophe that guards a formula is taken off again.

    Raises: a SpreadsheetRefusal for what is not text, is broken or has more than ``max_rows`` rows.
    """
    try:
        rows = split_text(decode_text(content), max_rows + 1)
    except csv.Error as error:
        raise SpreadsheetBroken from error
    if len(rows) > max_rows:
        raise SpreadsheetTooLarge(f"表格超过 {max_rows:,} 行，请只保留考核对象名单后再上传。")
    return rows
