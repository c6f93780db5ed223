"""What a form of a section weighs on a phone's line: page, style sheet and scripts, compressed as they are sent."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from scene import CHAIR, draft_meeting, version_of

from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.setup.issuing import issue_tickets
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.relations import divide_by_unit
from kaohe.schemes import load_preset
from kaohe.tally.scheme.scheme import Relation

KB = 1024
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英霞平刚桂兰玉梅建国华文斌峰辉鹏飞宇晨曦琳"


def opened(preset: str, count: int) -> str:
    """A meeting about so many people of one section, whose graders hold a form of it."""
    sections = load_preset(preset).sections
    # Where each layer has a form of its own, half of them lead.
    layers = (sections[0].label, sections[-1].label) if len(sections) > 1 else ("", "")
    people = [
        SubjectEntry(surname + GIVEN[number * 7 % len(GIVEN)], "一科", "科员", section=layers[number % 2])
        for number, surname in enumerate(SURNAMES[:count])
    ]
    meeting_id = draft_meeting(preset, people)
    for group in load_meeting(meeting_id)[0].groups:
        divide_by_unit(CHAIR, meeting_id, version_of(meeting_id), group.key, Relation.OWN_UNIT, 9)
    for group in load_meeting(meeting_id)[0].groups:
        issue_tickets(CHAIR, meeting_id, group.key, 9, 0)
    open_meeting(CHAIR, meeting_id)
    return meeting_id


@pytest.mark.parametrize(
    ("preset", "count", "at_most"),
    [
        ("diwei-pingshi-jidu", 40, 22),
        ("sifaju-pingshi-jidu", 40, 22),
        ("jiandu-pingshi", 20, 22),
        ("beian-pingshi", 10, 22),
        ("jixiao-pingshi", 10, 22),
        # 680 and 240 fields, beyond what the figure is for; each field may cost no more than it does.
        ("beian-pingshi", 40, 26.5),
        ("jixiao-pingshi", 40, 25),
    ],
)
def test_a_form_of_a_section_is_light(app: Flask, preset: str, count: int, at_most: float) -> None:
    with app.app_context():
        meeting_id = opened(preset, count)
    client = app.test_client()
    asked = {"Accept-Encoding": "gzip"}
    page = client.get(f"/v/{meeting_id}/1")
    files = sorted(set(re.findall(r'"(/static/[^"]+)"', page.get_data(as_text=True))))
    sent = [client.get(url.replace("&amp;", "&"), headers=asked) for url in (f"/v/{meeting_id}/1", *files)]
    assert {reply.headers.get("Content-Encoding") for reply in sent} == {"gzip"}
    assert sum(len(reply.data) for reply in sent) <= at_most * KB
