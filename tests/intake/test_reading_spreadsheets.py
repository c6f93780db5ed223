"""What an honest office brings is read, whatever the file is called."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from intake.office_files import ROSTER, make_ods, make_xls, make_xlsx
from office_rows import read_rows

from kaohe.domain.office_tables.reading import read_roster
from kaohe.intake.spreadsheets import read_sheets
from kaohe.reports.csv_sheets import csv_bytes, guarded


@pytest.mark.parametrize("make", [make_xlsx, make_xls, make_ods])
def test_each_kind_of_workbook_gives_the_same_rows(make):
    assert read_rows("名单", make(ROSTER)) == ROSTER


@pytest.mark.parametrize("name", ["名单.xlsx", "名单.xls", "名单.csv", "名单", ""])
def test_the_name_of_the_file_does_not_matter(name):
    assert read_rows(name, make_xls(ROSTER)) == ROSTER
    assert read_rows(name, make_xlsx(ROSTER)) == ROSTER


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "，"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_text_in_every_usual_encoding_is_read(encoding, separator, line_end):
    text = line_end.join(separator.join(row) for row in ROSTER)
    assert read_rows("名单.csv", text.encode(encoding)) == ROSTER


def test_rare_characters_in_gb18030_come_through():
    assert (
        read_rows("名单.csv", "姓名,单位\n\U00020000\U0002b820,阿·甲".encode("gb18030"))[1][0] == "\U00020000\U0002b820"
    )


def test_quoted_cells_hold_separators_quotes_and_line_ends():
    assert read_rows("a.csv", '"张,三","甲""乙"\n"李\n四",丙\n'.encode()) == [["张,三", '甲"乙'], ["李\n四", "丙"]]


def test_whole_numbers_have_no_decimals_and_dates_are_iso():
    day = dt.date(2026, 1, 31)
    minute = dt.datetime.combine(day, dt.time(9, 5))
    rows = read_rows("a", make_xlsx([["张三", 7, 3.5, day, minute, True, "007"]]))
    assert rows == [["张三", "7", "3.5", "2026-01-31", "2026-01-31 09:05:00", "TRUE", "007"]]


@pytest.mark.parametrize("make", [make_xlsx, make_xls, make_ods])
def test_blank_rows_and_columns_keep_their_places(make):
    rows = [["", ""], ["", ""], ["", "姓名"], ["", ""], ["", "张三"]]
    assert read_rows("a", make(rows)) == [[], [], ["", "姓名"], [], ["", "张三"]]


def test_merged_cells_are_found_where_the_first_column_is_empty():
    rows = [[None, "姓名", "单位"], [None, "张三", "办公室"], [None, "李四", None]]
    read = read_rows("a", make_xlsx(rows, lambda sheet: sheet.merge_cells("C2:C3")))
    assert read[2] == ["", "李四", "办公室"]


def test_row_numbers_of_problems_are_those_of_the_spreadsheet():
    def place(sheet):
        sheet["B3"] = "姓名"
        sheet["C3"] = "单位"
        sheet["C5"] = "办公室"

    (ask,) = read_roster(read_sheets("a", make_xlsx([], place))).asks
    assert [place.row for place in ask.places] == [5]


def test_a_value_merged_over_several_rows_stands_in_each_of_them():
    rows = [["姓名", "单位"], ["张三", "办公室"], ["李四", None], ["王五", "财务科"]]
    assert read_rows("a", make_xlsx(rows, lambda sheet: sheet.merge_cells("B2:B3")))[2] == ["李四", "办公室"]


def test_a_title_merged_over_several_columns_stands_once():
    rows = [["2026年度名单", None], ["姓名", "单位"]]
    assert read_rows("a", make_xlsx(rows, lambda sheet: sheet.merge_cells("A1:B1")))[0] == ["2026年度名单"]


def test_formatting_far_below_the_names_does_no_harm():
    def paint(sheet):
        sheet["A1048576"].fill = openpyxl.styles.PatternFill("solid", fgColor="FFFF00")

    assert read_rows("a", make_xlsx(ROSTER, paint)) == ROSTER


def test_empty_and_hidden_sheets_are_passed_over():
    book = openpyxl.Workbook()
    hidden = book.create_sheet("选项")
    hidden.append(["下拉选项"])
    hidden.sheet_state = "hidden"
    book.create_sheet("名单").append(["张三"])
    target = io.BytesIO()
    book.save(target)
    assert read_rows("a", target.getvalue()) == [["张三"]]


def test_twenty_thousand_rows_of_a_hundred_columns_are_read():
    rows = [["张三"]] * 19_999 + [["张三"] + [""] * 98 + ["末"]]
    assert len(read_rows("a", make_xlsx(rows))) == 20_000


@pytest.mark.parametrize("name", ["=1+1", "+86", "-张", "@甲", "＝甲", "'张三", "'=甲", "''=甲", "张三"])
def test_what_our_own_csv_guards_comes_back_as_it_was(name):
    assert read_rows("a.csv", csv_bytes([["姓名"], [guarded(name)]])) == [["姓名"], [name]]
