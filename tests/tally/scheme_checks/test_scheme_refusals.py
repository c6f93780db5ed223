"""A wrong scheme is refused with the place and with what is expected there."""

from __future__ import annotations

import pytest

from kaohe.schemes import load_preset
from kaohe.tally.scheme.refusals import ComponentError, SchemeError
from kaohe.tally.scheme.scheme import Section
from kaohe.tally.scheme_checks.composing import check_no_cycle
from kaohe.tally.scheme_checks.whole import check_scheme
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document


def refused(preset, **changes):
    """Return the refusal of a preset with these settings; None leaves a setting out."""
    changed = scheme_document(load_preset(preset)) | changes
    with pytest.raises(SchemeError) as refusal:
        parse_scheme({key: value for key, value in changed.items() if value is not None})
    return refusal.value


def named(*keys, **more):
    return [{"key": key, "label": key.upper(), **more} for key in keys]


def tree(*children, weight=100):
    return [{"key": "root", "label": "根", "weight": weight, "dimensions": list(children)}]


def leaf(key="a", weight=100, **more):
    return {"key": key, "label": key.upper(), "weight": weight, **more}


def ranges(*bounds):
    return [
        {"key": f"r{number}", "label": f"段{number}", "from": low, "to": high}
        for number, (high, low) in enumerate(bounds, start=1)
    ]


def bands(*starts, **more):
    found = [
        {"key": f"b{number}", "label": f"档{number}"} | ({} if start is None else {"from": start})
        for number, start in enumerate(starts, start=1)
    ]
    for place, extra in more.items():
        found[int(place[1:])] |= extra
    return found


CHOICE = {
    "grades": [{"key": "yes", "label": "赞成", "points": 1}, {"key": "no", "label": "不选", "points": 0}],
    "score_by": "votes",
}


def voted(*overs, **more):
    found = [
        {"key": f"v{number}", "label": f"表决{number}"} | ({} if over is None else {"over": over})
        for number, over in enumerate(overs, start=1)
    ]
    for place, extra in more.items():
        found[int(place[1:])] |= extra
    return found


VOTES = {"key": "votes", "label": "测评", "weight": 50, "source": "votes"}


def other(**more):
    return [VOTES, {"key": "other", "label": "其他", "weight": 50, "source": "imported", **more}]


