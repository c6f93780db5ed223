"""A list that was pasted or uploaded, as rows of cells."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import StringField

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import PASTED_LENGTH
from kaohe.domain.rosters import split_pasted
from kaohe.intake.spreadsheets import read_rows
from kaohe.web.organizer.shell.forms import DeskForm, UploadField

_TOO_LONG = "名单内容过多，请只保留考核对象的姓名、单位、职务、类别、类型，再粘贴或上传。"
_SHEET_TOO_LONG = "内容过多，请只保留需要的列，再粘贴或上传。"


class PastedForm(DeskForm):
    """A list as a text, or as a file of any kind that offices use; ``rows`` makes a text of the file."""

    pasted = StringField(default="")
    file = UploadField()

    def rows(self, nothing: str, too_long: str = _SHEET_TOO_LONG) -> Sequence[Sequence[str]]:
        """The rows of what was pasted or uploaded; ``pasted`` holds the text of either from now on.

        Raises:
            FieldInvalid: both fields are empty, in the words of ``nothing``, or the text is too long.
            SpreadsheetRefusal: the file cannot be read.
        """
        upload = self.file.data
        if upload is not None:
            self.pasted.data = pasted_text(read_rows(upload.filename or "", upload.read()), too_long)
        pasted = _require_short(self.pasted.data, too_long)
        if not pasted.strip():
            raise FieldInvalid(nothing)
        return split_pasted(pasted)


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
