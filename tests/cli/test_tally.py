"""``kaohe tally``: what it prints, what it refuses, and the 559 real ballots."""

from __future__ import annotations

import csv
import os
import threading
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from tallying import run, tallied

REAL_BALLOTS = Path(__file__).parents[2] / "kaohe" / "data" / "orsay-2007-bureau-01.csv"
REAL_MAP = "6=优秀,5=称职,4=称职,3=基本称职,2=基本称职,1=不称职,0=弃权"
HEADER = "subject,优秀,称职,基本称职,不称职"
THREE_GROUPS = """
format = 1
key = "san-piao"
title = "三类票"

[[grades]]
key = "excellent"
label = "优秀"
points = 100

[[grades]]
key = "competent"
label = "称职"
points = 80

[[grades]]
key = "basically_competent"
label = "基本称职"
points = 60

[[grades]]
key = "incompetent"
label = "不称职"
points = 0

[[dimensions]]
key = "overall"
label = "总体评价"
weight = 100

[[groups]]
key = "a"
label = "A票"
weight = 40

[[groups]]
key = "b"
label = "B票"
weight = 30

[[groups]]
key = "c"
label = "C票"
weight = 30
"""


def refused(*arguments):
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("错误：")
    return done.stderr


def numbers_in(value):
    if isinstance(value, dict):
        return [number for each in value.values() for number in numbers_in(each)]
    if isinstance(value, list):
        return [number for each in value for number in numbers_in(each)]
    return [value] if isinstance(value, (int, float)) else []


def test_the_real_ballots_agree_with_a_count_by_other_means():
    found = tallied("--preset", "si-deng", "--ballots", str(REAL_BALLOTS), "--map", REAL_MAP)

    labels = {"6": "优秀", "5": "称职", "4": "称职", "3": "基本称职", "2": "基本称职", "1": "不称职", "0": "弃权"}
    points = {"优秀": 100, "称职": 80, "基本称职": 60, "不称职": 0}
    with REAL_BALLOTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "ballot"]

    def two_places(top, bottom):
        # With at most 559 below the line, a quotient is never so near a tie that 28 digits could round it wrongly.
        return str((Decimal(top) / Decimal(bottom)).quantize(Decimal("0.01"), ROUND_HALF_UP))

    votes = {name: Counter(labels[row[name]] for row in rows) for name in names}
    valid = {name: sum(votes[name][label] for label in points) for name in names}
    scores = {
        name: two_places(sum(points[label] * votes[name][label] for label in points), valid[name]) for name in names
    }
    assert len(rows) == 559
    assert [subject["subject"] for subject in found["subjects"]] == names
    for subject in found["subjects"]:
        name = subject["subject"]
        expected_counts = {label: str(votes[name][label]) for label in (*points, "弃权")}
        assert subject["counts"] == expected_counts | {"漏选": "0", "无效": "0"}
        assert subject["rates"] == {label: two_places(100 * votes[name][label], valid[name]) for label in points} | {
            "称职以上": two_places(100 * (votes[name]["优秀"] + votes[name]["称职"]), valid[name])
        }
        assert subject["score"] == scores[name]
        assert subject["rank"] == str(1 + sum(Decimal(other) > Decimal(scores[name]) for other in scores.values()))
    assert found["turnout"]["cast"] == "559"
    assert found["turnout"]["valid"] == "559"
    assert found["warnings"] == []


