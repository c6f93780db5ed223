"""The record of acts says what a save has changed, from what to what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.domain.setup_changes import changes_text
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject, SubjectKind

SCHEME = load_preset("si-deng")
PEOPLE = (Subject("s1", "张伟", "办公室", "科员"), Subject("s2", "李娜"), Subject("s3", "王芳"))
STAFF, LEADERS = Group("staff", "职工", Fraction(7, 10), 10), Group("leaders", "领导", Fraction(3, 10), 3)
BEFORE = MeetingSetup(
    "m", "年度测评", "", date(2026, 12, 18), SCHEME, PEOPLE, (STAFF, LEADERS), HallView.TURNOUT, Custody.SERVER,
    None, ballot_list_wanted=False, version=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"version": 2}, ""),
        (
            {"title": "年度考核", "unit": "统计局", "held_on": None},
            "会议名称由“年度测评”改为“年度考核”；测评单位由未填改为“统计局”；会议日期由“2026-12-18”改为未填",
        ),
        ({"scheme": load_preset("shiye-niandu")}, None),
        ({"scheme": replace(SCHEME, comments_wanted=not SCHEME.comments_wanted)}, f"方案“{SCHEME.title}”的设置有改动"),
        (
            {"subjects": (PEOPLE[1], replace(PEOPLE[0], post="科长"), Subject("s4", "赵磊"))},
            "增加赵磊；去掉王芳；张伟（办公室，科员）改为张伟（办公室，科长）；次序有改动",
        ),
        ({"subjects": (PEOPLE[0], replace(PEOPLE[1], name="李纳"), PEOPLE[2])}, "李娜改为李纳"),
        (
            {"subjects": (PEOPLE[0], replace(PEOPLE[1], kind=SubjectKind.TEAM), PEOPLE[2])},
            "李娜（个人）改为李娜（班子）",
        ),
        (
            {"groups": (replace(STAFF, label="干部", weight=Fraction(1)), Group("guests", "群众", Fraction(0), 5))},
            "增加票种“群众”（应到 5）；去掉票种“领导”；“职工”改称“干部”；“干部”权重由 70% 改为 100%",
        ),
        (
            {"groups": (replace(STAFF, entitled=12), replace(LEADERS, entitled=4))},
            "“职工”应到由 10 改为 12、“领导”应到由 3 改为 4",
        ),
    ],
)  # fmt: skip
def test_what_a_save_changed_is_said_from_what_to_what(changes: dict[str, object], said: str | None) -> None:
    after = replace(BEFORE, **changes)
    if said is None:
        said = f"方案由“{SCHEME.title}”改为“{after.scheme.title}”"
    assert changes_text(BEFORE, after) == said


def test_what_moved_to_another_column_is_named_by_it_and_a_form_by_its_label() -> None:
    team, head = Subject("s1", "领导班子", "统计局"), Subject("s2", "张伟", "局长", section="members")
    scheme = load_preset("ganbu-zonghe")
    before = replace(BEFORE, scheme=scheme, subjects=(team, head))
    (label, key), *_ = [(each.label, each.key) for each in scheme.declared_sections]
    after = replace(before, subjects=(replace(team, section=key), replace(head, unit="", post="局长")))
    assert changes_text(before, after) == (
        f"领导班子（统计局）改为领导班子（统计局，{label}）、"
        "张伟（单位：局长，分表：members）改为张伟（职务：局长，分表：members）"
    )


def test_of_many_the_first_ones_are_named_and_how_many_there_are() -> None:
    many = tuple(Subject(f"n{number}", f"赵{number}") for number in range(7))
    assert changes_text(BEFORE, replace(BEFORE, subjects=(*PEOPLE, *many))) == "增加赵0、赵1、赵2、赵3、赵4 等 7 个"
