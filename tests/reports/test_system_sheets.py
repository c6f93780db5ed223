"""The sheets of the seventeen systems, each made from its own case file by the real tally."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction

import pytest
from case_files import CASES
from reports.results import HEADING, result_of, sheets_of
from reports.test_sheets import matches_snapshot

from kaohe.reports.csv_sheets import csv_text
from kaohe.reports.opinions import ballot_list_sheet
from kaohe.reports.sheet import Sheet
from kaohe.reports.verification import canonical_text, verification_code
from kaohe.tally import tally
from kaohe.tally.model import Count, Flag, GradeCounts, Result, Subject, Turnout
from kaohe.tally.scheme.refusals import TallyError
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Combine, Dimension, VoterGroup


def results() -> dict[str, Result]:
    found = {}
    for path in CASES:
        try:
            found[path.stem] = result_of(path.stem)
        except TallyError:
            continue
    return found


RESULTS = results()


def column(sheet: Sheet, label: str) -> list[str]:
    """The cells under a head, which may be a joined one (群众公认度测评折算（40%）)."""
    place = [each.full_label for each in sheet.columns].index(label)
    return [row[place] for row in sheet.rows]


@pytest.mark.parametrize("name", RESULTS)
def test_every_sheet_of_every_case_is_whole_and_carries_the_code_of_the_result(name):
    result = RESULTS[name]
    sheets = sheets_of(result)
    assert all(len(row) == len(sheet.columns) for sheet in sheets.values() for row in sheet.rows)
    assert {sheet.code for sheet in sheets.values()} == {verification_code(result)}
    assert len({sheet.title for sheet in sheets.values()}) == len(sheets)
    printed = [row for sheet in sheets.values() for row in csv.reader(io.StringIO(csv_text(sheet).decode("utf-8-sig")))]
    for each in result.subjects:
        score = "—" if each.score is None else each.score.text
        assert any(each.subject.name in row and score in row for row in printed)


@pytest.mark.parametrize(
    ("case", "key", "snapshot"),
    [
        ("p16-ganbu-zonghe", "team.summary", "p16_team_summary"),
        ("p16-ganbu-zonghe", "team.answers-reverse", "p16_team_reverse"),
        ("p16-ganbu-zonghe", "head.answers-intent", "p16_head_intent"),
        ("p16-ganbu-zonghe", "team.tiers", "p16_team_tiers"),
        ("p16-ganbu-zonghe", "member.working", "p16_member_working"),
        ("p16-ganbu-zonghe-texuan", "summary", "p16_choice_summary"),
        ("p16-ganbu-zonghe-texuan", "tiers", "p16_choice_tiers"),
        ("p09-beian-pingshi", "summary", "p09_summary"),
        ("p09-beian-pingshi", "tiers", "p09_tiers"),
        ("p11-jiandu-pingshi", "votes-tasks", "p11_tasks"),
        ("p14-diwei-pingshi", "register", "p14_register"),
        ("p14-diwei-pingshi", "votes", "p14_votes"),
        ("p15-tongjiju-jixiao", "staff.votes-withheld", "p15_withheld"),
    ],
)
def test_the_forms_of_the_systems_read_as_filed(case, key, snapshot):
    assert matches_snapshot(snapshot, sheets_of(RESULTS[case])[key])


def test_the_register_has_the_columns_of_the_form():
    sheet = sheets_of(RESULTS["p14-diwei-pingshi"])["register"]
    assert [each.full_label for each in sheet.columns] == [
        "序号",
        "姓名",
        "第一季度",
        "第二季度",
        "第三季度",
        "平时考核优秀率",
        "年终考核测评优秀率",
        "年度考核优秀率",
        "年度考核定等建议",
        "绩效奖励级差建议",
        "备注",
    ]


def test_the_register_says_what_lower_quarters_forbid_of_the_reward_and_has_no_remarks_without_any():
    sheet = sheets_of(RESULTS["p14-diwei-pingshi"])["register"]
    assert column(sheet, "备注") == [
        "",
        "有基本称职，绩效奖励不定优秀级差",
        "有基本称职，绩效奖励不定优秀级差\n两次以上基本称职，绩效奖励不定良好级差及以上",
        "有不称职，绩效奖励不定良好级差及以上",
    ]
    labels = [each.label for each in sheets_of(RESULTS["p12-zhen-pingshi-niandu"])["register"].columns]
    assert labels[-1] == "绩效奖励级差建议"


def test_the_register_has_a_column_per_period_in_time_order_and_a_dash_for_whoever_lacks_one():
    sheet = sheets_of(RESULTS["a-run-follows-time-and-ends-at-a-gap"])["register"]
    assert [each.full_label for each in sheet.columns][2:6] == ["第一季度", "第二季度", "第三季度", "第四季度"]
    assert [row[2:6] for row in sheet.rows] == [
        ("90 好", "60 较差", "60 较差", "90 好"),
        ("50 较差", "—", "52 较差", "93 好"),
        ("—", "50 较差", "50 较差", "—"),
    ]


def test_components_are_printed_with_what_they_bring_and_sum_to_the_score():
    sheet = sheets_of(RESULTS["p16-ganbu-zonghe"])["team.summary"]
    goals, votes = column(sheet, "综合目标考核折算（60%）"), column(sheet, "群众公认度测评折算（40%）")
    sums = [Fraction(one) + Fraction(other) for one, other in zip(goals, votes, strict=True)]
    assert sums == [Fraction(score) for score in column(sheet, "得分")]
    assert column(sheet, "等次") == ["达标", "基本达标", "不达标"]
    assert column(sheet, "说明")[2] == "安全一票否决（发生较大安全事故）"


def test_branch_scores_are_the_sums_of_their_indicators():
    sheets = sheets_of(RESULTS["p09-beian-pingshi"])
    parts = ("votes-workload", "votes-efficiency", "votes-effect")
    leaves = [Fraction(column(sheets[key], "得分")[0]) for key in parts]
    assert Fraction(column(sheets["summary"], "各维度得分绩")[0]) == sum(leaves)
    whole = sum(Fraction(column(sheets["summary"], f"各维度得分{name}")[0]) for name in "德能勤绩廉")
    changes = Fraction(column(sheets["summary"], "加分")[0]) - Fraction(column(sheets["summary"], "减分")[0])
    assert whole + changes == Fraction(column(sheets["summary"], "得分")[0])


def test_numbers_given_are_printed_as_count_highest_lowest_and_mean():
    sheet = sheets_of(RESULTS["p03-jingzheng-shanggang"])["votes-speech"]
    assert column(sheet, "打分票数") == ["5", "5", "5"]
    assert column(sheet, "所打分数最高") == ["94", "95", "84"]
    assert column(sheet, "所打分数最低") == ["86", "89", "78"]
    assert column(sheet, "所打分数平均") == ["90.00", "92.00", "81.00"]


def test_a_sum_on_the_working_sheet_ends_in_the_printed_score():
    for name, result in RESULTS.items():
        for key, sheet in sheets_of(result).items():
            if key != "working" or sheet.withheld:
                continue
            for each in result.subjects:
                steps = "".join(row[2] for row in sheet.rows if row[0].startswith(each.subject.name))
                assert each.score is None or f"得 {each.score.text}" in steps, name


def test_a_place_that_nobody_has_is_said_in_the_summary_and_in_the_list():
    sheets = sheets_of(RESULTS["p16-ganbu-zonghe-texuan"])
    assert column(sheets["summary"], "结果") == ["特优", "待再次投票", "待再次投票", "优秀", "特优", "优秀"]
    assert any("末位票数相同" in note for note in sheets["summary"].notes)


def panel_result(panel: int) -> Result:
    """A panel of so many who give numbers, and twenty who give grades, each on a dimension of its own."""
    whole = RESULTS["p03-jingzheng-shanggang"].scheme
    subjects = (Subject("a", "甲", class_label="主任"), Subject("b", "乙", class_label="主任"))
    cells = {("panel", each.key, "speech"): numbers(*range(80, 80 + panel)) for each in subjects}
    cells |= {("staff", each.key, "evaluation"): GradeCounts((12, 8, 0, 0)) for each in subjects}
    return tally(Count(whole, subjects, cells, {"panel": Turnout(panel), "staff": Turnout(20)}))


def numbers(*given: int) -> GradeCounts:
    found = sorted({number: given.count(number) for number in given}.items())
    return GradeCounts((0, 0, 0, 0), numbers=tuple((Fraction(number), times) for number, times in found))


def text_of(sheets: dict[str, Sheet]) -> str:
    return "\n".join(csv_text(sheet).decode("utf-8-sig") for sheet in sheets.values())


def test_what_only_a_small_panel_gave_is_neither_printed_nor_computable():
    shown = sheets_of(panel_result(5))
    assert column(shown["votes-speech"], "所打分数平均") == ["82.00", "82.00"]
    sheets = sheets_of(panel_result(3))
    # (81 + 92) ÷ 2 = 86.50 is the score; with 81 or with 92 and the votes behind it, the other could be worked out.
    assert "86.50" in text_of(sheets)
    assert "81.00" not in text_of(sheets)
    assert "92.00" not in text_of(sheets)
    assert not [key for key in sheets if key in ("votes-speech", "votes-evaluation", "votes")]
    assert sheets["votes-withheld"].withheld
    assert sheets["working"].withheld
    assert "81.00" not in canonical_text(panel_result(3))


def mixed_result(small: int) -> Result:
    """Two groups that give numbers on the same dimension; the small one gives 63, the other 91."""
    scheme = replace(
        RESULTS["p13-jixiao-pingshi"].scheme,
        dimensions=(Dimension("work", "工作", Fraction(1), NumberScale(Fraction(100))),),
        combine=Combine.SUM,
        groups=(VoterGroup("a", "班子", Fraction(1, 2)), VoterGroup("b", "职工", Fraction(1, 2))),
        bands=(),
        quotas=(),
        flags=(),
        clauses=(),
        bonus_limit=Fraction(0),
        deduction_limit=Fraction(0),
    )
    cells = {("a", "s", "work"): _given(63, small), ("b", "s", "work"): _given(91, 20)}
    return tally(Count(scheme, (Subject("s", "甲"),), cells, {"a": Turnout(small), "b": Turnout(20)}))


def _given(number: int, times: int) -> GradeCounts:
    return GradeCounts((), numbers=((Fraction(number), times),))


def test_the_mean_of_all_numbers_is_withheld_where_it_would_give_away_a_small_group():
    large = sheets_of(mixed_result(5))
    assert column(large["votes-work"], "所打分数平均") == ["85.40"]
    assert column(large["groups"], "班子50%") == ["63.00"]
    small = sheets_of(mixed_result(4))
    assert column(small["summary"], "得分") == ["77.00"]
    # (4 × 63 + 20 × 91) ÷ 24 = 86.33 beside (63 + 91) ÷ 2 = 77.00 would give 63 away.
    coded = json.dumps(json.loads(canonical_text(mixed_result(4))), ensure_ascii=False)
    for text in (text_of(small), coded):
        assert "86.33" not in text
        assert "63" not in text


def test_a_subject_that_few_of_a_large_group_were_asked_about_hides_the_group():
    result = mixed_result(5)
    count = {("a", "s", "work"): _given(63, 2), ("b", "s", "work"): _given(91, 20)}
    asked = tally(
        Count(result.scheme, (Subject("s", "甲"),), count, {"a": Turnout(5), "b": Turnout(20)}, {("a", "s"): 2})
    )
    sheets = sheets_of(asked)
    assert sheets["groups"].withheld
    assert sheets["working"].withheld
    assert "63" not in text_of(sheets)


def test_a_list_of_ballots_is_withheld_where_their_shape_tells_a_small_group():
    ballots = [{("a", "speech"): "90"}, {("a", "evaluation"): "excellent", ("b", "evaluation"): "abstain"}]
    assert ballot_list_sheet(panel_result(3), HEADING, ballots).withheld
    sheet = ballot_list_sheet(panel_result(5), HEADING, ballots)
    assert sheet.rows == (("90", "漏选", "漏选", "漏选"), ("漏选", "优秀", "漏选", "弃权"))


def test_a_list_of_ballots_names_ticks_and_choices():
    ballot = {("水务局", "politics"): "good", ("水务局", "reverse.style"): "ticked", ("张局长", "intent"): "promote"}
    sheet = ballot_list_sheet(RESULTS["p16-ganbu-zonghe"], HEADING, [ballot])
    heads = [each.full_label for each in sheet.columns]
    assert sheet.rows[0][heads.index("水务局思想政治建设")] == "好"
    assert sheet.rows[0][heads.index("水务局工作作风不实")] == "√"
    assert sheet.rows[0][heads.index("水务局团结协作不好")] == ""
    assert sheet.rows[0][heads.index("张局长使用意向")] == "提拔"
    assert sheet.rows[0][heads.index("李副局长使用意向")] == "漏选"


def test_a_list_of_ballots_shows_no_tick_of_a_void_one():
    void = {("水务局", "politics"): "invalid"}
    void |= dict.fromkeys([("水务局", "reverse.style"), ("张局长", "intent")], "void.ballot")
    sheet = ballot_list_sheet(RESULTS["p16-ganbu-zonghe"], HEADING, [void])
    assert (sheet.rows[0].count("无效"), sheet.rows[0].count("√")) == (len(void), 0)


def changed_ones(each):
    """The same subject with one printed thing changed, for each thing that only some systems have."""
    yield replace(each, tier_label="另档")
    yield replace(each, flags=(*each.flags, Flag("x", "另一提示")))
    yield replace(each, decisions=("另一条款（另一理由）",))
    yield replace(each, components=(replace(each.components[0], band_label="另评"), *each.components[1:]))
    share = each.answers[0].shares[0]
    shares = (replace(share, count=share.count + 1), *each.answers[0].shares[1:])
    yield replace(each, answers=(replace(each.answers[0], shares=shares), *each.answers[1:]))
    yield replace(each, bonus=each.score)
    yield replace(each, deduction=each.score)


def test_the_code_changes_with_whatever_one_section_prints():
    result = RESULTS["p16-ganbu-zonghe"]
    team, *others = result.section_results
    first, *rest = team.subjects
    codes = [
        verification_code(replace(result, section_results=(replace(team, subjects=(changed, *rest)), *others)))
        for changed in changed_ones(first)
    ]
    assert len({verification_code(result), *codes}) == 8