@pytest.mark.parametrize(
    ("changes", "key_path", "says"),
    [
        # Scales.
        ({"grades": None}, "grades", "缺少"),
        ({"dimensions": None}, "dimensions", "缺少"),
        ({"number": {"max": 0}}, "number.max", "大于最低分"),
        ({"number": {"max": 1_000_001}}, "number.max", "不能超过"),
        ({"number": {"max": 100, "step": 0}}, "number.step", "大于 0"),
        ({"number": {"max": 100, "step": 3}}, "number.step", "正好数到"),
        ({"number": {"max": 1_000_000, "step": "0.1"}}, "number.step", "间隔太小"),
        ({"number": {"min": 1}}, "number.max", "缺少"),
        ({"number": 100}, "number", "[number]"),
        ({"number": {"max": 100}, "grades": None, "top_grade_limit": 2}, "top_grade_limit", "没有等次"),
        ({"number": {"max": 30, "ranges": ranges((30, 27), (26, 24), (22, 0))}}, "number.ranges[3]", "空档"),
        ({"number": {"max": 30, "ranges": ranges((30, 27), (27, 0))}}, "number.ranges[2]", "重叠"),
        ({"number": {"max": 30, "ranges": ranges((29, 27), (26, 0))}}, "number.ranges", "全部覆盖"),
        ({"number": {"max": 30, "ranges": ranges((27, 30), (26, 0))}}, "number.ranges[1]", "从低到高"),
        # Dimensions.
        ({"dimensions": tree(leaf("a", 60), leaf("b", 30))}, "dimensions[1].dimensions", "之和应为 100%"),
        ({"dimensions": tree(leaf(), weight=0)}, "dimensions[1].weight", "大于 0"),
        ({"dimensions": tree()}, "dimensions[1].dimensions", "至少要有一项"),
        (
            {"dimensions": tree(tree(tree(tree(leaf())[0])[0])[0])},
            "dimensions[1].dimensions[1].dimensions[1].dimensions[1].dimensions",
            "最多分 4 层",
        ),
        ({"dimensions": [leaf(groups=["nobody"])]}, "dimensions[1].groups", "不是本方案的票种"),
        ({"dimensions": [leaf(groups="all")]}, "dimensions[1].groups", "文字的列表"),
        ({"dimensions": [leaf(groups=["all"] * 31)]}, "dimensions[1].groups", "最多 30 项"),
        ({"dimensions": [leaf(number={"max": 0})]}, "dimensions[1].number.max", "大于最低分"),
        ({"combine": "sum", "dimensions": [leaf(weight=50)]}, "dimensions[1].weight", "不设权重"),
        (
            {"groups": named("a", "b", weight=50), "dimensions": [leaf(groups=["a"])]},
            "groups[2]",
            "不填任何一个维度",
        ),
        # How a cell is scored.
        ({"rate_grades": 4}, "rate_grades", "少于等次的个数"),
        ({"score_by": "table"}, "score_table", "应写明对照表"),
        ({"score_table": [{"from": 0, "score": 1}]}, "score_table", "只有按得票率对照"),
        (
            {"score_by": "table", "score_table": [{"from": 0, "score": 1}, {"from": 5, "score": 1}]},
            "score_table[2].from",
            "从高到低",
        ),
        ({"score_by": "table", "score_table": [{"from": 5, "score": 1}]}, "score_table", "从 0 起"),
        ({"trim": {"high": 0, "low": 0}}, "trim", "至少去掉一个"),
        ({"trim": {"fewest": 3}}, "trim.fewest", "至少应剩 2 个"),
        ({"trim": {}, "score_base": "cast"}, "trim", "有效票"),
        ({"trim": {}}, "trim", "都是评等次"),
        # Questions and choice.
        ({"questions": named("q", kind="ticks", options=named("a"))}, "questions[1].options", "至少要有 2 项"),
        ({"questions": named("q", kind="essay", options=[])}, "questions[1].kind", "ticks、choice"),
        (
            {"questions": named("overall", kind="ticks", options=named("a", "b"))},
            "questions[1].key",
            "已经是一个测评维度",
        ),
        ({"candidates_over": 0}, "candidates_over", "1 以上"),
        ({"choose": {"seats": 1}}, "choose", "两个等次"),
        (CHOICE | {"choose": {"seats": 1}, "top_grade_limit": 1}, "top_grade_limit", "choose.most"),
        (CHOICE | {"choose": {"seats": 1}, "may_leave_out": True}, "may_leave_out", "不设"),
        (CHOICE | {"choose": {"seats": 1}, "may_fill_rest": True}, "may_fill_rest", "只有评等次"),
        (CHOICE | {"choose": {}}, "choose", "二者选一"),
        (CHOICE | {"choose": {"seats": 0}}, "choose.seats", "1 以上"),
        (CHOICE | {"choose": {"seats_share": 100}}, "choose.seats_share", "没有差额"),
        (CHOICE | {"choose": {"seats": 1, "over": 100}}, "choose.over", "过半数写 50"),
        (CHOICE | {"choose": {"seats": 1, "most": 0}}, "choose.most", "1 以上"),
        (CHOICE | {"choose": {"seats": 1, "most": 1, "fewest": 2}}, "choose.fewest", "不多于 most"),
        (CHOICE | {"choose": {"seats": 1}, "bands": bands(90, None)}, "choose", "不再写 bands"),
        (CHOICE | {"choose": {"seats": 1, "elected": ""}}, "choose.elected", "1 到 20 个字"),
        # Components.
        ({"bonus_limit": -1}, "bonus_limit", "应为 0 到"),
        ({"components": [VOTES]}, "components", "现为 50%"),
        ({"components": [VOTES, VOTES | {"key": "more", "label": "再来"}]}, "components", "只能有一个"),
        ({"components": named("a", weight=100, source="imported")}, "components", "没有来自本场测评"),
        ({"components": other(meeting="m")}, "components[2].meeting", "写明是哪一场"),
        ({"components": other(source="meeting")}, "components[2].meeting", "写明是哪一场"),
        ({"components": other(source="meeting", meeting="si-deng")}, "components[2].meeting", "本方案自己"),
        ({"components": other(full=0)}, "components[2].full", "大于 0"),
        ({"components": other(source="periods", periods=0)}, "components[2].periods", "1 以上"),
        ({"components": other(source="periods", tier="优秀")}, "components[2].tier", "tier_rate"),
        ({"components": other(source="periods", measure="points")}, "components[2].points", "各等次的分值"),
        ({"components": other(measure="tier_rate", tier="优秀")}, "components[2].measure", "只有来自各期结果"),
        ({"components": other(bands=bands(90, 80))}, "components[2].bands[2].from", "最低一档"),
        # Bands and quotas.
        ({"bands": bands(None)}, "bands", "至少要有 2 个"),
        ({"bands": bands(90, None, None)}, "bands[2].from", "缺少这一档的起点"),
        ({"bands": bands(90, 80)}, "bands[2].from", "没有档次"),
        ({"bands": bands(90, 90, None)}, "bands[2].from", "重叠"),
        ({"bands": bands(90, 80, None, _2={"below": 70})}, "bands[3].below", "空档"),
        ({"bands": bands(90, 80, None, _1={"below": 95})}, "bands[2].below", "重叠"),
        ({"bands": bands(91, None, _1={"to": 90})}, "bands[2].to", "band_decimals"),
        ({"bands": bands(91, None, _1={"to": 89}), "band_decimals": 0}, "bands[2].to", "空档"),
        ({"band_decimals": 5}, "band_decimals", "0 到 4"),
        # Tiers that the votes decide.
        ({"bands": voted(50, None), "band_decimals": 0}, "bands", "只评等次"),
        ({"bands": voted(50, None), "number": {"max": 100}, "grades": None}, "bands", "只评等次"),
        ({"bands": voted(50, None), "tier_by": "votes", "components": other()}, "bands", "只评等次"),
        ({"bands": [{"key": "r", "label": "R", "ruled": True}, *voted(50)]}, "bands", "至少要有 2 个由票数"),
        ({"bands": voted(50, 50)}, "bands[2].over", "不写 over"),
        ({"bands": voted(50, None, None)}, "bands[2].over", "百分之几"),
        ({"bands": voted(100, None)}, "bands[1].over", "小于 100"),
        ({"bands": voted(50, None, _0={"from": 90})}, "bands[1]", "不写 from"),
        ({"bands": voted(50, None, _0={"grades": 4})}, "bands[1].grades", "少于选票上"),
        ({"bands": [{"key": "r", "label": "R", "ruled": True, "over": 50}, *voted(50, None)]}, "bands[1]", "over"),
        ({"components": other(bands=voted(50, None))}, "components[2].bands[1].from", "缺少"),
        ({"components": other(bands=bands(90, None, _0={"over": 50}))}, "components[2].bands[1].over", "整个方案"),
        ({"tier_by": "goals"}, "tier_by", "没有名为「goals」的分项"),
        ({"quotas": [{"share": 40}]}, "quotas", "请先写明档次"),
        ({"bands": bands(90, None), "quotas": [{}]}, "quotas[1]", "二者选一"),
        ({"bands": bands(90, None), "quotas": [{"count": -1}]}, "quotas[1].count", "0 以上"),
        ({"bands": bands(90, None), "quotas": [{"share": 140}]}, "quotas[1].share", "0 到 100"),
        ({"bands": bands(90, None), "quotas": [{"share": 40, "ceiling": 30}]}, "quotas[1].share", "上限"),
        (
            {"bands": bands(90, None), "quotas": [{"share": 40, "fewest_share": 50}]},
            "quotas[1].fewest_share",
            "不能超过名额",
        ),
        # Clauses, rules over periods, flags.
        ({"clauses": named("c", effect="cap", tier="b1")}, "clauses[1].tier", "没有写 bands"),
        ({"clauses": named("c", effect="exempt", tier="b1")}, "clauses[1].tier", "不涉及档次"),
        ({"clauses": named("c", effect="veto"), "bands": bands(90, None)}, "clauses[1].tier", "定为哪一档"),
        ({"clauses": named("c", effect="flag", points=1)}, "clauses[1].points", "只有加分"),
        ({"clauses": named("c", effect="bonus", points=1)}, "clauses[1].effect", "bonus_limit"),
        ({"clauses": named("c", "c", effect="flag")}, "clauses[2].key", "重复"),
        ({"period_rules": named("p", effect="veto")}, "period_rules[1].effect", "cap、outright"),
        (
            {"period_rules": named("p", effect="cap", tier="b9"), "bands": bands(90, None)},
            "period_rules[1].tier",
            "可用的有 b1、b2",
        ),
        ({"period_rules": named("p", effect="flag", tiers=["差"])}, "period_rules[1]", "一项条件"),
        ({"period_rules": named("p", effect="flag", tiers=["差"], times=0)}, "period_rules[1]", "1 以上"),
        (
            {"period_rules": named("p", effect="flag", tiers=["差"], over_share=101)},
            "period_rules[1].over_share",
            "0 到 100",
        ),
        ({"period_rules": named("p", effect="flag", component="x", below=1)}, "period_rules[1]", "component"),
        ({"flags": named("f", kind="top")}, "flags[1].count", "名次数"),
        ({"flags": named("f", kind="tier", classes=["甲"], tiers=[])}, "flags[1].classes", "前几名"),
        ({"flags": named("f", kind="tier", tiers=["b9"])}, "flags[1].tiers", "没有名为「b9」"),
        ({"flags": named("f", kind="tier")}, "flags[1].tiers", "哪些档次"),
        ({"flags": named("f", kind="score")}, "flags[1]", "写明范围"),
        ({"flags": named("f", kind="score", below=60, component="x")}, "flags[1].component", "没有名为「x」"),
        ({"flags": named("f", kind="full_marks", running=0)}, "flags[1].running", "1 以上"),
        ({"remarks": ["两\n行"]}, "remarks[1]", "控制字符"),
    ],
)
def test_a_fault_is_named_with_its_place(changes, key_path, says):
    refusal = refused("si-deng", **changes)
    assert refusal.key_path == key_path
    assert says in refusal.message


