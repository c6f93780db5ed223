"""A meeting file is read whole and strictly."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaohe.domain.meeting_file_groups import Division, GroupOrder
from kaohe.domain.meeting_files import MeetingFileInvalid, parse_meeting_file
from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.domain.relations import ByUnit
from kaohe.schemes import load_preset
from kaohe.tally.model import SubjectKind

SMALLEST = """
title = "年度会"
preset = "si-deng"
subjects = ["张伟"]
[[groups]]
label = "全体"
entitled = 5
"""


def orders(text: str, preset: str = "si-deng") -> tuple[GroupOrder, ...]:
    return parse_meeting_file(text).orders_for(load_preset(preset))


def refusal(text: str, preset: str = "si-deng") -> str:
    with pytest.raises(MeetingFileInvalid) as caught:
        orders(text, preset)
    return caught.value.message


def test_what_is_left_out_has_the_defaults_of_the_console() -> None:
    file = parse_meeting_file(SMALLEST)
    assert (file.unit, file.held_on, file.hall_view, file.custody) == ("", None, HallView.BATCHED, Custody.SERVER)
    assert (file.shared_label, file.ballot_list_wanted) == (None, False)
    (order,) = orders(SMALLEST)
    assert order.group == Group("all", "全体", Fraction(1), 5)
    assert (order.tickets, order.spares) == (5, 0)


def test_weights_are_exact() -> None:
    text = SMALLEST + 'weight = "100/3"\n[[groups]]\nlabel = "B票"\nentitled = 3\nweight = "200/3"'
    assert [order.group.weight for order in orders(text)] == [Fraction(1, 3), Fraction(2, 3)]
    decimals = text.replace('"100/3"', "33.5").replace('"200/3"', "66.5")
    assert [order.group.weight for order in orders(decimals)] == [
        Fraction(67, 200),
        Fraction(133, 200),
    ]


def test_subjects_may_be_tables() -> None:
    text = SMALLEST.replace(
        'subjects = ["张伟"]', 'subjects = [{name = "办公室班子"}, {name = "张伟", post = "主任", class = "中层"}]'
    )
    team, person = parse_meeting_file(text).subjects
    assert team.kind is SubjectKind.TEAM
    assert (person.name, person.post, person.class_label) == ("张伟", "主任", "中层")


def test_a_group_that_draws_its_tickets_gets_no_slips() -> None:
    text = 'shared_group = "全体"\n' + SMALLEST
    assert orders(text)[0].tickets == 0
    assert parse_meeting_file(text).shared_group(orders(text)) == "all"


def test_a_group_says_how_it_is_divided_by_whom_it_may_grade() -> None:
    by_unit = SMALLEST.replace("entitled = 5", 'relation = "other_units"')
    (order,) = orders(by_unit)
    assert order.division == Division(ByUnit.OTHER_UNITS, "", None)
    assert (order.group.entitled, order.tickets, order.spares) == (0, None, 0)
    part = Group("all-1", "全体·一科", Fraction(1), 7, "all")
    assert order.tickets_for(part) == 7
    (order,) = orders(by_unit.replace("relation", "tickets = 0\nentitled = 2\nrelation"))
    assert (order.division, order.tickets_for(part)) == (Division(ByUnit.OTHER_UNITS, "", 2), 0)
    (order,) = orders(SMALLEST + 'relation_file = "名单/分管.xlsx"')
    assert order.division == Division(None, "名单/分管.xlsx", 5)
    named = orders(SMALLEST.replace("全体", "科室负责人") + 'relation = "own_unit"', "beian-pingshi")
    assert [order.division for order in named] == [Division(ByUnit.OWN_UNIT, "", 5)]


def test_a_subject_says_who_of_the_register_it_is_and_where_its_material_is() -> None:
    table = '[{name = "张伟", person = "new", material = "述职/张伟.docx"}, {name = "李娜"}]'
    file = parse_meeting_file("named = true\nregister = true\n" + SMALLEST.replace('["张伟"]', table))
    assert [(entry.name, entry.person) for entry in file.subjects] == [("张伟", "new"), ("李娜", "")]
    assert file.materials == ("述职/张伟.docx", "")
    assert (file.is_named, file.registers) == (True, True)
    plain = parse_meeting_file(SMALLEST)
    assert (plain.materials, plain.is_named, plain.registers) == (("",), False, False)


def test_settings_beside_a_preset_change_it() -> None:
    file = parse_meeting_file(SMALLEST + "[scheme]\ndecimals = 1")
    scheme = file.scheme_with(load_preset("si-deng"))
    assert (scheme.decimals, len(scheme.grades)) == (1, 4)


def test_a_day_may_be_written_as_text() -> None:
    assert parse_meeting_file('held_on = "2026-12-18"\n' + SMALLEST).held_on == date(2026, 12, 18)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (('title = "年度会"', ""), "title"),
        (('title = "年度会"', "title = 5"), "title"),
        (('title = "年度会"', f'title = "{"会" * 61}"'), "title"),
        (('title = "年度会"', 'title = "年\\u200b度"'), "title"),
        (('preset = "si-deng"', ""), "preset"),
        (('subjects = ["张伟"]', ""), "subjects"),
        (('subjects = ["张伟"]', "subjects = [5]"), "subjects"),
        (('subjects = ["张伟"]', 'subjects = ["张伟", ""]'), "subjects"),
        (('subjects = ["张伟"]', 'subjects = ["张伟", "李娜", "张伟"]'), "第 3 行"),
        (('subjects = ["张伟"]', 'subjects = [{name = "张伟", age = "3"}]'), "subjects[1].age"),
        (('subjects = ["张伟"]', 'subjects = ["张伟"]\nsubjects_file = "x.csv"'), "subjects"),
        (("entitled = 5", ""), "groups[1].entitled"),
        (("entitled = 5", "entitled = -1"), "groups[1].entitled"),
        (("entitled = 5", "entitled = 20001"), "groups[1].entitled"),
        (("entitled = 5", "entitled = 5\nspares = 20000"), "groups"),
        (("entitled = 5", "entitled = 5\nweight = 50"), "groups"),
        (("entitled = 5", "entitled = 5\nweight = 0"), "groups[1].weight"),
        (("entitled = 5", "entitled = 5\nweight = true"), "groups[1].weight"),
        (("entitled = 5", "entitled = 5\ncolour = 1"), "groups[1].colour"),
        (("entitled = 5", 'relation = "own_people"'), "groups[1].relation"),
        (("entitled = 5", 'relation_file = "a.csv"'), "groups[1].entitled"),
        (("entitled = 5", 'relation_file = ""'), "groups[1].relation_file"),
        (("entitled = 5", 'entitled = 0\nrelation = "own_unit"'), "groups[1].entitled"),
        (("entitled = 5", 'relation = "own_unit"\nrelation_file = "a.csv"'), "groups[1].relation_file"),
        (('subjects = ["张伟"]', 'subjects = [{name = "张伟", material = 3}]'), "subjects[1].material"),
        (('preset = "si-deng"', 'preset = "si-deng"\nnamed = 1'), "named"),
        (('label = "全体"', 'label = ""'), "groups[1].label"),
        (('label = "全体"', f'label = "{"票" * 17}"'), "groups[1].label"),
        (('preset = "si-deng"', 'preset = "si-deng"\nhall_view = "all"'), "hall_view"),
        (('preset = "si-deng"', 'preset = "si-deng"\ncustody = "tellers"'), "hall_view"),
        (('preset = "si-deng"', 'preset = "si-deng"\nshared_group = "B票"'), "shared_group"),
        (('preset = "si-deng"', 'preset = "si-deng"\nballot_list = 1'), "ballot_list"),
        (('preset = "si-deng"', 'preset = "si-deng"\nheld_on = 2026-12-18T09:00:00'), "held_on"),
        (('preset = "si-deng"', 'preset = "si-deng"\nheld_on = "soon"'), "held_on"),
        (('preset = "si-deng"', 'preset = "si-deng"\nscheme = 3'), "scheme"),
        (("[[groups]]", "[groups]"), "groups"),
        (("[[groups]]", "[[groups"), "第 5 行"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_a_fault_is_named_by_its_place(change: tuple[str, str], names: str) -> None:
    assert change[0] in SMALLEST
    assert names in refusal(SMALLEST.replace(*change))


def test_two_groups_of_one_name_are_refused() -> None:
    assert "不能重复" in refusal(SMALLEST + 'weight = 50\n[[groups]]\nlabel = "全体"\nentitled = 5\nweight = 50')


YEAR = """
title = "2026年度考核"
preset = "zhen-pingshi-niandu"
subjects = ["张伟"]
"""


def test_a_meeting_that_does_not_vote_needs_no_groups() -> None:
    (order,) = orders(YEAR, "zhen-pingshi-niandu")
    assert (order.group.entitled, order.tickets, order.spares) == (0, 0, 0)
    assert "groups" in refusal(SMALLEST.partition("[[groups]]")[0])
    assert refusal('shared_group = "全体"\n' + YEAR) == "会议文件的 shared_group 有误：没有名为“全体”的票种。"
    many = "".join(f'[[groups]]\nlabel = "{number}"\nentitled = 1\n' for number in range(13))
    assert "1 到 12 个" in refusal(YEAR + many)


def test_scores_periods_and_decisions_come_with_the_file() -> None:
    nothing = parse_meeting_file(YEAR).inputs
    assert (nothing.score_files, nothing.periods_file, nothing.decisions) == ({}, "", ())
    brought = parse_meeting_file(
        f"""{YEAR}
