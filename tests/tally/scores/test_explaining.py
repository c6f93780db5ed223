from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, Decision, GradeCounts, Subject, Turnout
from kaohe.tally.notes.settings import scheme_notes
from kaohe.tally.scheme.scheme import AbstentionRule, EmptyGroupRule, InvalidRule, PercentBase, TieRule, VoterGroup

GROUPS = (
    VoterGroup("a", "A票", Fraction(2, 5)),
    VoterGroup("b", "B票", Fraction(3, 10)),
    VoterGroup("c", "C票", Fraction(3, 10)),
)
SI_DENG = load_preset("si-deng")
FIVE = load_preset("de-neng-qin-ji-lian")
ZHANG = Subject(key="zhang", name="张三")


def explained(scheme, votes):
    cells = {key: GradeCounts(grades) for key, grades in votes.items()}
    turnout = {group: Turnout(cast=sum(grades)) for (group, _, _), grades in votes.items()}
    return tally(Count(scheme, (ZHANG,), cells, turnout)).subjects[0].explain


THREE_GROUPS = {
    ("a", "zhang", "overall"): (4, 1, 0, 0),
    ("b", "zhang", "overall"): (9, 3, 0, 0),
    ("c", "zhang", "overall"): (18, 9, 2, 1),
}
TWO_GROUPS = {key: votes for key, votes in THREE_GROUPS.items() if key[0] != "c"}


def test_group_means_are_shown_before_they_are_weighted():
    assert explained(replace(SI_DENG, groups=GROUPS), THREE_GROUPS) == (
        (
            "A票：优秀 4 票 × 100 分 + 称职 1 票 × 80 分 + 基本称职 0 票 × 60 分 + 不称职 0 票 × 0 分 = 480；"
            "480 ÷ 有效票 5 = 96"
        ),
        (
            "B票：优秀 9 票 × 100 分 + 称职 3 票 × 80 分 + 基本称职 0 票 × 60 分 + 不称职 0 票 × 0 分 = 1140；"
            "1140 ÷ 有效票 12 = 95"
        ),
        (
            "C票：优秀 18 票 × 100 分 + 称职 9 票 × 80 分 + 基本称职 2 票 × 60 分 + 不称职 1 票 × 0 分 = 2640；"
            "2640 ÷ 有效票 30 = 88"
        ),
        "各票种加权：96 × 40% + 95 × 30% + 88 × 30% = 93.3，四舍五入保留 2 位得 93.30",
    )


def test_an_empty_group_is_shown_to_leave_its_weight_to_the_others():
    steps = explained(replace(SI_DENG, groups=GROUPS), TWO_GROUPS)
    assert steps[2] == "C票：没有可以计分的票"
    assert steps[3] == (
        "各票种加权：（96 × 40% + 95 × 30%）÷ 70% = 66.9 ÷ 70% = 95.571428…，其中 C票 无票，权重按比例分给其余票种，"
        "四舍五入保留 2 位得 95.57"
    )


def test_an_empty_group_is_shown_to_count_zero():
    steps = explained(replace(SI_DENG, groups=GROUPS, empty_group=EmptyGroupRule.ZERO), TWO_GROUPS)
    assert steps[3] == "各票种加权：96 × 40% + 95 × 30% + C票 0 分 = 66.9，四舍五入保留 2 位得 66.90"


def test_dimensions_are_weighted_last():
    votes = {("all", "zhang", dimension.key): (2, 1, 0, 0) for dimension in FIVE.dimensions}
    steps = explained(FIVE, votes)
    assert len(steps) == 6
    assert steps[0] == (
        "【德】优秀 2 票 × 100 分 + 称职 1 票 × 80 分 + 基本称职 0 票 × 60 分 + 不称职 0 票 × 0 分 = 280；"
        "280 ÷ 有效票 3 = 93.333333…"
    )
    assert steps[5] == (
        "各维度加权：德 93.333333… × 20% + 能 93.333333… × 20% + 勤 93.333333… × 20% + 绩 93.333333… × 20%"
        " + 廉 93.333333… × 20% = 93.333333…，四舍五入保留 2 位得 93.33"
    )


def test_the_notes_of_the_default_scheme_name_every_setting():
    assert scheme_notes(SI_DENG) == (
        "分值：优秀 100 分、称职 80 分、基本称职 60 分、不称职 0 分。",
        "得分：各等次票数乘以分值之和，除以有效票；有效票是在该对象、该维度上评了等次的票。",
        "弃权和漏选：不计分，也不计入除数。",
        "占比：各等次票数除以有效票。",
        "称职以上率：优秀与称职的票数之和除以有效票。",
        "各项占比分别四舍五入，合计可能不是 100%，不作调平。",
        "舍入：全程按分数精确计算，只在最后四舍五入一次，保留 2 位小数。",
        "名次：在同一类别内按印出的得分排列，得分相同的名次并列，其后名次顺延（1、2、2、4）。",
        "无效票：一项选了两个以上等次的，整张票无效。",
    )