@pytest.mark.parametrize(
    "changes",
    [
        {"components": other(source="periods", periods=1)},
        {"candidates_over": 1},
        {"flags": named("f", kind="full_marks", running=1)},
    ],
)
def test_the_smallest_number_that_a_refusal_names_is_accepted(changes):
    parse_scheme(scheme_document(load_preset("si-deng")) | changes)


def sections(**changes):
    return [{"key": "office", "label": "科室", "kind": "team", **changes}]


@pytest.mark.parametrize(
    ("changes", "key_path", "says"),
    [
        ({"sections": []}, "sections", "至少要有一项"),
        ({"sections": sections(kind="dog")}, "sections[1].kind", "person、team"),
        ({"sections": sections(bands=bands(90))}, "sections[1].bands", "至少要有 2 个"),
        ({"sections": sections(decimals=9)}, "sections[1].decimals", "0 到 4"),
        ({"sections": sections(groups=[{"key": "x", "weight": 100}])}, "sections[1].groups[1].key", "不是本方案的票种"),
        ({"sections": sections(groups=[{"key": "all"}])}, "sections[1].groups[1].weight", "缺少"),
        ({"sections": sections(), "score_base": "everyone"}, "score_base", "之一"),
        ({"sections": sections(), "groups": named("a", "b")}, "sections[1].groups", "没有写权重"),
        (
            {"sections": sections(groups=[{"key": "a", "weight": 100}]), "groups": named("a", "b")},
            "groups[2]",
            "不填任何一张分表",
        ),
    ],
)
def test_a_fault_in_a_section_is_named_where_it_was_written(changes, key_path, says):
    refusal = refused("si-deng", **changes)
    assert refusal.key_path == key_path
    assert says in refusal.message


