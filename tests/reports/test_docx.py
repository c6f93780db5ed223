"""The Word document, opened again and compared with the sheets cell by cell."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from hypothesis import given, settings
from hypothesis import strategies as st
from reports.results import HEADING, five_sided_result, grouped_result, overall_result, result_of, sheets_of

from kaohe.reports.docx import word_document
from kaohe.reports.opinions import Comment, comments_sheet
from kaohe.reports.sheet import Column, ColumnKind, Sheet, printable

ALL_SHEETS = [
    *sheets_of(five_sided_result()).values(),
    *sheets_of(grouped_result(5, 6, 70)).values(),
    *sheets_of(grouped_result(1, 2, 0)).values(),
    *sheets_of(result_of("p16-ganbu-zonghe")).values(),
    *sheets_of(result_of("p14-diwei-pingshi")).values(),
    comments_sheet(overall_result(), HEADING, [Comment("s1", text) for text in ("=1+1", "<w:p/>", "\x00\x0b")], 28),
]


def reopen(sheets):
    return Document(io.BytesIO(word_document(sheets)))


def words(paragraph):
    return "".join(run.text for run in paragraph.runs)


def test_every_cell_of_every_sheet_reads_as_it_is_printed():
    tables = iter(reopen(ALL_SHEETS).tables)
    compared = 0
    for sheet in ALL_SHEETS:
        if not sheet.columns:
            continue
        table = next(tables)
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        body = rows[sheet.head_row_count :]
        assert body == [[printable(text) for text in row] for row in sheet.rows]
        for head in sheet.head_cells():
            spanned = {
                rows[head.row + down][head.column + along]
                for down in range(head.row_count)
                for along in range(head.column_count)
            }
            assert spanned == {printable(head.label)}
        compared += sum(map(len, body))
    assert next(tables, None) is None
    assert compared > 100


def test_title_lines_notes_and_places_to_sign_stand_around_the_table():
    (sheet,) = list(sheets_of(overall_result()).values())[:1]
    lines = [words(paragraph) for paragraph in reopen([sheet]).paragraphs]
    assert lines[0] == sheet.title
    text = "\n".join(lines)
    for piece in (*(each for line in sheet.header_lines for each in line), *sheet.notes, *sheet.signature):
        assert piece in text
    assert "监票人（签字）" in text
    assert "计票人（签字）" in text
    assert lines[-1] == sheet.code_line


def test_each_sheet_lies_on_a4_of_its_own_as_wide_as_it_needs():
    sections = reopen(ALL_SHEETS).sections
    assert len(sections) == len(ALL_SHEETS)
    for section, sheet in zip(sections, ALL_SHEETS, strict=True):
        sides = (section.page_width.mm, section.page_height.mm)
        assert [round(side) for side in sides] == ([297, 210] if sheet.is_landscape else [210, 297])
        assert (section.orientation == WD_ORIENT.LANDSCAPE) == sheet.is_landscape
        footer = section.footer.part.element.xml
        assert "NUMPAGES" in footer
    assert {sheet.is_landscape for sheet in ALL_SHEETS} == {True, False}


def test_no_table_is_wider_than_its_paper_and_its_head_comes_back_on_every_page():
    word = reopen(ALL_SHEETS)
    shown = [sheet for sheet in ALL_SHEETS if sheet.columns]
    elements = word.element.body.iter(qn("w:tbl"))
    for table, element, sheet in zip(word.tables, elements, shown, strict=True):
        paper = Mm(297 if sheet.is_landscape else 210)
        assert sum(column.width for column in table.columns) <= paper - 2 * Mm(15)
        repeated = [row for row in element.iter(qn("w:tr")) if row.findall(f".//{qn('w:tblHeader')}")]
        assert len(repeated) == sheet.head_row_count


def test_no_number_and_no_short_head_is_broken_into_two_lines():
    compared = 0
    tables = iter(reopen(ALL_SHEETS).tables)
    for sheet in (each for each in ALL_SHEETS if each.columns):
        for cells in next(tables).rows[sheet.head_row_count - 1 :]:
            for column, cell in zip(sheet.columns, cells.cells, strict=True):
                size = next((run.font.size for run in cell.paragraphs[0].runs if run.font.size), Pt(10.5))
                needed = sum(size / 2 if each.isascii() else size for each in cell.text)
                if column.kind is ColumnKind.NUMBER and (cell.text.isascii() or len(cell.text) <= 2):
                    assert needed <= cell.width - 2 * Mm(1), (sheet.title, column.full_label, cell.text)
                    compared += 1
    assert compared > 100


def test_a_table_that_is_too_wide_for_its_paper_is_set_in_the_largest_letters_that_fit():
    sizes = {}
    for count in (4, 20, 24, 40):
        columns = tuple(Column(f"第{number}项", ColumnKind.NUMBER) for number in range(count))
        (table,) = reopen([Sheet("summary", "宽表", columns, (("100.00",) * count,) * 2)]).tables
        written = {run.font.size for row in table.rows for cell in row.cells for run in cell.paragraphs[0].runs}
        assert len(written) == 1
        sizes[count] = written.pop()
    points = [10.5 if size is None else size.pt for size in sizes.values()]
    assert points[0] == 10.5
    assert points == sorted(points, reverse=True)
    assert points[-1] == 7
    assert len(set(points)) >= 3


def test_all_words_are_set_in_fonts_for_chinese():
    word = reopen(ALL_SHEETS[:2])
    runs = list(word.element.body.iter(qn("w:r")))
    bare = [run for run in runs if run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}") is None]
    styles = {style.style_id: style for style in word.styles if style.style_id.startswith("Sheet")}
    fonts = {each.element.rPr.rFonts.get(qn("w:eastAsia")) for each in styles.values()}
    fonts |= {each.get(qn("w:eastAsia")) for each in word.element.body.iter(qn("w:rFonts"))}
    assert fonts == {"仿宋", "宋体"}
    assert 0 < len(bare) < len(runs)
    assert {run.getparent().pPr.pStyle.val for run in bare} <= set(styles)


def test_the_same_sheets_give_the_same_bytes_without_a_time():
    first = word_document(ALL_SHEETS[:3])
    assert first == word_document(ALL_SHEETS[:3])
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        about = packed.read("docProps/core.xml").decode()
    assert set(re.findall(r">(\d{4}-[^<]*)<", about)) == {"2000-01-01T00:00:00Z"}
    assert "python-docx" not in about


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=2, max_size=2))
def test_any_text_whatever_is_written_and_reads_back(texts):
    sheet = Sheet("表", texts[0], (Column("甲"), Column("乙")), (tuple(texts),), notes=(texts[1],))
    table = reopen([sheet]).tables[0]
    assert [cell.text for cell in table.rows[1].cells] == [printable(text) for text in texts]


@pytest.mark.parametrize("bad", ["\x00", "\x1f", "\ud800", "\uffff", "\x0b"])
def test_what_xml_cannot_carry_becomes_a_mark_of_replacement(bad):
    sheet = Sheet("表", "标题", (Column("甲"),), ((f"前{bad}后",),))
    assert reopen([sheet]).tables[0].rows[1].cells[0].text == "前\ufffd后"


def test_a_sheet_that_is_withheld_says_so_in_place_of_its_table():
    sheet = Sheet("表", "标题", withheld="人数过少，不单独公布。")
    word = reopen([sheet])
    assert not word.tables
    assert "人数过少，不单独公布。" in [words(paragraph) for paragraph in word.paragraphs]
