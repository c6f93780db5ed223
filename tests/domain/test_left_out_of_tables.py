"""What an office leaves out of a table without deleting it: asked about in lists of people, refused in other tables."""

from __future__ import annotations

import pytest

from kaohe.domain.cells import NOT_COMPUTED
from kaohe.domain.office_tables.account import TableQuestion, TableSheet, sheet_document, sheet_of
from kaohe.domain.office_tables.figures import read_figures
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.office_tables.reading import read_roster
from kaohe.domain.province import plan_province
from kaohe.domain.score_sheets import SCORES
from kaohe.domain.units import TOP, Unit, UnitTree

ROWS = [["姓名", "单位", "职务"], ["王伟", "办公室", "主任"], ["李娜", "财务科", "科长"], ["赵敏", "人事科", "科长"]]


def read(rows=ROWS, answers=None, **marks):
    return read_roster([TableSheet("", rows, **marks)], answers or {})


def people(account):
    return [(person.entry.name, person.entry.unit, person.entry.post) for person in account.people]


def asked(account):
    return [(ask.question, [place.row for place in ask.places]) for ask in account.asks]


def test_people_who_are_struck_out_are_asked_about_and_then_left_out_or_read():
    struck = {(3, 0): "", (3, 1): "", (3, 2): ""}
    assert asked(read(struck=struck)) == [(TableQuestion.STRUCK, [3])]
    left = read(struck=struck, answers={TableQuestion.STRUCK: "no"})
    assert (people(left), left.is_ready) == ([tuple(ROWS[1]), tuple(ROWS[3])], True)
    assert [(row.place.row, row.text, row.why) for row in left.skipped] == [
        (3, "李娜 财务科 科长", "有删除线，划掉的内容不读")
    ]
    taken = read(struck=struck, answers={TableQuestion.STRUCK: "yes"})
    assert (people(taken), taken.is_ready) == ([tuple(row) for row in ROWS[1:]], True)


def test_where_only_a_name_is_struck_out_nobody_is_read_and_nothing_is_wrong():
    account = read(struck={(3, 0): ""}, answers={TableQuestion.STRUCK: "no"})
    assert (people(account), account.asks) == ([tuple(ROWS[1]), tuple(ROWS[3])], [])


def test_of_a_post_that_is_struck_out_in_part_the_rest_is_read():
    rows = [ROWS[0], ["王伟", "办公室", "副主任主任"]]
    account = read(rows, struck={(2, 2): "主任"}, answers={TableQuestion.STRUCK: "no"})
    assert people(account) == [("王伟", "办公室", "主任")]


def test_a_sheet_of_which_everything_is_struck_out_lists_nobody():
    account = read([["王伟"]], struck={(1, 0): ""}, answers={TableQuestion.STRUCK: "no"})
    assert (account.people, account.asks, len(account.skipped)) == ([], [], 1)


def test_hidden_columns_that_would_be_read_are_asked_about():
    account = read(hidden_columns=frozenset({2}))
    assert asked(account) == [(TableQuestion.COLUMNS, [1, 2, 3, 4])]
    assert account.asks[0].what == "C 列（职务）是隐藏的。要读入吗？"
    assert people(read(hidden_columns=frozenset({2}), answers={TableQuestion.COLUMNS: "no"}))[0] == (
        "王伟",
        "办公室",
        "",
    )
    assert people(read(hidden_columns=frozenset({2}), answers={TableQuestion.COLUMNS: "yes"}))[0] == tuple(ROWS[1])


def test_hidden_columns_of_several_sheets_are_one_question():
    hidden = {"hidden_columns": frozenset({2})}
    sheets = [TableSheet("甲", ROWS[:2], **hidden), TableSheet("乙", [ROWS[0], ROWS[2]], **hidden)]
    (ask,) = read_roster(sheets, {TableQuestion.SHEETS: "all"}).asks
    assert ask.what == "“乙”的 C 列（职务），“甲”的 C 列（职务）是隐藏的。要读入吗？"
    assert len(ask.places) == 4


def test_a_hidden_column_that_is_not_read_is_not_asked_about():
    rows = [["姓名", "身份证号"], ["王伟", "1"]]
    assert asked(read(rows, hidden_columns=frozenset({1}))) == []


@pytest.mark.parametrize("answer", ["no", ""])
def test_a_table_without_headings_whose_only_column_is_hidden_is_named_whole(answer):
    account = read([["王伟"], ["李娜"]], hidden_columns=frozenset({0}), answers={TableQuestion.COLUMNS: answer})
    assert account.people == []
    assert [place.row for place in sorted(account.places(), key=lambda place: place.row)] == [1, 2]


