"""Every kind of row that an office may put into a table is read, asked about or skipped, each with its number."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kaohe.domain.office_tables.account import Place, ReadAs, TableQuestion, TableSheet
from kaohe.domain.office_tables.figures import read_figures
from kaohe.domain.office_tables.reading import read_roster
from kaohe.domain.office_tables.texts import split_text
from kaohe.domain.rosters import RowProblem, check_rows
from kaohe.domain.score_sheets import SCORES, read_scores
from kaohe.tally.model import Subject, SubjectKind

TWO_PEOPLE = [["姓名", "单位"], ["王伟", "办公室"], ["李娜", "财务科"]]
DOUBTFUL_BELOW_NAMES = [["王伟", "办公室"], ["李娜", "财务科"], ["一二三四五六", "人事股"]]
SEVERAL_IN_A_ROW = [["王伟", "李娜", "赵敏"], ["1", "周静", "一二三四五"], ["吴刚", "", "孙丽"]]
FIRST = TableSheet("在职", TWO_PEOPLE)
SECOND = TableSheet("借调", [["姓名"], ["赵敏"]])


def read_sheets(*sheets, **answers):
    return read_roster(sheets, {TableQuestion(key): answer for key, answer in answers.items()})


def read_table(rows, continued=(), hidden_rows=(), **answers):
    sheet = TableSheet("", rows, hidden_rows=frozenset(hidden_rows), continued=frozenset(continued))
    return read_sheets(sheet, **answers)


def names_of(account):
    return [person.entry.name for person in account.people]


def asked_rows(account):
    return [(ask.question, [place.row for place in ask.places]) for ask in account.asks]


def faults_of(account):
    """What must be mended, by row; fails where something is asked as well."""
    assert all(ask.question is None for ask in account.asks)
    return {ask.places[0].row: ask.what for ask in account.asks}


def skipped_of(account):
    return [(row.place.row, row.why) for row in account.skipped]


def rows_read_as(account, kind):
    return [row.place.row for row in account.read_as if row.read_as is kind]


def test_a_heading_of_posts_and_ranks_is_read_as_the_post():
    account = read_table([["姓名", "职务职级"], ["王伟", "一级科员"]])
    assert account.people[0].entry.post == "一级科员"
    assert [(column.heading, column.field) for column in account.columns] == [("姓名", "姓名"), ("职务职级", "职务")]


@pytest.mark.parametrize("heading", ["报名职位", "竞聘岗位", "竞争职位", "报考职位", "拟竞聘职务", "申报岗位名称"])
def test_the_post_that_somebody_enters_for_is_the_class_and_not_the_post_that_is_held(heading):
    heads = ["序号", "姓名", "性别", "现任职务", heading]
    (person,) = read_table([["竞争上岗报名登记表"], heads, ["1", "李娜", "女", "科员", "办公室主任"]]).people
    assert (person.entry.post, person.entry.class_label) == ("科员", "办公室主任")


def test_a_heading_that_stands_twice_one_below_the_other_is_twice_a_heading_and_nobody():
    account = read_table([["姓名", "单位"], ["姓名", "单位"], ["王伟", "办公室"]])
    assert account.is_ready
    assert names_of(account) == ["王伟"]
    assert rows_read_as(account, ReadAs.HEADING) == [1, 2]


def test_a_table_of_numbers_alone_names_nobody_and_every_row_of_it_is_to_be_mended():
    account = read_table([["1"], ["2"]])
    assert account.people == []
    assert faults_of(account) == {1: "姓名是数字“1”，请改为姓名", 2: "姓名是数字“2”，请改为姓名"}


def test_a_row_that_only_has_texts_beside_the_table_is_said_to_be_not_understood():
    account = read_table([["姓名", "单位"], ["", "", "待定", "见附件"], ["王伟", "办公室"]])
    assert names_of(account) == ["王伟"]
    assert faults_of(account) == {2: "没有读懂这一行：待定 见附件"}


def test_a_serial_number_without_a_person_in_the_last_row_of_a_second_block_is_nobody():
    account = read_table([["序号", "姓名", "序号", "姓名"], ["1", "王伟", "2", "李娜"], ["3", "赵敏", "4", ""]])
    assert account.is_ready
    assert names_of(account) == ["王伟", "赵敏", "李娜"]


def test_a_remark_without_a_person_in_a_second_block_lacks_a_name():
    account = read_table([["姓名", "备注", "姓名", "备注"], ["王伟", "", "李娜", ""], ["赵敏", "", "", "借调"]])
    assert names_of(account) == ["王伟", "赵敏", "李娜"]
    assert faults_of(account) == {3: "姓名（名称）为空"}


def test_a_row_that_has_its_serial_number_alone_is_skipped():
    account = read_table([["序号", "姓名", "单位"], ["1", "王伟", "办公室"], ["2", "", ""]])
    assert account.is_ready
    assert skipped_of(account) == [(3, "只有序号")]


def test_cells_that_do_not_look_like_names_among_rows_of_several_people_are_asked_about():
    sure = ["王伟", "李娜", "赵敏", "周静", "吴刚", "孙丽"]
    unanswered = read_table(SEVERAL_IN_A_ROW, lines="yes")
    assert names_of(unanswered) == sure
    assert asked_rows(unanswered) == [(TableQuestion.NAMES, [2])]
    taken = read_table(SEVERAL_IN_A_ROW, lines="yes", names="yes")
    assert taken.is_ready
    assert sorted(names_of(taken)) == sorted([*sure, "一二三四五"])
    passed_over = read_table(SEVERAL_IN_A_ROW, lines="yes", names="no")
    assert passed_over.is_ready
    assert names_of(passed_over) == sure
    assert skipped_of(passed_over) == [(2, "已确认不是考核对象")]


def test_a_text_without_a_heading_that_does_not_look_like_a_name_is_a_person_only_where_somebody_says_so():
    unanswered = read_table(DOUBTFUL_BELOW_NAMES)
    assert names_of(unanswered) == ["王伟", "李娜"]
    assert asked_rows(unanswered) == [(TableQuestion.NAMES, [3])]
    taken = read_table(DOUBTFUL_BELOW_NAMES, names="yes")
    assert taken.is_ready
    assert [(person.entry.name, person.entry.unit) for person in taken.people][2:] == [("一二三四五六", "人事股")]
    assert names_of(read_table(DOUBTFUL_BELOW_NAMES, names="no")) == ["王伟", "李娜"]


def test_hidden_rows_are_asked_about_and_then_read_or_skipped():
    assert asked_rows(read_table(TWO_PEOPLE, hidden_rows=[3])) == [(TableQuestion.HIDDEN, [3])]
    left = read_table(TWO_PEOPLE, hidden_rows=[3], hidden="no")
    assert (names_of(left), skipped_of(left)) == (["王伟"], [(3, "隐藏或筛选掉的行")])
    taken = read_table(TWO_PEOPLE, hidden_rows=[3], hidden="yes")
    assert (names_of(taken), skipped_of(taken)) == (["王伟", "李娜"], [])
    assert taken.is_ready


def test_a_single_text_that_is_said_to_be_a_person_is_one_where_it_stands_among_the_names():
    account = read_table([["序号", "姓名", "单位"], ["", "正科级", ""], ["1", "王伟", "办公室"]], groups="person")
    assert account.is_ready
    assert names_of(account) == ["正科级", "王伟"]


def test_a_single_text_that_is_said_to_be_a_person_must_be_moved_where_it_stands_beside_the_names():
    account = read_table([["序号", "姓名", "单位"], ["正科级", "", ""], ["1", "王伟", "办公室"]], groups="person")
    assert names_of(account) == ["王伟"]
    assert faults_of(account) == {2: "“正科级”不在姓名一列，请移到姓名一列"}


def test_a_name_merged_over_two_rows_is_one_person_with_both_posts():
    rows = [
        ["姓名", "单位", "职务"],
        ["王伟", "办公室", "主任"],
        ["王伟", "办公室", "支部书记"],
        ["李娜", "财务科", "科长"],
    ]
    account = read_table(rows, continued=[(3, 0)])
    assert account.is_ready
    assert [(person.entry.name, person.entry.post) for person in account.people] == [
        ("王伟", "主任、支部书记"),
        ("李娜", "科长"),
    ]
    assert rows_read_as(account, ReadAs.CONTINUED) == [3]


def test_a_team_merged_over_two_rows_stays_a_team():
    rows = [["姓名", "单位", "职务"], ["局领导班子", "局机关", ""], ["局领导班子", "局机关", "集体"]]
    (team,) = read_table(rows, continued=[(3, 0)]).people
    assert (team.entry.kind, team.entry.unit, team.entry.post) == (SubjectKind.TEAM, "局机关", "集体")


def test_a_row_merged_with_one_that_could_not_be_read_says_nothing_of_the_person_before_it():
    rows = [["姓名", "职务"], ["王伟", "主任"], ["12", "书记"], ["12", "科长"]]
    account = read_table(rows, continued=[(4, 0)])
    assert [(person.entry.name, person.entry.post) for person in account.people] == [("王伟", "主任")]
    assert faults_of(account) == {
        3: "姓名是数字“12”，请改为姓名",
        4: "姓名与上一行合并，但上一行没有读成，请取消合并后改正",
    }


def test_posts_that_are_too_long_only_together_are_a_fault_of_the_row_that_adds_the_last():
    rows = [["姓名", "职务"], ["王伟", "职" * 80], ["王伟", "务" * 80]]
    account = read_table(rows, continued=[(3, 0)])
    assert faults_of(account) == {3: "职务超过 120 个字，请缩短"}
    assert not account.is_ready


def test_failed_formulas_beside_a_name_are_named_together_and_the_person_is_not_taken():
    account = read_table([["姓名", "单位", "职务"], ["王伟", "#N/A", "#REF!"], ["李娜", "财务科", "科长"]])
    assert names_of(account) == ["李娜"]
    assert faults_of(account) == {2: "单位、职务是错误值，请在表格中改正"}


def test_two_words_in_a_cell_that_are_said_to_be_two_people_are_two_of_the_same_row():
    account = read_table([["姓名", "单位"], ["王伟 李娜", "办公室"]], several="yes")
    assert account.is_ready
    assert [(person.entry.name, person.entry.unit, person.place) for person in account.people] == [
        ("王伟", "办公室", Place("", 2)),
        ("李娜", "办公室", Place("", 2)),
    ]


def test_a_person_above_the_headings_is_not_taken_for_a_title():
    account = read_table([["王伟", "办公室"], ["姓名", "单位"], ["李娜", "财务科"]])
    assert names_of(account) == ["李娜"]
    assert faults_of(account) == {1: "表头上方有像姓名的内容：王伟 办公室，请移到表头下方或删去"}


def test_headings_without_names_and_without_rows_lack_the_column_of_names():
    account = read_table([["单位", "职务"]])
    assert account.people == []
    assert faults_of(account) == {1: "表头里没有“姓名”这一列"}


def test_of_several_sheets_that_list_people_it_is_asked_which_to_read():
    account = read_sheets(FIRST, SECOND)
    (ask,) = account.asks
    assert (ask.question, [choice.answer for choice in ask.choices]) == (
        TableQuestion.SHEETS,
        ["all", "在职", "借调"],
    )
    assert len(ask.places) == 5
    both = read_sheets(FIRST, SECOND, sheets="all")
    assert both.is_ready
    assert names_of(both) == ["王伟", "李娜", "赵敏"]
    one = read_sheets(FIRST, SECOND, sheets="借调")
    assert one.is_ready
    assert names_of(one) == ["赵敏"]
    assert {(row.place.sheet, row.why) for row in one.skipped} == {("在职", "没有选这张工作表")}


def test_a_hidden_sheet_of_choices_is_skipped_and_a_hidden_sheet_of_names_is_asked_about():
    choices = TableSheet("下拉", [["办公室"], ["王伟"], ["主任"]], is_hidden=True)
    account = read_sheets(FIRST, choices)
    assert account.is_ready
    assert [(row.place, row.why) for row in account.skipped] == [
        (Place("下拉", number), "隐藏的工作表") for number in (1, 2, 3)
    ]
    names = TableSheet("去年", [["孙丽"], ["周静"]], is_hidden=True)
    (ask,) = read_sheets(FIRST, names).asks
    assert ask.question is TableQuestion.SHEETS
    assert "“去年”（隐藏）" in ask.what


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('"王伟"\n"李\n娜"', [["王伟"], ["李\n娜"]]),
        ('王伟\t"甲\n李娜\t乙', [["王伟", '"甲'], ["李娜", "乙"]]),
        ("王伟  甲\n\n李娜  乙", [["王伟", "甲"], [], ["李娜", "乙"]]),
    ],
)
def test_quotes_around_cells_hold_line_ends_and_a_single_quote_or_a_blank_line_moves_no_row(text, rows):
    assert split_text(text) == rows


def test_several_names_in_a_typed_cell_are_refused_unless_they_are_a_team():
    roster = check_rows([("王伟、李娜",), ("人事、财务科", "", "", "", "班子")])
    assert roster.problems == (RowProblem(1, "一行里有几个姓名，请一行写一个"),)
    assert [entry.name for entry in roster.entries] == ["人事、财务科"]


def test_a_score_under_another_unit_than_the_only_subject_of_that_name_has_is_to_be_checked():
    table = read_figures([TableSheet("", [["姓名", "单位", "得分"], ["李娜", "人事股", "80"]])], SCORES)
    subjects = (Subject("s1", "李娜", "财务科", "科长"),)
    sheet = read_scores(table, subjects, Fraction(100))
    (problem,) = sheet.problems
    assert (sheet.scores, problem.row_number) == ({}, 2)
    assert "“李娜”为“财务科 科长”" in problem.message
    assert "没有写单位和职务" in read_scores(table, (Subject("s1", "李娜"),), Fraction(100)).problems[0].message
    confirmed = read_scores(table, subjects, Fraction(100), is_same=True)
    assert (confirmed.scores, confirmed.problems) == ({"s1": 80}, ())


def test_headings_of_which_none_is_understood_are_asked_about():
    account = read_table([["类型", "类型"], ["公务员", "王伟"]])
    assert asked_rows(account) == [(TableQuestion.NAME, [2])]
