"""口径说明: every preset says what it does, in sentences."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.schemes import list_presets, load_preset
from kaohe.tally.notes.settings import scheme_notes
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.scales import TableRow
from kaohe.tally.scheme.scheme import PercentBase, ScoreRule
from kaohe.tally.scheme.tiers import EdgeTie, Quota, QuotaRounding
from kaohe.tally.scores.banding import band_step

SCHEMES = [section.scheme for preset in list_presets() for section in preset.sections]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.title)
def test_every_preset_states_itself_in_sentences(scheme):
    notes = scheme_notes(scheme)
    assert len(notes) == len(set(notes))
    assert all(note.endswith("。") for note in notes)
    together = "".join(notes)
    for named in (*scheme.components, *scheme.bands, *scheme.clauses, *scheme.period_rules, *scheme.flags):
        assert named.label in together
    assert "None" not in together


@pytest.mark.parametrize(
    ("preset", "sentence"),
    [
        (
            "guji-xiaoneng",
            "分工：德由全体干部职工填写；能由全体干部职工填写；勤由全体干部职工填写；绩由全体干部职工填写；组织评价由领导班子填写。",
        ),
        ("guji-xiaoneng", "条款：受党纪政纪处分——最高为胜任。"),
        (
            "xiang-pingshi",
            "优秀名额：全体不超过参加定档人数的 40%，取整数，最高可调到 50%；边缘并列而名额不够的都不占名额。",
        ),
        ("xiang-pingshi", "最终得分：各分项加权，民主测评（本场测评）30%、量化考核（导入）70%。"),
        ("beian-pingshi", "加分：合计不超过 5 分，同一件事只计一次。"),
        ("beian-pingshi", "维度：各维度得分相加。"),
        ("beian-pingshi-niandu", "规则：均为较差等次——达到各期的 100% 评为较差的，直接定为不称职。"),
        ("beian-pingshi-niandu", "规则：连续两个季度较差，进行诫勉——连续 2 期评为较差的，作出提示。"),
        (
            "shengji-abcd",
            "A名额：全体不超过参加定档人数的 30%，取整数，一般不少于 20%；边缘并列而名额不够的都不占名额。",
        ),
        ("shengji-abcd-niandu", "平时考核成绩：各期档次折算为分数（A 90、B 80、C 70、D 60）后取平均，一年 4 期。"),
        ("shengji-abcd-niandu", "规则：平时考核成绩不足 85 分的不评优秀——平时考核成绩低于 85 分的，最高为称职。"),
        ("shengji-abcd", "复核：对结果不服的，可在公布后 15 日内申请。"),
        ("zhen-pingshi", "打分：季度评分 0–100；得分为各票所打分数之和，除以有效票。"),
        ("diwei-pingshi", "得票率：优秀的票数除以收回票数，乘以 100。"),
        ("diwei-pingshi", "平时考核优秀率：评为优秀的次数除以期数，乘以 100，一年 3 期。"),
        ("ganbu-zonghe-texuan", "票决：名额为人选的 50%，取整数，人选必须多于名额；每票选不超过名额数。"),
        ("jingzheng-shanggang", "差额：每一类别的人选必须多于 1 个，否则不能竞争。"),
    ],
)
def test_a_preset_says(preset, sentence):
    assert sentence in scheme_notes(load_preset(preset))


def test_a_tier_below_every_score_is_no_number_of_points_but_what_rules_and_people_give():
    year = load_preset("diwei-pingshi")
    never = "基本称职、不称职不按得分确定，只由规则或认定得出"
    assert f"定档：按最终得分，优秀 50 分以上、其余为称职；{never}（起点分含本数）。" in scheme_notes(year)
    assert [band_step(year.bands, Fraction(score), None) for score in (50, 49, 0)] == [
        "50 ≥ 50，为优秀",
        "49 < 50，为称职",
        "0 < 50，为称职",
    ]
    # Where points are deducted, a score below 0 is one that somebody can have, and it has a tier of its own.
    deducted = scheme_notes(replace(year, deduction_limit=Fraction(5)))
    assert any("优秀 50 分以上、称职 0 分以上、基本称职 -1 分以上、其余为不称职" in note for note in deducted)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.title)
def test_no_preset_names_points_that_nobody_can_fall_below(scheme):
    assert not any(re.search(r"(?<![0-9.])(0|-[0-9.]+) 分以上", note) for note in scheme_notes(scheme))


def test_the_notes_of_sections_say_what_is_special_to_each():
    team, head, member = (section.scheme for section in load_preset("ganbu-zonghe").sections)
    assert (
        "定档：按综合目标考核的得分，达标 90 分以上、基本达标 80 分以上、其余为不达标；"
        "特优、优秀只由票决或审定确定（起点分含本数）。" in scheme_notes(team)
    )
    assert "群众公认度测评的评价：好 90 分以上、较好 80 分以上、一般 60 分以上、其余为差。" in scheme_notes(team)
    assert "使用意向：只统计，不计分。" in scheme_notes(head)
    assert "最终得分：各分项加权，单位综合目标考核（导入）40%、群众公认度测评（本场测评）60%。" in scheme_notes(member)


def test_settings_that_no_preset_has_are_stated_too():
    four = load_preset("tiyuju-pingshi")
    table = replace(
        four,
        score_by=ScoreRule.TABLE,
        score_base=PercentBase.CAST,
        score_table=(TableRow(Fraction(90), Fraction(200)), TableRow(Fraction(0), Fraction(160), Fraction(30))),
        quotas=(
            Quota(count=2, tie=EdgeTie.UNDECIDED),
            Quota(share=Fraction(1, 5), rounding=QuotaRounding.NEAREST),
        ),
        band_decimals=0,
    )
    notes = scheme_notes(table)
    assert "对照表：按得票率从上到下取第一个符合的：90% 以上得 200 分；0% 以上且其余等次低于 30% 的得 160 分。" in notes
    assert "优秀名额：全体不超过 2 个；边缘并列而名额不够的档次待定。" in notes
    assert "优秀名额：全体不超过参加定档人数的 20%，四舍五入取整数；边缘并列而名额不够的都不占名额。" in notes
    vote = replace(load_preset("ganbu-zonghe-texuan"), choose=Choose(seats=3, most=3, fewest=2))
    assert "票决：名额为 3 个，人选必须多于名额；每票选至多 3 个，至少 2 个。" in scheme_notes(vote)


def test_a_scheme_by_which_the_rest_may_be_graded_at_once_says_so():
    plain = load_preset("si-deng")
    assert not any(note.startswith("其余同评") for note in scheme_notes(plain))
    assert any(note.startswith("其余同评：") for note in scheme_notes(replace(plain, may_fill_rest=True)))


def test_a_scheme_by_which_subjects_may_be_left_out_says_what_that_does_to_their_numbers():
    staff = load_preset("tongjiju-jixiao").sections[0].scheme
    assert staff.may_leave_out
    assert any(note.startswith("不评：") and "收回票数" in note for note in scheme_notes(staff))