def test_a_section_takes_over_what_it_does_not_say():
    document = scheme_document(load_preset("si-deng")) | {"sections": sections(decimals=0)}
    section = parse_scheme(document).sections[0]
    assert section.scheme.grades == load_preset("si-deng").grades
    assert section.scheme.groups == load_preset("si-deng").groups
    assert section.scheme.decimals == 0


def test_sections_put_together_by_hand_are_checked_too():
    whole = load_preset("jiguan-xiaoneng")
    nested = replace_parts(whole, Section("inner", "里面", whole))
    with pytest.raises(SchemeError, match="分表之内不能再分表"):
        check_scheme(nested)
    strange = replace_parts(whole, Section("p05", "别的", load_preset("guji-kaohe")))
    with pytest.raises(SchemeError, match="不在总的票种"):
        check_scheme(strange)


def replace_parts(whole, *parts):
    return type(whole)(whole.key, whole.title, (), (), declared_sections=parts)


def test_a_scheme_without_sections_is_its_own_only_one():
    scheme = load_preset("si-deng")
    assert [section.scheme for section in scheme.sections] == [scheme]
    assert [section.label for section in load_preset("ganbu-zonghe").sections] == [
        "领导班子",
        "党政主要负责人",
        "其他班子成员",
    ]


def test_only_grades_the_same_for_everybody_make_a_plain_ballot():
    assert load_preset("si-deng").is_plain
    assert load_preset("tiyuju-pingshi").is_plain
    for preset in ("guji-xiaoneng", "xiang-pingshi", "zhen-pingshi", "ganbu-zonghe", "ganbu-zonghe-texuan"):
        assert not load_preset(preset).is_plain


def test_meetings_that_use_each_other_in_a_circle_are_refused():
    check_no_cycle({"year": ["spring", "autumn"], "autumn": ["spring"]})
    with pytest.raises(ComponentError, match="成了一个圈：a → b → c → a"):
        check_no_cycle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})


def test_a_vote_for_some_out_of_many_knows_no_clause_that_would_go_unheard():
    refusal = refused("ganbu-zonghe-texuan", clauses=named("veto", effect="veto"))
    assert refusal.key_path == "choose"
    assert "否决" in refusal.message
