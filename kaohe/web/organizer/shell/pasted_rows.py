"""A list that was pasted or uploaded, as rows of cells."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO

from wtforms import StringField

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import PASTED_LENGTH
from kaohe.domain.office_tables.account import TableSheet, sheet_document, sheet_of
from kaohe.domain.office_tables.texts import split_text
from kaohe.intake.spreadsheets import read_sheets
from kaohe.web.organizer.shell.forms import INCOMPLETE, DeskForm, UploadField

_TOO_LONG = "名单内容过多，请只保留考核对象的姓名、单位、职务、类别、类型，再粘贴或上传。"


class PastedForm(DeskForm):
    """A list as a text, or as a file of any kind that offices use, which goes on in the form's own fields."""

    pasted = StringField(default="")
    file = UploadField()
    workbook = StringField(default="")
    """Sheets of which a text cannot say everything, as ``packed`` writes them."""

    def sheets(self, nothing: str, too_long: str = _TOO_LONG) -> Sequence[TableSheet]:
        """The sheets of what was pasted or uploaded.

        A file that is plain rows becomes the text in ``pasted``, any other goes on in ``workbook``.

        Raises:
            FieldInvalid: nothing was brought, in the words of ``nothing``, or it is too long.
            SpreadsheetRefusal: the file cannot be read.
        """
        upload = self.file.data
        if upload is not None:
            found = read_sheets(upload.filename or "", upload.read())
            is_plain = len(found) == 1 and found[0] == TableSheet(found[0].name, found[0].rows)
            self.pasted.data = pasted_text(found[0].rows, too_long) if is_plain else ""
            self.workbook.data = "" if is_plain else _require_short(packed(found), too_long)
        if self.workbook.data and not self.pasted.data.strip():
            return unpacked(_require_short(self.workbook.data, too_long))
        return (TableSheet("", self._pasted_rows(nothing, too_long)),)

    def _pasted_rows(self, nothing: str, too_long: str) -> Sequence[Sequence[str]]:
        pasted = _require_short(self.pasted.data, too_long)
        if not pasted.strip():
            raise FieldInvalid(nothing)
        try:
            return split_text(pasted)
        except csv.Error as error:
            raise FieldInvalid(too_long) from error


def packed(sheets: Sequence[TableSheet]) -> str:
    """The sheets of a workbook as a text that ``unpacked`` reads back."""
    return json.dumps(list(map(sheet_document, sheets)), ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> tuple[TableSheet, ...]:
    """The sheets that ``packed`` wrote.

    Raises:
        FieldInvalid: the text has been changed.
    """
    try:
        return tuple(map(sheet_of, json.loads(text)))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise FieldInvalid(INCOMPLETE) from error


def pasted_text(rows: Sequence[Sequence[str]], too_long: str = _TOO_LONG) -> str:
    """The rows of a file as text that ``split_text`` reads back cell by cell, row numbers kept.

    Raises:
        FieldInvalid: the text is longer than a list can be.
    """
    target = StringIO()
    writer = csv.writer(target, delimiter="\t", lineterminator="\n")
    for row in rows:
        # One column only: without a tab its cells would be split at their commas and spaces.
        cells = row if len(row) != 1 else (*row, "")
        writer.writerow([cell.replace("\t", " ").strip() for cell in cells])
    return _require_short(target.getvalue().rstrip("\n"), too_long)


def _require_short(text: str, too_long: str) -> str:
    if len(text) > PASTED_LENGTH:
        raise FieldInvalid(too_long)
    return text
