"""``kaohe tally`` for schemes with numbers, sections, components, periods, decisions and questions."""

from __future__ import annotations

import json

import openpyxl
import pytest
from tallying import run, tallied


def refused(*arguments):
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    return done.stderr


def test_numbers_in_a_counts_file(folder):
    counts = folder("counts.csv", "subject,numbers,弃权\n张三,95 96 97,1\n李四,90、80 70,1\n")
    found = tallied("--preset", "zhen-pingshi", "--counts", counts)
    assert [row["score"] for row in found["subjects"]] == ["96.00", "80.00"]
    item = found["subjects"][0]["items"]["季度评分"]
    assert item["numbers"] == {"95": "1", "96": "1", "97": "1"}
    assert item["counts"] == {"弃权": "1", "漏选": "0", "无效": "0"}
    assert found["subjects"][0]["deduction"] == "0.00"


def test_numbers_in_a_ballots_file(folder):
    ballots = folder("ballots.csv", "n,张三,李四\n1,95,90\n2,96,弃权\n3,97.0,70\n")
    found = tallied("--preset", "zhen-pingshi", "--ballots", ballots)
    assert [row["score"] for row in found["subjects"]] == ["96.00", "80.00"]


@pytest.mark.parametrize(("cell", "says"), [("101", "不是可以打的分数"), ("优秀", "不是可以打的分数")])
def test_a_number_that_is_not_on_the_scale_is_refused(folder, cell, says):
    ballots = folder("ballots.csv", f"n,张三\n1,{cell}\n")
    assert f"第 2 行「张三」一列的「{cell}」{says}" in refused("--preset", "zhen-pingshi", "--ballots", ballots)
    second = folder("second.csv", f"n,李四,张三\n1,90,{cell}\n")
    assert f"「张三」一列的「{cell}」" in refused("--preset", "zhen-pingshi", "--ballots", second)
    counts = folder("counts.csv", f"subject,numbers\n张三,{cell}\n")
    assert f"第 2 行的「{cell}」不是「季度评分」" in refused("--preset", "zhen-pingshi", "--counts", counts)
    bare = folder("bare.csv", "subject,弃权\n张三,1\n")
    assert "缺少 numbers 一列" in refused("--preset", "zhen-pingshi", "--counts", bare)


def test_numbers_and_grades_from_two_groups(folder):
    counts = folder(
        "counts.csv",
        "subject,group,item,优秀,称职,基本称职,不称职,numbers\n"
        "甲,考评组,竞职演讲,,,,,90 88 92 86 94\n"
        "甲,全体工作人员,民主测评,12,6,2,0,\n"
        "乙,考评组,竞职演讲,,,,,95 91 93 89 92\n"
        "乙,全体工作人员,民主测评,10,6,3,1,\n",
    )
    found = tallied("--preset", "jingzheng-shanggang", "--counts", counts)
    assert [(row["score"], row["rank"], row["flags"]) for row in found["subjects"]] == [
        ("90.00", "1", ["shortlist"]),
        ("87.50", "2", ["shortlist"]),
    ]
    one = folder("one.csv", "subject,group,item,优秀,称职,基本称职,不称职,numbers\n甲,考评组,竞职演讲,1,,,,90\n")
    assert "「竞职演讲」没有等次「优秀」" in refused("--preset", "jingzheng-shanggang", "--counts", one)
    two = folder("two.csv", "subject,group,item,优秀,称职,基本称职,不称职,numbers\n甲,考评组,民主测评,1,0,0,0,\n")
    assert "票种不填「甲」的「民主测评」" in refused("--preset", "jingzheng-shanggang", "--counts", two)


def test_the_ballots_of_each_group_hold_only_its_own_items(folder):
    ballots = folder(
        "ballots.csv", "n,group,甲|竞职演讲,甲|民主测评,乙|竞职演讲,乙|民主测评\n1,panel,90,,80,\n2,staff,,优秀,,称职\n"
    )
    found = tallied("--preset", "jingzheng-shanggang", "--ballots", ballots)
    assert [row["score"] for row in found["subjects"]] == ["95.00", "80.00"]
    wrong = folder("wrong.csv", "n,group,甲|竞职演讲,甲|民主测评\n1,panel,90,优秀\n")
    assert "没有的测评项" in refused("--preset", "jingzheng-shanggang", "--ballots", wrong)


TEAM_DIMENSIONS = ["思想政治建设", "工作实绩", "执政能力", "团结协作", "廉洁勤政"]
HEAD_DIMENSIONS = ["思想政治素质", "组织领导能力", "工作作风", "工作实绩", "廉洁自律", "团结协作", "人品道德"]
SUBJECTS = "subject,kind,class,section,unit\n水务局,班子,政府部门组,,水务局\n张局长,人,,党政主要负责人,水务局\n"


