from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import pytest
from flask import Flask
from scene import CHAIR, EVERYONE, draft_meeting, hold_meeting, prepare_meeting

from kaohe.config import Config
from kaohe.domain.errors import (
    EditedMeanwhile,
    FieldInvalid,
    KeyWrong,
    MeetingUnknown,
    NotReady,
    PresetUnknown,
    WrongState,
)
from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.sources import list_findings
from kaohe.operations.setup.key import draw_up_key, prove_key
from kaohe.operations.setup.preparing import change_basics, change_hall, create_meeting, list_meetings, load_meeting
from kaohe.operations.setup.scheme import change_scheme
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.storage.installation import install, these_secrets
from kaohe.tally.model import SubjectKind


def _new() -> str:
    return create_meeting(CHAIR, title="年度测评", unit="统计局", held_on=None, preset_id="si-deng")


def _findings(meeting_id: str) -> set[str]:
    return {finding.code for finding in list_findings(meeting_id)}


def test_one_meeting_is_made_of_a_page_that_is_sent_by_four_at_once(app) -> None:
    def press(_: int) -> str:
        with app.app_context():
            return create_meeting(CHAIR, title="会", unit="", held_on=None, preset_id="si-deng", token="t" * 22)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(press, range(4)))) == 1
    assert len(list_meetings()) == 1


def test_a_new_meeting_stands_in_the_list_as_a_draft() -> None:
    meeting_id = _new()
    assert [(line.id, line.title, line.state) for line in list_meetings()] == [(meeting_id, "年度测评", "draft")]


def test_a_class_that_no_rule_knows_is_found_before_the_vote() -> None:
    """Mission A9: with 政府部门 for 政府部门组 the flags for 特优 would never appear, and nobody was told."""

    def told(*classes: str) -> list[str]:
        teams = [SubjectEntry(f"单位{place}", "", "", label, SubjectKind.TEAM) for place, label in enumerate(classes)]
        meeting_id = draft_meeting("ganbu-zonghe", [*teams, SubjectEntry("王局长", "", "", "正职", section="head")])
        return [each.message for each in list_findings(meeting_id) if each.code == "class_unknown"]

    (message,) = told("政府部门", "政府部门组", "", "街道镇乡一组")
    assert "类别“政府部门”、“（未填）”不在方案的规则中" in message
    assert "“部门前 18 名，特优候选”等标记" in message
    assert message.endswith("街道镇乡一组、街道镇乡二组、街道镇乡三组。")
    assert told("政府部门组", "街道镇乡三组") == []


@pytest.mark.parametrize("title", ["", "   ", "长" * 61, "不可\u202e见"])
def test_a_meeting_needs_a_title_that_can_be_read(title: str) -> None:
    with pytest.raises(FieldInvalid):
        create_meeting(CHAIR, title=title, unit="", held_on=None, preset_id="si-deng")
    assert list_meetings() == []


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(PresetUnknown):
        create_meeting(CHAIR, title="年度测评", unit="", held_on=None, preset_id="wu-deng")


def test_an_unknown_meeting_is_refused_everywhere() -> None:
    with pytest.raises(MeetingUnknown):
        load_meeting("nowhere")
    with pytest.raises(MeetingUnknown):
        change_subjects(CHAIR, "nowhere", 1, [])
    with pytest.raises(MeetingUnknown):
        list_findings("nowhere")


def test_the_second_of_two_organizers_is_told_and_overwrites_nothing() -> None:
    meeting_id = _new()
    change_subjects("甲", meeting_id, 1, [SubjectEntry("张伟")])

    with pytest.raises(EditedMeanwhile):
        change_subjects("乙", meeting_id, 1, [SubjectEntry("李娜")])
    assert [subject.name for subject in load_meeting(meeting_id)[0].subjects] == ["张伟"]


def test_nothing_can_be_changed_once_voting_has_begun() -> None:
    scene = hold_meeting()
    setup, _ = load_meeting(scene.meeting_id)
    for change in (
        lambda: change_basics(CHAIR, setup.id, setup.version, title="改名", unit="", held_on=None),
        lambda: change_scheme(CHAIR, setup.id, setup.version, setup.scheme),
        lambda: change_subjects(CHAIR, setup.id, setup.version, []),
        lambda: change_groups(CHAIR, setup.id, setup.version, EVERYONE),
        lambda: change_hall(
            CHAIR,
            setup.id,
            setup.version,
            hall_view=HallView.INSTANT,
            custody=Custody.SERVER,
            shared_group=None,
            ballot_list_wanted=True,
        ),
    ):
        with pytest.raises(WrongState):
            change()
    assert load_meeting(setup.id)[0] == setup


