"""Rows of text become subjects, or a numbered list of what is wrong."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaohe.domain.limits import SUBJECTS_AT_MOST
from kaohe.domain.office_tables.account import TableSheet
from kaohe.domain.office_tables.reading import read_roster
from kaohe.domain.office_tables.texts import split_text
from kaohe.domain.rosters import RowProblem, SubjectEntry, SubjectRoster, by_unit, check_rows
from kaohe.tally.model import SubjectKind


def read(rows):
    """What a table of one sheet gives, its faults by row; questions are no faults."""
    account = read_roster([TableSheet("", rows)])
    problems = tuple(RowProblem(ask.places[0].row, ask.what) for ask in account.asks)
    return SubjectRoster(tuple(person.entry for person in account.people), problems)


def names_of(rows):
    roster = read(rows)
    assert roster.problems == ()
    return [entry.name for entry in roster.entries]


def numbers_of_problems(rows):
    return [problem.row_number for problem in read(rows).problems]


def the_problem(rows):
    (problem,) = read(rows).problems
    return problem.message


def test_a_header_in_any_order_names_the_columns():
    rows = [
        ["序号", "类型", "职务", "姓 名", "所在部门", "类别", "备注"],
        ["1", "班子", "", "局领导班子", "局机关", "班子类", "x"],
    ]
    assert read(rows).entries == (SubjectEntry("局领导班子", "局机关", "", "班子类", SubjectKind.TEAM),)


def test_a_header_may_carry_brackets_and_stars():
    assert names_of([["姓名（必填）*", "单位 (科室)："], ["张三", "办公室"]]) == ["张三"]


def test_title_lines_above_the_header_are_passed_over():
    assert names_of([["2026年度考核对象名单"], [], ["考核对象"], ["姓名", "职务"], ["张三", "科长"]]) == ["张三"]


def test_a_header_repeated_on_every_printed_page_is_not_a_person():
    header = ["姓名", "单位"]
    assert names_of([header, ["张三", "甲"], header, ["李四", "乙"]]) == ["张三", "李四"]


def test_without_a_header_the_order_is_name_unit_post_class_kind():
    roster = read([["张三", "办公室", "主任", "正科", "人"]])
    assert roster.entries == (SubjectEntry("张三", "办公室", "主任", "正科", SubjectKind.PERSON),)


def test_leading_serial_numbers_are_passed_over():
    assert names_of([["1", "张三", "甲"], ["2.", "李四", "乙"], ["3、", "王五"]]) == ["张三", "李四", "王五"]


def test_names_may_begin_in_a_later_column():
    assert names_of([["", "张三", "甲"], ["", "李四"]]) == ["张三", "李四"]


def test_a_column_of_names_alone_is_enough():
    assert names_of([["张三"], [], ["  "], ["李四"]]) == ["张三", "李四"]


@pytest.mark.parametrize("spread", ["张　三", "张 三", "张   三", " 张\u00a0三 ", "张\n三"])
def test_a_spread_two_character_name_is_drawn_together(spread):
    assert names_of([[spread]]) == ["张三"]


@pytest.mark.parametrize(
    "name",
    [
        "阿依古丽·买买提",
        "Müller Anna",
        "\U00020000\U0002b820",
        "\U00030000\U000323af",
        "\u4dbf龘",
        "王\U0003134a",
    ],
)
def test_rare_characters_and_the_names_of_all_peoples_stay_as_they_are(name):
    assert names_of([["姓名", "单位"], [name, "甲"]]) == [name]


def test_names_are_stored_composed():
    assert names_of([["姓名", "单位"], [unicodedata.normalize("NFD", "Müller"), "甲"]]) == ["Müller"]


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\u202e", "\u2066", "\ufeff", "\u0000", "\u0007", "\u00ad", "\u3164", "\ud800"]
)
def test_what_cannot_be_seen_is_refused(hidden):
    assert "看不见" in the_problem([["姓名", "单位"], ["张三", "甲"], [f"李{hidden}四", "甲"]])


def test_a_field_of_64_code_points_is_taken_and_one_more_is_not():
    assert names_of([["姓名", "单位"], ["\U00020000" * 64, "甲"]]) == ["\U00020000" * 64]
    assert "64" in the_problem([["姓名", "单位"], ["\U00020000" * 65, "甲"]])
    assert "单位超过" in the_problem([["姓名", "单位"], ["张三", "局" * 65]])
    assert names_of([["姓名", "职务"], ["张三", "职" * 120]]) == ["张三"]
    assert "职务超过 120" in the_problem([["姓名", "职务"], ["张三", "职" * 121]])


def test_an_empty_name_is_reported_with_its_row():
    assert read([["姓名", "单位"], ["", "办公室"]]).problems == (RowProblem(2, "姓名（名称）为空"),)


def test_twins_in_unit_and_post_are_refused_and_namesakes_are_not():
    assert names_of([["张三", "甲", "科长"], ["张三", "乙", "科长"], ["张三", "甲", "副科长"]]) == ["张三"] * 3
    assert "与第 1 行重复" in the_problem([["张三", "甲"], ["李四", "甲"], ["张　三", " 甲 "]])


def test_twins_that_differ_only_in_composition_are_twins():
    twins = [["姓名", "单位"], *([unicodedata.normalize(form, "Müller"), "甲"] for form in ("NFD", "NFC"))]
    assert numbers_of_problems(twins) == [3]


def test_all_problems_come_at_once_with_the_numbers_of_the_spreadsheet():
    rows = [
        ["名单"],
        [],
        ["姓名", "类型"],
        ["张三", "人"],
        [],
        ["", "人"],
        ["李四", "猫"],
        ["张三", "人"],
        ["王\u200b五", "猫"],
    ]
    assert numbers_of_problems(rows) == [6, 7, 8, 9]


def test_one_row_gives_one_problem_that_names_all_its_faults():
    message = the_problem([["姓名", "单位", "类型"], ["李四", "甲", "人"], ["", "甲", "猫"]])
    assert "姓名" in message
    assert "类型" in message


def test_teams_keep_the_signs_in_their_names():
    assert names_of([["姓名", "类型"], ["人事、财务科", "班子"]]) == ["人事、财务科"]


def test_the_kind_is_guessed_from_the_name_only_where_nothing_is_said():
    rows = [["姓名", "类型"], ["局领导班子", ""], ["张三", ""], ["甲班子", "人"]]
    kinds = [entry.kind for entry in read(rows).entries]
    assert kinds == [SubjectKind.TEAM, SubjectKind.PERSON, SubjectKind.PERSON]


def test_three_hundred_subjects_are_taken_and_the_next_row_is_named_once():
    rows = [["姓名", "单位"], *([f"张甲{number}", "甲"] for number in range(SUBJECTS_AT_MOST))]
    assert len(names_of(rows)) == 300
    assert numbers_of_problems([*rows, ["张乙", "甲"], ["张丙", "甲"]]) == [302]


def test_typed_rows_are_checked_in_the_order_of_the_fields_and_blank_ones_passed_over():
    roster = check_rows(
        [("张三", "办公室", "主任", "正科", "人", ""), ("", ""), ("", "甲"), ("张三", "办公室", "主任")]
    )
    assert [entry.name for entry in roster.entries] == ["张三"]
    assert [problem.row_number for problem in roster.problems] == [3, 4]
    assert "与第 1 行重复" in roster.problems[1].message


def test_typed_rows_have_a_limit():
    roster = check_rows([(f"甲{number}",) for number in range(SUBJECTS_AT_MOST + 5)])
    assert (len(roster.entries), [problem.row_number for problem in roster.problems]) == (300, [301])


def test_a_piece_pasted_from_a_spreadsheet_is_split_at_tabs():
    assert split_text("张 三\t\t科长\r\n\r\n李四\t甲，乙\t") == [["张 三", "", "科长"], [], ["李四", "甲，乙", ""]]


def test_typed_lines_are_split_at_commas_and_wide_spaces():
    assert split_text("张三,办公室,主任\n李四，财务科，科长") == [
        ["张三", "办公室", "主任"],
        ["李四", "财务科", "科长"],
    ]
    assert split_text("李四  财务科   科长\n王五　人事科") == [["李四", "财务科", "科长"], ["王五", "人事科"]]


def test_a_spread_name_in_a_typed_line_stays_one_cell():
    assert split_text("张　三　办公室\n李  四　财务科\n王 五") == [["张三", "办公室"], ["李四", "财务科"], ["王五"]]


def test_single_spaces_do_not_split_a_name():
    assert split_text("Anna Müller，办公室") == [["Anna Müller", "办公室"]]


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_any_pasted_text_is_accounted_for_and_gives_no_exception(text):
    rows = split_text(text)
    account = read_roster([TableSheet("", rows)])
    filled = {number for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)}
    assert {place.row for place in account.places()} == filled
    assert all(0 < len(person.entry.name) <= 64 for person in account.people)


def test_a_list_is_parted_by_unit_in_the_order_in_which_the_units_come():
    zhang, li, wang = SubjectEntry("张伟", "二科"), SubjectEntry("李娜", "一科"), SubjectEntry("王芳", "二科")
    nobody_knows = SubjectEntry("赵强")
    assert list(by_unit([zhang, li, nobody_knows, wang]).items()) == [
        ("二科", [zhang, wang]),
        ("一科", [li]),
        ("", [nobody_knows]),
    ]
