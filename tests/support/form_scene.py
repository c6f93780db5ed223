"""Meetings on forms of every kind: each preset with subjects that fit it, held as its scheme brings it."""

from __future__ import annotations

from dataclasses import replace

from scene import CHAIR, Scene, draft_meeting, draw_relations, version_of

from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.voters import change_groups
from kaohe.tally.model import SubjectKind

TICKETS = 6
"""Of each voter group."""


def _person(name: str, section: str = "", class_label: str = "") -> SubjectEntry:
    return SubjectEntry(name, "统计局", "", class_label, SubjectKind.PERSON, section)


def _team(name: str, section: str = "", class_label: str = "") -> SubjectEntry:
    return SubjectEntry(name, "", "", class_label, SubjectKind.TEAM, section)


SUBJECTS: dict[str, tuple[SubjectEntry, ...]] = {
    "jiandu-pingshi": (_person("张伟"), _person("李娜"), _person("欧阳子涵"), _person("赵敏")),
    "beian-pingshi": (_person("张伟"), _person("阿卜杜热西提·买买提明")),
    "zhen-pingshi": (_person("张伟"), _person("李娜")),
    "guji-xiaoneng": (_person("张伟"), _person("李娜")),
    "xiang-pingshi": (_person("张伟"), _person("李娜")),
    "ganbu-zonghe": (
        _team("区统计局领导班子", "领导班子", "政府部门组"),
        _person("张伟", "党政主要负责人"),
        _person("李娜", "其他班子成员"),
        _person("欧阳子涵", "其他班子成员"),
    ),
    "tongjiju-jixiao": (
        _person("张伟", "一般人员"),
        _person("李娜", "一般人员"),
        _person("欧阳子涵", "中层干部"),
        _person("赵敏", "班子成员"),
    ),
    "ganbu-zonghe-texuan": (
        _team("区发改局", class_label="政府部门组"),
        _team("城关镇", class_label="街道镇乡一组"),
        _team("区统计局", class_label="政府部门组"),
        _team("东山镇", class_label="街道镇乡一组"),
    ),
    "jingzheng-shanggang": (
        _person("张伟", class_label="办公室主任"),
        _person("李娜", class_label="办公室主任"),
        _person("欧阳子涵", class_label="财务科长"),
        _person("赵敏", class_label="财务科长"),
    ),
}


def hold_form(preset: str, group: str = "", *, begins: bool = True, **scheme_changes: object) -> Scene:
    """An open meeting by a preset, with the tickets and the form of one group: the first, where none is named."""
    meeting_id = draft_meeting(preset, SUBJECTS[preset], **scheme_changes)
    draw_relations(meeting_id, TICKETS, in_turn=False)
    groups = [replace(each, entitled=TICKETS) for each in load_meeting(meeting_id)[0].groups]
    change_groups(CHAIR, meeting_id, version_of(meeting_id), groups)
    for each in groups:
        issue_tickets(CHAIR, meeting_id, each.key, TICKETS, 0)
    wanted = group or groups[0].label
    own = [ticket for ticket in list_tickets(meeting_id) if ticket.group_label == wanted]
    if begins:
        open_meeting(CHAIR, meeting_id)
    style_key = own[0].url.partition("#")[0].rpartition("/")[2]
    return Scene(meeting_id, {wanted: [ticket.code for ticket in own]}, None, style_key)
