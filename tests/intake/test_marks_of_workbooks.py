"""What an office shows in a workbook without writing it: struck out, greyed, hidden, noted, not computed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from intake.office_files import change_member, make_ods, make_xlsx
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color
from xlwt.CompoundDoc import XlsDoc

from kaohe.domain.office_tables.reading import read_roster
from kaohe.intake.biff_marks import marks_of_xls
from kaohe.intake.spreadsheets import read_sheets

ROSTERS = Path(__file__).with_name("rosters")
PEOPLE = [["姓名", "单位"], ["王伟", "甲"], ["李娜", "乙"], ["赵敏", "丙"], ["周静", "丁"]]


def sheet_with(change, rows=PEOPLE):
    (sheet,) = read_sheets("a.xlsx", make_xlsx(rows, change))
    return sheet


def style(place, **how):
    def change(sheet):
        for name, value in how.items():
            setattr(sheet[place], name, value)

    return change


def test_struck_cells_and_no_others_are_struck():
    def change(sheet):
        sheet["A3"].font = Font(strike=True)
        sheet["B4"].font = Font(bold=True)

    assert sheet_with(change).struck == {(3, 0): ""}


def test_of_a_cell_that_is_struck_in_part_the_rest_is_kept():
    text = CellRichText(TextBlock(InlineFont(strike=True), "旧科"), TextBlock(InlineFont(), "新科"))
    content = make_xlsx(PEOPLE, style("B2", value=text))
    assert read_sheets("a.xlsx", content)[0].struck == {(2, 1): "新科"}


@pytest.mark.parametrize("step", [2, 3, 4, 5])
@pytest.mark.parametrize("has_grey_headings", [False, True])
def test_shading_every_second_or_fifth_row_says_nothing(step, has_grey_headings):
    def shade(sheet):
        for row in [*([1] if has_grey_headings else []), *range(2, 42, step)]:
            sheet.cell(row, 1).fill = PatternFill("solid", fgColor="D9D9D9")

    rows = [["姓名", "单位"], *([f"王{chr(0x4E00 + at)}", "甲"] for at in range(40))]
    assert sheet_with(shade, rows).greyed == frozenset()


def test_people_in_grey_one_below_another_are_greyed():
    def shade(sheet):
        for row in range(30, 36):
            sheet.cell(row, 1).fill = PatternFill("solid", fgColor="D9D9D9")

    rows = [["姓名", "单位"], *([f"王{chr(0x4E00 + at)}", "甲"] for at in range(40))]
    assert sheet_with(shade, rows).greyed == {(row, 0) for row in range(30, 36)}


def test_the_word_strike_in_a_formula_is_no_line_through_it():
    rows = [*PEOPLE, ["吴刚", '=IF(B2="strike","甲","乙")'], ["郑洁", "strike"]]
    (sheet,) = read_sheets("a.xlsx", make_xlsx(rows))
    assert (sheet.struck, sheet.rows[6]) == ({}, ["郑洁", "strike"])


def test_texts_that_cells_share_are_struck_in_part_as_well():
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet()
    page.write_row("A1", ["姓名", "单位"])
    page.write("A2", "王伟")
    page.write_rich_string("B2", book.add_format({"font_strikeout": True}), "旧科", book.add_format(), "新科")
    book.close()
    (sheet,) = read_sheets("a.xlsx", target.getvalue())
    assert (sheet.rows[1], sheet.struck) == (["王伟", "旧科新科"], {(2, 1): "新科"})


def test_a_merged_cell_is_struck_in_all_its_rows():
    def change(sheet):
        sheet["B2"].font = Font(strike=True)
        sheet.merge_cells("B2:B3")

    assert sheet_with(change).struck == {(2, 1): "", (3, 1): ""}


@pytest.mark.parametrize(
    "how",
    [
        {"font": Font(color="FF808080")},
        {"font": Font(color=Color(theme=1, tint=0.35))},
        {"fill": PatternFill("solid", fgColor="FFD9D9D9")},
        {"fill": PatternFill("solid", fgColor=Color(theme=0, tint=-0.25))},
        {"fill": PatternFill("solid", fgColor=Color(indexed=22))},
        {"fill": PatternFill("lightGray")},
    ],
)
def test_a_name_is_grey_by_its_text_or_its_ground(how):
    assert sheet_with(style("A3", **how)).greyed == {(3, 0)}


@pytest.mark.parametrize(
    "how",
    [
        {"font": Font(color="FF000000")},
        {"font": Font(color="FFFF0000")},
        {"fill": PatternFill("solid", fgColor="FFFFFF00")},
        {"fill": PatternFill("solid", fgColor="FFFFFFFF")},
    ],
)
def test_black_white_and_colours_are_not_grey(how):
    assert sheet_with(style("A3", **how)).greyed == frozenset()


def test_shading_by_turns_is_not_grey():
    def change(sheet):
        for place in ("A3", "A5"):
            sheet[place].fill = PatternFill("solid", fgColor="FFD9D9D9")

    assert sheet_with(change).greyed == frozenset()


def test_hidden_columns_and_comments_are_known():
    def change(sheet):
        sheet.column_dimensions["B"].hidden = True
        sheet["A3"].comment = Comment("已调离", "组织科")

    sheet = sheet_with(change)
    assert (sheet.hidden_columns, sheet.comments) == ({1}, {(3, 0): "已调离"})


def test_a_formula_without_a_result_says_so_and_one_of_no_text_is_empty():
    def write(sheet):
        sheet["A2"] = '=B2&"伟"'

    content = make_xlsx(PEOPLE, write)
    account = read_roster(read_sheets("a.xlsx", content))
    assert [ask.what for ask in account.asks] == [
        "姓名是公式，文件里没有算出的结果：请用 Excel 或 WPS 打开这个文件，保存一次后再导入"
    ]

    def empty(sheet):
        return sheet.replace(b'<c r="A2">', b'<c r="A2" t="str">')

    sheet = read_sheets("a.xlsx", change_member(content, "xl/worksheets/sheet1.xml", empty))[0]
    assert sheet.rows[1][0] == ""


def test_a_workbook_without_marks_has_none():
    sheet = sheet_with(None)
    assert (sheet.struck, sheet.greyed, sheet.comments, sheet.hidden_columns) == ({}, frozenset(), {}, frozenset())


NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for name, path in [
        ("office", "office"),
        ("style", "style"),
        ("table", "table"),
        ("text", "text"),
        ("fo", "xsl-fo-compatible"),
    ]
)
CONTENT = f"""<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES} office:version="1.2">
<office:automatic-styles>
<style:style style:name="gone"><style:text-properties style:text-line-through-style="solid"/></style:style>
<style:style style:name="grey"><style:table-cell-properties fo:background-color="#cccccc"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="名单">
<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>
ROWS</table:table></office:spreadsheet></office:body></office:document-content>"""


def ods_cell(text, attributes="", more=""):
    return f'<table:table-cell office:value-type="string" {attributes}>{more}<text:p>{text}</text:p></table:table-cell>'


def ods_row(*cells, attributes=""):
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def test_an_open_document_has_the_same_marks():
    note = "<office:annotation><text:p>已调离</text:p></office:annotation>"
    rows = [
        ods_row(ods_cell("姓名"), ods_cell("单位"), ods_cell("职务")),
        ods_row(ods_cell("王伟", 'table:style-name="gone"'), ods_cell("甲")),
        ods_row(ods_cell("李娜"), ods_cell('<text:span text:style-name="gone">旧</text:span>乙')),
        ods_row(ods_cell("赵敏", more=note), ods_cell("丙"), attributes='table:visibility="filter"'),
        ods_row(ods_cell("周静", 'table:style-name="grey"'), ods_cell("丁")),
    ]
    content = change_member(make_ods(PEOPLE), "content.xml", lambda _: CONTENT.replace("ROWS", "".join(rows)).encode())
    (sheet,) = read_sheets("a.ods", content)
    assert [row[0] for row in sheet.rows] == ["姓名", "王伟", "李娜", "赵敏", "周静"]
    assert (sheet.struck, sheet.greyed) == ({(2, 0): "", (3, 1): "乙"}, {(5, 0)})
    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.comments) == ({4}, {2}, {(4, 0): "已调离"})


def old_book(styles):
    """An .xls whose rows of people are written in the ``styles``, the third row and column hidden."""
    book = xlwt.Workbook()
    page = book.add_sheet("名单")
    for number, row in enumerate(PEOPLE):
        for column, text in enumerate(row):
            page.write(number, column, text, xlwt.easyxf(styles.get((number, column), "")))
    page.write(1, 2, 1, xlwt.easyxf("font: struck_out on"))
    page.write(1, 3, 2)
    page.row(2).hidden = True
    page.col(2).hidden = True
    return book


def old_workbook(styles):
    target = io.BytesIO()
    old_book(styles).save(target)
    return target.getvalue()


def test_a_workbook_of_the_old_kind_has_the_same_marks():
    grey = "pattern: pattern solid, fore_colour gray25"
    content = old_workbook({(1, 0): "font: struck_out on", (4, 0): grey, (3, 1): "font: colour red"})
    (sheet,) = read_sheets("a.xls", content)
    assert (sheet.struck, sheet.greyed) == ({(2, 0): "", (2, 2): ""}, {(5, 0)})
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({3}, {2})


def test_an_old_workbook_so_short_that_its_records_lie_in_small_sectors_has_the_same_marks():
    (sheet,) = read_sheets("a.xls", (ROSTERS / "m01-short-xls-by-libreoffice.xls").read_bytes())
    assert (sheet.struck, sheet.greyed) == ({(2, 0): ""}, {(5, 0)})
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({3}, {2})


def test_an_old_workbook_of_seven_megabytes_has_the_same_marks():
    """The sectors that say which one follows which are too many for the list at the beginning of such a file."""
    book = old_book({(1, 0): "font: struck_out on"})
    target = io.BytesIO()
    XlsDoc().save(target, book.get_biff_data() + bytes(7_200_000))
    (sheet,) = read_sheets("a.xls", target.getvalue())
    assert (sheet.struck, sheet.hidden_rows) == ({(2, 0): "", (2, 2): ""}, {3})


def test_a_workbook_of_the_old_kind_whose_records_cannot_be_followed_has_no_marks():
    content = old_workbook({})
    assert marks_of_xls(content)[0].hidden_rows == {3}
    for broken in (b"", content[:600], content[:0x30] + b"\0" * 4 + content[0x34:], content[:-2048]):
        marks_of_xls(broken)
    assert marks_of_xls(content[:600]) == {}
