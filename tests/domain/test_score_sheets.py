"""Sheets of scores, of periods and of graders are matched with the subjects, and every row that is wrong is named."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kaohe.domain.limits import TITLE_LENGTH
from kaohe.domain.office_tables.texts import split_text
from kaohe.domain.relations import Pair
from kaohe.domain.score_sheets import read_pairs, read_periods, read_scores
from kaohe.tally.model import Period, Subject

SUBJECTS = (
    Subject("s1", "张伟", "办公室", "主任"),
    Subject("s2", "李娜", "财务科", "科长"),
    Subject("s3", "张伟", "财务科", "科员"),
)
FULL = Fraction(100)
FLAGS = {"综合排名后三位": "last_three"}


def faults(text: str) -> dict[int, str]:
    return {p.row_number: p.message for p in read_scores(split_text(text), SUBJECTS, FULL).problems}


def test_two_columns_are_name_and_score() -> None:
    sheet = read_scores(split_text("李　娜\t\uff18\uff15\uff0e\uff15\n"), SUBJECTS, FULL)
    assert (sheet.scores, sheet.problems) == ({"s2": Fraction("85.5")}, ())


def test_a_header_names_the_columns_in_any_order_and_tells_namesakes_apart() -> None:
    text = "一季度检查得分\n单位\t考核得分（百分制）\t姓名\t备注\n财务科\t70\t张伟\t\n办公室\t80\t张伟\t好\n"
    assert read_scores(split_text(text), SUBJECTS, FULL).scores == {"s3": 70, "s1": 80}


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
    sheet = read_periods(split_text(text), SUBJECTS, FLAGS)
    assert sheet.problems == ()
    assert sheet.periods == {
        "s2": (
            Period("第一季度", Fraction("92.5"), "好", frozenset({"last_three"})),
            Period("第二季度", None, "较好"),
        )
    }


def test_flags_may_be_written_by_their_keys() -> None:
    sheet = read_periods([["李娜", "第一季度", "", "", "last_three"]], SUBJECTS, FLAGS)
    assert sheet.periods["s2"][0].flags == {"last_three"}


def test_labels_of_flags_may_hold_commas_and_stand_side_by_side() -> None:
    flags = {"部门前 18 名，特优候选": "candidate", "好等次满票": "full", "连续两年、后两名": "twice"}
    rows = [["李娜", "上年", "", "", "好等次满票；部门前 18 名，特优候选、twice"], ["张伟", "上年", "", "", "满票"]]
    sheet = read_periods(rows, SUBJECTS[:2], flags)
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
    sheet = read_periods(rows, SUBJECTS, FLAGS)
    assert [problem.row_number for problem in sheet.problems] == [1, 2, 3, 4, 6, 7]
    assert [period.score for period in sheet.periods["s2"]] == [90]


def test_two_columns_are_a_subject_and_one_of_its_graders() -> None:
    sheet = read_pairs(split_text("李　娜\t王副局长\n\n李娜\t赵副局长\n"), SUBJECTS)
    assert sheet.problems == ()
    assert sheet.pairs == (Pair(1, "王副局长", SUBJECTS[1]), Pair(3, "赵副局长", SUBJECTS[1]))


def test_a_list_of_graders_tells_namesakes_apart_by_their_unit() -> None:
    text = "评价关系表\n分管领导\t考核对象\t所在单位\n王副局长\t张伟\t财务科\n赵副局长\t张伟\t办公室\n"
    sheet = read_pairs(split_text(text), SUBJECTS)
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
    sheet = read_pairs(rows, SUBJECTS)
    nobody = f"没有写明谁来评，或超过 {TITLE_LENGTH} 个字"
    assert {problem.row_number: problem.message for problem in sheet.problems} == {
        1: "有 2 个“张伟”，请加上单位、职务两列写明是哪一个",
        2: "考核对象中没有“赵六”",
        3: nobody,
        5: nobody,
        6: f"考核对象中没有“王五”；{nobody}",
    }
    assert sheet.pairs == (Pair(4, longest, SUBJECTS[1]),)


@given(st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=12))
def test_no_sheet_is_worse_than_refused(rows: list[list[str]]) -> None:
    for sheet in (
        read_scores(rows, SUBJECTS, FULL),
        read_periods(rows, SUBJECTS, FLAGS),
        read_pairs(rows, SUBJECTS),
    ):
        assert all(problem.message and 1 <= problem.row_number <= len(rows) for problem in sheet.problems)
