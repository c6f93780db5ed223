"""The workbook, opened again by another program and compared with the sheets cell by cell."""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from itertools import pairwise

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_meetings import HEADING as OFFICE
from office_meetings import office_result
from office_rows import read_rows
from reports.results import HEADING, five_sided_result, grouped_result, overall_result, result_of, sheets_of

from kaohe.domain.comment_reviews import Comment
from kaohe.reports.forms import form_sheets
from kaohe.reports.opinions import comments_sheet
from kaohe.reports.paper.layout import lay_out
from kaohe.reports.paper.measures import EM, ems
from kaohe.reports.sheet import Column, ColumnKind, Sheet, decimals_of, printable
from kaohe.reports.sheets import result_sheets
from kaohe.reports.xlsx import workbook

ALL_SHEETS = [
    *sheets_of(five_sided_result()).values(),
    *sheets_of(grouped_result(5, 6, 70)).values(),
    *sheets_of(grouped_result(1, 2, 0)).values(),
    *sheets_of(result_of("p16-ganbu-zonghe")).values(),
    *sheets_of(result_of("p11-jiandu-pingshi")).values(),
    *sheets_of(result_of("p14-diwei-pingshi")).values(),
    comments_sheet(overall_result(), HEADING, [Comment("s1", text) for text in ("=1+1", "{=A1}", "http://x.cn")], 28),
]


def reopen(sheets):
    return openpyxl.load_workbook(io.BytesIO(workbook(sheets)))


def shown(cell) -> str:
    """What a person sees in a cell: numbers with the decimals of their format."""
    if cell.value is None:
        return ""
    if cell.data_type == "n":
        decimals = len(cell.number_format.partition(".")[2])
        assert cell.number_format.replace("0", "") in {"", "."}
        return f"{cell.value:.{decimals}f}"
    assert cell.data_type == "s"
    return str(cell.value)


def expected_grid(sheet: Sheet) -> list[list[str]]:
    """The rows of the worksheet, with "" where a merged cell goes on."""
    (laid,) = lay_out(sheet)
    width = max(1, len(sheet.columns))

    def across(text: str) -> list[str]:
        return [text, *[""] * (width - 1)]

    rows = [across(sheet.title), *(across("　".join(line)) for line in laid.lines)]
    if sheet.withheld:
        rows.append(across(sheet.withheld))
    if any(column.over for column in sheet.columns):
        overs = [column.over for column in sheet.columns]
        rows.append(
            [
                c.over if c.over and c.over != before else "" if c.over else c.label
                for c, before in zip(sheet.columns, ["", *overs], strict=False)
            ]
        )
        rows.append([column.label if column.over else "" for column in sheet.columns])
    elif sheet.columns:
        rows.append([column.label for column in sheet.columns])
    rows += [list(row) for row in sheet.rows]
    rows += [across(note) for note in laid.notes]
    rows += [list(places) for places in laid.signature_rows]
    rows += [across(text) for page in laid.pages for text in page.late_notes]
    rows.append(across(sheet.code_line))
    return [[plain(text) for text in row] for row in rows]


def plain(text: str) -> str:
    """The text with each run of full-width spaces, which only set words apart, as one."""
    return re.sub("　+", "　", text)


@pytest.mark.parametrize("sheet", ALL_SHEETS)
def test_every_cell_reads_as_on_the_screen(sheet):
    worksheet = reopen([sheet]).active
    found = [[plain(shown(cell)) for cell in row] for row in worksheet.iter_rows()]
    # The places to sign lie in cells merged to thirds of the width, or to all of it where these are too narrow.
    places = set(sheet.signature)

    def parted(row):
        pieces = [piece for text in row for piece in text.split("　") if piece]
        return pieces if places & set(pieces) else row

    assert [parted(row) for row in found] == [parted(row) for row in expected_grid(sheet)]