def test_the_json_has_the_shape_of_the_contract(folder):
    counts = folder("counts.csv", f"{HEADER},弃权,无效\n张三,4,2,0,0,1,1\n李四,0,0,0,0,7,1\n")
    found = tallied("--preset", "si-deng", "--counts", counts, "--entitled", "10", "--present", "9", "--issued", "8")
    assert found == {
        "scheme": "si-deng",
        "turnout": {"entitled": "10", "present": "9", "issued": "8", "cast": "8", "valid": "7", "invalid": "1"},
        "subjects": [
            {
                "subject": "张三",
                "key": "张三",
                "unit": "",
                "post": "",
                "group_scores": {"全体": "93.33"},
                "items": {
                    "总体评价": {
                        "group_scores": {"全体": "93.33"},
                        "counts": dict(
                            zip(["优秀", "称职", "基本称职", "不称职", "弃权", "漏选", "无效"], "4200101", strict=True)
                        ),
                        "rates": {"优秀": "66.67", "称职": "33.33", "基本称职": "0.00", "不称职": "0.00"},
                        "score": "93.33",
                    }
                },
                "counts": dict(
                    zip(["优秀", "称职", "基本称职", "不称职", "弃权", "漏选", "无效"], "4200101", strict=True)
                ),
                "rates": {"优秀": "66.67", "称职": "33.33", "基本称职": "0.00", "不称职": "0.00", "称职以上": "100.00"},
                "score": "93.33",
                "rank": "1",
                "tier": None,
                "flags": [],
                "explain": [
                    (
                        "优秀 4 票 × 100 分 + 称职 2 票 × 80 分 + 基本称职 0 票 × 60 分 + 不称职 0 票 × 0 分 = 560；"
                        "560 ÷ 有效票 6 = 93.333333…，四舍五入保留 2 位得 93.33"
                    ),
                ],
            },
            found["subjects"][1],
        ],
        "warnings": ["「李四」的「总体评价」没有可以计分的票，因此没有得分。"],
    }
    nobody = found["subjects"][1]
    assert (nobody["score"], nobody["rank"], nobody["flags"]) == (None, None, ["no_score"])
    assert numbers_in(found) == []


def test_w3_is_expressible(folder):
    counts = folder("counts.csv", f"{HEADER}\n张三,92,74,12,3\n")
    options = ("--rate-base", "entitled", "--decimals", "1", "--entitled", "187")
    found = tallied("--preset", "si-deng", "--counts", counts, *options)
    assert found["subjects"][0]["rates"]["优秀"] == "49.2"
    assert found["subjects"][0]["rates"]["称职以上"] == "88.8"


def test_w4_is_expressible(folder):
    counts = folder("counts.csv", f"{HEADER}\n张三,4,2,0,0\n")
    assert tallied("--preset", "si-deng", "--counts", counts, "--entitled", "10")["subjects"][0]["score"] == "93.33"


def test_w5b_prints_no_sheet(folder):
    counts = folder("counts.csv", f"{HEADER}\n张三,10,0,0,0\n")
    says = refused("--preset", "si-deng", "--counts", counts, "--entitled", "5", "--json")
    assert "收回票（10）多于应到人数（5）" in says


def test_w7_is_expressible_with_both_sets_of_points(folder):
    counts = folder("counts.csv", f"{HEADER}\n张三,180,29,8,3\n")
    arguments = ("--preset", "si-deng", "--counts", counts, "--present", "220")
    assert tallied(*arguments)["subjects"][0]["score"] == "94.55"
    assert tallied(*arguments, "--points", "95,85,75,65")["subjects"][0]["score"] == "92.55"


def test_t2_and_t3_are_expressible_with_a_scheme_file(folder):
    scheme = folder("scheme.toml", THREE_GROUPS)
    rows = "subject,group,优秀,称职,基本称职,不称职\n张三,A票,4,1,0,0\n张三,b,9,3,0,0\n"
    counts = folder("t2.csv", rows + "张三,C票,18,9,2,1\n")
    whole = tallied("--scheme", scheme, "--counts", counts, "--entitled", "A票=6", "--entitled", "b=12")
    assert whole["subjects"][0]["score"] == "93.30"
    assert whole["subjects"][0]["group_scores"] == {"A票": "96.00", "B票": "95.00", "C票": "88.00"}
    assert whole["turnout"] == dict.fromkeys(("entitled", "present", "issued")) | {
        "cast": "47",
        "valid": "47",
        "invalid": "0",
    }
    without = tallied("--scheme", scheme, "--counts", folder("t3.csv", rows))
    assert without["subjects"][0]["score"] == "95.57"
    assert "「C票」" in without["warnings"][0]
    zero = folder("zero.toml", THREE_GROUPS.replace("format = 1", 'format = 1\nempty_group = "zero"'))
    assert tallied("--scheme", zero, "--counts", folder("t3.csv", rows))["subjects"][0]["score"] == "66.90"


