"""Last year's meeting as this year's: what is taken over, and what stays with the meeting that was held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from scene import CHAIR, THREE_GROUPS, draft_meeting, hold_meeting, prepare_meeting, version_of

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, MeetingUnknown, PersonDoubted
from kaohe.domain.meetings import HallView, MeetingState
from kaohe.domain.people import Spell
from kaohe.domain.relations import turnout_of_voter_groups
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.units import TOP
from kaohe.operations.count.sources import list_findings
from kaohe.operations.people.register import add_person, register_subjects
from kaohe.operations.people.units import add_unit
from kaohe.operations.setup.copying import copy_for_units, copy_meeting, doubts_of_units, recommend_uncontested
from kaohe.operations.setup.issuing import list_tickets
from kaohe.operations.setup.material import load_text, put_material
from kaohe.operations.setup.preparing import change_hall, list_meetings, load_meeting, unit_of
from kaohe.operations.setup.relations import divide_by_unit
from kaohe.tally.model import Turnout
from kaohe.tally.scheme.scheme import Relation


def copied(like_id: str, token: str = "a-token-of-the-page", **changes) -> str:
    said = {"title": "2027年度测评会", "unit": "统计局", "held_on": date(2027, 1, 8), **changes}
    return copy_meeting(CHAIR, like_id, token=token, **said)


def test_scheme_people_groups_and_hall_are_taken_over_and_nothing_that_was_made_for_the_other() -> None:
    scene = hold_meeting(groups=THREE_GROUPS)
    like, _ = load_meeting(scene.meeting_id)

    made, this_round = load_meeting(meeting_id := copied(scene.meeting_id))

    assert (
        replace(made, id=like.id, title=like.title, unit=like.unit, held_on=like.held_on, version=like.version) == like
    )
    assert (made.title, made.unit, made.held_on) == ("2027年度测评会", "统计局", date(2027, 1, 8))
    assert (this_round.state, this_round.number, this_round.public_key) == (MeetingState.DRAFT, 1, None)
    assert list_tickets(meeting_id) == []
    assert load_meeting(scene.meeting_id)[0] == like


def test_a_meeting_with_a_shared_code_gets_one_of_its_own() -> None:
    scene = prepare_meeting()
    setup, _ = load_meeting(scene.meeting_id)
    change_hall(
        CHAIR,
        scene.meeting_id,
        version_of(scene.meeting_id),
        hall_view=HallView.TURNOUT,
        custody=setup.custody,
        shared_group=setup.groups[0].key,
        ballot_list_wanted=False,
    )
    codes = {load_meeting(each)[1].pool_code for each in (scene.meeting_id, copied(scene.meeting_id))}

    assert len(codes) == 2
    assert None not in codes


def test_what_is_asked_for_twice_by_one_page_is_made_once() -> None:
    like_id = prepare_meeting().meeting_id
    assert copied(like_id) == copied(like_id)
    assert copied(like_id, "a-token-of-another-page") != copied(like_id)
    assert len(list_meetings()) == 3


@pytest.mark.parametrize("changes", [{"title": ""}, {"title": "长" * 61}, {"unit": "长" * 61}])
def test_what_cannot_be_called_so_is_not_made(changes: dict[str, str]) -> None:
    like_id = prepare_meeting().meeting_id
    with pytest.raises(FieldInvalid):
        copied(like_id, **changes)
    with pytest.raises(MeetingUnknown):
        copied("nowhere")
    assert len(list_meetings()) == 1


LISTS = {
    "统计局": [SubjectEntry("张伟", "统计局", "局长"), SubjectEntry("李娜", "统计局", "副局长")],
    "教育局": [SubjectEntry("王芳", "教育局", "局长")],
}


def made_for_units(like_id: str, lists=LISTS, token: str = "a-token-of-the-page", title: str = "2027年度测评会"):
    return copy_for_units(CHAIR, like_id, lists, title=title, held_on=date(2027, 1, 8), token=token)


def test_each_unit_of_a_list_gets_a_meeting_of_its_own_people_by_one_act() -> None:
    like_id = hold_meeting(groups=THREE_GROUPS).meeting_id
    like, _ = load_meeting(like_id)
    made = [load_meeting(each)[0] for each in made_for_units(like_id)]
    assert [(setup.unit, [subject.name for subject in setup.subjects]) for setup in made] == [
        ("统计局", ["张伟", "李娜"]),
        ("教育局", ["王芳"]),
    ]
    for setup in made:
        assert (setup.title, setup.scheme, setup.hall_view) == ("2027年度测评会", like.scheme, like.hall_view)
        assert [(g.key, g.label, g.weight) for g in setup.groups] == [(g.key, g.label, g.weight) for g in like.groups]
        assert {group.entitled for group in setup.groups} == {0}
    assert made_for_units(like_id) == [setup.id for setup in made]
    assert len(list_meetings()) == 3


def test_a_meeting_belongs_to_the_unit_of_its_name_and_else_where_the_other_one_does() -> None:
    like_id = prepare_meeting().meeting_id
    education = add_unit(CHAIR, "教育局", TOP)
    assert [unit_of(each) for each in made_for_units(like_id)] == [TOP, education]


@pytest.mark.parametrize(
    "lists",
    [
        {},
        {**LISTS, "": [SubjectEntry("赵敏")]},
        {**LISTS, "长" * 61: [SubjectEntry("赵敏")]},
        {**LISTS, "水务局": [SubjectEntry(f"赵{at}", "水务局") for at in range(301)]},
        {str(at): [SubjectEntry("赵敏")] for at in range(201)},
    ],
)
def test_where_one_meeting_cannot_be_made_none_is(lists) -> None:
    like_id = prepare_meeting().meeting_id
    with pytest.raises(FieldInvalid):
        made_for_units(like_id, lists)
    assert len(list_meetings()) == 1


def test_where_somebody_may_be_one_of_the_register_no_meeting_is_made() -> None:
    like_id = prepare_meeting().meeting_id
    add_person(CHAIR, Spell("王芳", "教育局", "科长"))
    with pytest.raises(PersonDoubted):
        made_for_units(like_id)
    assert len(list_meetings()) == 1


def competition(*posts: str) -> str:
    return draft_meeting("jingzheng-shanggang", [SubjectEntry(f"人选{n}", "一科", "", p) for n, p in enumerate(posts)])


def test_a_post_without_competition_goes_to_a_recommendation_and_the_others_are_competed() -> None:
    meeting_id = competition("主任", "财务科长", "主任", "档案室主任")
    put_material(CHAIR, meeting_id, version_of(meeting_id), "s2", "演讲材料")
    assert register_subjects(CHAIR, meeting_id) == 4
    assert "no_competition" in {finding.code for finding in list_findings(meeting_id)}
    made, moved = recommend_uncontested(CHAIR, meeting_id, version_of(meeting_id), token="once")
    setup, _ = load_meeting(made)
    assert (setup.title, setup.scheme.key) == ("年度民主测评会（民主推荐）", "jingzheng-shanggang-tuijian")
    assert [(each.name, each.class_label) for each in setup.subjects] == [
        ("人选1", "财务科长"),
        ("人选3", "档案室主任"),
    ]
    assert moved == setup.subjects
    assert load_text(made, "s2") == "演讲材料"
    assert [each.name for each in load_meeting(meeting_id)[0].subjects] == ["人选0", "人选2"]
    for each in (meeting_id, made):
        assert "no_competition" not in {finding.code for finding in list_findings(each)}
        assert register_subjects(CHAIR, each) == 0
    assert recommend_uncontested(CHAIR, meeting_id, 1, token="once") == (made, moved)
    assert len(list_meetings()) == 2


@pytest.mark.parametrize(
    ("posts", "said"),
    [(("主任", "主任"), "没有要另行推荐的"), (("主任", "科长"), "换成“竞争上岗民主推荐”")],
)
def test_where_all_posts_have_competition_or_none_has_nothing_is_moved(posts: tuple[str, ...], said: str) -> None:
    meeting_id = competition(*posts)
    with pytest.raises(FieldInvalid, match=said):
        recommend_uncontested(CHAIR, meeting_id, version_of(meeting_id), token="once")
    assert len(list_meetings()) == 1
    assert len(load_meeting(meeting_id)[0].subjects) == 2


def test_candidates_are_moved_from_the_list_that_the_organizer_has_seen_only() -> None:
    meeting_id = competition("主任", "科长", "主任")
    with pytest.raises(EditedMeanwhile):
        recommend_uncontested(CHAIR, meeting_id, version_of(meeting_id) - 1, token="once")
    assert len(list_meetings()) == 1


def test_whoever_is_moved_to_a_recommendation_is_graded_by_nobody_any_more() -> None:
    meeting_id = competition("主任", "科长", "主任")
    divide_by_unit(CHAIR, meeting_id, version_of(meeting_id), "staff", Relation.OWN_UNIT, 5)
    recommend_uncontested(CHAIR, meeting_id, version_of(meeting_id), token="once")
    setup, _ = load_meeting(meeting_id)
    assert [group.may_grade for group in setup.groups if group.part_of] == [("s1", "s3")]
    numbers = {group.key: Turnout(cast=0) for group in setup.groups}
    assert set(turnout_of_voter_groups(setup, numbers)[1]) == {("staff", "s1"), ("staff", "s3")}


def test_a_unit_gets_as_many_people_as_a_meeting_without_a_vote_takes() -> None:
    like_id = draft_meeting("zhen-pingshi-niandu", [SubjectEntry("张伟")])
    made = made_for_units(like_id, {"青山镇": [SubjectEntry(f"赵{at}", "青山镇") for at in range(301)]})
    assert len(load_meeting(made[0])[0].subjects) == 301


def test_of_whom_it_must_be_said_who_they_are_is_told_by_unit_and_the_answers_are_taken() -> None:
    like_id = prepare_meeting().meeting_id
    known = add_person(CHAIR, Spell("王芳", "统计局", "科长"))
    doubts = doubts_of_units(like_id, LISTS)
    assert {unit: [each.at for each in found] for unit, found in doubts.items()} == {"统计局": [], "教育局": [0]}
    told = {**LISTS, "教育局": [replace(LISTS["教育局"][0], person=known)]}
    assert not any(doubts_of_units(like_id, told).values())
    made = made_for_units(like_id, told)
    assert len(made) == 2
