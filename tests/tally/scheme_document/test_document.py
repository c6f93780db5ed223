from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from kaohe.schemes import UnknownPresetError, list_presets, load_preset, parse_scheme_text
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import (
    EVERYONE,
    AbstentionRule,
    Dimension,
    EmptyGroupRule,
    Grade,
    InvalidRule,
    PercentBase,
    Scheme,
    TieRule,
    VoterGroup,
)
from kaohe.tally.scheme_checks.whole import check_scheme
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document

EVERYTHING = Scheme(
    key="everything",
    title="每项都改过的方案",
    grades=(
        Grade("good", "好", Fraction("92.5")),
        Grade("fair", "较好", Fraction(200, 3)),
        Grade("bad", "差", Fraction(-1)),
    ),
    dimensions=(Dimension("one", "甲", Fraction(1, 3)), Dimension("two", "乙", Fraction(2, 3))),
    groups=(VoterGroup("a", "A票", Fraction(2, 5)), VoterGroup("b", "B票", Fraction(3, 5))),
    score_base=PercentBase.CAST,
    rate_base=PercentBase.ENTITLED,
    abstention_allowed=False,
    abstention=AbstentionRule.ZERO,
    empty_group=EmptyGroupRule.ZERO,
    tie_rule=TieRule.TOP_GRADES,
    invalid_rule=InvalidRule.CELL,
    top_grade_limit=3,
    decimals=0,
    comments_wanted=True,
)


def document(**changes):
    """Start from a good scheme; a change of None leaves the setting out."""
    changed = scheme_document(load_preset("si-deng")) | changes
    return {key: value for key, value in changed.items() if value is not None}


@pytest.mark.parametrize("scheme", [EVERYTHING, *list_presets()], ids=lambda scheme: scheme.key)
def test_a_scheme_survives_the_way_through_json(scheme):
    assert parse_scheme(json.loads(json.dumps(scheme_document(scheme)))) == scheme


def test_what_is_left_out_has_the_defaults():
    plain = {key: document()[key] for key in ("format", "key", "title", "grades", "dimensions")}
    assert parse_scheme(plain) == load_preset("si-deng")
    assert parse_scheme(plain).groups == (EVERYONE,)
    assert parse_scheme(plain | {"top_grade_limit": None}).top_grade_limit is None


@pytest.mark.parametrize("written", [95, "95", 95.0, Decimal(95), "190/2"])
def test_points_may_be_written_in_several_ways(written):
    grades = [{"key": "good", "label": "好", "points": written}, {"key": "bad", "label": "差", "points": 0}]
    assert parse_scheme(document(grades=grades)).grades[0].points == 95


def grades(*points, key="g", label="等次"):
    return [{"key": f"{key}{n}", "label": f"{label}{n}", "points": each} for n, each in enumerate(points, start=1)]


def weighted(*weights):
    return [{"key": f"k{n}", "label": f"名{n}", "weight": each} for n, each in enumerate(weights, start=1)]


