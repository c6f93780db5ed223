"""A list that was pasted or uploaded, as rows of cells."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import PASTED_LENGTH
from kaohe.domain.rosters import split_pasted
from kaohe.intake.spreadsheets import read_rows

_TOO_LONG = "名单内容过多，请只保留考核对象的姓名、单位、职务、类别、类型，再粘贴或上传。"
_SHEET_TOO_LONG = "内容过多，请只保留需要的列，再粘贴或上传。"


def posted_rows(nothing: str, too_long: str = _SHEET_TOO_LONG) -> tuple[str, Sequence[Sequence[str]]]:
    """The text of the posted field ``pasted`` or file ``file``, and its rows.

    Raises:
        FieldInvalid: both are empty, in the words of ``nothing``, or the text is too long.
        SpreadsheetRefusal: the file cannot be read.
    """
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        content = upload.read()
        upload.close()
        pasted = pasted_text(read_rows(upload.filename, content), too_long)
    else:
        pasted = _require_short(request.form.get("pasted", ""), too_long)
    if not pasted.strip():
        raise FieldInvalid(nothing)
    return pasted, split_pasted(pasted)


def pasted_text(rows: Sequence[Sequence[str]], too_long: str = _TOO_LONG) -> str:
    """The rows of a file as text that ``split_pasted`` reads back cell by cell, row numbers kept.

    Raises:
        FieldInvalid: the text is longer than a list can be.
    """
    lines = ["\t".join(" ".join(cell.split()) for cell in row) for row in rows]
    if not any("\t" in line for line in lines):
        # One column only: without a tab its cells would be split at their commas and spaces.
        lines = [f"{line}\t" if line else "" for line in lines]
    return _require_short("\n".join(lines), too_long)


def _require_short(text: str, too_long: str) -> str:
    if len(text) > PASTED_LENGTH:
        raise FieldInvalid(too_long)
    return text