def whole_meeting(folder, *more):
    header = ["n", *(f"水务局|{each}" for each in TEAM_DIMENSIONS), *(f"张局长|{each}" for each in HEAD_DIMENSIONS)]
    header += ["水务局|逆向测评|工作作风不实", "张局长|使用意向"]
    rows = [
        ["1", *["好"] * 5, *["优秀"] * 7, "√", "提拔"],
        ["2", *["6"] * 5, *["5"] * 7, "", "continue"],
    ]
    ballots = folder("ballots.csv", "\n".join(",".join(row) for row in [header, *rows]) + "\n")
    return (
        "--preset", "ganbu-zonghe", "--ballots", ballots, "--map", "6=较好,5=称职",
        "--subjects", folder("subjects.csv", SUBJECTS), *more,
    )  # fmt: skip


def test_sections_components_questions_and_decisions_together(folder):
    goals = folder("goals.csv", "subject,综合目标考核\n水务局,92\n张局长,95.5\n")
    decisions = folder("decisions.csv", "subject,clause,reason\n水务局,安全一票否决,较大事故\n")
    arguments = whole_meeting(folder, "--component", goals, "--decisions", decisions, "--decimals", "1")
    team, head = tallied(*arguments)["subjects"]
    assert team["components"] == {"综合目标考核": "92.0", "群众公认度测评": "90.0"}
    assert (team["score"], team["tier"]) == ("91.2", "不达标")
    assert team["flags"] == ["safety"]
    assert team["answers"]["逆向测评"]["工作作风不实"] == {"count": "1", "rate": "50.0"}
    # 95.5 × 60% + 90 × 40% = 57.3 + 36 = 93.3
    assert (head["score"], head["votes_score"], head["tier"]) == ("93.3", "90.0", "优秀")
    assert head["answers"]["使用意向"]["继任"] == {"count": "1", "rate": "50.0"}
    done = run(*arguments)
    assert done.exit_code == 0
    for text in (
        "领导班子",
        "党政主要负责人",
        "不达标",
        "安全一票否决",
        "90.0\n" if False else "好",
        "【领导班子】满票",
    ):
        assert text in done.stdout


def test_a_subject_without_a_section_is_refused(folder):
    arguments = whole_meeting(folder)
    assert "「水务局|思想政治建设」" not in refused(*arguments)
    assert "缺少「单位综合目标考核」的得分" in refused(*arguments) or "缺少「综合目标考核」的得分" in refused(
        *arguments
    )
    nobody = folder("nobody.csv", "n,李某|工作作风\n1,优秀\n")
    assert "应写明属于哪一张分表" in refused("--preset", "ganbu-zonghe", "--ballots", nobody)


def test_a_scheme_without_votes_needs_no_ballots(folder):
    history = folder(
        "history.csv", "subject,period,score\n张三,四季度,88\n张三,Q1,93\n张三,第2季度,95\n张三,三季度,90\n"
    )
    found = tallied("--preset", "zhen-pingshi-niandu", "--history", history)
    assert found["subjects"][0]["score"] == "91.50"
    assert found["subjects"][0]["explain"] == [
        "季度考核：（93 + 95 + 90 + 88）÷ 4 = 91.5",
        "各分项加权：季度考核 91.5 × 100% = 91.5，四舍五入保留 2 位得 91.50",
        "定档：91.5 ≥ 90，为优秀",
    ]
    assert "请用 --subjects 给出名单" in refused("--preset", "zhen-pingshi-niandu")


def test_periods_with_tiers_and_flags(folder):
    counts = folder(
        "counts.csv",
        "subject,item,优秀,称职,基本称职,不称职\n" + "".join(f"张三,{item},27,15,2,1\n" for item in "德能勤绩廉"),
    )
    history = folder("history.csv", "subject,tier,flags\n张三,优秀,\n张三,称职,a b\n张三,优秀,\n")
    found = tallied("--preset", "diwei-pingshi", "--counts", counts, "--history", history)
    assert found["subjects"][0]["score"] == "62.67"
    assert found["findings"] == ["优秀名额：全体参加定档 1 个 × 80%，名额 0 个。"]