@pytest.mark.parametrize(
    ("changes", "key_path", "says"),
    [
        ({"format": None}, "format", "缺少这一项"),
        ({"format": 2}, "format", "format = 1"),
        ({"format": "1"}, "format", "应为整数"),
        ({"title": None}, "title", "缺少"),
        ({"title": 3}, "title", "应为文字"),
        ({"title": ""}, "title", "1 到 100 个字"),
        ({"title": "两\n行"}, "title", "控制字符"),
        ({"title": "长" * 101}, "title", "1 到 100 个字"),
        ({"key": "Si Deng"}, "key", "小写英文字母"),
        ({"colour": "red"}, "colour", "没有这一项"),
        ({"grades": []}, "grades", "至少要有一项"),
        ({"grades": grades(100)}, "grades", "至少要有 2 个等次"),
        ({"grades": grades(*range(31, 0, -1))}, "grades", "最多 30 项"),
        ({"grades": "优秀"}, "grades", "应为列表"),
        ({"grades": ["优秀"]}, "grades[1]", "[[grades]]"),
        ({"grades": [{"key": "a", "label": "好"}]}, "grades[1].points", "缺少"),
        ({"grades": [{"key": "a", "label": "好", "points": 1, "weight": 2}]}, "grades[1].weight", "没有这一项"),
        ({"grades": grades(60, 80)}, "grades[2].points", "从好到差"),
        ({"grades": grades("a", 0)}, "grades[1].points", "应为数字"),
        ({"grades": grades("1/0", 0)}, "grades[1].points", "应为数字"),
        ({"grades": grades(float("nan"), 0)}, "grades[1].points", "应为数字"),
        ({"grades": grades(10**5000, 0)}, "grades[1].points", "应为数字"),
        ({"grades": grades(*[True], 0)}, "grades[1].points", "应为数字"),
        ({"grades": grades(None, 0)}, "grades[1].points", "应为数字"),
        ({"grades": grades(1_000_001, 0)}, "grades[1].points", "不能超过 1000000"),
        ({"grades": [*grades(9), *grades(8, label="另")]}, "grades[2].key", "重复"),
        ({"grades": [*grades(9), *grades(8, key="h")]}, "grades[2].label", "重复"),
        ({"grades": [*grades(9), {"key": "abstain", "label": "好", "points": 1}]}, "grades[2].key", "另有用途"),
        ({"grades": [*grades(9), {"key": "x", "label": "弃权", "points": 1}]}, "grades[2].label", "另有用途"),
        ({"dimensions": []}, "dimensions", "至少要有一项"),
        ({"dimensions": weighted(50, 49)}, "dimensions", "之和应为 100%，现为 99%"),
        ({"dimensions": weighted("33.33", "33.33", "33.33")}, "dimensions", "现为 99.99%"),
        ({"dimensions": weighted(100, 0)}, "dimensions[2].weight", "大于 0"),
        ({"dimensions": weighted(*[1] * 100)}, "dimensions", "最多 30 项，现有 100 项"),
        ({"groups": weighted(60, 60)}, "groups", "现为 120%"),
        ({"groups": []}, "groups", "至少要有一项"),
        ({"groups": weighted(-10, 110)}, "groups[1].weight", "大于 0"),
        ({"score_base": "everyone"}, "score_base", "valid、cast、issued、present、entitled"),
        ({"score_base": 1}, "score_base", "之一"),
        ({"tie_rule": "lot"}, "tie_rule", "none、top_grades"),
        ({"abstention_allowed": "yes"}, "abstention_allowed", "true 或 false"),
        ({"comments_wanted": 1}, "comments_wanted", "true 或 false"),
        ({"decimals": 5}, "decimals", "0 到 4"),
        ({"decimals": -1}, "decimals", "0 到 4"),
        ({"decimals": True}, "decimals", "应为整数"),
        ({"decimals": 1.5}, "decimals", "应为整数"),
        ({"top_grade_limit": 0}, "top_grade_limit", "1 以上"),
        ({"top_grade_limit": "3"}, "top_grade_limit", "应为整数"),
    ],
)
def test_a_fault_is_named_with_its_place(changes, key_path, says):
    with pytest.raises(SchemeError) as refusal:
        parse_scheme(document(**changes))
    assert refusal.value.key_path == key_path
    assert says in refusal.value.message
    assert refusal.value.code == "bad_scheme"


def test_a_scheme_put_together_by_hand_is_checked_too():
    with pytest.raises(SchemeError, match="最多 30 项"):
        check_scheme(replace(EVERYTHING, grades=EVERYTHING.grades * 11))


def test_thirds_can_be_exact():
    assert parse_scheme(document(dimensions=weighted("100/3", "100/3", "100/3"))).dimensions[0].weight == Fraction(1, 3)


def test_the_two_general_presets_come_first():
    four, five = list_presets()[:2]
    assert (four.key, five.key) == ("si-deng", "de-neng-qin-ji-lian")
    assert [(grade.label, grade.points) for grade in four.grades] == [
        ("优秀", 100),
        ("称职", 80),
        ("基本称职", 60),
        ("不称职", 0),
    ]
    assert four.grades == five.grades
    assert four.is_overall
    assert [dimension.label for dimension in five.dimensions] == ["德", "能", "勤", "绩", "廉"]
    assert {dimension.weight for dimension in five.dimensions} == {Fraction(1, 5)}


def test_an_unknown_preset_is_told_which_exist():
    with pytest.raises(UnknownPresetError, match="没有名为「si_deng」的预设方案，可用的有：si-deng"):
        load_preset("si_deng")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('format = 1\nkey = "a', "文件末尾写法不对"),
        ("format = \n", "第 1 行第 10 列写法不对"),
        ("a = " + "[" * 5000, "写法不对"),
        ("a = " + "9" * 5000, "文件写法不对"),
        ("format = 1.0\nkey = ''\ntitle = ''\ngrades = []\ndimensions = []", "应为整数"),
    ],
)
def test_a_file_that_is_not_a_scheme_is_refused(text, says):
    with pytest.raises(SchemeError, match=says):
        parse_scheme_text(text)


def test_decimals_in_a_file_are_read_as_they_are_written():
    text = """
        format = 1
        key = "mine"
        title = "自定"
        [[grades]]
        key = "good"
        label = "好"
        points = 92.1
        [[grades]]
        key = "bad"
        label = "差"
        points = 0
        [[dimensions]]
        key = "overall"
        label = "总体评价"
        weight = 100
    """
    assert parse_scheme_text(text).grades[0].points == Fraction(921, 10)
