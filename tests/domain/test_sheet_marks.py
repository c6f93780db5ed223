"""密级, 份号 and 内部资料 stand side by side as they were typed, and nothing stands where nothing was."""

from __future__ import annotations

import pytest

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.sheet_marks import SheetMarks, checked_marks, marks_text, read_marks


def test_marks_are_printed_side_by_side_and_read_back_as_they_were() -> None:
    marks = checked_marks(SheetMarks(" 秘密★1年 ", "000 \n 012", is_internal=True))
    assert marks.pieces == ("秘密★1年", "份号：000 012", "内部资料 注意保存")
    assert read_marks(marks_text(marks)) == marks
    assert (SheetMarks().pieces, marks_text(SheetMarks()), read_marks("")) == ((), "", SheetMarks())


@pytest.mark.parametrize("wrong", [SheetMarks("密" * 17), SheetMarks("", "1" * 17), SheetMarks("\u200b")])
def test_a_mark_that_cannot_stand_is_refused(wrong: SheetMarks) -> None:
    with pytest.raises(FieldInvalid, match="应为一行"):
        checked_marks(wrong)
