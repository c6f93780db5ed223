"""The chair lets subjects speak before the vote."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scene import CHAIR, NAMES, hold_meeting, prepare_meeting

from kaohe.domain.errors import FieldInvalid, WrongState
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries
from kaohe.operations.hall.speaking import (
    begin_speech,
    draw_speaking_order,
    end_speech,
    limit_speeches,
    load_speaking,
    show_speaking,
)
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.subjects import change_subjects


def test_nothing_is_drawn_and_nothing_shown_until_the_chair_says_so():
    meeting_id = prepare_meeting().meeting_id
    found = load_speaking(meeting_id)
    assert (found.order, found.current, found.is_shown) == ((), None, False)
    assert found.limit == timedelta(minutes=5)


def test_a_draw_stands_in_the_record_with_every_name_and_is_shown():
    meeting_id = prepare_meeting().meeting_id
    draw_speaking_order(CHAIR, meeting_id)
    found = load_speaking(meeting_id)
    assert sorted(subject.name for subject in found.order) == sorted(NAMES)
    assert found.is_shown
    newest = list_record_entries(meeting_id)[0]
    assert newest.act == "drew_speakers"
    assert newest.detail["order"] == "、".join(subject.name for subject in found.order)


def test_a_second_draw_is_possible_until_the_first_speech_and_both_stand_in_the_record():
    meeting_id = prepare_meeting().meeting_id
    draw_speaking_order(CHAIR, meeting_id)
    draw_speaking_order(CHAIR, meeting_id)
    assert sum(event.act == "drew_speakers" for event in list_record_entries(meeting_id)) == 2
    begin_speech(CHAIR, meeting_id, "s1")
    before = load_speaking(meeting_id)
    with pytest.raises(WrongState):
        draw_speaking_order(CHAIR, meeting_id)
    assert load_speaking(meeting_id) == before


def test_the_next_speaker_ends_the_one_before_and_ending_twice_is_one_end():
    meeting_id = prepare_meeting().meeting_id
    draw_speaking_order(CHAIR, meeting_id)
    first, second, _ = load_speaking(meeting_id).order
    begin_speech(CHAIR, meeting_id, first.key)
    begin_speech(CHAIR, meeting_id, second.key)
    found = load_speaking(meeting_id)
    assert found.current == second
    assert found.started_at is not None
    end_speech(CHAIR, meeting_id)
    end_speech(CHAIR, meeting_id)
    found = load_speaking(meeting_id)
    assert (found.current, found.started_at) == (second, None)
    assert sum(event.act == "ended_speech" for event in list_record_entries(meeting_id)) == 1


@pytest.mark.parametrize("minutes", [0, 61])
def test_a_limit_out_of_bounds_changes_nothing(minutes):
    meeting_id = prepare_meeting().meeting_id
    limit_speeches(CHAIR, meeting_id, 8)
    with pytest.raises(FieldInvalid):
        limit_speeches(CHAIR, meeting_id, minutes)
    assert load_speaking(meeting_id).limit == timedelta(minutes=8)


def test_nobody_outside_the_order_can_speak():
    meeting_id = prepare_meeting().meeting_id
    with pytest.raises(FieldInvalid):
        begin_speech(CHAIR, meeting_id, "s1")
    draw_speaking_order(CHAIR, meeting_id)
    with pytest.raises(FieldInvalid):
        begin_speech(CHAIR, meeting_id, "s9")
    assert load_speaking(meeting_id).current is None


def test_a_list_that_has_changed_since_has_to_be_drawn_again():
    meeting_id = prepare_meeting().meeting_id
    draw_speaking_order(CHAIR, meeting_id)
    entries = [SubjectEntry(name, "", "") for name in ("张伟", "李娜", "王芳")]
    change_subjects(CHAIR, meeting_id, load_meeting(meeting_id)[0].version, entries)
    found = load_speaking(meeting_id)
    assert (found.order, found.is_shown) == ((), False)


def test_a_meeting_without_subjects_has_nobody_to_draw():
    meeting_id = prepare_meeting(names=()).meeting_id
    with pytest.raises(FieldInvalid):
        draw_speaking_order(CHAIR, meeting_id)


def test_nothing_moves_once_the_round_has_been_counted():
    scene = hold_meeting()
    draw_speaking_order(CHAIR, scene.meeting_id)
    close_meeting(CHAIR, scene.meeting_id)
    show_speaking(scene.meeting_id, is_shown=False)
    count_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(WrongState):
        begin_speech(CHAIR, scene.meeting_id, "s1")
    with pytest.raises(WrongState):
        show_speaking(scene.meeting_id, is_shown=True)
