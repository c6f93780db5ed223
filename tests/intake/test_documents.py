"""Documents that an office brings as material to read: what is taken of them, and what is refused."""

from __future__ import annotations

import io

import docx
import pytest
from intake.test_refusing_spreadsheets import DOC, JPEG, make_zip

from kaohe.intake.documents import LARGEST_DOCUMENT, read_document
from kaohe.intake.refusals import SpreadsheetRefusal


def word_file(*paragraphs: str, rows: tuple[tuple[str, ...], ...] = ()) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    document.add_paragraph("特此报告。")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def test_a_word_file_gives_its_paragraphs_and_the_rows_of_its_tables_in_their_order() -> None:
    content = word_file("述职报告", "一、工作情况", rows=(("任务", "完成"), ("调研", "3 次")))
    assert read_document(content).split("\n") == ["述职报告", "一、工作情况", "任务 完成", "调研 3 次", "特此报告。"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_read_in_the_encodings_of_offices(encoding: str) -> None:
    assert read_document("述职报告\n一、工作情况".encode(encoding)) == "述职报告\n一、工作情况"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (DOC, "另存为 .docx"),
        (b"%PDF-1.7 ...", "另存为 .docx"),
        (b"{\\rtf1 ...}", "另存为 .docx"),
        (JPEG, "只能读取 .docx 和 .txt"),
        (make_zip({"xl/workbook.xml": "<x/>"}), "只能读取 .docx 和 .txt"),
        (make_zip({"word/document.xml": "<broken"}), "没有读成"),
        (word_file("述职")[:900], "没有读成"),
        (make_zip({"word/document.xml": b" " * 60_000_000}), "文件太大"),
        (b"a" * (LARGEST_DOCUMENT + 1), "文件太大"),
    ],
    ids=["doc", "pdf", "rtf", "picture", "workbook", "damaged", "cut off", "a bomb", "too large"],
)
def test_any_other_file_is_refused_in_a_sentence_that_says_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(SpreadsheetRefusal, match=said):
        read_document(content)
