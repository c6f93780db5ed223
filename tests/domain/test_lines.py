"""Lines that people type: titles, labels, reasons."""

from __future__ import annotations

import pytest

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import REASON_LENGTH
from kaohe.domain.lines import read_line, read_reason


def test_a_line_has_single_spaces_and_one_form() -> None:
    assert read_line(" 年度\n 测评\u3000会 ", "名称") == "年度 测评 会"
    assert read_line("e\u0301", "名称") == "\u00e9"
    assert read_line("", "名称") == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("甲\u200b乙", "名称中有看不见的字符，请重新输入。"),
        ("甲" * 4, "名称过长，请不超过 3 个字。"),
        (" \n", "请填写名称。"),
    ],
)
def test_a_line_that_cannot_stand_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(FieldInvalid) as refused:
        read_line(text, "名称", 3, is_needed=True)
    assert refused.value.message == sentence


def test_a_reason_is_needed_and_has_a_bound() -> None:
    assert read_reason("  停电 ", "请写明原因") == "停电"
    for text in ("", " \n", "误" * (REASON_LENGTH + 1)):
        with pytest.raises(FieldInvalid) as refused:
            read_reason(text, "请写明换发的原因")
        assert refused.value.message == f"请写明换发的原因（不超过 {REASON_LENGTH} 字），它会记入操作记录。"


def test_no_reason_holds_what_cannot_be_seen() -> None:
    with pytest.raises(FieldInvalid, match="看不见的字符"):
        read_reason("停电\u202e", "请写明原因")