def test_ballots_with_groups_and_dimensions_are_counted(folder):
    names = ["德", "能", "勤", "绩", "廉"]
    header = "编号," + ",".join(f"{person}|{name}" for person in ("张三", "李四") for name in names)
    ballots = folder("ballots.csv", f"{header}\n1{',优秀' * 10}\n2{',competent' * 5}{',弃权' * 4},\n")
    found = tallied("--preset", "de-neng-qin-ji-lian", "--ballots", ballots)
    assert [subject["score"] for subject in found["subjects"]] == ["90.00", "100.00"]
    assert found["subjects"][1]["counts"]["弃权"] == "4"
    assert found["subjects"][1]["items"]["廉"]["counts"]["漏选"] == "1"
    scheme = folder("scheme.toml", THREE_GROUPS)
    grouped = folder("grouped.csv", "n,group,张三\n1,A票,优秀\n2,b,称职\n3,C票,优秀\n")
    assert tallied("--scheme", scheme, "--ballots", grouped)["subjects"][0]["score"] == "94.00"


def test_invalid_marks_and_the_limit_follow_the_scheme(folder):
    ballots = folder("ballots.csv", "n,张三,李四\n1,优秀,称职\n2,无效,称职\n3,漏选,优秀\n")
    found = tallied("--preset", "si-deng", "--ballots", ballots, "--issued", "3", "--cast", "3")
    assert found["turnout"]["invalid"] == "1"
    assert [subject["score"] for subject in found["subjects"]] == ["100.00", "90.00"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_from_any_office_computer_are_read(folder, encoding):
    counts = folder("counts.csv", f"{HEADER},\r\n\r\n䶮𠀀,4,3,1,0,\r\n".encode(encoding))
    found = tallied("--preset", "si-deng", "--counts", counts)
    assert found["subjects"][0]["subject"] == "䶮𠀀"
    assert found["subjects"][0]["score"] == "87.50"


def test_empty_group_and_item_cells_mean_the_only_one(folder):
    counts = folder("counts.csv", "subject,group,item,优秀,称职,基本称职,不称职\n张三,,,4,2,0,0\n")
    assert tallied("--preset", "si-deng", "--counts", counts)["subjects"][0]["score"] == "93.33"


def test_a_pipe_can_be_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(f"{HEADER}\n张三,4,2,0,0\n",), daemon=True)
    writer.start()
    assert tallied("--preset", "si-deng", "--counts", str(pipe))["subjects"][0]["score"] == "93.33"
    writer.join()


def test_a_person_gets_a_table_with_whole_numbers_and_the_notes(folder):
    counts = folder("counts.csv", f"{HEADER},弃权\n[bold]欧阳,4,2,0,0,1\n李四,0,0,0,0,7\n")
    done = run("--preset", "si-deng", "--counts", counts, "--entitled", "10")
    assert done.exit_code == 0
    for text in (
        "应到 10  收回 7  有效 7  无效 0",
        "[bold]欧阳",
        "66.67%",
        "93.33",
        "称职以上率",
        "注意：「李四」",
        "口径说明",
    ):
        assert text in done.stdout
    assert "分值：优秀 100 分、称职 80 分、基本称职 60 分、不称职 0 分。" in done.stdout


