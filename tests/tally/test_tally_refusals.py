"""Counts, decisions and components that no result can be made of; nothing is guessed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.awards.electing import check_competition
from kaohe.tally.model import Count, Decision, GradeCounts, Period, Subject, Turnout
from kaohe.tally.periods import NOT_ASSESSED
from kaohe.tally.scheme.refusals import CompetitionError, ComponentError, ConservationError, DecisionError
from kaohe.tally.scheme.scheme import InvalidRule, PercentBase

ZHANG, LI = Subject(key="zhang", name="张三"), Subject(key="li", name="李四")
ROUTINE = load_preset("beian-pingshi")
YEAR = load_preset("zhen-pingshi-niandu")
NUMBERS = load_preset("zhen-pingshi")
FOUR = load_preset("si-deng")


def routine(*decisions, scheme=ROUTINE):
    cells = {
        ("section_head", subject.key, each.key): GradeCounts((), numbers=((Fraction(3), 1),))
        for subject in (ZHANG, LI)
        for each in scheme.dimensions
    }
    return Count(scheme, (ZHANG, LI), cells, {"section_head": Turnout(cast=1)}, decisions=decisions)


@pytest.mark.parametrize(
    ("decisions", "says"),
    [
        ([Decision("nobody", "bonus", "表彰", Fraction(1))], "没有考核对象「nobody」"),
        ([Decision("zhang", "prize", "表彰", Fraction(1))], "「prize」不是本方案的条款"),
        ([Decision("zhang", "bonus", " ", Fraction(1))], "没有写明理由"),
        ([Decision("zhang", "bonus", "表彰")], "大于 0 的分值"),
        ([Decision("zhang", "bonus", "表彰", Fraction(-1))], "大于 0 的分值"),
        ([Decision("zhang", "probation", "新录用", Fraction(1))], "不能写分值"),
        ([Decision("zhang", "bonus", "表彰", Fraction(1))] * 2, "只能计一次"),
        ([Decision("zhang", "outright_good", "甲"), Decision("zhang", "outright_poor", "乙")], "两个不同的档次"),
        ([Decision("zhang", "outright_good", "甲")], "超过了名额"),
    ],
)
def test_a_decision_that_cannot_be_applied_is_refused(decisions, says):
    with pytest.raises(DecisionError, match=says):
        tally(routine(*decisions))


def test_a_clause_with_fixed_points_needs_none_and_takes_no_others():
    clauses = (replace(ROUTINE.clauses[0], points=Fraction(2)),)
    scheme = replace(ROUTINE, clauses=clauses)
    assert tally(routine(Decision("zhang", "bonus", "表彰"), scheme=scheme)).subjects[0].score.text == "53.00"
    with pytest.raises(DecisionError, match="由方案规定为 2 分"):
        tally(routine(Decision("zhang", "bonus", "表彰", Fraction(3)), scheme=scheme))


@pytest.mark.parametrize(
    ("periods", "says"),
    [
        ((), "有 0 期结果，应有 4 期"),
        ((Period("一季度", Fraction(90)),) * 5, "有 5 期结果，应有 4 期"),
        ((Period("一季度"),), "一季度的结果不能折算"),
        ((Period("一季度", tier=NOT_ASSESSED), Period("二季度", tier=NOT_ASSESSED)), "各期都未定等次"),
    ],
)
def test_periods_that_make_no_year_are_refused(periods, says):
    with pytest.raises(ComponentError, match=says):
        tally(Count(YEAR, (ZHANG,), {}, {}, history={"zhang": periods}))


def test_an_imported_score_out_of_bounds_is_refused():
    scheme = load_preset("xiang-pingshi")
    cells = {("all", "zhang", each.key): GradeCounts((1, 0, 0, 0)) for each in scheme.dimensions}
    count = Count(scheme, (ZHANG,), cells, {"all": Turnout(cast=1)}, imported={("quantified", "zhang"): Fraction(101)})
    with pytest.raises(ComponentError, match="101 分，不在 0 到 100 之间"):
        tally(count)


def test_without_a_vote_that_counts_there_is_no_final_score():
    scheme = load_preset("xiang-pingshi")
    cells = {("all", "zhang", each.key): GradeCounts((0,) * 4, skipped=1) for each in scheme.dimensions}
    count = Count(scheme, (ZHANG,), cells, {"all": Turnout(cast=1)}, imported={("quantified", "zhang"): Fraction(90)})
    row = tally(count).subjects[0]
    assert (row.score, row.rank, row.tier) == (None, None, None)
    assert row.explain[-2].endswith("因此没有得分。")


@pytest.mark.parametrize(
    ("scheme", "group", "counts", "says"),
    [
        (FOUR, "all", GradeCounts((0,) * 4, numbers=((Fraction(1), 1),)), "是评等次的，却有分数"),
        (NUMBERS, "panel", GradeCounts((1,)), "方案有 0 个等次"),
        (NUMBERS, "panel", GradeCounts((), numbers=((Fraction(101), 1),)), "有不能打的分数 101"),
        (NUMBERS, "panel", GradeCounts((), numbers=((Fraction(90), 2), (Fraction(91), -1))), "有不能打的分数 91"),
    ],
)
def test_a_cell_of_another_scale_is_refused(scheme, group, counts, says):
    with pytest.raises(ConservationError, match=says):
        tally(Count(scheme, (ZHANG,), {(group, "zhang", "overall"): counts}, {group: Turnout(cast=1)}))


def test_grades_where_a_number_belongs_are_refused():
    scheme = load_preset("jingzheng-shanggang")
    cells = {
        ("panel", "zhang", "speech"): GradeCounts((1, 0, 0, 0)),
        ("staff", "zhang", "evaluation"): GradeCounts((1, 0, 0, 0)),
    }
    with pytest.raises(ConservationError, match="是打分的，却有等次的票数"):
        tally(
            replace_subjects(Count(scheme, (), cells, {"panel": Turnout(cast=1), "staff": Turnout(cast=1)}), ZHANG, LI)
        )


def replace_subjects(count, *subjects):
    cells = {(group, subject.key, item): cell for (group, _, item), cell in count.cells.items() for subject in subjects}
    return replace(count, subjects=subjects, cells=cells)


def test_more_ballots_about_a_subject_than_there_are_is_refused():
    count = Count(
        FOUR,
        (ZHANG,),
        {("all", "zhang", "overall"): GradeCounts((2, 0, 0, 0))},
        {"all": Turnout(cast=1)},
        asked={("all", "zhang"): 2},
    )
    with pytest.raises(ConservationError, match="有 2 张票，多于收回的 1 票"):
        tally(count)


ASKING = replace(FOUR, questions=load_preset("ganbu-zonghe").sections[1].scheme.questions)


@pytest.mark.parametrize(
    ("question", "votes", "says"),
    [
        ("weather", (1,), "不属于本场的提问"),
        ("reverse", (2, 0, 0, 0, 0, 0), "与收回的 1 票不符"),
        ("reverse", (1, 0), "与收回的 1 票不符"),
        ("reverse", (-1, 0, 0, 0, 0, 0), "与收回的 1 票不符"),
        ("intent", (1, 1, 0, 0), "与收回的 1 票不符"),
    ],
)
def test_answers_that_cannot_be_true_are_refused(question, votes, says):
    cells = {("all", "zhang", "overall"): GradeCounts((1, 0, 0, 0))}
    count = Count(ASKING, (ZHANG,), cells, {"all": Turnout(cast=1)}, answers={("all", "zhang", question): votes})
    with pytest.raises(ConservationError, match=says):
        tally(count)


@pytest.mark.parametrize(
    ("base", "rate"), [(PercentBase.VALID, "100.00"), (PercentBase.CAST, "50.00"), (PercentBase.ENTITLED, "25.00")]
)
def test_answers_are_divided_by_the_base_of_the_rates(base, rate):
    cells = {("all", "zhang", "overall"): GradeCounts((1, 0, 0, 0), invalid=1)}
    count = Count(
        replace(ASKING, rate_base=base),
        (ZHANG,),
        cells,
        {"all": Turnout(cast=2, invalid=1, entitled=4)},
        answers={("all", "zhang", "reverse"): (1, 0, 0, 0, 0, 0)},
    )
    assert tally(count).subjects[0].answers[0].shares[0].rate.text == rate


def test_where_cells_are_void_one_by_one_only_a_ballot_void_as_a_whole_ticks_nothing():
    cells = {("all", "zhang", "overall"): GradeCounts((1, 0, 0, 0), invalid=3)}
    count = Count(
        replace(ASKING, invalid_rule=InvalidRule.CELL),
        (ZHANG,),
        cells,
        {"all": Turnout(cast=4, invalid=2)},
        answers={("all", "zhang", "reverse"): (1, 0, 0, 0, 0, 0)},
    )
    # Two of the four are void as a whole, one more only in its grade: 1 ÷ 2.
    assert tally(count).subjects[0].answers[0].shares[0].rate.text == "50.00"


def test_a_post_must_have_more_candidates_than_places():
    speech = load_preset("jingzheng-shanggang")
    one_short = [Subject("a", "甲", class_label="主任"), Subject("b", "乙", class_label="主任")]
    check_competition(speech, one_short)
    with pytest.raises(CompetitionError, match="「科长」有 1 名人选、1 个名额"):
        check_competition(speech, [*one_short, Subject("c", "丙", class_label="科长")])
    vote = load_preset("ganbu-zonghe-texuan")
    check_competition(vote, one_short)
    # Half of one candidate is no seat at all.
    with pytest.raises(CompetitionError, match="本场有 1 名人选、0 个名额"):
        check_competition(vote, [Subject("d", "丁")])
    check_competition(FOUR, [Subject("d", "丁")])


def test_a_cell_of_nobody_in_a_meeting_of_sections_is_refused():
    scheme = load_preset("jiguan-xiaoneng")
    count = Count(scheme, (), {("all", "ghost", "duties"): GradeCounts((1, 0, 0, 0))}, {"all": Turnout(cast=1)})
    with pytest.raises(ConservationError, match="不属于本场的票种、对象或维度：all、ghost、duties"):
        tally(count)


def test_what_is_given_outright_takes_its_place_before_the_others():
    scheme = replace(ROUTINE, quotas=(replace(ROUTINE.quotas[0], share=Fraction(1, 2)),))
    rows = tally(routine(Decision("zhang", "outright_good", "抗洪抢险"), scheme=scheme)).subjects
    assert [row.tier_label for row in rows] == ["好", "较差"]
    assert rows[0].explain[-1] == "承担急难险重任务、有显著成绩和贡献（抗洪抢险）：直接定为好"


def test_without_any_period_no_rule_about_periods_holds():
    year = load_preset("beian-pingshi-niandu")
    scheme = replace(FOUR, bands=year.bands, period_rules=year.period_rules)
    cells = {("all", "zhang", "overall"): GradeCounts((1, 0, 0, 0))}
    row = tally(Count(scheme, (ZHANG,), cells, {"all": Turnout(cast=1)})).subjects[0]
    assert (row.tier_label, row.flags) == ("优秀", ())
