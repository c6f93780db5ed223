"""密级, 份号 and 内部资料 stand side by side as they were typed, and nothing stands where nothing was."""

from __future__ import annotations

import pytest

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.sheet_marks import SheetMarks, checked_marks, marks_text, read_marks, signers_typed


def test_marks_are_printed_side_by_side_and_read_back_as_they_were() -> None:
    marks = checked_marks(SheetMarks(" 秘密★1年 ", "000 \n 012", is_internal=True))
    assert marks.pieces == ("秘密★1年", "份号：000 012", "内部资料 注意保存")
    assert read_marks(marks_text(marks)) == marks
    assert (SheetMarks().pieces, marks_text(SheetMarks()), read_marks("")) == ((), "", SheetMarks())


def test_who_signs_is_typed_in_a_line_and_marks_that_were_stored_before_name_nobody() -> None:
    signers = signers_typed(" 填表人、审核 人，党组书记;; ")
    assert signers == ("填表人", "审核 人", "党组书记")
    marks = checked_marks(SheetMarks(office_signers=signers))
    assert (marks.pieces, read_marks(marks_text(marks))) == ((), marks)
    assert SheetMarks("秘密").signed_like(marks) == SheetMarks("秘密", office_signers=signers)
    assert read_marks('{"secrecy": "秘密", "copy_number": "", "is_internal": false}') == SheetMarks("秘密")
    copied = signers_typed("计票人（签字）：、监票人(签名):、总监票人：、（签字）：")
    assert copied == ("计票人", "监票人", "总监票人")
    for wrong in (("人" * 12,), ("\u200b",), tuple("一二三四五六七八")):
        with pytest.raises(FieldInvalid, match="签字人最多 7 个"):
            checked_marks(SheetMarks(vote_signers=wrong))


@pytest.mark.parametrize("wrong", [SheetMarks("密" * 17), SheetMarks("", "1" * 17), SheetMarks("\u200b")])
def test_a_mark_that_cannot_stand_is_refused(wrong: SheetMarks) -> None:
    with pytest.raises(FieldInvalid, match="应为一行"):
        checked_marks(wrong)


@pytest.mark.parametrize("character", ["\U0001f600", "\U00020bb7", "\u2606\ufe0f", "\u0e01"])
def test_a_mark_with_what_a_font_may_lack_is_refused_where_it_is_typed_as_no_pdf_could_be_made(character: str) -> None:
    for marks in (
        SheetMarks(f"秘密{character}"),
        SheetMarks("", f"{character}1"),
        SheetMarks(office_signers=(f"填表人{character}",)),
    ):
        with pytest.raises(FieldInvalid, match="请只用常用的汉字"):
            checked_marks(marks)