@pytest.mark.parametrize(("grades", "upper"), [(2, ""), (3, "称职以上率")])
def test_a_table_has_an_upper_rate_from_three_grades_on(folder, grades, upper):
    before, *four = THREE_GROUPS.partition("[[groups]]")[0].split("[[grades]]")
    rest = four[3].partition("[[")[1:]
    short = "[[grades]]".join((before, *four[:grades])) + "".join(rest)
    labels = ("优秀", "称职", "基本称职")[:grades]
    counts = folder("counts.csv", f"subject,{','.join(labels)}\n张三,1{',0' * (grades - 1)}\n")
    done = run("--scheme", folder("short.toml", short), "--counts", counts)
    assert done.exit_code == 0
    assert ("以上率" in done.stdout) == bool(upper)
    assert upper in done.stdout


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "文件是空的"),
        (f"{HEADER}\n", "没有票数"),
        ("name,优秀,称职,基本称职,不称职\n张三,1,0,0,0\n", "第 1 行缺少 subject"),
        ("subject,优秀,称职,基本称职\n张三,1,0,0\n", "缺少等次「不称职」"),
        (f"{HEADER},良好\n张三,1,0,0,0,0\n", "「良好」不是本方案的等次"),
        (f"{HEADER},优秀\n张三,1,0,0,0,0\n", "列名「优秀」重复"),
        ("subject,,优秀,称职,基本称职,不称职\n张三,,1,0,0,0\n", "第 1 行第 2 列没有列名"),
        (f"{HEADER}\n张三,1,0,0\n", "第 2 行有 4 列，第 1 行有 5 列"),
        (f"{HEADER}\n张三,1,0,0,0,9\n", "第 2 行有 6 列，第 1 行有 5 列"),
        (f"{HEADER}\n张三,1,0,0,0\n,,,,\n", "第 3 行整行为空"),
        (f"{HEADER}\n,1,0,0,0\n", "第 2 行没有考核对象"),
        (f"{HEADER}\n\x1b[2J张三,1,0,0,0\n", "第 2 行的名称含有"),
        (f"{HEADER}\n张三,一,0,0,0\n", "第 2 行第 2 列的「一」不是票数"),
        (f"{HEADER}\n张三,,0,0,1\n", "没有票请填 0"),
        (f"{HEADER}\n张三,-1,0,0,1\n", "「-1」不是票数"),
        (f"{HEADER}\n张三,1.5,0,0,1\n", "「1.5」不是票数"),
        (f"{HEADER}\n张三,²,0,0,1\n", "「²」不是票数"),
        (f"{HEADER}\n张三,1,0,0,0\n李四,1,0,0,0\n张三,1,0,0,0\n", "第 4 行与第 2 行重复"),
        (f"{HEADER}\n张三,8,0,0,0\n李四,7,0,0,0\n", "第 3 行合计 7 票，与收回的 8 票不符"),
        (f'{HEADER}\n"张三,8,0,0,0\n', "不是有效的 CSV"),
        (f"{HEADER}\n" + "张" * 140_000 + ",1,0,0,0\n", "第 2 行不是有效的 CSV"),
        ("subject,group,优秀,称职,基本称职,不称职\n张三,A票,1,0,0,0\n", "第 2 行的票种「A票」不在本方案中"),
        ("subject,item,优秀,称职,基本称职,不称职\n张三,德,1,0,0,0\n", "第 2 行的测评维度「德」不在本方案中"),
        (f"{HEADER}\n张三,1,0,0,0\n".encode("utf-16"), "不是 UTF-8 或 GB18030"),
        (b"PK\x03\x04\x00\x00\x00\x00", "请另存为 CSV"),
        (b"\xff\xff\xff", "不是 UTF-8 或 GB18030"),
    ],
)
def test_a_counts_file_that_cannot_be_used_is_refused_with_its_row(folder, content, says):
    assert says in refused("--preset", "si-deng", "--counts", folder("counts.csv", content), "--json")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("n\n1\n", "第 1 行没有考核对象"),
        ("n,张三,张三\n1,优秀,优秀\n", "列名「张三」重复"),
        ("n,张三,张三|总体评价\n1,优秀,优秀\n", "同一个对象的同一个维度"),
        ("n,张三|德\n1,优秀\n", "「张三|德」应写成“姓名|维度”"),
        ("n,|总体评价\n1,优秀\n", "应写成“姓名|维度”"),
        ("n,张三\n1,优秀\n2,良好\n", "第 3 行「张三」一列的「良好」不是本方案的等次"),
        ("n,group,张三\n1,内部,优秀\n", "第 2 行的票种「内部」"),
        ("n,张三\n1,优秀\n2\n", "第 3 行有 1 列"),
    ],
)
def test_a_ballots_file_that_cannot_be_used_is_refused_with_its_row(folder, content, says):
    assert says in refused("--preset", "si-deng", "--ballots", folder("ballots.csv", content))


