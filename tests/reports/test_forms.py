"""The forms beside the sheets: nothing in them is computed otherwise, and small groups stay hidden in them too."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from statistics import median

import pytest
from office_meetings import HEADING, office_result

from kaohe.reports.forms import approval_sheet, form_sheets, minutes_sheet, periods_sheet, record_sheet, teller_sheet
from kaohe.reports.paper.layout import lay_out
from kaohe.reports.personal import (
    FEWEST_FOR_MEDIAN,
    appraisal_form,
    appraisal_sheets,
    feedback_sheet,
    median_text,
    personal_sheets,
)
from kaohe.reports.sheet import NOTHING
from kaohe.reports.verification import verification_code
from kaohe.reports.withholding import dimensions_withheld
from kaohe.schemes import list_presets
from kaohe.tally.model import Figure, Period, SubjectKind
from kaohe.tally.rounding import round_text
from kaohe.tally.scheme.scheme import Quorum


def numbers(sheet, row, *labels):
    places = [column.label for column in sheet.columns]
    return [int(row[places.index(label)]) for label in labels]


@pytest.mark.parametrize("preset", ["si-deng", "de-neng-qin-ji-lian", "beian-pingshi", "xiang-pingshi"])
def test_in_every_row_of_the_tellers_the_votes_add_up_to_the_ballots(preset):
    result = office_result(preset, 8)
    sheet = teller_sheet(result, HEADING)
    assert len(sheet.rows) == sum(len(row.items) for row in result.subjects)
    start = 3 if len(result.scheme.dimensions) > 1 else 2
    for row in sheet.rows:
        assert sum(map(int, row[start:-1])) == int(row[-1])
    casts = [item.counts.cast for row in result.subjects for item in row.items]
    assert [numbers(sheet, row, "合计") for row in sheet.rows] == [[cast] for cast in casts]


def test_the_minutes_say_who_got_what_and_what_it_came_to():
    result = office_result("si-deng", 5)
    sheet = minutes_sheet(result, HEADING, result)
    assert sheet.rows[0][2].startswith("以无记名方式投票，应到 26、实到 25、发出 25、收回 24")
    for (_, name, said), row in zip(sheet.rows[1:], result.subjects, strict=True):
        assert name == row.subject.name
        assert all(f"{share.label} {share.count} 票" in said for share in row.shares)
        assert f"得分 {row.score.text}，名次 {row.rank}" in said


@pytest.mark.parametrize(
    ("present", "said"),
    [
        (25, "，会议有效。"),
        (20, "到会人数不足：应到 26 人，实到 20 人；须达到应到人数的五分之四，至少 21 人"),
        (None, "方为有效"),
    ],
)
def test_the_minutes_call_no_meeting_valid_that_too_few_came_to(present, said):
    result = office_result("si-deng", 5)
    scheme, turnout = replace(result.scheme, quorum=Quorum.FOUR_FIFTHS), replace(result.turnout, present=present)
    whole = replace(result, scheme=scheme, turnout=turnout)
    text = minutes_sheet(result, HEADING, whole).rows[0][2]
    assert said in text
    assert text.endswith("，会议有效。") == (present == 25)


def test_the_approval_names_everybody_once_and_has_room_for_three_seals():
    result = office_result("beian-pingshi-niandu", 12)
    sheet = approval_sheet(result, HEADING)
    listed = [name for label, text in sheet.rows if label.endswith("名单") for name in text.split("、")]
    assert sorted(listed) == sorted(row.subject.name for row in result.subjects)
    assert "应参加考核 12 人" in sheet.rows[0][1]
    seals = [row for row in sheet.rows if "（盖章）" in row[1]]
    assert [row[0] for row in seals] == ["单位意见", "主管部门意见", "人力资源社会保障部门意见"]
    (laid,) = lay_out(sheet)
    for row in seals:
        assert laid.row_height(row) / 56.7 > 35


def test_what_is_reported_names_everybody_with_score_and_tier_and_says_who_has_none_and_why():
    result = office_result("beian-pingshi-niandu", 6)
    first, *others = result.subjects
    without = replace(first, tier=None, tier_label="", decisions=("病假超过半年，不定等次",))
    result = replace(result, subjects=(without, *others))
    sheet = record_sheet(result, HEADING)
    assert sheet.rows[0][4:] == (first.score.text, "未确定等次", "病假超过半年，不定等次")
    assert [(row[1], row[4], row[5]) for row in sheet.rows[1:]] == [
        (row.subject.name, row.score.text, row.tier_label) for row in others
    ]
    assert sheet in [
        replace(each, code="") for each in form_sheets(replace(result, subjects=(without, *others)), HEADING)
    ]


def test_every_period_lists_each_of_its_people_under_one_tier_and_shares_are_of_those_who_took_part():
    result = office_result("beian-pingshi-niandu", 6)
    people = [
        replace(
            row,
            periods=(
                Period("2026年第一季度", tier="好" if at < 2 else "较好"),
                *([Period("2026年第二季度")] if at else []),
            ),
        )
        for at, row in enumerate(result.subjects)
    ]
    result = replace(result, subjects=tuple(people), periods=("2026年第一季度", "2026年第二季度"))
    rows = periods_sheet(result, HEADING).rows
    assert [row[1:4] for row in rows] == [("6", "好", "2"), ("6", "较好", "4"), ("5", "未定等次", "5")]
    assert [row[4] for row in rows] == [
        round_text(Fraction(100, 3), result.scheme.decimals),
        round_text(Fraction(200, 3), result.scheme.decimals),
        round_text(Fraction(100), result.scheme.decimals),
    ]
    assert rows[0][5] == "、".join(row.subject.name for row in people[:2])


def test_the_feedback_has_the_own_score_of_each_side_beside_the_median_of_the_class():
    result = office_result("de-neng-qin-ji-lian", 9)
    own = result.subjects[3]
    sheet = feedback_sheet(result, HEADING, own, own.subject.name)
    assert [row[0] for row in sheet.rows] == [*(item.label for item in own.items), "合计"]
    for at, item in enumerate(own.items):
        middle = median(row.items[at].score.exact for row in result.subjects)
        assert sheet.rows[at][-2:] == (item.score.text, round_text(middle, result.scheme.decimals))
    assert sheet.rows[-1][-2] == own.score.text
    assert own.subject.name in sheet.title


def test_a_class_too_small_to_hide_in_has_no_median():
    result = office_result("si-deng", 9)
    scores = [row.score for row in result.subjects]
    assert median_text(result, scores[: FEWEST_FOR_MEDIAN - 1]) == NOTHING
    assert median_text(result, scores[:FEWEST_FOR_MEDIAN]) != NOTHING
    evenly = [Figure(Fraction(at), str(at)) for at in range(FEWEST_FOR_MEDIAN)]
    assert median_text(result, evenly) == round_text(Fraction(FEWEST_FOR_MEDIAN - 1, 2), result.scheme.decimals)
    few = office_result("si-deng", 3)
    sheet = feedback_sheet(few, HEADING, few.subjects[0], "甲")
    assert sheet.rows[-1][-1] == NOTHING
    assert any("不列中位数" in note for note in sheet.notes)


def test_what_the_sheets_withhold_is_on_no_form():
    result = office_result("de-neng-qin-ji-lian", 7)
    only = tuple(replace(each, groups=(result.scheme.groups[0].key,)) for each in result.scheme.dimensions)
    small = {key: replace(turnout, cast=3) for key, turnout in result.group_turnout.items()}
    hidden = replace(result, scheme=replace(result.scheme, dimensions=only), group_turnout=small)
    assert dimensions_withheld(hidden)
    assert teller_sheet(hidden, HEADING).rows == ()
    assert all(" 票" not in row[2] for row in minutes_sheet(hidden, HEADING, hidden).rows[1:])
    own = hidden.subjects[0]
    sheet = feedback_sheet(hidden, HEADING, own, own.subject.name)
    assert [row[0] for row in sheet.rows] == ["总体评价"]
    assert len(sheet.columns) == 3
    assert dict(appraisal_form(hidden, HEADING, own, "甲").rows)["量化评分"] == f"得分 {own.score.text}"


@pytest.mark.parametrize("preset", ["shengji-abcd", "sifaju-pingshi-jidu", "diwei-pingshi-jidu"])
def test_a_leader_appraises_each_person_beside_the_marks_and_the_tier_that_the_rules_recommend(preset):
    result = office_result(preset, 7)
    parts = result.section_results or (result,)
    rows = [row for part in parts for row in part.subjects]
    sheets = appraisal_sheets(result, HEADING)
    assert [sheet.name for sheet in sheets] == [f"评鉴-{row.subject.name}" for row in rows]
    assert {sheet.code for sheet in sheets} == {verification_code(result)}
    for sheet, row in zip(sheets, rows, strict=True):
        said: dict[str, str] = dict(sheet.rows)
        assert f"得分 {row.score.text}" in said["量化评分"]
        assert row.recommended_label in said["量化评分"]
        if len(row.items) > 1:
            assert all(f"{item.label} {item.score.text}" in said["量化评分"] for item in row.items)
        assert not said["主管领导评鉴意见"].strip()
        assert [len(laid.pages) for laid in lay_out(sheet)] == [1]


@pytest.mark.parametrize("preset", [preset.key for preset in list_presets()])
def test_every_preset_has_its_forms_and_a_sheet_for_each_subject_that_lie_on_paper(preset):
    result = office_result(preset, 7)
    forms, personal = form_sheets(result, HEADING), personal_sheets(result, HEADING)
    subjects = [row.subject for part in result.section_results or (result,) for row in part.subjects]
    feedback = [sheet for sheet in personal if sheet.name.startswith("反馈")]
    assert len(feedback) == len(subjects)
    people = [each for each in subjects if each.kind is SubjectKind.PERSON]
    assert len(personal) - len(feedback) in (0, len(people))
    assert {sheet.code for sheet in (*forms, *personal)} == {verification_code(result)}
    for sheet in (*forms, *personal[:4]):
        assert all(len(row) == len(sheet.columns) for row in sheet.rows)
        assert all(laid.size >= 18 and laid.pages[-1].rows for laid in lay_out(sheet) if sheet.rows)