def test_a_comment_that_somebody_has_left_is_asked_about():
    account = read(comments={(3, 0): "组织科:\n已调离", (2, 0): "正职"})
    assert asked(account) == [(TableQuestion.REMARKS, [3])]


def test_brackets_in_a_name_or_post_that_say_that_somebody_has_left_are_asked_about():
    rows = [
        ROWS[0],
        ["王伟（已调离）", "办公室", "主任"],
        ["李娜", "财务科", "科长（2025年退休）"],
        ["赵敏（女）", "甲", "乙"],
    ]
    assert asked(read(rows)) == [(TableQuestion.REMARKS, [2, 3])]


def test_a_grey_name_is_asked_about():
    assert asked(read(greyed=frozenset({(3, 0), (2, 2)}))) == [(TableQuestion.GREY, [3])]
    left = read(greyed=frozenset({(3, 0)}), answers={TableQuestion.GREY: "no"})
    assert [(row.place.row, row.why) for row in left.skipped] == [(3, "灰色的行，已确认不读")]


def test_a_formula_without_its_result_is_said_and_not_read():
    rows = [ROWS[0], [NOT_COMPUTED, "办公室", "主任"], ["李娜", NOT_COMPUTED, "#REF!"], ["", "", NOT_COMPUTED]]
    said = [ask.what for ask in read([*rows, [NOT_COMPUTED, "", ""]]).asks]
    assert [words.partition("：")[0] for words in said] == [
        "姓名是公式，文件里没有算出的结果",
        "单位是公式，文件里没有算出的结果",
        "姓名是公式，文件里没有算出的结果",
    ]
    assert said[1].endswith("；职务是错误值，请在表格中改正")


def test_serial_numbers_by_formulas_without_results_make_nobody():
    account = read([["序号", "姓名"], [NOT_COMPUTED, "王伟"], [NOT_COMPUTED, ""]])
    assert (people(account), [row.why for row in account.skipped]) == ([("王伟", "", "")], ["只有序号"])


MARKS = [
    ({"hidden_rows": frozenset({3})}, "隐藏"),
    ({"struck": {(3, 1): ""}}, "删除线"),
    ({"greyed": frozenset({(3, 0)})}, "灰色"),
    ({"comments": {(3, 0): "已调离"}}, "批注“已调离”"),
]


@pytest.mark.parametrize(("marks", "word"), MARKS)
def test_in_a_table_of_figures_such_a_row_is_to_be_mended(marks, word):
    table = read_figures([TableSheet("", [["姓名", "得分"], ["王伟", "80"], ["李娜", "90"]], **marks)], SCORES)
    assert [number for number, _ in table.rows] == [2]
    ((number, message),) = [(problem.row_number, problem.message) for problem in table.problems]
    assert (number, word in message) == (3, True)


def test_a_figure_by_a_formula_without_its_result_is_to_be_computed_first():
    table = read_figures([TableSheet("", [["姓名", "得分"], ["王伟", NOT_COMPUTED]])], SCORES)
    assert [problem.message.partition("：")[0] for problem in table.problems] == ["这一行是公式，文件里没有算出的结果"]


def test_a_hidden_column_of_figures_is_to_be_shown_first():
    sheet = TableSheet("", [["姓名", "得分"], ["王伟", "80"]], hidden_columns=frozenset({1}))
    assert [problem.message for problem in read_figures([sheet], SCORES).problems] == [
        "B 列（得分）是隐藏的：要导入请取消隐藏，不要请删去这一列"
    ]


@pytest.mark.parametrize(("marks", "word"), [*MARKS, ({"hidden_columns": frozenset({1})}, "单位在表格里是隐藏的列")])
def test_in_the_workbook_of_a_province_too(marks, word):
    rows = [["姓名", "单位", "职务", "登记单位"], ["王伟", "甲", "", ""], ["李娜", "乙", "", ""]]
    tree = UnitTree({TOP: Unit(TOP, "省", None)})
    plan = plan_province([TableSheet("人员", rows, **marks)], tree, (), (), iter(["u1"]))
    ((number, message),) = [(row.row, row.message) for row in plan.refused]
    assert (number in (1, 3), word in message) == (True, True)


def test_a_sheet_goes_to_a_document_and_back():
    sheet = TableSheet(
        "名单",
        ROWS,
        is_hidden=True,
        hidden_rows=frozenset({2}),
        hidden_columns=frozenset({1}),
        continued=frozenset({(3, 0)}),
        struck={(3, 1): "科"},
        greyed=frozenset({(3, 2)}),
        comments={(4, 0): "已调离"},
    )
    assert sheet_of(sheet_document(sheet)) == sheet


