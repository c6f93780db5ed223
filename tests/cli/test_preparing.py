"""Who grades whom, and what can be read about whom, by script: from a meeting file to the opening."""

from __future__ import annotations

import json
from pathlib import Path

from processes import Kaohe

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
    assert kaohe.run("material", "list", meeting_id).out.splitlines()[0].split("\t")[::2] == ["s1", "11"]
    for part in shown:
        kaohe.run("tickets", meeting_id, "issue", "--group", part["group"], "--count", "1")
    opened = kaohe.run("meeting", "open", meeting_id)
    assert opened.code == 0, opened.err
