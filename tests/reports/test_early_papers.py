"""Papers before a result: whom the notice of a meeting calls and when, and what a work log leaves to write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from office_meetings import HEADING, people
from scene import prepare_meeting

from kaohe.domain.errors import FieldInvalid
from kaohe.operations.setup.preparing import load_meeting
from kaohe.reports.early_papers import MeetingTerms, days_of_notice, meeting_notice, work_logs
from kaohe.reports.paper.layout import lay_out
from kaohe.tally.model import SubjectKind
from kaohe.web.documents.notice_terms import asked_meeting_terms, meeting_terms_in_address

MM = 56.7
"""A millimetre in twips."""
TODAY = date(2026, 12, 10)
TERMS = MeetingTerms(TODAY, "下午 2 时 30 分", "三楼会议室", contact="陈静", phone="0912-1234567")


@pytest.fixture
def setup(app):
    with app.app_context():
        return load_meeting(prepare_meeting().meeting_id)[0]


def test_the_notice_says_when_and_where_who_is_called_and_who_is_assessed_on_what(setup):
    held = replace(setup, held_on=date(2026, 12, 18))
    sheet = meeting_notice(held, HEADING, TERMS)
    said: dict[str, str] = dict(sheet.rows)
    assert sheet.title == "青山区统计局2026年度领导干部民主测评会议通知"
    assert said["会议时间"] == "2026年12月18日下午 2 时 30 分"
    assert said["会议地点"] == "三楼会议室"
    assert said["参会人员"] == "、".join(f"{group.label} {group.entitled} 人" for group in setup.groups)
    assert said["测评对象"] == f"共 3 个：{'、'.join(each.name for each in setup.subjects)}"
    assert said["测评内容"] == "总体评价"
    assert said["联系方式"] == "联系人：陈静　　联系电话：0912-1234567"
    assert sheet.signature == ("单位（盖章）：", "2026年12月10日")
    (laid,) = lay_out(sheet)
    assert (laid.paper.is_landscape, len(laid.pages)) == (False, 1)


def test_what_nobody_has_said_is_a_line_to_write_on(setup):
    said: dict[str, str] = dict(meeting_notice(replace(setup, held_on=None), HEADING, MeetingTerms()).rows)
    assert said["会议时间"] == "____年__月__日　　时　　分"
    assert said["会议地点"] == "__________"
    groups = (*setup.groups, replace(setup.groups[0], key="more", label="其他干部", entitled=0))
    said = dict(meeting_notice(replace(setup, groups=groups), HEADING, TERMS).rows)
    assert said["参会人员"] == f"{setup.groups[0].label} {setup.groups[0].entitled} 人、其他干部 ____ 人"
    assert (
        dict(meeting_notice(setup, HEADING, replace(TERMS, attending="全体干部职工")).rows)["参会人员"]
        == "全体干部职工"
    )


def test_the_notice_names_the_code_that_will_be_scanned(setup):
    def how(**changes):
        return dict(meeting_notice(replace(setup, **changes), HEADING, TERMS).rows)["测评方式"]

    own, *_ = setup.groups
    assert how() == "无记名测评，用手机扫描现场发放的测评票填写。"
    assert how(shared_group=own.key) == "无记名测评，用手机扫描会场公布的二维码填写。"
    both = (own, replace(own, key="more", label="其他干部"))
    assert how(groups=both, shared_group="more").endswith("用手机扫描现场发放的测评票或者会场公布的二维码填写。")


def test_the_days_from_the_notice_to_the_meeting_are_counted(setup):
    held = replace(setup, held_on=date(2026, 12, 13))
    assert days_of_notice(TERMS, held) == 3
    assert days_of_notice(replace(TERMS, issued=date(2026, 12, 14)), held) == -1
    assert days_of_notice(TERMS, replace(setup, held_on=None)) is None
    assert days_of_notice(MeetingTerms(), held) is None


def test_a_work_log_has_four_sheets_for_every_person_and_none_for_a_team_each_on_one_page():
    subjects = people(3, ())
    team = replace(subjects[2], kind=SubjectKind.TEAM)
    sheets = work_logs((*subjects[:2], team), HEADING)
    kinds = ["职责任务认定表", "周工作记实表", "月工作自查表", "季度考评登记表"]
    assert [sheet.name for sheet in sheets] == [f"{kind}-{each.name}" for each in subjects[:2] for kind in kinds]
    for sheet in sheets:
        assert sheet.header_lines[0][0] == f"姓名：{sheet.name.partition('-')[2]}"
        (laid,) = lay_out(sheet)
        assert (laid.paper.is_landscape, len(laid.pages)) == (False, 1)
        assert [row for page in laid.pages for row in page.rows] == list(sheet.rows)
        assert all(laid.row_height(row) > 5 * MM for row in sheet.rows)
        assert sum(laid.row_height(row) > 20 * MM for row in sheet.rows) >= 3
    weeks = next(sheet for sheet in sheets if sheet.name.startswith("周"))
    assert [row[0] for row in weeks.rows] == ["第一周", "第二周", "第三周", "第四周", "第五周"]


def test_the_terms_of_a_page_come_back_from_its_address():
    typed = {
        "issued": "2026-12-10",
        "time": " 下午 2 时 30 分",
        "place": "三楼会议室",
        "contact": "陈静",
        "phone": "0912-1234567",
    }
    terms = asked_meeting_terms(typed, date(2026, 1, 1))
    assert terms == TERMS
    assert asked_meeting_terms(meeting_terms_in_address(terms), date(2026, 1, 1)) == terms
    assert asked_meeting_terms({}, TODAY) == MeetingTerms(TODAY)
    for wrong in ({"issued": "明天"}, {"place": "三" * 61}, {"contact": "陈" * 41}):
        with pytest.raises(FieldInvalid):
            asked_meeting_terms(wrong, TODAY)