def test_a_missing_column_or_row_is_named(folder):
    ballots = folder("ballots.csv", "n,张三|德,张三|能\n1,优秀,优秀\n")
    assert "缺少「张三|勤」一列" in refused("--preset", "de-neng-qin-ji-lian", "--ballots", ballots)
    bare = folder("bare.csv", "n,张三\n1,优秀\n")
    assert "“姓名|维度”" in refused("--preset", "de-neng-qin-ji-lian", "--ballots", bare)
    counts = folder("counts.csv", "subject,item,优秀,称职,基本称职,不称职\n张三,德,1,0,0,0\n")
    says = refused("--preset", "de-neng-qin-ji-lian", "--counts", counts)
    assert "缺少「张三」在「能」、票种「全体」上的一行" in says
    overall = folder("overall.csv", f"{HEADER}\n张三,1,0,0,0\n")
    assert "缺少 item 一列" in refused("--preset", "de-neng-qin-ji-lian", "--counts", overall)
    scheme = folder("scheme.toml", THREE_GROUPS)
    assert "缺少 group 一列" in refused("--scheme", scheme, "--counts", overall)
    assert "第 2 列应为 group" in refused("--scheme", scheme, "--ballots", bare)


def test_abstentions_in_a_file_are_refused_where_the_scheme_has_none(folder):
    scheme = folder("scheme.toml", THREE_GROUPS.replace("format = 1", "format = 1\nabstention_allowed = false"))
    ballots = folder("ballots.csv", "n,group,张三\n1,A票,弃权\n")
    assert "第 2 行「张三」一列的「弃权」" in refused("--scheme", scheme, "--ballots", ballots)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "--preset 选一个预设方案"),
        (("--preset", "si-deng", "--scheme", "x.toml"), "二者选一"),
        (("--preset", "no-such"), "没有名为「no-such」的预设方案，可用的有：si-deng"),
        (("--scheme", "no-such-file.toml"), "打不开文件「no-such-file.toml」"),
        (("--preset", "si-deng", "--entitled", "many"), "--entitled 的「many」应为 0 以上的整数"),
        (("--preset", "si-deng", "--entitled", "-5"), "应为 0 以上的整数"),
        (("--preset", "si-deng", "--entitled", "5", "--entitled", "6"), "--entitled 写了两次"),
        (("--preset", "si-deng", "--entitled", "外人=5"), "票种「外人」不在本方案中"),
        (("--preset", "si-deng", "--decimals", "two"), "--decimals"),
        (("--preset", "si-deng", "--decimals", "7"), "0 到 4"),
        (("--preset", "si-deng", "--points", "100,80"), "给出了 2 个分值，本方案有 4 个等次"),
        (("--preset", "si-deng", "--points", "60,80,90,100"), "从好到差"),
        (("--preset", "si-deng", "--score-base", "all"), "score_base"),
        (("--preset", "si-deng", "--abstention", "half"), "abstention"),
        (("--preset", "si-deng", "--rate-base", "entitled"), "还没有填写应到人数"),
        (("--preset", "si-deng", "--cast", "7"), "与收回的 7 票不符"),
        (("--preset", "si-deng", "--map", "6=优秀"), "--map 只用于 --ballots"),
    ],
)
def test_options_that_cannot_be_used_are_refused(folder, options, says):
    counts = folder("counts.csv", f"{HEADER}\n张三,4,2,0,0\n")
    assert says in refused(*options, "--counts", counts)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--map", "6"), "应写成“代码=等次”"),
        (("--map", "6=良好"), "「良好」不是本方案的等次"),
        (("--map", "6=优秀,6=称职"), "代码「6」写了两次"),
        (("--cast", "2"), "文件里有 1 张票，与 --cast 给出的 2 不符"),
    ],
)
def test_options_for_ballots_that_cannot_be_used_are_refused(folder, options, says):
    ballots = folder("ballots.csv", "n,张三\n1,优秀\n")
    assert says in refused("--preset", "si-deng", "--ballots", ballots, *options)