def test_bonus_and_a_subject_on_fewer_ballots(folder):
    rows = "".join(
        f"{name},{group},{item},{numbers},{asked}\n"
        for name in ("张三", "李四")
        for group, numbers, asked in (
            ("全员互评", "10 12 14", "3"),
            ("中层干部", "12 12", ""),
            ("分管领导", "13", "1"),
            ("主要负责人", "15", ""),
        )
        for item in ("任务完成", "工作质量", "精神状况", "开拓创新", "协调协作", "廉政勤政")
    )
    counts = folder("counts.csv", f"subject,group,item,numbers,asked\n{rows}")
    subjects = folder("subjects.csv", "subject,section\n张三,staff\n李四,staff\n")
    decisions = folder("decisions.csv", "subject,clause,reason,amount\n张三,research,两篇调研,3\n")
    more = ("--cast", "全员互评=4", "--cast", "分管领导=2", "--subjects", subjects, "--decisions", decisions)
    found = tallied("--preset", "tongjiju-jixiao", "--counts", counts, *more)
    assert [(row["score"], row["bonus"]) for row in found["subjects"]] == [("81.00", "3.00"), ("78.00", "0.00")]


@pytest.mark.parametrize(
    ("option", "content", "says"),
    [
        ("--subjects", "name\n张三\n", "第 1 行缺少 subject"),
        ("--subjects", "subject,age\n张三,40\n", "第 1 行的「age」无法识别"),
        ("--subjects", "subject\n张三\n张三\n", "第 3 行的「张三」重复"),
        ("--subjects", "subject,section\n张三,七\n", "第 2 行的分表「七」不在本方案中"),
        ("--subjects", "subject,kind\n张三,马\n", "类型「马」应为人或班子"),
        ("--subjects", "subject,kind\n,人\n", "第 2 行没有考核对象"),
        ("--component", "subject,天气\n张三,1\n", "第 1 行的「天气」不是本方案的分项，可用的有：routine、季度考核"),
        ("--component", "subject,routine\n张三,好\n", "第 1 行"),
        ("--history", "subject,score\n张三,好\n", "第 2 行的「好」不是数字"),
        ("--decisions", "subject,clause,reason\n张三,奖金,好\n", "第 2 行的条款「奖金」不在本方案中"),
    ],
)
def test_a_file_beside_the_votes_that_cannot_be_used_is_refused_with_its_row(folder, option, content, says):
    history = folder("good.csv", "subject,score\n张三,90\n")
    preset = "zhen-pingshi-niandu"
    says = says.replace("routine、季度考核", "quarters、季度考核")
    message = refused("--preset", preset, "--history", history, option, folder("bad.csv", content))
    assert says in message


def test_nobody_rates_himself_on_a_ballot_of_a_relation(folder):
    scheme = folder(
        "mutual.toml",
        'format = 1\nkey = "mutual"\ntitle = "互评"\nnumber = { max = 100 }\n'
        'dimensions = [{ key = "overall", label = "总评", weight = 100 }]\n',
    )
    ballots = folder("ballots.csv", "n,张三,李四,王五\n1,不评,90,80\n2,100,不评,90\n3,90,70,不评\n")
    found = tallied("--scheme", scheme, "--ballots", ballots, "--decimals", "0")
    assert [row["score"] for row in found["subjects"]] == ["95", "80", "85"]
    assert found["turnout"]["cast"] == "3"


def test_a_name_with_a_bar_is_read_as_a_name(folder):
    ballots = folder("ballots.csv", "n,一组|张三|总体评价\n1,优秀\n")
    assert tallied("--preset", "si-deng", "--ballots", ballots)["subjects"][0]["subject"] == "一组|张三"
    wrong = folder("wrong.csv", "n,一组|张三\n1,优秀\n")
    assert "应写成“姓名|维度”" in refused("--preset", "si-deng", "--ballots", wrong)


def test_points_are_changed_in_every_section(folder):
    counts = folder(
        "counts.csv",
        "subject,item,优秀,称职,基本称职,不称职\n"
        + "".join(f"张三,{item},1,1,0,0\n" for item in ("履行职能职责", "制度建设", "效能效率", "工作作风")),
    )
    checks = folder("checks.csv", "subject,checks\n张三,100\n")
    more = ("--component", checks, "--points", "90,70,50,30")
    # (90 + 70) ÷ 2 × 70% + 100 × 30% = 56 + 30
    assert tallied("--preset", "jiguan-xiaoneng", "--counts", counts, *more)["subjects"][0]["score"] == "86.00"


def test_a_workbook_holds_the_sheets_to_file(folder, tmp_path):
    counts = folder("counts.csv", "subject,numbers\n张三,95 96 97\n李四,90 80 70\n")
    target = tmp_path / "结果.xlsx"
    done = run("--preset", "zhen-pingshi", "--counts", counts, "--json", "--xlsx", str(target))
    assert done.exit_code == 0
    assert [row["score"] for row in json.loads(done.stdout)["subjects"]] == ["96.00", "80.00"]
    assert str(target) in done.stderr
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["汇总表", "打分-季度评分", "核算过程", "口径说明"]
    rows = {row[1]: row for row in book["打分-季度评分"].iter_rows(values_only=True) if row[1] in ("张三", "李四")}
    assert rows["张三"][-4:] == (97, 95, 96.0, 96.0)
    assert rows["李四"][-4:] == (90, 70, 80.0, 80.0)


