"""What people write into the cells of a table instead of a plain name or unit: read as it is meant, or asked about."""

from __future__ import annotations

import time

import pytest

from kaohe.domain.cells import plain_name
from kaohe.domain.office_tables.account import Account, Place, TableQuestion, TableSheet
from kaohe.domain.office_tables.reading import read_roster
from kaohe.domain.office_tables.texts import split_text


def read_table(rows, **answers):
    return read_roster([TableSheet("", rows)], {TableQuestion(key): answer for key, answer in answers.items()})


def people_of(account):
    return [(person.entry.name, person.entry.unit, person.entry.post) for person in account.people]


def names_of(account):
    return [person.entry.name for person in account.people]


def asked_rows(account):
    return [(ask.question, [place.row for place in ask.places]) for ask in account.asks]


@pytest.mark.parametrize("vacant", ["空缺", "（暂缺）", "待定", "无", "—", "缺编", "以下空白"])
def test_a_post_that_nobody_holds_is_skipped_and_said(vacant):
    account = read_table([["姓名", "单位", "职务"], ["王伟", "办公室", "主任"], [vacant, "办公室", "副主任"], [vacant]])
    assert account.is_ready
    assert names_of(account) == ["王伟"]
    assert [(row.place.row, row.text, row.why) for row in account.skipped] == [
        (3, f"{vacant} 办公室 副主任", "没有姓名，是空缺或空白"),
        (4, vacant, "没有姓名，是空缺或空白"),
    ]


def test_a_vacant_post_in_a_table_without_headings_is_nobody_either():
    account = read_table([["王伟", "办公室"], ["空缺", "财务科"], ["李娜", "法规科"]])
    assert account.is_ready
    assert names_of(account) == ["王伟", "李娜"]


@pytest.mark.parametrize("ditto", ["〃", "″", '"', "同上", "同前", "”"])
def test_a_sign_of_repetition_says_what_stands_above_it(ditto):
    rows = [["姓名", "单位", "职务"], ["王伟", "办公室", "科员"], ["李娜", ditto, ditto], ["赵敏", ditto, "科长"]]
    account = read_table(rows)
    assert account.is_ready
    assert people_of(account) == [("王伟", "办公室", "科员"), ("李娜", "办公室", "科员"), ("赵敏", "办公室", "科长")]


def test_a_sign_of_repetition_below_nothing_or_for_a_name_is_to_be_mended():
    account = read_table([["姓名", "单位"], ["王伟", "同上"], ["同上", "办公室"]])
    assert [(ask.places[0].row, ask.what) for ask in account.asks] == [
        (2, "单位写的是“同上”，上面却没有内容"),
        (3, "姓名写的是“同上”，请写出姓名"),
    ]


@pytest.mark.parametrize("sign", ["/", "—", "--", "无", "..", "\\"])
def test_a_sign_that_there_is_nothing_to_say_is_no_unit_and_no_post(sign):
    account = read_table([["姓名", "单位", "职务"], ["王伟", sign, "主任"], ["李娜", "办公室", sign]])
    assert account.is_ready
    assert people_of(account) == [("王伟", "", "主任"), ("李娜", "办公室", "")]


def test_a_unit_that_stands_once_before_several_names_is_asked_about():
    rows = [["单位", "姓名"], ["办公室", "王伟"], ["", "李娜"], ["财务科", "赵敏"], ["", "周静"]]
    assert asked_rows(read_table(rows)) == [(TableQuestion.BLANKS, [3, 5])]
    units = {answer: [unit for _, unit, _ in people_of(read_table(rows, blanks=answer))] for answer in ("yes", "no")}
    assert units == {"yes": ["办公室", "办公室", "财务科", "财务科"], "no": ["办公室", "", "财务科", ""]}
    assert read_table([["姓名", "单位"], ["王伟", "办公室"], ["李娜", ""]]).is_ready


@pytest.mark.parametrize(
    "name",
    [
        *("王伟同志", "王主任", "王伟等3人", "“王伟”", "第1名 王伟", "王伟*", "a.王伟", "王伟?", "男"),
        *("示例：张三", "示例", "张三（示例）", "办公室王伟", "财务科：周静"),
    ],
)
def test_what_has_not_the_form_of_a_name_is_asked_about_also_under_a_heading_of_names(name):
    rows = [["姓名", "单位"], ["李娜", "办公室"], [name, "财务科"]]
    account = read_table(rows)
    assert (names_of(account), asked_rows(account)) == (["李娜"], [(TableQuestion.NAMES, [3])])
    assert names_of(read_table(rows, names="yes", several="yes")) == ["李娜", name]
    assert names_of(read_table(rows, names="no", several="yes")) == ["李娜"]


