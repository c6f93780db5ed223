"""Documents that an office brings as material to read: what is taken of them, and what is refused."""

from __future__ import annotations

import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
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


def test_a_cell_across_columns_is_read_once_however_many_it_says_that_they_are() -> None:
    document = docx.Document()
    table = document.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "登记表"
    table.cell(1, 0).text = "姓名"
    inner = table.cell(1, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "陈静", "科长"
    table.cell(1, 2).text = "办公室"
    for grid_span in (3, 2_000_000_000):
        table.cell(0, 0)._tc.grid_span = grid_span  # noqa: SLF001 - no other way to write a file that says so
        target = io.BytesIO()
        document.save(target)
        assert " ".join(read_document(target.getvalue()).split()) == "登记表 姓名 陈静 科长 办公室"


def test_what_was_added_while_changes_were_tracked_is_read_and_what_was_struck_out_is_not() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("完成")
    for part in (
        "<w:ins {0}><w:r><w:t>全部</w:t></w:r></w:ins>",
        "<w:del {0}><w:r><w:delText>部分</w:delText></w:r></w:del>",
        "<w:moveFrom {0}><w:r><w:t>没有</w:t></w:r></w:moveFrom>",
        "<w:sdt {0}><w:sdtContent><w:r><w:t>任务</w:t></w:r></w:sdtContent></w:sdt>",
    ):
        paragraph._p.append(parse_xml(part.format(nsdecls("w"))))  # noqa: SLF001 - the library writes none of these
    field = parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>特此报告</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    paragraph._p.addnext(field)  # noqa: SLF001 - likewise
    target = io.BytesIO()
    document.save(target)
    assert read_document(target.getvalue()).split("\n") == ["完成全部任务", "特此报告"]