UNSOUND_GROUPS = [
    (),
    (Group("a", "", Fraction(1), 5),),
    (Group("a", "A票", Fraction(1, 2), 5), Group("b", "A票", Fraction(1, 2), 5)),
    (Group("a", "A票", Fraction(1, 2), 5), Group("b", "B票", Fraction(2, 5), 5)),
    (Group("a", "A票", Fraction(0), 5), Group("b", "B票", Fraction(1), 5)),
    (Group("a", "A票", Fraction(1), -1),),
    (Group("a", "A票", Fraction(1), 20_001),),
    tuple(Group(f"g{n}", f"{n}票", Fraction(1, 13), 5) for n in range(13)),
]


@pytest.mark.parametrize("groups", UNSOUND_GROUPS, ids=range(len(UNSOUND_GROUPS)))
def test_unsound_voter_groups_are_refused(groups: tuple[Group, ...]) -> None:
    meeting_id = _new()
    with pytest.raises(FieldInvalid):
        change_groups(CHAIR, meeting_id, 1, groups)
    assert load_meeting(meeting_id)[0].version == 1


def test_a_group_that_has_tickets_is_not_taken_away() -> None:
    scene = prepare_meeting()
    version = load_meeting(scene.meeting_id)[0].version
    with pytest.raises(FieldInvalid, match="已经制票"):
        change_groups(CHAIR, scene.meeting_id, version, (Group("b", "B票", Fraction(1), 5),))
    change_groups(CHAIR, scene.meeting_id, version, (replace(EVERYONE[0], label="全体职工", entitled=20),))
    assert load_meeting(scene.meeting_id)[0].groups[0].entitled == 20


@pytest.mark.parametrize("hall_view", [HallView.BATCHED, HallView.INSTANT])
def test_who_lets_the_tellers_hold_the_key_can_show_only_the_turnout(hall_view: HallView) -> None:
    meeting_id = _new()
    with pytest.raises(FieldInvalid):
        change_hall(
            CHAIR,
            meeting_id,
            1,
            hall_view=hall_view,
            custody=Custody.TELLERS,
            shared_group=None,
            ballot_list_wanted=False,
        )


def test_voting_does_not_begin_before_the_tellers_have_proven_their_key() -> None:
    scene = prepare_meeting(custody=Custody.TELLERS)
    lost = scene.key_text or ""
    fresh = draw_up_key(CHAIR, scene.meeting_id)
    assert "key_not_proven" in _findings(scene.meeting_id)

    with pytest.raises(NotReady):
        open_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(KeyWrong):
        prove_key(CHAIR, scene.meeting_id, lost)
    prove_key(CHAIR, scene.meeting_id, fresh)
    open_meeting(CHAIR, scene.meeting_id)


def test_a_key_sheet_is_drawn_up_only_where_the_tellers_hold_the_key() -> None:
    scene = prepare_meeting()
    with pytest.raises(FieldInvalid):
        draw_up_key(CHAIR, scene.meeting_id)
    with pytest.raises(KeyWrong):
        prove_key(CHAIR, scene.meeting_id, prepare_meeting(custody=Custody.TELLERS).key_text or "")


def test_the_check_list_names_everything_at_once() -> None:
    meeting_id = create_meeting(CHAIR, title="空会", unit="", held_on=None, preset_id="si-deng")
    assert _findings(meeting_id) >= {"no_subjects", "no_unit", "no_entitled", "no_tickets", "not_rehearsed"}


def test_a_group_of_one_is_called_what_it_is() -> None:
    groups = (Group("a", "班子", Fraction(1, 2), 1), Group("b", "职工", Fraction(1, 2), 4))
    scene = prepare_meeting(groups=groups)
    messages = " ".join(finding.message for finding in list_findings(scene.meeting_id))
    assert "等同实名" in messages
    assert "分组结果不单独公布" in messages


def test_slips_that_bear_another_address_than_the_servers_stop_the_opening(app: Flask, config: Config) -> None:
    scene = prepare_meeting()
    install(app, replace(config, public_url="http://10.0.0.9:8000"), these_secrets())

    assert "address_changed" in _findings(scene.meeting_id)
    with pytest.raises(NotReady, match=r"192\.168\.8\.8"):
        open_meeting(CHAIR, scene.meeting_id)