def test_a_workbook_withholds_what_would_give_away_a_small_group(folder, tmp_path):
    counts = folder(
        "counts.csv", "subject,group,item,numbers\n" + "".join(f"张三,{g},工作目标,{n}\n" for g, n in GIVEN)
    )
    scheme = folder("scheme.toml", SMALL_GROUPS)
    target = tmp_path / "结果.xlsx"
    assert run("--scheme", scheme, "--counts", counts, "--xlsx", str(target)).exit_code == 0
    book = openpyxl.load_workbook(target)
    told = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "77" in told
    assert not {"63", "91", "86.33"} & told
    assert "为保护无记名" in str(book["票种得分"]["A2"].value)


GIVEN = (("班子", "63 63 63 63"), ("职工", " ".join(["91"] * 20)))
SMALL_GROUPS = """
format = 1
key = "two-groups"
title = "两个票种打分"
number = { max = 100 }
dimensions = [{ key = "work", label = "工作目标", weight = 100 }]
groups = [{ key = "a", label = "班子", weight = 50 }, { key = "b", label = "职工", weight = 50 }]
"""


@pytest.mark.parametrize(("name", "says"), [("结果.csv", "应以 .xlsx 结尾"), ("无此文件夹/结果.xlsx", "不能写入")])
def test_a_workbook_that_cannot_be_written_is_refused(folder, tmp_path, name, says):
    counts = folder("counts.csv", "subject,numbers\n张三,95 96 97\n")
    target = tmp_path / name
    assert says in refused("--preset", "zhen-pingshi", "--counts", counts, "--xlsx", str(target))
    assert not target.exists()


CHOOSE = ("--preset", "ganbu-zonghe-texuan")


@pytest.mark.parametrize(
    ("rows", "options", "says"),
    [
        # Two candidates for one place: ten ballots pick at most ten times.
        (
            "甲,7,3\n乙,4,6\n",
            (),
            "第 2、3 行：各人共得「赞成」11 票，而有效的 10 张票每票最多选 1 个，合计不会超过 10 票",
        ),
        ("甲,12,0\n乙,0,10\n", (), "第 3 行合计 10 票，与收回的 12 票不符"),
        ("甲,12,0\n乙,0,10\n", ("--cast", "10"), "第 2 行合计 12 票，与收回的 10 票不符"),
        ("甲,12,0\n乙,0,12\n", ("--issued", "10"), "收回票（12）多于发出票（10）"),
    ],
)
def test_picks_that_no_pile_of_ballots_can_hold_are_refused_with_their_rows(folder, rows, options, says):
    counts = folder("counts.csv", f"subject,赞成,不选\n{rows}")
    assert says in refused(*CHOOSE, "--counts", counts, *options)


def test_picks_that_the_ballots_can_just_hold_elect(folder):
    counts = folder("counts.csv", "subject,赞成,不选\n甲,7,3\n乙,3,7\n")
    found = tallied(*CHOOSE, "--counts", counts)
    assert [row["tier"] for row in found["subjects"]] == ["特优", "优秀"]


def test_of_many_rows_with_impossible_picks_the_first_are_named_and_of_sections_only_their_own(folder):
    scheme = folder(
        "scheme.toml",
        """
format = 1
key = "liang-ci"
title = "两类票决"
score_by = "votes"
abstention_allowed = false
grades = [{ key = "yes", label = "赞成", points = 1 }, { key = "no", label = "不选", points = 0 }]
dimensions = [{ key = "overall", label = "票决", weight = 100 }]
sections = [
  { key = "few", label = "甲类", choose = { seats = 1 } },
  { key = "many", label = "乙类", choose = { seats = 1 } },
]
""",
    )
    few, many = ["一", "二"], ["三", "四", "五", "六", "七", "八"]
    subjects = (
        "subject,section\n" + "".join(f"{name},few\n" for name in few) + "".join(f"{name},many\n" for name in many)
    )
    counts = "subject,赞成,不选\n" + "".join(f"{name},1,1\n" for name in few + many)
    says = refused(
        "--scheme", scheme, "--subjects", folder("subjects.csv", subjects), "--counts", folder("counts.csv", counts)
    )
    assert "第 4、5、6、7、8 等行：各人共得「赞成」6 票，而有效的 2 张票每票最多选 1 个" in says