@pytest.mark.parametrize(
    "rows",
    [
        [["姓名", "王伟", "李娜"], ["单位", "甲", "乙"]],
        [["名单"], ["序号", "1", "2"], ["姓名", "王伟", "李娜"], ["职务", "主任", "科长"]],
        [["", "姓名", "王伟"], ["", "得分", "80"], ["", "单位", "甲"]],
    ],
)
def test_a_table_of_a_column_for_each_person_is_to_be_turned_and_nobody_is_read(rows):
    account = read(rows)
    assert (account.people, [place.row for place in account.asks[0].places]) == ([], list(range(1, len(rows) + 1)))
    assert "转置" in account.asks[0].what
    assert "转置" in read_figures([TableSheet("", rows)], SCORES).problems[0].message


def test_a_table_of_a_row_for_each_person_is_not_to_be_turned():
    assert people(read([["姓名"], ["王伟"], ["单位"]]))[0] == ("王伟", "", "")
    assert read([["姓名", "李娜"], ["王伟"]]).people[0].entry.name == "王伟"


@pytest.mark.parametrize("about", ["领导班子", "王伟、李娜"])
def test_a_line_that_says_whom_a_list_is_about_does_not_turn_it_round(about):
    rows = [["测评对象", about], ["序号", "姓名", "单位"], ["1", "王伟", "甲"], ["2", "李娜", "乙"]]
    account = read_roster([TableSheet("", rows)])
    assert [person.entry.name for person in account.people] == ["王伟", "李娜"]
    assert not any("转置" in ask.what for ask in account.asks)


def test_surnames_and_given_names_in_two_columns_are_one_name():
    rows = [["序号", "姓", "名", "单位"], ["1", "王", "伟", "甲"], ["2", "欧阳", "明远", "乙"], ["3"]]
    assert people(read(rows[:3])) == [("王伟", "甲", ""), ("欧阳明远", "乙", "")]
    assert (
        read_figures([TableSheet("", [["姓", "名", "得分"], ["王", "伟", "80"]])], SCORES).rows[0][1][Field.NAME]
        == "王伟"
    )
    assert [row.why for row in read(rows).skipped] == ["只有序号"]


@pytest.mark.parametrize("answer", ["否", "FALSE", "×"])
def test_a_column_that_asks_whether_somebody_takes_part_is_heard(answer):
    assert asked(read([["姓名", "是否参加"], ["王伟", "是"], ["李娜", answer]])) == [(TableQuestion.REMARKS, [3])]


def test_what_a_row_above_people_says_of_them_is_said_of_each():
    rows = [
        ["姓名", "单位"],
        ["王伟", "甲"],
        ["二、列席人员"],
        ["姓名", "单位"],
        ["李娜", "乙"],
        ["三、其他"],
        ["赵敏", "丙"],
    ]
    assert asked(read(rows)) == [(TableQuestion.GROUPS, [3, 6]), (TableQuestion.REMARKS, [5])]


def test_a_numbered_row_of_a_group_is_nobody():
    rows = [
        ["序号", "姓名", "职务"],
        ["一", "办公室（2人）", ""],
        ["1", "王伟", "主任"],
        ["2", "财务科", ""],
        ["1", "李娜", "科长"],
    ]
    assert asked(read(rows)) == [(TableQuestion.GROUPS, [2, 4])]
    units = [person.entry.unit for person in read(rows, {TableQuestion.GROUPS: "unit"}).people]
    assert units == ["办公室", "财务科"]


def test_a_group_with_a_number_of_people_is_no_name():
    assert asked(read([["姓名", "单位"], ["办公室（2人）", "甲"]])) == [(TableQuestion.NAMES, [2])]


def test_numbers_of_identity_cards_and_telephones_are_never_read_and_not_shown():
    rows = [
        ["王伟", "110101199001011234", "办公室", "13800138000"],
        ["李娜", "11010119900101123X", "财务科", "0871-63190000"],
    ]
    account = read(rows)
    assert people(account) == [("王伟", "办公室", ""), ("李娜", "财务科", "")]
    wide = "13800138000".translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})
    rows = [
        ROWS[0],
        ["王伟138 0013 8000", "甲", "主任"],
        ["李娜", "乙", wide],
        ["13800138000", "丙"],
    ]
    account = read([*rows, ["联系电话：13800138000"]])
    assert account.people == []
    assert [ask.what for ask in account.asks] == [
        "姓名里有电话、邮箱或证件号码，名单不保存这些，请删去",
        "职务里有电话、邮箱或证件号码，名单不保存这些，请删去",
        "姓名是数字“（号码略）”，请改为姓名",
    ]
    assert "138" not in "".join((*account.texts.values(), *(row.text for row in account.skipped)))