def test_counts_and_scores_are_numbers_and_serial_text_is_not_lost():
    worksheet = reopen([sheets_of(overall_result())["summary"]]).active
    row = next(row for row in worksheet.iter_rows() if row[1].value == "张三")
    assert [cell.value for cell in row][4:6] == [25, 89.29]
    assert [cell.data_type for cell in row] == ["n"] + ["s"] * 3 + ["n"] * 12


@pytest.mark.parametrize("text", ["0", "-0.50", "88.13", "123456789012.1234", "0.0001", "100.00", "-7"])
def test_a_number_of_ours_reads_back_to_the_same_text(text):
    sheet = Sheet("a", "a", columns=(Column("得分", ColumnKind.NUMBER),), rows=((text,),))
    assert shown(reopen([sheet]).active.cell(3, 1)) == text
    assert reopen([sheet]).active.cell(3, 1).data_type == "n"


@pytest.mark.parametrize(
    "text",
    [
        "—",
        "007",
        "1e5",
        "12345678901234567",
        "1.23456",
        "=1",
        "\uff11\uff12",
        "-",
        "",
        "nan",
        "1\n",
        "1\uff12",
        "-0",
        "-0.00",
    ],
)
def test_what_is_not_exactly_a_number_of_ours_stays_text(text):
    assert decimals_of(Column("得分", ColumnKind.NUMBER), text) is None
    assert decimals_of(Column("姓名"), "12") is None


def test_it_prints_on_a4_with_repeated_heads_and_the_pages_of_this_sheet():
    worksheet = reopen([sheets_of(overall_result())["summary"]]).active
    assert str(worksheet.page_setup.paperSize) == worksheet.PAPERSIZE_A4
    assert worksheet.page_setup.orientation == "landscape"
    assert worksheet.print_title_rows == "$4:$5"
    assert "第 &P 页　共 1 页" in worksheet.oddFooter.center.text
    assert worksheet.page_setup.useFirstPageNumber  # from 1, which is what the format takes where none is said
    assert "A1:P1" in [str(merged) for merged in worksheet.merged_cells.ranges]
    assert worksheet.cell(6, 1).border.left.style == "thin"


@pytest.mark.parametrize("count", [1, 12, 20, 45])
def test_a_worksheet_is_broken_into_the_pages_of_the_layout_and_each_fits_its_paper(count):
    sheet = result_sheets(office_result("de-neng-qin-ji-lian", count), HEADING)[0].sheet
    (laid,) = lay_out(sheet)
    worksheet = reopen([sheet]).active
    edges = [0, *(each.id for each in worksheet.row_breaks.brk), worksheet.max_row]
    assert len(edges) == len(laid.pages) + 1
    head = sum(laid.head_heights()) / 20
    for number, (start, end) in enumerate(pairwise(edges)):
        height = sum(worksheet.row_dimensions[row].height for row in range(start + 1, end + 1))
        assert height + (head if number else 0) <= laid.paper.depth / 20
    # A program draws a column of so many digits in seven pixels each and five of space, at 96 pixels an inch.
    pixels = sum(int(each.width * 7 + 0.5) for each in worksheet.column_dimensions.values())
    assert pixels * 15 <= laid.paper.room
    assert min(cell.font.sz for row in worksheet.iter_rows() for cell in row if cell.value is not None) >= 9


def test_narrow_sheets_stand_upright():
    sheet = comments_sheet(overall_result(), HEADING, [Comment("s1", "好")] * 3, 28)
    assert reopen([sheet]).active.page_setup.orientation in {None, "portrait"}


def test_tabs_have_legal_and_unique_names():
    names = ["a/b:c", "A b c", "", "'", "History", "长" * 40, "长" * 41, "\U00020000" * 20, "\x00\ud800"]
    opened = reopen([Sheet(name, "标题") for name in names]).sheetnames
    assert len({name.casefold() for name in opened}) == len(names)
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 and not set(name) & set("[]:*?/\\") for name in opened)


