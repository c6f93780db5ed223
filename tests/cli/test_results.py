"""A year from its inputs to a corrected result, and a vote on the spot, by script alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from processes import Kaohe

Write = Callable[[str, "str | bytes"], str]

YEAR = """
title = "2026年度公务员考核"
unit = "青山镇"
preset = "zhen-pingshi-niandu"
subjects = ["张伟", "李娜", "王芳"]
periods_file = "quarters.csv"
[[decisions]]
subject = "王芳"
clause = "probation"
reason = "试用期至2027年3月"
"""
QUARTERS = "姓名,时段,得分\n" + "".join(
    f"{name},{quarter},{score}\n"
    for name, scores in (("张伟", (93, 95, 90, 88)), ("李娜", (80, 81, 82, "85.5")), ("王芳", (90, 90, 90, 90)))
    for quarter, score in zip(("第一季度", "第二季度", "第三季度", "第四季度"), scores, strict=True)
)
STEP = "审定"


@pytest.fixture
def year(kaohe: Kaohe, folder: Write) -> str:
    folder("quarters.csv", QUARTERS)
    return kaohe.does("meeting", "create", folder("year.toml", YEAR)).strip()


def test_a_year_without_groups_is_computed_from_its_file(kaohe: Kaohe, year: str) -> None:
    shown = kaohe.run("inputs", "show", year, "--json").json
    assert shown["missing"] == []
    assert [each["reason"] for each in shown["decisions"]] == ["试用期至2027年3月"]
    assert [each["score"] for each in shown["periods"] if each["subject"] == "s2"] == ["80", "81", "82", "85.5"]
    kaohe.does("meeting", "open", year)
    kaohe.does("meeting", "count", year)
    result = kaohe.show(year)["result"]
    # (93 + 95 + 90 + 88) / 4 = 91.5; (80 + 81 + 82 + 85.5) / 4 = 82.125
    assert [row["score"] for row in result["subjects"]] == ["91.50", "82.13", "90.00"]
    assert result["subjects"][2]["tier"] in (None, "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('clause = "probation"', 'clause = "no_such"'), "不适用这一条款"),
        (('reason = "试用期至2027年3月"', 'reason = ""'), "decisions[1].reason"),
        (('subject = "王芳"', 'subject = "王方"'), "decisions[1] 有误：没有考核对象“王方”"),
        (('periods_file = "quarters.csv"', 'periods_file = "none.csv"'), "打不开"),
        (('periods_file = "quarters.csv"', 'scores = { checks = "quarters.csv" }'), "没有需要导入得分的分项"),
        (('preset = "zhen-pingshi-niandu"', 'preset = "si-deng"'), "groups 有误"),
        (('"王芳"]', '{ name = "王芳" }]'), "subjects"),
    ],
)
def test_a_file_whose_inputs_do_not_fit_makes_no_meeting(
    kaohe: Kaohe, folder: Write, change: tuple[str, str], said: str
) -> None:
    folder("quarters.csv", QUARTERS)
    assert change[0] in YEAR
    assert said in kaohe.refuses("meeting", "create", folder("year.toml", YEAR.replace(*change)))
    assert kaohe.run("meeting", "list", "--json").json == []


def test_a_table_that_says_a_quarter_twice_makes_no_meeting(kaohe: Kaohe, folder: Write) -> None:
    path = folder("year.toml", YEAR)
    folder("quarters.csv", f"{QUARTERS}张伟,Q1,70\n")
    assert "第 14 行：前面已有这个考核对象“第一季度”的结果" in kaohe.refuses("meeting", "create", path)
    folder("quarters.csv", f"{QUARTERS}张伟,1月,70\n")
    assert "第一季度" in kaohe.refuses("meeting", "create", path)
    assert kaohe.run("meeting", "list", "--json").json == []


def test_a_published_year_is_ruled_reviewed_and_corrected_by_script(kaohe: Kaohe, folder: Write, year: str) -> None:
    today = f"{datetime.now(UTC).astimezone():%Y-%m-%d}"
    for act in ("open", "count"):
        kaohe.does("meeting", act, year)
    assert "没有等次“特优”" in kaohe.refuses("ruling", "rule", year, STEP, "特优", "李娜", "--reason", "研究")
    assert "理由" in kaohe.refuses("ruling", "rule", year, STEP, "优秀", "李娜", "--reason", " ")
    refused = kaohe.refuses("ruling", "rule", year, STEP, "competent", "王芳", "--reason", "研究确定")
    assert "王芳" in refused
    said = ("--reason", "分管工作被通报", "--day", "2026-12-20", "--minute", "党委会纪要 2026 年第 8 号")
    kaohe.does("ruling", "rule", year, STEP, "称职", "张伟", *said)
    kaohe.does("ruling", "others", year, STEP)
    assert "没有这一步骤" in kaohe.refuses("ruling", "withdraw", year, "审核", "张伟", "--reason", "误录")
    ruled = kaohe.run("ruling", "show", year, "--json").json["subjects"]
    assert [(row["recommended"], row["tier"]) for row in ruled] == [("优秀", "称职"), ("称职", "称职"), ("", "")]

    kaohe.does("meeting", "publish", year)
    assert "没有需要更正" in kaohe.refuses("correction", "publish", year, "--reason", "核对")
    request = ("--day", today, "--request", "第四季度得分录入有误")
    assert kaohe.does("review", "receive", year, "李娜", *request) == "1\n"
    kaohe.does("review", "decide", year, "1", "changed", "--day", today, "--reason", "第四季度应为 95.5 分")
    assert "更正" in kaohe.refuses("review", "answer", year, "1", "--day", today)
    again = folder("again.csv", "姓名,时段,得分\n李娜,第四季度,95.5\n")
    doubted = kaohe.refuses("inputs", "periods", year, again)
    assert "李娜“第四季度”：85.5 → 95.5。请核对后用 --answer 回答" in doubted
    kaohe.does("inputs", "periods", year, again, "--answer", "same")
    shown = kaohe.run("correction", "show", year, "--json").json
    # (80 + 81 + 82 + 95.5) / 4 = 84.625
    assert shown["differences"] == ["李娜：得分 82.13 → 84.63"]
    assert "理由" in kaohe.refuses("correction", "publish", year, "--reason", " ")
    assert kaohe.does("correction", "publish", year, "--reason", "复核更正") == "2\n"
    kaohe.does("review", "answer", year, "1", "--day", today)
    (review,) = kaohe.run("review", "list", year).json["reviews"]
    assert (review["outcome"], review["version"], review["days_taken"]) == ("changed", 2, 0)
    assert kaohe.show(year)["result"]["subjects"][1]["score"] == "84.63"


QUARTER = """
title = "2026年第{number}季度考核"
preset = "zhen-pingshi-niandu"
subjects = ["张伟", "李娜"]
periods_file = "months.csv"
"""
WITH_ITS_MEETING = """
title = "2026年度绩效考核"
preset = "tongjiju-jixiao-niandu"
subjects = [{ name = "张伟", section = "一般人员" }, { name = "李娜", section = "middle" }]
scores = { final = "meeting.csv" }
"""


def test_quarters_and_scores_are_taken_into_their_year_by_script(kaohe: Kaohe, folder: Write) -> None:
    quarters = []
    for number, score in zip("一二三四", (84, 86, 88, 90), strict=True):
        folder("months.csv", f"姓名,时段,得分\n张伟,1月,{score}\n李娜,1月,80\n")
        quarters.append(kaohe.does("meeting", "create", folder("q.toml", QUARTER.format(number=number))).strip())
        for act in ("open", "count"):
            kaohe.does("meeting", act, quarters[-1])
    folder("meeting.csv", "姓名,得分\n张伟,95\n李娜,111\n")
    path = folder("year.toml", WITH_ITS_MEETING)
    assert "第 3 行：得分应为 0 到 110 的数" in kaohe.refuses("meeting", "create", path)
    folder("meeting.csv", "姓名,得分\n张伟,95\n")
    nobodys = folder("nobodys.toml", WITH_ITS_MEETING.replace(', section = "一般人员"', ""))
    assert "「张伟」还没有写明属于哪一张分表" in kaohe.refuses("meeting", "create", nobodys)
    strange = folder("strange.toml", WITH_ITS_MEETING.replace("一般人员", "一般"))
    assert "「张伟」的分表“一般”不在考核方案中" in kaohe.refuses("meeting", "create", strange)
    year = kaohe.does("meeting", "create", path).strip()
    assert "会议编号" in kaohe.refuses("inputs", "take-periods", year, "--from", quarters[0])
    twice = ("--from", f"第一季度={quarters[0]}", "--from", f"第二季度={quarters[0]}")
    assert "一场会议只能计一次" in kaohe.refuses("inputs", "take-periods", year, *twice)
    assert kaohe.run("inputs", "show", year, "--json").json["periods"] == []
    assert [line.split("\t")[0] for line in kaohe.does("inputs", "take-periods", year).splitlines()] == [
        f"第{number}季度" for number in "一二三四"
    ]
    assert "缺少得分：李娜" in kaohe.does("inputs", "show", year)
    assert "没有“王五”" in kaohe.refuses("inputs", "scores", year, "final", folder("bad.csv", "姓名,得分\n王五,9\n"))
    kaohe.does("inputs", "scores", year, "final", folder("more.csv", "姓名,得分\n李娜,90\n"))
    for act in ("open", "count"):
        kaohe.does("meeting", act, year)
    # 87 × 60 % + 95 × 40 % = 90.2; 80 × 60 % + 90 × 40 % = 84
    assert [row["score"] for row in kaohe.show(year)["result"]["subjects"]] == ["90.20", "84.00"]
    kaohe.does("inputs", "clear-scores", year, "final")
    assert "可用的分项是" in kaohe.refuses("inputs", "take-scores", year, "finale", quarters[3])
    kaohe.does("inputs", "take-scores", year, "final", quarters[3])
    scores = kaohe.run("inputs", "show", year, "--json").json["scores"]
    assert [each["score"] for each in scores] == ["90", "80"]
    assert "没有“第五季度”的往期结果" in kaohe.refuses("inputs", "clear-period", year, "第五季度")
    kaohe.does("inputs", "clear-period", year, "Q4")
    assert len(kaohe.run("inputs", "show", year, "--json").json["periods"]) == 6


def test_a_decision_is_made_and_withdrawn_by_script(kaohe: Kaohe, year: str) -> None:
    assert "不适用" in kaohe.refuses("inputs", "decide", year, "李娜", "none", "--reason", "核实")
    assert "理由" in kaohe.refuses("inputs", "decide", year, "李娜", "warned", "--reason", " ")
    decision = kaohe.does("inputs", "decide", year, "李娜", "warned", "--reason", "受警告处分").strip()
    assert f"李娜\twarned\t\t受警告处分\t{decision}" in kaohe.does("inputs", "show", year).splitlines()
    assert "没有编号" in kaohe.refuses("inputs", "withdraw", year, "nothing", "--reason", "重复")
    kaohe.does("inputs", "withdraw", year, decision, "--reason", "处分决定已撤销")
    assert len(kaohe.run("inputs", "show", year, "--json").json["decisions"]) == 1


SPOT = """
title = "年度综合考核"
preset = "si-deng"
subjects = ["一局", "二局", "三局", "四局"]
[[groups]]
label = "全体"
entitled = 3
"""


def test_a_vote_on_the_spot_is_called_and_announced_by_script(kaohe: Kaohe) -> None:
    meeting = kaohe.meeting(SPOT)
    said = ("--title", "特优票决", "--seats", "2")
    assert "勾选" in kaohe.refuses("spot-vote", "call", meeting, *said)
    assert "没有考核对象" in kaohe.refuses("spot-vote", "call", meeting, "五局", *said)
    spot = kaohe.does("spot-vote", "call", meeting, "一局", "二局", "三局", *said).strip()
    assert kaohe.run("spot-vote", "list", meeting).json == [
        {"id": spot, "title": "特优票决", "state": "open", "is_on": True}
    ]
    assert kaohe.refuses("spot-vote", "call", meeting, "一局", "二局", "三局", *said)
    kaohe.does("spot-vote", "announce", meeting, spot)
    assert kaohe.show(spot)["state"] == "published"
    kaohe.does("spot-vote", "dismiss", meeting, spot)
    assert [vote["is_on"] for vote in kaohe.run("spot-vote", "list", meeting).json] == [False]
    assert [each["is_barred"] for each in kaohe.run("spot-vote", "candidates", meeting).json] == [False] * 4
