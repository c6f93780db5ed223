"""The sheets, compared with what an office would read on paper.

A snapshot is one text file under ``snapshots``. After a change that is meant, run the tests once with WRITE_SNAPSHOTS=1
in the environment and review the difference like code.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from reports.results import (
    HEADING,
    SUBJECTS,
    five_sided_result,
    grouped_result,
    overall_result,
    result_of,
    sheets_of,
)

from kaohe.domain.comment_reviews import Comment
from kaohe.reports.opinions import ballot_list_sheet, comments_sheet
from kaohe.reports.paper.layout import lay_out
from kaohe.reports.picture_sheets import picture_sheets
from kaohe.reports.sheet import Sheet, file_stem, plain_sheet, read_sheet

SNAPSHOTS = Path(__file__).with_name("snapshots")
COMMENTS = [Comment("s2", "=1+1 多下基层"), Comment("s1", "工作扎实"), Comment("s2", "注意方法"), Comment("", "会风好")]


def render_text(sheet: Sheet) -> str:
    """A sheet as plain text: what is printed, in the order in which it is read."""
    lines = [sheet.title, *("  ".join(line) for line in sheet.header_lines)]
    if sheet.withheld:
        lines.append(f"[{sheet.withheld}]")
    if sheet.columns:
        lines.append(" | ".join(f"{c.over}/{c.label}" if c.over else c.label for c in sheet.columns))
        lines += [" | ".join(row) for row in sheet.rows]
    lines += [f"* {note}" for note in (*sheet.notes, *sheet.rules)]
    lines += ["  ".join(sheet.signature)] if sheet.signature else []
    papers = "、".join(f"{laid.paper.name}, {laid.size / 2:g} pt" for laid in lay_out(sheet))
    lines += [sheet.code_line, f"[{sheet.name}; {papers}]"]
    return "\n".join(lines) + "\n"


def matches_snapshot(name: str, sheet: Sheet) -> bool:
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("WRITE_SNAPSHOTS"):
        path.write_text(render_text(sheet), encoding="utf-8")
    return path.read_text(encoding="utf-8") == render_text(sheet)


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("summary_overall", sheets_of(overall_result())["summary"]),
        ("summary_five_dimensions", sheets_of(five_sided_result())["summary"]),
        (
            "summary_rehearsal",
            sheets_of(overall_result(), replace(HEADING, is_rehearsal=True, round_number=2))["summary"],
        ),
        ("dimension", sheets_of(five_sided_result())["votes-ability"]),
        ("groups", sheets_of(grouped_result(5, 12, 30))["groups"]),
        ("groups_withheld", sheets_of(grouped_result(4, 12, 30))["groups"]),
        ("explanation", sheets_of(overall_result())["explanation"]),
        ("working", sheets_of(overall_result())["working"]),
        ("working_withheld", sheets_of(grouped_result(4, 12, 30))["working"]),
        ("comments", comments_sheet(overall_result(), HEADING, COMMENTS, ballot_count=28)),
        ("comments_withheld", comments_sheet(overall_result(), HEADING, COMMENTS, ballot_count=9)),
        (
            "ballots",
            ballot_list_sheet(
                overall_result(),
                HEADING,
                [{("s1", "overall"): "excellent", ("s2", "overall"): "abstain"}, {("s3", "overall"): "competent"}],
            ),
        ),
    ],
)
def test_the_sheet_reads_as_filed(name, sheet):
    assert matches_snapshot(name, sheet)


@pytest.mark.parametrize(
    "result", [overall_result(), five_sided_result(), grouped_result(5, 6, 7), grouped_result(1, 2, 0)]
)
def test_every_row_is_as_wide_as_the_head(result):
    for sheet in sheets_of(result).values():
        assert all(len(row) == len(sheet.columns) for row in sheet.rows)


def test_votes_of_a_row_add_up_to_the_ballots_collected():
    sheet = sheets_of(five_sided_result())["votes-moral_integrity"]
    counted = [place for place, column in enumerate(sheet.columns) if column.label in {"票数", "弃权/漏选", "无效"}]
    assert [sum(int(row[place]) for place in counted) for row in sheet.rows] == [11, 11, 11]


def test_invalid_votes_have_a_column_only_where_there_are_any():
    assert "无效" not in [column.label for column in sheets_of(overall_result())["summary"].columns]
    assert "无效" in [column.label for column in sheets_of(five_sided_result())["summary"].columns]


def test_the_upper_rate_of_a_dimension_is_rounded_from_its_own_sum():
    result = overall_result()
    sheet = sheets_of(result)["votes-overall"]
    place = [column.label for column in sheet.columns].index("称职以上%")
    assert [row[place] for row in sheet.rows] == [each.upper_rate.text for each in result.subjects]


def test_a_row_over_all_who_are_entitled_is_closed_by_those_who_gave_no_grade():
    """W3: (187 - 181) ÷ 187 = 3.2085… → 3.2, and 49.2 + 39.6 + 6.4 + 1.6 + 3.2 = 100."""
    sheet = sheets_of(result_of("w3-rates-over-entitled"))["summary"]
    labels = [column.label for column in sheet.columns]
    assert sheet.rows[0][labels.index("弃权等%")] == "3.2"
    assert sheet.rows[0][labels.index("称职以上%")] == "88.8"


def test_satisfaction_on_three_grades_has_its_upper_rate():
    """W1: the fourth row, 20 + 7 of 28 collected, is 96.4285… → 96.43; nobody abstained."""
    sheet = sheets_of(result_of("w1-satisfaction-rates-over-cast"))["summary"]
    labels = [column.label for column in sheet.columns]
    assert sheet.rows[3][labels.index("基本满意以上%")] == "96.43"
    assert sheet.rows[3][labels.index("弃权等%")] == "0.00"
    assert not any("弃权等%" in column.label for column in sheets_of(overall_result())["summary"].columns)


def test_groups_are_shown_from_five_ballots_each():
    assert sheets_of(grouped_result(5, 5, 5))["groups"].withheld == ""
    for sizes in [(4, 20, 20), (20, 4, 20), (20, 20, 0)]:
        sheet = sheets_of(grouped_result(*sizes))["groups"]
        assert sheet.withheld
        assert sheet.rows == ()


def test_no_sheet_names_the_votes_of_a_small_group():
    for sheet in sheets_of(grouped_result(4, 12, 30)).values():
        assert "局领导：" not in render_text(sheet)
        assert "局领导收回" not in render_text(sheet)


def test_without_groups_there_is_no_group_sheet():
    names = [sheet.name for sheet in sheets_of(overall_result()).values()]
    assert names == ["汇总表", "得票-总体评价", "核算过程", "口径说明"]


def test_comments_are_shown_from_ten_ballots_and_three_comments():
    assert comments_sheet(overall_result(), HEADING, COMMENTS, ballot_count=10).withheld == ""
    assert comments_sheet(overall_result(), HEADING, COMMENTS, ballot_count=9).rows == ()
    assert comments_sheet(overall_result(), HEADING, COMMENTS[:2], ballot_count=28).rows == ()
    assert "没有收到" in comments_sheet(overall_result(), HEADING, [], ballot_count=28).withheld


def test_comments_on_one_subject_stay_in_the_order_given():
    backwards = comments_sheet(overall_result(), HEADING, COMMENTS[::-1], ballot_count=28)
    assert [row[1] for row in backwards.rows] == ["工作扎实", "注意方法", "=1+1 多下基层", "会风好"]


def test_namesakes_are_told_apart_where_only_names_are_printed():
    twins = tuple(replace(each, subject=replace(each.subject, name="张三")) for each in overall_result().subjects)
    sheet = ballot_list_sheet(replace(overall_result(), subjects=twins), HEADING, [])
    assert [column.label for column in sheet.columns] == [
        "张三（办公室 主任）",
        "张三（国库科 科长）",
        "张三（人事科 副科长）",
    ]


def test_a_list_of_ballots_names_neither_group_nor_number():
    sheet = ballot_list_sheet(grouped_result(5, 5, 5), HEADING, [{("s1", "overall"): "excellent"}])
    assert len(sheet.columns) == len(SUBJECTS)
    assert sheet.rows == (("优秀", "漏选", "漏选"),)


def test_a_list_of_ballots_with_dimensions_has_a_head_per_subject():
    sheet = ballot_list_sheet(five_sided_result(), HEADING, [{("p1", "ability"): "优秀"}])
    assert [column.full_label for column in sheet.columns][5:7] == ["张三德", "张三能"]
    assert [cell for cell in sheet.rows[0] if cell != "漏选"] == ["优秀"]
    assert sheet.rows[0][6] == "优秀"


def test_every_sheet_carries_the_same_code():
    sheets = [*sheets_of(grouped_result(5, 6, 7)).values()]
    assert len({sheet.code for sheet in sheets}) == 1


def test_the_unit_is_not_said_twice_in_a_title():
    heading = replace(HEADING, title="XX县财政局民主测评")
    assert sheets_of(overall_result(), heading)["summary"].title == "XX县财政局民主测评结果汇总表"


def test_a_sheet_with_a_picture_or_without_reads_back_from_json_as_it_was():
    result = five_sided_result()
    sheets = [*sheets_of(result).values(), *picture_sheets(result, HEADING)]
    assert {bool(sheet.picture) for sheet in sheets} == {True, False}
    assert [read_sheet(json.loads(json.dumps(plain_sheet(each)))) for each in sheets] == sheets


def test_a_title_makes_a_file_name_for_every_system():
    assert file_stem('XX局 2026/27 "测评": <结果>?') == "XX局_2026_27_测评_结果"
    assert file_stem("...") == "测评结果"
    assert len(file_stem("长" * 300)) == 80