@pytest.mark.parametrize(
    "name",
    [
        *("王伟（女）", "王伟2", "王伟A", "才让", "王伟 Wang Wei", "第一党支部", "局领导班子", "县委办公室"),
        *("无名", "王同志", "同尚", "安定", "买买提江·吐尔逊", "阿依古丽买买提", "John Smith"),
    ],
)
def test_names_of_all_kinds_are_taken_as_they_are(name):
    account = read_table([["姓名", "单位"], [name, "财务科"]])
    assert account.is_ready
    assert names_of(account) == [name]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("王伟。", "王伟"),
        ("李娜，", "李娜"),
        ("刘洋 女", "刘洋"),
        ("欧阳 娜 女", "欧阳娜"),
        ("欧阳 女", "欧阳女"),
        ("李 女", "李女"),
    ],
)
def test_signs_and_the_sex_after_a_name_are_no_part_of_it(written, name):
    account = read_table([["姓名", "单位"], [written, "财务科"]])
    assert account.is_ready
    assert names_of(account) == [name]


@pytest.mark.parametrize("remark", ["不参加考核", "2026年3月退休", "已调出", "未参加年度考核", "评委", "列席"])
def test_whoever_is_marked_as_not_assessed_is_asked_about(remark):
    rows = [["姓名", "单位", "备注"], ["王伟", "办公室", ""], ["李娜", "财务科", remark]]
    account = read_table(rows)
    assert (names_of(account), asked_rows(account)) == (["王伟"], [(TableQuestion.REMARKS, [3])])
    assert names_of(read_table(rows, remarks="yes")) == ["王伟", "李娜"]
    left = read_table(rows, remarks="no")
    assert (names_of(left), [(row.place.row, row.why) for row in left.skipped]) == (["王伟"], [(3, "已确认不参加考核")])
    assert left.is_ready


@pytest.mark.parametrize(
    "remark",
    ["兼离退休办主任", "退休干部科", "评委会办公室借调", "负责离任审计", "退休人员支部书记", "借调留置看护队"],
)
def test_whose_work_is_about_the_retired_is_assessed(remark):
    assert read_table([["姓名", "单位", "备注"], ["王伟", "退休办", remark]]).is_ready


def test_headings_that_are_swapped_are_asked_about_and_no_column_is_lost():
    rows = [["姓名", "单位", "职务"], ["办公室", "王伟", "主任"], ["财务科", "李娜", "科长"]]
    assert asked_rows(read_table(rows)) == [(TableQuestion.NAME, [2, 3])]
    assert people_of(read_table(rows, name="B")) == [("王伟", "办公室", "主任"), ("李娜", "财务科", "科长")]
    assert people_of(read_table(rows, name="A")) == [("办公室", "王伟", "主任"), ("财务科", "李娜", "科长")]


def test_headings_in_english_or_in_both_languages_are_read():
    people = [("王伟", "办公室", "主任")]
    assert people_of(read_table([["No.", "Name", "Department", "Title"], ["1", *people[0]]])) == people
    assert people_of(read_table([["姓名 Name", "部门 Department", "职务 Position"], [*people[0]]])) == people
    assert people_of(read_table([["姓名\u200b", "\ufeff单位", "职务"], [*people[0]]])) == people


@pytest.mark.parametrize(
    "text",
    [
        "王伟 办公室 主任\n李 娜 财务科 科长",
        "1. 王伟 办公室 主任\n2、李娜 财务科 科长\n",
        "王伟\t办公室\t主任\n李娜\t财务科\t科长",
    ],
)
def test_a_pasted_list_with_single_spaces_is_read_as_one_with_tabs(text):
    account = read_table(split_text(text))
    assert account.is_ready
    assert people_of(account) == [("王伟", "办公室", "主任"), ("李娜", "财务科", "科长")]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("欧阳 明远 法规科 科员", ["欧阳明远", "法规科", "科员"]),
        ("张 三 丰 法规科 科员", ["张三丰", "法规科", "科员"]),
        ("赵 敏 女 科员", ["赵敏", "女", "科员"]),
        ("赵敏 法规科 副科长 工会委员", ["赵敏", "法规科", "副科长 工会委员"]),
        ("赵敏 法规科 主任（兼 工会主席）", ["赵敏", "法规科", "主任（兼 工会主席）"]),
        ("赵敏 法规科", ["赵敏", "法规科"]),
        ("赵敏 周静", ["赵敏 周静"]),
        ("赵敏  法规科 科员", ["赵敏", "法规科", "科员"]),
    ],
)
def test_a_line_that_is_not_like_the_others_of_a_pasted_list_loses_nobody_and_no_name(line, cells):
    rows = split_text(f"王伟 办公室 主任\n李娜 财务科 科长\n周涛 人事科 科长\n{line}\n")
    assert rows[:4] == [["王伟", "办公室", "主任"], ["李娜", "财务科", "科长"], ["周涛", "人事科", "科长"], cells]
    headed = f"姓名 单位 职务\n王伟 办公室 主任 委员\n李娜 财务科 科长 委员\n周涛 人事科 科长 委员\n{line}"
    assert split_text(headed)[1::3] == [["王伟", "办公室", "主任 委员"], cells]


