from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from scene import CHAIR, Scene, cast, hold_meeting, prepare_meeting
from systems import prepare_system

from kaohe.domain.meetings import Group, HallView
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import Reveal
from kaohe.operations.chair.publishing import publish_result, reveal_all
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.disclosing import exposures
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.count.sources import list_findings
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.voters import change_groups
from kaohe.tally.scheme.scheme import ScoreRule

LEADER_AND_STAFF = (Group("a", "主要领导", Fraction(3, 10), 1), Group("b", "职工", Fraction(7, 10), 20))
TWO_LARGE = (Group("a", "中层", Fraction(3, 10), 6), Group("b", "职工", Fraction(7, 10), 20))


def _counted(groups: tuple[Group, ...]) -> Scene:
    scene = hold_meeting(groups=groups, names=("张伟",))
    for number, code in enumerate(scene.all_codes):
        cast(scene.meeting_id, code, ("excellent", "competent", "basically_competent")[number % 3])
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    return scene


def _revealed(scene: Scene) -> Reveal:
    publish_result(CHAIR, scene.meeting_id)
    reveal_all(CHAIR, scene.meeting_id)
    shown = MeetingScreen(scene.meeting_id).snapshot()
    assert isinstance(shown, Reveal)
    return shown


def test_where_a_leader_could_be_computed_the_hall_sees_the_score_and_no_votes() -> None:
    scene = _counted(LEADER_AND_STAFF)
    (told,) = exposures(load_counted(scene.meeting_id))
    assert "“主要领导”只收回 1 票" in told.sentence
    shown = _revealed(scene)

    row = shown.pages[0].rows[0]
    assert (row.segments, shown.pages[0].legend) == ((), ())
    assert row.score_text is not None


def test_where_nobody_can_be_computed_the_hall_sees_votes_as_before() -> None:
    scene = _counted(TWO_LARGE)
    assert exposures(load_counted(scene.meeting_id)) == ()
    assert _revealed(scene).pages[0].rows[0].segments


def test_without_groups_there_is_nothing_to_compute() -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    assert exposures(load_counted(scene.meeting_id)) == ()


def test_of_a_scheme_that_nobody_has_judged_a_small_group_counts_as_given_away() -> None:
    counted = load_counted(_counted(LEADER_AND_STAFF).meeting_id)
    setup = replace(counted.setup, scheme=replace(counted.setup.scheme, score_by=ScoreRule.RATE))
    assert len(exposures(replace(counted, setup=setup))) == 1


@pytest.mark.parametrize(("people", "is_told"), [(19, True), (20, False)])
def test_a_hall_too_small_for_batches_is_told_so(people: int, *, is_told: bool) -> None:
    groups = (Group("all", "全体", Fraction(1), people),)
    scene = prepare_meeting(groups=groups, hall_view=HallView.BATCHED)
    assert ("batches_too_few" in {each.code for each in list_findings(scene.meeting_id)}) is is_told


def test_a_form_too_small_for_batches_is_named() -> None:
    meeting_id = prepare_system("guji-xiaoneng", HallView.BATCHED, tickets=20).meeting_id
    setup = load_meeting(meeting_id)[0]
    assert "batches_too_few" not in {each.code for each in list_findings(meeting_id)}
    groups = [replace(group, entitled=3 if group.key == "leadership" else 20) for group in setup.groups]
    change_groups(CHAIR, meeting_id, setup.version, groups)

    told = [each.message for each in list_findings(meeting_id) if each.code == "batches_too_few"]
    assert len(told) == 1
    assert [group.key for group in setup.groups if f"“{group.label}”" in told[0]] == ["leadership"]
