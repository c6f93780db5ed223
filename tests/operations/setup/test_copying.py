"""Last year's meeting as this year's: what is taken over, and what stays with the meeting that was held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from scene import CHAIR, THREE_GROUPS, hold_meeting, prepare_meeting, version_of

from kaohe.domain.errors import FieldInvalid, MeetingUnknown
from kaohe.domain.meetings import HallView, MeetingState
from kaohe.operations.setup.issuing import list_tickets
from kaohe.operations.setup.preparing import change_hall, copy_meeting, list_meetings, load_meeting


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