def test_counts_and_ballots_are_not_read_together(folder):
    counts = folder("counts.csv", f"{HEADER}\n张三,4,2,0,0\n")
    assert "二者选一" in refused("--preset", "si-deng")
    assert "二者选一" in refused("--preset", "si-deng", "--counts", counts, "--ballots", counts)


def test_a_number_of_people_is_said_for_each_group(folder):
    scheme = folder("scheme.toml", THREE_GROUPS)
    counts = folder("counts.csv", "subject,group,优秀,称职,基本称职,不称职\n张三,A票,4,1,0,0\n")
    says = refused("--scheme", scheme, "--counts", counts, "--entitled", "20")
    assert "本方案有 3 个票种，--entitled 请按票种分别写，如 A票=20" in says


def test_a_scheme_file_with_a_fault_is_refused_with_its_place(folder):
    counts = folder("counts.csv", f"{HEADER}\n张三,4,2,0,0\n")
    broken = folder("broken.toml", THREE_GROUPS.replace("weight = 40", "weight = 41"))
    assert "groups 有误：各项权重" in refused("--scheme", broken, "--counts", counts)
    assert "写法不对" in refused("--scheme", folder("not.toml", "优秀"), "--counts", counts)


def test_two_people_of_one_name_are_told_apart_by_unit_and_post(folder):
    people = folder("people.csv", "subject,unit,post\n张伟,一科,科长\n张伟,二科,科长\n李娜,一科,科员\n")
    rows = ("张伟（一科 科长）,4,2,0,0", "张伟（二科 科长）,6,0,0,0", "李娜,0,6,0,0")
    counts = folder("counts.csv", "\n".join((HEADER, *rows)))
    found = tallied("--preset", "si-deng", "--subjects", people, "--counts", counts)
    assert [(each["subject"], each["unit"], each["post"], each["score"]) for each in found["subjects"]] == [
        ("张伟", "一科", "科长", "93.33"), ("张伟", "二科", "科长", "100.00"), ("李娜", "一科", "科员", "80.00"),
    ]  # fmt: skip
    assert len({each["key"] for each in found["subjects"]}) == 3
    ballots = folder("ballots.csv", "id,张伟（一科 科长）,张伟（二科 科长）,李娜\n1,优秀,称职,称职\n")
    by_ballots = tallied("--preset", "si-deng", "--subjects", people, "--ballots", ballots)
    assert [each["score"] for each in by_ballots["subjects"]] == ["100.00", "80.00", "80.00"]


@pytest.mark.parametrize(
    ("people", "rows", "says"),
    [
        ("张伟,一科\n张伟,二科", "张伟,4,2,0,0", "「张伟」有 2 人，请写明是哪一人：张伟（一科）、张伟（二科）。"),
        ("张伟,一科\n张伟,一科", "张伟,4,2,0,0", "第 3 行的「张伟」重复，同名的人请用单位、职务或类别写明区别。"),
    ],
)
def test_a_name_that_fits_two_is_asked_for_and_nothing_is_counted(folder, people, rows, says):
    options = ("--subjects", folder("people.csv", f"subject,unit\n{people}\n"))
    assert says in refused("--preset", "si-deng", "--counts", folder("counts.csv", f"{HEADER}\n{rows}\n"), *options)


def test_a_score_from_elsewhere_for_a_name_that_fits_two_is_refused(folder):
    people = folder("people.csv", "subject,unit\n张伟,一科\n张伟,二科\n")
    scheme = ("--preset", "zhen-pingshi-niandu", "--subjects", people)
    quarters = "".join(f"张伟,第{quarter}季度,90\n" for quarter in "一二三四")
    history = folder("history.csv", f"subject,period,score\n{quarters}")
    assert "「张伟」有 2 人" in refused(*scheme, "--history", history)
