"""Reads the text of a document that an office brings: a Word file (.docx) or plain text."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from kaohe.intake.delimited import decode_text
from kaohe.intake.file_kinds import OLE_MAGIC, ZIP_MAGIC, check_bomb
from kaohe.intake.refusals import SpreadsheetBroken, SpreadsheetRefusal, SpreadsheetTooLarge, SpreadsheetWrongType

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement

LARGEST_DOCUMENT = 10 * 1024 * 1024
_TOO_LARGE = "文件太大，没有读取。请只保留文字，另存为新的 .docx 或 .txt 后再上传。"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _ROW, _CELL, _TEXT = (_WORD + name for name in ("p", "tr", "tc", "t"))
_AROUND_LINES = frozenset(
    _WORD + name for name in ("tbl", "tc", "sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")
)
"""What may stand around paragraphs and rows: tables, form fields, what somebody else has added."""
_AROUND_SIGNS = frozenset(
    _WORD + name
    for name in (
        *("r", "hyperlink", "ins", "moveTo", "sdt", "sdtContent"),
        *("smartTag", "fldSimple", "customXml", "dir", "bdo"),
    )
)
"""What may stand around the letters of a paragraph. What somebody has struck out stands in other elements."""
_SIGNS = {_WORD + "tab": "\t", _WORD + "br": "\n", _WORD + "cr": "\n", _WORD + "noBreakHyphen": "-"}
_WRONG_TYPE = "只能读取 .docx 和 .txt 文件。请用 Word 或 WPS 打开，另存为 .docx 后再上传，或直接粘贴文字。"
_BROKEN = "文件已损坏、不完整或设有密码，没有读成。请用 Word 或 WPS 打开检查，另存为 .docx 后再上传，或直接粘贴文字。"


def read_document(content: bytes) -> str:
    """The paragraphs of a document, one a line, and the rows of its tables with blanks between the cells.

    A cell that goes across several columns or rows is read once, and a change that is not yet accepted as if it were.
    Pictures, text boxes, headers, footers and comments are passed over. What the file is, its bytes say and not its
    name.

    Raises:
        SpreadsheetRefusal: it is too large, damaged, locked, or of another kind.
    """
    if len(content) > LARGEST_DOCUMENT:
        raise SpreadsheetTooLarge(_TOO_LARGE)
    if content.startswith(ZIP_MAGIC):
        return "\n".join(_paragraphs(content))
    if content.startswith((OLE_MAGIC, b"%PDF", b"{\\rtf")):
        raise SpreadsheetWrongType(_WRONG_TYPE)
    try:
        return decode_text(content)
    except SpreadsheetRefusal as error:
        raise SpreadsheetWrongType(_WRONG_TYPE) from error


def _paragraphs(content: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            check_bomb(archive.infolist())
            names = set(archive.namelist())
    except SpreadsheetRefusal as error:
        raise SpreadsheetTooLarge(_TOO_LARGE) from error
    except Exception as error:  # zipfile and zlib raise a dozen kinds of errors for damaged archives
        raise SpreadsheetBroken(_BROKEN) from error
    if "word/document.xml" not in names:
        raise SpreadsheetWrongType(_WRONG_TYPE)
    from docx import Document  # noqa: PLC0415 - every command about meetings would load it, and few read a document

    try:
        yield from _lines(Document(BytesIO(content)).element.body)
    except Exception as error:  # python-docx and lxml raise whatever a damaged part leads to
        raise SpreadsheetBroken(_BROKEN) from error


def _lines(parent: BaseOxmlElement) -> Iterator[str]:
    for child in parent:
        if child.tag == _PARAGRAPH:
            yield "".join(_signs(child))
        elif child.tag == _ROW:
            yield " ".join(" ".join(_lines(cell)) for cell in child.iter(_CELL) if _row_of(cell) is child)
        elif child.tag in _AROUND_LINES:
            yield from _lines(child)


def _row_of(cell: BaseOxmlElement) -> BaseOxmlElement | None:
    return next(cell.iterancestors(_ROW), None)


def _signs(parent: BaseOxmlElement) -> Iterator[str]:
    for child in parent:
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag in _AROUND_SIGNS:
            yield from _signs(child)