def test_single_spaces_part_nothing_where_names_follow_names_or_wide_spaces_part_already():
    assert split_text("王伟 李娜\n赵敏 周静") == [["王伟 李娜"], ["赵敏 周静"]]
    assert split_text("王伟  局 办公室\n李娜  财务科") == [["王伟", "局 办公室"], ["李娜", "财务科"]]


def test_a_second_column_of_posts_without_headings_is_read_as_the_post():
    account = read_table([["王伟", "办公室主任"], ["李娜", "财务科科长"]])
    assert people_of(account) == [("王伟", "", "办公室主任"), ("李娜", "", "财务科科长")]
    assert [column.field for column in account.columns] == ["姓名", "职务"]


def test_a_table_between_strokes_is_split_at_them():
    assert split_text("| 姓名 | 单位 |\n|:---|---|\n| 王伟 |  |") == [["姓名", "单位"], [], ["王伟", ""]]
    assert split_text("|\n|") == [["|"], ["|"]]


def test_a_line_of_single_spaces_among_lines_of_wide_ones_is_split_too():
    assert split_text("姓名  单位  职务\n王伟  办公室  主任\n李娜 财务科 科长")[2] == ["李娜", "财务科", "科长"]


def test_names_by_commas_of_two_kinds_in_one_line_are_asked_about():
    account = read_table(split_text("王伟、李娜，欧阳明远。"))
    assert [ask.question for ask in account.asks] == [TableQuestion.LINES]
    account = read_table(split_text("王伟、李娜，欧阳明远。"), lines="yes")
    assert [person.entry.name for person in account.people] == ["王伟", "李娜", "欧阳明远"]


def test_a_space_before_a_bracket_is_no_part_of_a_name():
    assert plain_name("李娜\n（女）") == "李娜（女）"


@pytest.mark.parametrize("column", [0, 1, 2])
@pytest.mark.parametrize(
    "long", ["王伟" + " " * 40_000 + "x", "（" * 40_000, "a." * 20_000, "1." * 20_000, "-" * 40_000]
)
def test_a_cell_as_long_as_a_book_is_read_at_once(long, column):
    """The server that collects votes reads tables too, and answers nobody meanwhile."""
    rows = [["姓名", "职务", "备注"], ["王伟", "", ""], ["李娜", "科长", ""]]
    rows[1][column] = long
    start = time.monotonic()
    assert {place.row for place in read_table(rows).places()} == {1, 2, 3}
    assert time.monotonic() - start < 3


def test_a_line_of_a_megabyte_is_split_at_once():
    start = time.monotonic()
    split_text("王伟 科长\n李娜 " + "x " * 500_000)
    assert time.monotonic() - start < 3
    assert split_text("王伟 科长（主持 工作） 正科\n李娜 科员 （试用")[0] == ["王伟", "科长（主持 工作）", "正科"]


@pytest.mark.parametrize("post", ["科长（已调离）", "科长（已调离", "科长[副处级（已调离）]"])
def test_what_stands_in_brackets_is_looked_at_though_they_are_not_closed_or_stand_in_others(post):
    account = read_table([["姓名", "职务"], ["王伟", post], ["李娜", "科长"]])
    assert asked_rows(account) == [(TableQuestion.REMARKS, [2])]


def test_forty_thousand_faults_are_said_at_once():
    account = Account(texts={Place("", row): "王伟" for row in range(40_000)})
    start = time.monotonic()
    for place in account.texts:
        account.fault("职务是错误值", place)
        account.fault("单位是错误值", place)
    assert [account.places_text(ask, 1) for ask in account.asks][-1] == "第 39999 行"
    assert time.monotonic() - start < 5
    assert {ask.what for ask in account.asks} == {"职务是错误值；单位是错误值"}