periods_file = "quarters.csv"
scores = {{ final = "final.xlsx" }}
[[decisions]]
subject = "张伟"
clause = "bonus"
reason = "受市级表彰"
amount = 1.5
matter = "表彰"
[[decisions]]
subject = "s1"
clause = "warned"
reason = "受警告处分"
"""
    ).inputs
    assert (brought.score_files, brought.periods_file) == ({"final": "final.xlsx"}, "quarters.csv")
    assert [(each.amount, each.matter, each.place) for each in brought.decisions] == [
        (Fraction(3, 2), "表彰", "decisions[1]"),
        (None, "", "decisions[2]"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("scores = 3", "scores"),
        ('scores = { final = "" }', "scores.final"),
        ("periods_file = 3", "periods_file"),
        ("decisions = 3", "decisions"),
        ('[[decisions]]\nsubject = "张伟"\nclause = "warned"', "decisions[1].reason"),
        ('[[decisions]]\nsubject = "张伟"\nclause = "warned"\nreason = ""', "decisions[1].reason"),
        ('[[decisions]]\nsubject = "张伟"\nclause = "warned"\nreason = "因"\namount = "x"', "decisions[1].amount"),
    ],
)
def test_a_fault_in_what_the_file_brings_is_named_by_its_place(text: str, names: str) -> None:
    assert f"的 {names} 有误" in refusal(f"{YEAR}{text}\n", "zhen-pingshi-niandu")


@given(st.text())
def test_no_text_is_worse_than_refused(text: str) -> None:
    for whole in (text, SMALLEST + text, f"title = {text!r}\n{SMALLEST}"):
        try:
            orders(whole)
        except MeetingFileInvalid as error:
            assert error.message.endswith("。")


IN_SECTIONS = """
title = "年度会"
preset = "jiguan-kaoping"
subjects = [{name = "办公室", kind = "班子", section = "科室"}]
[[groups]]
label = "学校"
entitled = 8
[[groups]]
key = "leader"
entitled = 5
"""


def test_groups_that_the_scheme_names_go_by_their_label_or_key() -> None:
    made = {order.group.key: order for order in orders(IN_SECTIONS, "jiguan-kaoping")}
    assert len(made) == 8
    assert (made["school"].group.entitled, made["school"].tickets) == (8, 8)
    assert (made["leader"].group.label, made["leader"].group.entitled) == ("局领导", 5)
    assert (made["public"].group.entitled, made["public"].tickets) == (0, 0)


def test_groups_that_the_scheme_does_not_name_are_refused_where_it_names_its_own() -> None:
    assert "科员（colleague）" in refusal(IN_SECTIONS.replace("学校", "家长"), "jiguan-kaoping")
    assert "groups[2].key" in refusal(IN_SECTIONS.replace('"leader"', '"boss"'), "jiguan-kaoping")
    assert "各分表规定票种的权重" in refusal(IN_SECTIONS + "weight = 30", "jiguan-kaoping")


def test_groups_that_the_scheme_only_suggests_may_be_others() -> None:
    text = (
        SMALLEST.replace('label = "全体"', 'label = "群众"\nweight = 60')
        + '[[groups]]\nlabel = "退休人员"\nentitled = 3\n'
    )
    (masses, retired) = orders(text + "weight = 40", "tiyuju-pingshi")
    assert (masses.group.key, masses.group.weight, retired.group.key) == ("masses", Fraction(3, 5), "g1")
    assert "groups[2].weight" in refusal(text, "tiyuju-pingshi")
    assert "groups[1].key" in refusal(SMALLEST.replace("label =", 'key = "bosses"\nlabel ='), "tiyuju-pingshi")


def test_a_suggested_group_keeps_its_weight_where_the_file_says_none() -> None:
    text = SMALLEST.replace("全体", "领导") + '[[groups]]\nkey = "masses"\nentitled = 40'
    assert [(o.group.key, o.group.label, o.group.weight) for o in orders(text, "tiyuju-pingshi")] == [
        ("leaders", "领导", Fraction(1, 2)),
        ("masses", "群众", Fraction(1, 2)),
    ]


def test_a_file_may_reweigh_the_groups_that_dimensions_name() -> None:
    text = SMALLEST.replace('label = "全体"', 'label = "考评组"\nweight = 70')
    both = text + '[[groups]]\nkey = "staff"\nlabel = "全体职工"\nentitled = 30\nweight = 30'
    assert [(o.group.label, o.group.weight) for o in orders(both, "jingzheng-shanggang")] == [
        ("考评组", Fraction(7, 10)),
        ("全体职工", Fraction(3, 10)),
    ]
    assert "之和应为 100" in refusal(text, "jingzheng-shanggang")


def test_two_names_for_one_group_are_refused() -> None:
    twice = SMALLEST.replace("全体", "领导") + '[[groups]]\nkey = "leaders"\nlabel = "班子"\nentitled = 4\nweight = 50'
    assert "不能重复" in refusal(twice, "tiyuju-pingshi")


def test_a_subject_says_its_section_by_name() -> None:
    (office,) = parse_meeting_file(IN_SECTIONS).subjects
    assert (office.section, office.kind) == ("科室", SubjectKind.TEAM)


def test_a_meeting_has_no_more_groups_than_the_console_takes() -> None:
    many = "".join(f'[[groups]]\nlabel = "票{n}"\nentitled = 1\nweight = 1\n' for n in range(13))
    assert "1 到 12 个" in refusal(SMALLEST.replace('[[groups]]\nlabel = "全体"\nentitled = 5\n', many))


@pytest.mark.parametrize("name", ["考核名单　2026.xlsx", "名单  二.csv", "2026\u00a0年.csv"])
def test_a_file_is_named_as_it_is_called_on_the_disk(name: str) -> None:
    text = SMALLEST.replace('subjects = ["张伟"]', f'subjects_file = "{name}"\nperiods_file = " {name}"')
    file = parse_meeting_file(text.replace("entitled = 5", f'relation_file = "{name}"\nentitled = 5'))
    assert (file.subjects_file, file.inputs.periods_file) == (name, name)
    assert file.groups[0].division == Division(None, name, 5)
    for change in (" ", "坏\\u0000"):
        assert "subjects" in refusal(SMALLEST.replace('subjects = ["张伟"]', f'subjects_file = "{change}"'))