def test_the_same_sheets_are_the_same_file_from_the_first_of_a_process_on():
    assert workbook(ALL_SHEETS) == workbook(ALL_SHEETS)
    program = (
        "from kaohe.reports.sheet import Sheet; from kaohe.reports.xlsx import workbook;"
        "first = workbook([Sheet('a', 'a')]); raise SystemExit(first != workbook([Sheet('a', 'a')]))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_head_longer_than_a_cell_is_cut_and_says_so():
    sheet = Sheet("a", "a", columns=(Column("\U00020000" * 40_000),), rows=(("a",),), is_listing=True)
    text = reopen([sheet]).active.cell(2, 1).value
    assert text.endswith("（过长，其余从略）")
    assert len(text.encode("utf-16-le")) // 2 <= 32_767


def test_a_long_comment_flows_over_rows_and_is_written_whole():
    sheet = Sheet("a", "a", columns=(Column("意见", width=84),), rows=(("长" * 30_000,),))
    values = [row[0].value for row in reopen([sheet]).active.iter_rows(min_row=3)]
    assert len(values) > 20
    assert "".join(values) == "长" * 30_000


def sheet_of(texts) -> Sheet:
    """A sheet that shows the texts in every place where one can stand."""
    return Sheet(
        name=texts[0],
        title=texts[0],
        columns=(Column(texts[0], over=texts[-1]), Column("a", ColumnKind.NUMBER, over=texts[-1])),
        rows=tuple((text, text) for text in texts),
        header_lines=(tuple(texts[:3]),),
        notes=tuple(texts[:3]),
    )


def check_texts(texts) -> None:
    worksheet = reopen([sheet_of(texts)]).active
    cells = [cell for row in worksheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    first = int(worksheet.print_title_rows.rpartition("$")[2]) + 1
    assert [shown(worksheet.cell(first + at, 1)) for at in range(len(texts))] == [printable(text) for text in texts]


@given(st.lists(st.text(max_size=40), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_text_is_written_as_text(texts):
    check_texts(texts)


def test_ten_thousand_random_strings_are_written_as_text():
    source = random.Random(20260109)
    planes = [(0x00, 0x7F), (0x00, 0xFFFF), (0x4E00, 0x9FFF), (0xD800, 0xDFFF), (0x10000, 0x10FFFF), (0xFE00, 0xFFFF)]
    starts = ["", "=", "+", "-", "@", "\t", "\r", "\x00", "＝", "＋", "－", "＠", "{=", "_x0041_", "http://", "'"]
    check_texts(
        [
            source.choice(starts)
            + "".join(chr(source.randint(*source.choice(planes))) for _ in range(source.randint(0, 12)))
            for _ in range(10_000)
        ]
    )


def test_names_come_back_through_our_own_import():
    result = overall_result()
    names = ["=张三", "阿·甲\u0301", "\U00020000"]
    odd = tuple(
        replace(each, subject=replace(each.subject, name=name))
        for each, name in zip(result.subjects, names, strict=True)
    )
    rows = read_rows("a.xlsx", workbook([sheets_of(replace(result, subjects=odd))["summary"]]))
    assert [unicodedata.normalize("NFC", row[1]) for row in rows[5:8]] == [
        unicodedata.normalize("NFC", name) for name in names
    ]


@pytest.mark.parametrize("preset", ["si-deng", "beian-pingshi-niandu"])
def test_no_place_to_sign_is_squeezed_into_columns_that_are_too_narrow_for_it(preset):
    result = office_result(preset, 12)
    sheets = [*form_sheets(result, OFFICE), *(filed.sheet for filed in result_sheets(result, OFFICE))]
    found = 0
    for worksheet in reopen(sheets).worksheets:
        widths = {}
        for shape in worksheet.column_dimensions.values():
            for at in range(shape.min, shape.max + 1):
                widths[at] = 7 * shape.width
        for merged in worksheet.merged_cells.ranges:
            text = str(worksheet.cell(merged.min_row, merged.min_col).value or "")
            if "（签字）" in text:
                found += 1
                room = sum(widths[at] for at in range(merged.min_col, merged.max_col + 1))
                assert ems(text.rstrip("　")) * 14 / EM <= room
    assert found > len(sheets)
