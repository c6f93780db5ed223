"""Rosters as offices send them, each a file of its kind: read right, or asked about, with every row accounted for."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from intake.office_files import make_xlsx

from kaohe.domain.office_tables.account import Place, ReadAs, TableQuestion
from kaohe.domain.office_tables.reading import read_roster
from kaohe.intake.spreadsheets import read_sheets

FOLDER = Path(__file__).with_name("rosters")
FIVE = [
    ("王伟", "办公室", "主任"),
    ("李娜", "财务科", "科长"),
    ("欧阳明远", "法规科", "副科长"),
    ("赵敏", "办公室", "一级科员"),
    ("阿依古丽·买买提", "人事科", "四级主任科员"),
]


def read_file(name, **answers):
    return read_content(name, (FOLDER / name).read_bytes(), **answers)


def read_content(name, content, **answers):
    sheets = read_sheets(name, content)
    account = read_roster(sheets, {TableQuestion(key): answer for key, answer in answers.items()})
    filled = {
        Place(sheet.name, number)
        for sheet in sheets
        for number, row in enumerate(sheet.rows, start=1)
        if any(cell.strip() for cell in row)
    }
    assert account.places() == filled
    return account


def people_of(account):
    assert account.asks == []
    return [(person.entry.name, person.entry.unit, person.entry.post) for person in account.people]


@pytest.mark.parametrize(
    "name",
    [
        "r01-title-other-words.xlsx",
        "r01b-other-words-no-title.xlsx",
        "r02-notes-below.xlsx",
        "r06-instructions-first.xlsx",
        "r10-gb18030-semicolons-title-comma.csv",
    ],
)
def test_titles_other_words_notes_and_instruction_sheets_are_no_people(name):
    assert people_of(read_file(name)) == FIVE


def test_people_carry_the_sheet_and_row_that_they_stand_in():
    account = read_file("r06-instructions-first.xlsx")
    assert account.people[0].place == Place("人员名单", 2)
    assert {row.place.sheet for row in account.skipped} == {"填表说明"}


def test_notes_and_signatures_are_skipped_with_their_reason():
    skipped = read_file("r02-notes-below.xlsx").skipped
    assert [(row.place.row, row.why) for row in skipped] == [(9, "说明或签名"), (10, "说明或签名")]


def test_two_rows_of_headings_are_one_and_both_posts_are_kept():
    account = read_file("r03-two-header-rows.xlsx")
    assert people_of(account) == [("王伟", "办公室", "支部委员、主任"), *FIVE[1:]]
    assert [row.place.row for row in account.read_as if row.read_as is ReadAs.HEADING] == [2, 3]
    assert [person.entry.class_label for person in account.people[:2]] == ["正科级", "正科级"]


def test_several_sheets_of_people_are_asked_about_and_the_answer_is_followed():
    (ask,) = read_file("r05-three-sheets.xlsx").asks
    assert (ask.question, [choice.answer for choice in ask.choices]) == (
        TableQuestion.SHEETS,
        ["all", "正科级", "副科级", "科员"],
    )
    assert people_of(read_file("r05-three-sheets.xlsx", sheets="all")) == FIVE
    assert people_of(read_file("r05-three-sheets.xlsx", sheets="副科级")) == [FIVE[2]]


def test_blocks_side_by_side_are_read_one_after_the_other():
    assert people_of(read_file("r16-side-by-side.xlsx")) == FIVE


def test_several_names_in_a_cell_are_parted_and_where_a_space_parts_them_it_is_asked():
    account = read_file("r20-names-in-one-cell.xlsx")
    assert [person.entry.name for person in account.people] == ["王伟", "赵敏", "周静"]
    assert [(ask.question, ask.places) for ask in account.asks] == [(TableQuestion.SEVERAL, [Place("Sheet", 3)])]
    names = [name for name, _, _ in people_of(read_file("r20-names-in-one-cell.xlsx", several="yes"))]
    assert names == ["王伟", "赵敏", "周静", "李娜", "吴刚"]


def test_a_clipboard_with_line_breaks_in_quotes_keeps_its_rows():
    assert people_of(read_file("p01-excel-clipboard.txt")) == [("王伟", "办公室", "主任 兼支部书记"), FIVE[1]]


def test_marks_of_a_list_are_no_part_of_the_names():
    assert people_of(read_file("p06-numbered-with-dun.txt")) == [("王伟", "", ""), ("李娜", "", ""), ("赵敏", "", "")]


def test_a_sheet_of_scores_gives_its_people_and_no_heading_among_them():
    assert [name for name, _, _ in people_of(read_file("s01-averages-by-formula.xlsx"))] == ["王伟", "李娜", "赵敏"]


def test_middle_dots_are_one_and_old_private_codes_are_the_characters_that_they_stood_for():
    names = [name for name, _, _ in people_of(read_file("s04-dot-and-private-use.xlsx"))]
    assert names == ["阿依古丽·买买提", "王䶮"]


def test_namesakes_of_two_units_are_two_people():
    assert people_of(read_file("s03-namesakes-other-heading.xlsx")) == [("王伟", "办公室", ""), ("王伟", "财务科", "")]


@pytest.mark.parametrize(("answer", "names"), [("yes", ["张三", "李四"]), ("no", ["张三"])])
def test_hidden_rows_are_asked_about(answer, names):
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True

    content = make_xlsx([["姓名", "单位"], ["张三", "甲"], ["李四", "乙"]], hide)
    account = read_content("a.xlsx", content)
    assert [(ask.question, [place.row for place in ask.places]) for ask in account.asks] == [
        (TableQuestion.HIDDEN, [3])
    ]
    assert [name for name, _, _ in people_of(read_content("a.xlsx", content, hidden=answer))] == names


def test_cells_of_failed_formulas_are_said_and_not_read_as_empty():
    content = make_xlsx([["姓名", "单位"], ["#N/A", "甲"], ["李四", "#REF!"], ["王五", "丙"]])
    account = read_content("a.xlsx", content)
    assert [person.entry.name for person in account.people] == ["王五"]
    assert [ask.places[0].row for ask in account.asks] == [2, 3]
    assert "错误值" in account.asks[0].what


def test_a_name_merged_over_two_rows_is_one_person_with_both_posts():
    rows = [["姓名", "单位", "职务"], ["张三", "甲", "主任"], [None, "甲", "书记"], ["李四", "乙", "科长"]]
    content = make_xlsx(rows, lambda sheet: sheet.merge_cells("A2:A3"))
    assert people_of(read_content("a.xlsx", content)) == [("张三", "甲", "主任、书记"), ("李四", "乙", "科长")]


def test_a_hidden_sheet_is_skipped_unless_it_lists_people():
    book = openpyxl.Workbook()
    book.active.append(["姓名", "单位"])
    book.active.append(["张三", "甲"])
    options = book.create_sheet("选项")
    options.append(["下拉选项"])
    options.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    account = read_content("a.xlsx", target.getvalue())
    assert people_of(account) == [("张三", "甲", "")]
    assert [row.why for row in account.skipped] == ["隐藏的工作表"]
    options.append(["姓名"])
    options.append(["李四"])
    target = io.BytesIO()
    book.save(target)
    assert [ask.question for ask in read_content("a.xlsx", target.getvalue()).asks] == [TableQuestion.SHEETS]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_text_in_utf_16_without_a_mark_is_read(encoding):
    content = "姓名\t单位\n张三\t办公室\n".encode(encoding)
    assert people_of(read_content("a.txt", content)) == [("张三", "办公室", "")]