@pytest.mark.parametrize("code", ["zs@163.com", "E12345678", "6222021234567890123", "KM-00123"])
def test_a_column_of_codes_or_addresses_is_not_read(code):
    assert people(read([["王伟", code, "甲"], ["李娜", code, "乙"]])) == [("王伟", "甲", ""), ("李娜", "乙", "")]


def test_names_that_are_numbered_in_one_cell_are_several_people():
    for text in ("①王伟 ②李娜③赵敏", "1.王伟 2.李娜 3.赵敏", "1、王伟 2、李娜 3、赵敏"):
        assert [name for name, _, _ in people(read([["姓名"], [text]]))] == ["王伟", "李娜", "赵敏"]


@pytest.mark.parametrize("remark", ["2025年6月退居二线", "免职", "辞去领导职务", "停职", "内退", "离岗"])
def test_more_words_for_having_left_are_heard(remark):
    assert asked(read([["姓名", "备注"], ["王伟", remark], ["李娜", "参加考核，不定等次"]])) == [
        (TableQuestion.REMARKS, [2])
    ]


def test_a_stroke_for_a_name_is_a_vacancy():
    account = read([["姓名", "职务"], ["王伟", "主任"], ["/", "科长"]])
    assert (people(account), account.asks, len(account.skipped)) == ([("王伟", "", "主任")], [], 1)


def test_days_and_numbers_are_no_posts():
    rows = [ROWS[0], ["王伟", "甲", "2020-03-01"], ["李娜", "2021年3月", "科长"], ["赵敏", "乙", "12"]]
    assert [ask.what for ask in read(rows).asks] == [
        "职务处是日期或数字，请改正或清空",
        "单位处是日期或数字，请改正或清空",
        "职务处是日期或数字，请改正或清空",
    ]
    assert people(read([["王伟", "甲", "2020-03-01"], ["李娜", "乙", "2021.3"]])) == [
        ("王伟", "甲", ""),
        ("李娜", "乙", ""),
    ]


def test_feet_of_pages_days_and_recipients_are_nobody():
    account = read([["姓名", "单位"], ["王伟", "甲"], ["第1页 共2页"], ["抄送：市委组织部"], ["2025年12月1日"]])
    assert (people(account), account.asks) == ([("王伟", "甲", "")], [])
    assert [row.why for row in account.skipped] == ["说明或签名", "说明或签名", "日期"]


def test_a_question_about_rows_quotes_them():
    account = read([["姓名", "单位"], ["办公室"], ["王伟", "甲"], ["第二组" * 10]])
    assert account.places_text(account.asks[0], 1) == "第 2 行“办公室”等 2 行"
    assert account.places_text(account.asks[0], 2) == f"第 2 行“办公室”、第 4 行“{'第二组' * 8}…”"
    columns = read(hidden_columns=frozenset({2}))
    assert columns.places_text(columns.asks[0], 9) == ""


@pytest.mark.parametrize("said", [{}, {("", "A"): Field.KIND}])
def test_a_column_of_names_beside_all_filled_ones_names_nobody_and_raises_nothing(said):
    account = read_roster([TableSheet("", [["", ""], ["甲科室"]])], {TableQuestion.NAME: "B"}, said)
    assert (account.people, [place.row for place in account.places()]) == ([], [2])


def test_groups_that_are_numbered_alike_are_all_units_or_all_classes():
    rows = [["序号", "姓名", "职务"], ["一、局领导"], ["1", "王伟", "局长"], ["二、中层科室"], ["1", "李娜", "科长"]]
    asked = read_roster([TableSheet("", rows)]).asks
    assert [(ask.question, [place.row for place in ask.places]) for ask in asked] == [(TableQuestion.GROUPS, [2, 4])]
    account = read_roster([TableSheet("", rows)], {TableQuestion.GROUPS: "class"})
    entries = [person.entry for person in account.people]
    assert [(each.name, each.unit, each.class_label) for each in entries] == [
        ("王伟", "", "局领导"),
        ("李娜", "", "中层科室"),
    ]


def test_numbered_units_below_a_class_that_is_numbered_in_another_way_are_units():
    rows = [["序号", "姓名"], ["一、中层正职"], ["（一）办公室"], ["1", "王伟"], ["（二）财务科"], ["2", "李娜"]]
    account = read_roster([TableSheet("", rows)], {TableQuestion.GROUPS: "class"})
    entries = [person.entry for person in account.people]
    assert [(each.name, each.unit, each.class_label) for each in entries] == [
        ("王伟", "办公室", "中层正职"),
        ("李娜", "财务科", "中层正职"),
    ]
