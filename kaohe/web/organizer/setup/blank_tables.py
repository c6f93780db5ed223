"""Tables to fill in and bring back: the subjects of one unit or of many, who grades whom, scores, earlier periods."""

from __future__ import annotations

from collections.abc import Sequence

from flask.typing import ResponseReturnValue

from kaohe.domain.inputs import own_component
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.permissions import Act
from kaohe.domain.rosters import FIELDS
from kaohe.domain.typed_numbers import number_text
from kaohe.operations.setup.input_checks import component_of
from kaohe.operations.setup.inputs import load_inputs
from kaohe.operations.setup.preparing import load_meeting
from kaohe.reports.xlsx import blank_workbook
from kaohe.web.attachments import attached
from kaohe.web.organizer.setup.subject_rows import entries_of, row_of
from kaohe.web.organizer.shell.blueprint import organizer

_WHO = (Field.NAME, Field.UNIT, Field.POST)
_BACK = "填好后在原来的页面选择这个文件上传，保存以前会先给您看读到了什么。"
_BACK_AT_ONCE = "填好后在原来的页面选择这个文件上传，有读不懂的行会逐行指出。"


@organizer.get("/<meeting_id>/subjects/table.xlsx", act=Act.PREPARE)
def blank_roster(meeting_id: str) -> ResponseReturnValue:
    """The list of subjects as it stands, to be filled in further."""
    setup, _ = load_meeting(meeting_id)
    fields = FIELDS if setup.scheme.declared_sections else FIELDS[:-1]
    about = (
        "每行一个考核对象，只有姓名是必填的；班子把班子名称写在“姓名”列。",
        "名次在同一类别内排列；类型填“人”或“班子”，不填的按姓名判断。",
        _BACK,
    )
    rows = [row_of(entry)[: len(fields)] for entry in entries_of(setup.subjects)]
    return _file("考核对象名单", fields, rows, about)


@organizer.get("/<meeting_id>/several/table.xlsx", act=Act.PREPARE)
def blank_units(meeting_id: str) -> ResponseReturnValue:
    """An empty list of the subjects of many units."""
    setup, _ = load_meeting(meeting_id)
    fields = FIELDS if setup.scheme.declared_sections else FIELDS[:-1]
    about = ("每行一个考核对象，写明单位；每个单位各建一场。", "类型填“人”或“班子”，不填的按姓名判断。", _BACK)
    return _file("各单位考核对象名单", fields, [], about)


@organizer.get("/<meeting_id>/relations/table.xlsx", act=Act.PREPARE)
def blank_graders(meeting_id: str) -> ResponseReturnValue:
    """The subjects, with an empty column for who grades them."""
    setup, _ = load_meeting(meeting_id)
    about = (
        "评价人一列填写由谁评价；一个考核对象有几个评价人的，写几行。",
        "不由这个票种评价的整行删去。",
        _BACK_AT_ONCE,
    )
    rows = [(subject.name, subject.unit, subject.post) for subject in setup.subjects]
    return _file("考核对象和评价人", (*_WHO, Field.GRADER), rows, about)


@organizer.get("/<meeting_id>/inputs/scores/<component_key>/table.xlsx", act=Act.BRING_INPUTS)
def blank_scores(meeting_id: str, component_key: str) -> ResponseReturnValue:
    """The subjects who need a score of a component, with the scores brought so far."""
    standing = load_inputs(meeting_id)
    component = component_of(standing.setup.full_scheme, component_key)
    rows = []
    for subject in standing.setup.subjects:
        if own_component(standing.setup.full_scheme, subject, component_key):
            score = standing.inputs.imported.get((component_key, subject.key))
            rows.append((subject.name, subject.unit, subject.post, "" if score is None else number_text(score)))
    about = (f"得分填 0 到 {number_text(component.full)} 的数，没有得分的整行删去。", _BACK)
    return _file(f"{component.label}得分", (*_WHO, Field.SCORE), rows, about)


@organizer.get("/<meeting_id>/inputs/periods/table.xlsx", act=Act.BRING_INPUTS)
def blank_periods(meeting_id: str) -> ResponseReturnValue:
    """The subjects, a row each to begin with, and the columns of an earlier period."""
    subjects = load_inputs(meeting_id).setup.subjects
    fields = (*_WHO, Field.PERIOD, Field.SCORE, Field.TIER, Field.FLAGS)
    about = ("一个考核对象的每一期各写一行，时段如“第一季度”；得分和等次按方案需要填写。", _BACK)
    return _file("往期结果", fields, [(subject.name, subject.unit, subject.post) for subject in subjects], about)


def _file(
    title: str, fields: Sequence[Field], rows: Sequence[Sequence[str]], about: Sequence[str]
) -> ResponseReturnValue:
    return attached(blank_workbook({"表格": [fields, *rows]}, about), f"{title}.xlsx")
