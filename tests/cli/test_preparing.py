"""Who grades whom, and what can be read about whom, by script: from a meeting file to the opening."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from flask import Flask
from processes import Kaohe

from kaohe.cli.meeting_making import make_meeting
from kaohe.domain.errors import KaoheError
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.people.register import list_people
from kaohe.operations.setup.issuing import list_tickets
from kaohe.operations.setup.material import load_lengths
from kaohe.operations.setup.preparing import list_meetings, load_meeting

QUARTER = """
title = "第一季度平时考核"
preset = "beian-pingshi"
hall_view = "turnout"
subjects = [
  { name = "李娜", unit = "一科" }, { name = "张伟", unit = "一科" },
  { name = "张伟", unit = "二科" }, { name = "赵敏", unit = "二科" },
]
[[groups]]
label = "科室负责人"
entitled = 2
tickets = 0
"""


def test_a_divided_meeting_is_prepared_and_opened_by_script_alone(kaohe: Kaohe, tmp_path: Path) -> None:
    (tmp_path / "quarter.toml").write_text(QUARTER, encoding="utf-8")
    meeting_id = kaohe.run("meeting", "create", str(tmp_path / "quarter.toml")).out.strip()
    graders = tmp_path / "graders.csv"
    graders.write_text("姓名,单位,分管领导\n李娜,,陈副局长\n张伟,,陈副局长\n王五,,陈副局长\n", encoding="utf-8")
    refused = kaohe.run("relation", "by-list", meeting_id, str(graders))
    assert (refused.code, refused.out) == (2, "")
    assert "第 3 行：有 2 个“张伟”" in refused.err
    assert "第 4 行：考核对象中没有“王五”" in refused.err

    graders.write_text("姓名,单位,分管领导\n李娜,,陈副局长\n张伟,一科,陈副局长\n", encoding="utf-8")
    refused = kaohe.run("relation", "by-list", meeting_id, str(graders), "--entitled", "0")
    assert "每组人数应为 1 到" in refused.err

    assert kaohe.run("relation", "by-unit", meeting_id, "--entitled", "1").code == 0
    shown = json.loads(kaohe.run("relation", "show", meeting_id, "--json").out)
    assert [(part["group"], part["may_grade"], part["is_named"]) for part in shown] == [
        ("科室负责人·一科", ["s1", "s2"], False),
        ("科室负责人·二科", ["s3", "s4"], False),
    ]
    assert kaohe.run("relation", "confirm", meeting_id).code == 0
    report = tmp_path / "report.txt"
    report.write_text("述职报告\n一、工作情况", encoding="gb18030")
    assert "请写编号：s2、s3" in kaohe.run("material", "put", meeting_id, "张伟", str(report)).err
    assert kaohe.run("material", "put", meeting_id, "李娜", str(report)).out == "已保存，11 字。\n"
    (written,) = kaohe.does("material", "print", meeting_id, "--out", str(tmp_path)).splitlines()
    assert Path(written).read_bytes().startswith(b"PK")
    assert kaohe.does("material", "print", meeting_id, "--out", str(tmp_path), "--pdf").endswith(".pdf\n")
    assert kaohe.run("material", "list", meeting_id).out.splitlines()[0].split("\t")[::2] == ["s1", "11"]
    for part in shown:
        kaohe.run("tickets", meeting_id, "issue", "--group", part["group"], "--count", "1")
    opened = kaohe.run("meeting", "open", meeting_id)
    assert opened.code == 0, opened.err


WHOLE = """
title = "第二季度考核"
preset = "jixiao-pingshi"
hall_view = "turnout"
named = true
register = true
subjects = [
  { name = "李娜", unit = "一科", post = "科员", material = "小结.docx" },
  { name = "张伟", unit = "一科", post = "科员" },
  { name = "张伟", unit = "二科", post = "科员" }, { name = "赵敏", unit = "二科", post = "科员" },
]
[[groups]]
label = "分管领导"
relation_file = "分管.csv"
entitled = 1
[[groups]]
label = "考核单元内人员"
relation = "own_unit"
spares = 1
"""
LIST = "姓名,单位,分管领导\n李娜,,陈副局长\n张伟,一科,陈副局长\n张伟,二科,王副局长\n赵敏,,王副局长\n"


@pytest.fixture
def whole(folder: Callable[[str, str | bytes], str], tmp_path: Path) -> Path:
    folder("分管.csv", LIST)
    summary = Document()
    summary.add_paragraph("本季度小结")
    summary.save(str(tmp_path / "小结.docx"))
    return Path(folder("meeting.toml", WHOLE))


def test_one_file_says_who_grades_whom_who_is_registered_and_what_can_be_read(app: Flask, whole: Path) -> None:
    with app.app_context():
        meeting_id = make_meeting(whole)
        setup, _ = load_meeting(meeting_id)
        assert [(group.label, group.entitled, group.may_grade, group.is_named) for group in setup.groups] == [
            ("分管领导·陈副局长", 1, ("s1", "s2"), True),
            ("分管领导·王副局长", 1, ("s3", "s4"), True),
            ("考核单元内人员·一科", 2, ("s1", "s2"), True),
            ("考核单元内人员·二科", 2, ("s3", "s4"), True),
        ]
        labels = [ticket.group_label for ticket in list_tickets(meeting_id)]
        assert [labels.count(group.label) for group in setup.groups] == [1, 1, 3, 3]
        assert load_lengths(meeting_id) == {"s1": 5}
        assert len(list_people()) == 4
        open_meeting("命令行", meeting_id)


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("分管.csv", ("张伟,一科", "张伟,"), "第 3 行：有 2 个“张伟”"),
        ("分管.csv", ("李娜,,", "王五,,"), "第 2 行：考核对象中没有“王五”"),
        ("meeting.toml", ('relation = "own_unit"', 'relation = "other_units"\nentitled = 20001'), "groups[2].entitled"),
        ("meeting.toml", ("spares = 1", "spares = 10000"), "最多制作 20000 张票"),
        ("meeting.toml", ('{ name = "赵敏", unit = "二科"', '{ name = "赵敏"'), "“赵敏”没有填写单位"),
        ("meeting.toml", ("小结.docx", "没有.docx"), "没有.docx 打不开"),
        ("meeting.toml", ("分管.csv", "没有.csv"), "没有.csv 打不开"),
        ("meeting.toml", ("小结.docx", "长.txt"), "请不超过 20000 个字"),
        ("meeting.toml", ('material = "小结.docx"', 'person = "nobody"'), "名单第 1 行的人员编号“nobody”"),
        ("meeting.toml", ('material = "小结.docx"', 'section = "车间"'), "「李娜」的分表“车间”不在考核方案中"),
    ],
)
def test_a_file_with_a_fault_is_refused_in_a_sentence_and_makes_nothing(
    app: Flask, whole: Path, file: str, change: tuple[str, str], said: str
) -> None:
    (whole.parent / "长.txt").write_text("长" * 20_001, encoding="utf-8")
    path = whole.parent / file
    text = path.read_text(encoding="utf-8")
    if "section" in change[1]:
        text = (
            text.replace("jixiao-pingshi", "sifaju-pingshi")
            .replace("分管领导", "上级主管领导")
            .replace("考核单元内人员", "所在机构其他人员")
        )
    assert change[0] in text
    path.write_text(text.replace(*change), encoding="utf-8")
    with app.app_context():
        with pytest.raises(KaoheError) as caught:
            make_meeting(whole)
        assert said in caught.value.message
        assert list(list_meetings()) == []
        assert list_people() == []


def test_a_list_that_leaves_somebody_without_a_grader_makes_no_meeting(app: Flask, whole: Path) -> None:
    only = QUARTER.replace("tickets = 0", 'relation_file = "分管.csv"')
    whole.write_text(only, encoding="utf-8")
    (whole.parent / "分管.csv").write_text(LIST.replace("赵敏,,王副局长\n", ""), encoding="utf-8")
    with app.app_context():
        with pytest.raises(KaoheError, match="“赵敏”没有人评"):
            make_meeting(whole)
        assert list(list_meetings()) == []