def test_the_notes_follow_every_setting_that_is_changed():
    notes = "\n".join(
        scheme_notes(
            replace(
                FIVE,
                grades=FIVE.grades[:3],
                groups=GROUPS,
                score_base=PercentBase.ENTITLED,
                rate_base=PercentBase.CAST,
                empty_group=EmptyGroupRule.ZERO,
                tie_rule=TieRule.TOP_GRADES,
                invalid_rule=InvalidRule.CELL,
                top_grade_limit=3,
                decimals=1,
            )
        )
    )
    for sentence in (
        "得分：各等次票数乘以分值之和，除以应到人数。",
        "都在应到人数之内，相当于按 0 分计。",
        "占比：各等次票数除以收回票数，各票种合并计算。",
        "按权重（A票 40%、B票 30%、C票 30%）加权，票数不合并。",
        "没有可以计分的票的票种按 0 分计，并作提示。",
        "各维度得分按权重（德 20%、能 20%、勤 20%、绩 20%、廉 20%）加权。",
        "保留 1 位小数",
        "依次比较最高等次、次高等次的票数",
        "该项无效，其余各项有效",
        "至多评 3 个优秀，超过的，该维度上的这些评价无效。",
    ):
        assert sentence in notes
    assert "称职以上率：优秀与称职的票数之和除以收回票数。" in notes
    assert "弃权等：弃权、漏选、无效和没有投的合计，与各等次合起来是 100%。" in notes
    assert "以上率" not in "".join(scheme_notes(replace(FIVE, grades=FIVE.grades[:2])))


def test_the_notes_say_that_abstentions_count_zero():
    assert "弃权和漏选：按 0 分计，计入除数。" in scheme_notes(replace(SI_DENG, abstention=AbstentionRule.ZERO))


def test_the_notes_say_that_weights_are_shared_and_that_the_limit_voids_the_ballot():
    notes = scheme_notes(replace(SI_DENG, groups=GROUPS, top_grade_limit=2))
    assert "无票的票种：没有可以计分的票的票种，其权重按比例分给其余票种，并作提示。" in notes
    assert notes[-1] == "名额：每张票在每个维度上至多评 2 个优秀，超过的，整张票无效。"


def test_everything_after_the_votes_is_shown_up_to_the_tier():
    scheme = load_preset("xiang-pingshi")
    votes = {"zhang": (10, 0, 0, 0), "li": (8, 2, 0, 0), "wang": (8, 2, 0, 0), "zhao": (0, 0, 0, 10)}
    subjects = tuple(Subject(key=key, name=key) for key in votes)
    cells = {("all", key, each.key): GradeCounts(votes[key]) for key in votes for each in scheme.dimensions}
    imported = {("quantified", key): Fraction(95) for key in votes}
    rows = tally(Count(scheme, subjects, cells, {"all": Turnout(cast=10)}, imported=imported)).subjects
    # Six leaves have a step each, then the branch, then the whole.
    assert rows[0].explain[6] == "【绩】业务工作 100 × 70% + 联系村和中心工作 100 × 30% = 100"
    assert (
        rows[0].explain[7]
        == "各维度加权：德 100 × 20% + 能 100 × 20% + 勤 100 × 20% + 绩 100 × 20% + 廉 100 × 20% = 100"
    )
    assert rows[0].explain[8:] == (
        "量化考核（导入）：95 分",
        "各分项加权：民主测评 100 × 30% + 量化考核 95 × 70% = 96.5，四舍五入保留 2 位得 96.50",
        "定档：96.5 ≥ 90，为优秀",
        "优秀名额：按得分从高到低，在名额之内",
    )
    assert rows[1].explain[-1] == "优秀名额：名额已满，改为称职"
    assert rows[3].explain[-1] == "定档：66.5 ≥ 60，为基本称职"


def test_the_band_of_a_component_and_a_veto_are_shown():
    team = load_preset("ganbu-zonghe").sections[0].scheme
    cells = {("all", "zhang", each.key): GradeCounts((7, 3, 0, 0)) for each in team.dimensions}
    veto = Decision("zhang", "safety", "较大事故")
    count = Count(
        team, (ZHANG,), cells, {"all": Turnout(cast=10)}, imported={("goals", "zhang"): Fraction(92)}, decisions=(veto,)
    )
    steps = tally(count).subjects[0].explain
    assert "群众公认度测评的评价：94 ≥ 90，为好" in steps
    assert steps[-2:] == ("定档：92 ≥ 90，为达标", "一票否决：安全一票否决（较大事故）：定为不达标")
