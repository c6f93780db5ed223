"""Sheets of scores, of periods and of graders are matched with the subjects, and every row that is wrong is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kaohe.domain.limits import TITLE_LENGTH
from kaohe.domain.office_tables.account import TableSheet
from kaohe.domain.office_tables.figures import read_figures
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.office_tables.texts import split_text
from kaohe.domain.relations import Pair
from kaohe.domain.score_sheets import (
    PERIODS,
    SCORES,
    PeriodSheet,
    ScoreSheet,
    read_pairs,
    read_periods,
    read_scores,
)
from kaohe.tally.model import Period, Subject

SUBJECTS = (
    Subject("s1", "张伟", "办公室", "主任"),
    Subject("s2", "李娜", "财务科", "科长"),
    Subject("s3", "张伟", "财务科", "科员"),
)
FULL = Fraction(100)
FLAGS = {"综合排名后三位": "last_three"}


def scores(rows: Sequence[Sequence[str]], chosen: Mapping[str, Field] | None = None) -> ScoreSheet:
    return read_scores(read_figures([TableSheet("", rows)], SCORES, chosen), SUBJECTS, FULL)


def periods(
    rows: Sequence[Sequence[str]], subjects: Sequence[Subject] = SUBJECTS, flags: Mapping[str, str] = FLAGS
) -> PeriodSheet:
    return read_periods(read_figures([TableSheet("", rows)], PERIODS), subjects, flags)


def faults(text: str) -> dict[int, str]:
    return {p.row_number: p.message for p in scores(split_text(text)).problems}


def test_two_columns_are_name_and_score() -> None:
    sheet = scores(split_text("李　娜\t\uff18\uff15\uff0e\uff15\n"))
    assert (sheet.scores, sheet.problems) == ({"s2": Fraction("85.5")}, ())


def test_a_header_names_the_columns_in_any_order_and_tells_namesakes_apart() -> None:
    text = "一季度检查得分\n单位\t考核得分（百分制）\t姓名\t备注\n财务科\t70\t张伟\t\n办公室\t80\t张伟\t好\n"
    assert scores(split_text(text)).scores == {"s3": 70, "s1": 80}


def test_every_row_that_cannot_be_taken_is_named() -> None:
    found = faults("姓名,得分\n张伟,80\n李娜,101\n赵六,70\n,60\n李娜,优秀\n李娜,60\n李娜,61")
    assert {row: message[:8] for row, message in found.items()} == {
        2: "有 2 个“张伟",
        3: "得分应为 0 到",
        4: "考核对象中没有“",
        5: "姓名（名称）为空",
        6: "得分应为 0 到",
        8: "前面已有这个考核",
    }


def test_what_cannot_be_seen_is_not_taken() -> None:
    assert "看不见的字符" in faults("李娜\t8\u200b0")[1]


def test_periods_hold_score_tier_and_flags() -> None:
    text = (
        "姓名\t单位\t季度\t得分\t等次\t标记\n李娜\t\t第一季度\t92.5\t好\t综合排名后三位\n李娜\t\t第二季度\t\t较好\t\n"
    )
    sheet = periods(split_text(text))
    assert sheet.problems == ()
    assert sheet.periods == {
        "s2": (
            Period("第一季度", Fraction("92.5"), "好", frozenset({"last_three"})),
            Period("第二季度", None, "较好"),
        )
    }


def test_flags_may_be_written_by_their_keys() -> None:
    sheet = periods([["李娜", "第一季度", "", "", "last_three"]])
    assert sheet.periods["s2"][0].flags == {"last_three"}


def test_labels_of_flags_may_hold_commas_and_stand_side_by_side() -> None:
    flags = {"部门前 18 名，特优候选": "candidate", "好等次满票": "full", "连续两年、后两名": "twice"}
    rows = [["李娜", "上年", "", "", "好等次满票；部门前 18 名，特优候选、twice"], ["张伟", "上年", "", "", "满票"]]
    sheet = periods(rows, SUBJECTS[:2], flags)
    assert sheet.periods["s2"][0].flags == {"candidate", "full", "twice"}
    assert [problem.message for problem in sheet.problems] == ["“满票”不是本方案的标记"]


def test_a_period_that_says_nothing_or_the_wrong_thing_is_named() -> None:
    rows = [
        ["李娜", "", "90"],
        ["李娜", "第一季度"],
        ["李娜", "第一季度", "九十"],
        ["李娜", "第一季度", "90", "", "先进"],
        ["李娜", "第一季度", "90"],
        ["李娜", "第一季度", "91"],
        ["李娜", "期" * 31, "91"],
    ]
    sheet = periods(rows)
    assert [problem.row_number for problem in sheet.problems] == [1, 2, 3, 4, 6, 7]
    assert [period.score for period in sheet.periods["s2"]] == [90]


def test_two_columns_are_a_subject_and_one_of_its_graders() -> None:
    sheet = read_pairs([TableSheet("", split_text("李　娜\t王副局长\n\n李娜\t赵副局长\n"))], SUBJECTS)
    assert sheet.problems == ()
    assert sheet.pairs == (Pair(1, "王副局长", SUBJECTS[1]), Pair(3, "赵副局长", SUBJECTS[1]))


def test_a_list_of_graders_tells_namesakes_apart_by_their_unit() -> None:
    text = "评价关系表\n分管领导\t考核对象\t所在单位\n王副局长\t张伟\t财务科\n赵副局长\t张伟\t办公室\n"
    sheet = read_pairs([TableSheet("", split_text(text))], SUBJECTS)
    assert [(pair.row, pair.grader, pair.subject.key) for pair in sheet.pairs] == [
        (3, "王副局长", "s3"),
        (4, "赵副局长", "s1"),
    ]
    assert sheet.problems == ()


def test_every_row_of_a_list_of_graders_that_cannot_be_taken_is_named_and_the_others_are_taken() -> None:
    longest = "长" * TITLE_LENGTH
    rows = [
        ["张伟", "王副局长"],
        ["赵六", "王副局长"],
        ["李娜"],
        ["李娜", longest],
        ["李娜", longest + "长"],
        ["王五", ""],
    ]
    sheet = read_pairs([TableSheet("", rows)], SUBJECTS)
    nobody = f"没有写明谁来评，或超过 {TITLE_LENGTH} 个字"
    assert {problem.row_number: problem.message for problem in sheet.problems} == {
        1: "有 2 个“张伟”，请加上单位、职务两列写明是哪一个",
        2: "考核对象中没有“赵六”",
        3: nobody,
        5: nobody,
        6: f"考核对象中没有“王五”；{nobody}",
    }
    assert sheet.pairs == (Pair(4, longest, SUBJECTS[1]),)


def test_titles_totals_notes_and_signatures_are_no_scores_and_each_is_told_with_its_reason() -> None:
    rows = split_text(
        "一季度检查情况\n序号\t被考核人\t平时得分\n办公室\n1\t张伟\t95分\n2\t李娜\t92.5%\n\t合计\t187.5\n"
        "序号\t被考核人\t平时得分\n注：满分 100。\n制表人：王五"
    )
    sheet = read_scores(read_figures([TableSheet("", rows)], SCORES), SUBJECTS[:2], FULL)
    assert (sheet.scores, sheet.problems) == ({"s1": 95, "s2": Fraction("92.5")}, ())
    assert {row.place.row: row.why for row in sheet.table.skipped} == {
        1: "标题",
        2: "表头",
        3: "只有一格文字，没有姓名和数",
        6: "合计或平均",
        7: "表头",
        8: "说明或签名",
        9: "说明或签名",
    }
    assert [(column.column, column.field) for column in sheet.table.columns] == [
        ("A", ""),
        ("B", "姓名"),
        ("C", "得分"),
    ]


def test_which_of_several_columns_holds_the_score_is_asked_and_not_guessed() -> None:
    rows = split_text("姓名\t平时得分\t年度得分\n李娜\t80\t90")
    assert [problem.message for problem in scores(rows).problems] == [
        "2 列都像“得分”：B 列（平时得分）、C 列（年度得分），请选定或只留一列",
    ]
    assert scores(rows, {"A": Field.NAME, "C": Field.SCORE}).scores == {"s2": 90}
    assert "哪一列是姓名" in scores(rows, {"C": Field.SCORE}).problems[0].message
    assert scores(split_text("姓名\t平时得分\t得分\n李娜\t80\t90")).scores == {"s2": 90}


def test_serial_numbers_before_the_names_are_passed_over_without_headings() -> None:
    assert scores([["1", "李娜", "80"]]).scores == {"s2": 80}


def test_a_column_without_a_word_is_not_asked_about() -> None:
    read = scores([["姓名", "", "得分"], ["李娜", " ", "80"]])
    assert read.scores == {"s2": 80}
    assert [column.column for column in read.table.columns] == ["A", "C"]


def test_of_several_sheets_the_one_with_scores_is_read_and_the_others_are_told() -> None:
    told = TableSheet("填表说明", [["一律填百分制"]])
    hidden = TableSheet("备份", [["姓名", "得分"], ["李娜", "1"]], is_hidden=True)
    sheet = TableSheet("成绩", [["姓名", "得分"], ["李娜", "80"], ["张伟", "70"]], hidden_rows=frozenset({3}))
    read = read_scores(read_figures([told, hidden, sheet], SCORES), SUBJECTS, FULL)
    assert read.scores == {"s2": 80}
    assert [problem.row_number for problem in read.problems] == [3]
    assert [row.place.sheet for row in read.table.skipped] == ["填表说明", "备份", "备份", "成绩"]
    several = read_figures([sheet, TableSheet("二", sheet.rows)], SCORES)
    assert "有 2 张工作表像同样的表：“成绩”、“二”" in several.problems[0].message
    assert read_figures([], SCORES).rows == ()


@given(st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=12))
def test_no_sheet_is_worse_than_refused(rows: list[list[str]]) -> None:
    for sheet in (
        scores(rows),
        periods(rows),
        read_pairs([TableSheet("", rows)], SUBJECTS),
    ):
        assert all(problem.message and 1 <= problem.row_number <= len(rows) for problem in sheet.problems)
