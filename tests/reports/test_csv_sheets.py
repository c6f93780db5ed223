"""The text files: what Excel opens by a double click, and what it must not run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports.results import grouped_result, overall_result, sheets_of

from kaohe.reports.csv_sheets import csv_text, guarded
from kaohe.reports.sheet import Column, ColumnKind, Sheet, printable


def cells_of(sheet):
    content = csv_text(sheet)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def test_the_numbers_and_the_code_are_those_of_the_sheet():
    sheet = sheets_of(overall_result())["summary"]
    rows = cells_of(sheet)
    assert rows[0] == [sheet.title]
    assert rows[3][:6] == ["序号", "姓名", "单位", "职务", "优秀票数", "优秀%"]
    assert [tuple(row) for row in rows[4:7]] == list(sheet.rows)
    assert rows[-1] == [f"校验码：{sheet.code}"]


def test_a_withheld_sheet_says_why():
    sheet = sheets_of(grouped_result(1, 1, 1))["groups"]
    assert cells_of(sheet)[1] == [sheet.withheld]


def test_lines_end_as_the_standard_asks_and_quotes_are_doubled():
    sheet = Sheet("a", '甲"乙', columns=(Column("a,b"),), rows=(("一\n二",),))
    assert csv_text(sheet) == '\ufeff"甲""乙"\r\n"a,b"\r\n"一\n二"\r\n'.encode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'="])
def test_formulas_are_disarmed(start):
    assert guarded(f"{start}1").startswith("'")


def test_a_negative_number_of_ours_is_left_a_number():
    columns = (Column("得分", ColumnKind.NUMBER), Column("姓名"))
    assert cells_of(Sheet("a", "a", columns=columns, rows=(("-0.50", "-0.50"),)))[2] == ["-0.50", "'-0.50"]
    assert cells_of(Sheet("a", "a", columns=columns, rows=(("-A1", "a"),)))[2] == ["'-A1", "a"]


@given(st.lists(st.text(), min_size=1, max_size=30))
@settings(max_examples=200)
def test_no_cell_begins_like_a_formula_and_none_is_lost(texts):
    sheet = Sheet(
        texts[0], texts[0], columns=(Column("意见"),), rows=tuple((text,) for text in texts), notes=tuple(texts)
    )
    rows = cells_of(sheet)
    assert len(rows) == 2 + 2 * len(texts)
    for row, text in zip(rows[2 : 2 + len(texts)], texts, strict=True):
        cell = row[0] if row else ""
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
        assert cell in {printable(text), f"'{printable(text)}"}
