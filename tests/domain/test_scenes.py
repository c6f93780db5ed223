"""Which scenes the wall has in each state, and which one it shows."""

from __future__ import annotations

import pytest

from kaohe.domain.meetings import MeetingState
from kaohe.domain.scenes import Scene, scene_shown, scenes_of


@pytest.mark.parametrize(
    ("state", "revealed", "has_votes", "expected"),
    [
        (MeetingState.DRAFT, 0, True, [Scene.WELCOME, Scene.HOW]),
        (MeetingState.DRAFT, 0, False, [Scene.WAIT]),
        (MeetingState.OPEN, 0, True, [Scene.HOW, Scene.PROGRESS]),
        (MeetingState.CLOSED, 0, True, [Scene.WAIT]),
        (MeetingState.COUNTED, 0, True, [Scene.WAIT]),
        (MeetingState.PUBLISHED, 0, True, [Scene.LIST, Scene.CALLING, Scene.THANKS]),
        (MeetingState.PUBLISHED, 2, False, [Scene.PERSON, Scene.LIST, Scene.THANKS]),
        (MeetingState.PUBLISHED, 2, True, [Scene.PERSON, Scene.LIST, Scene.CALLING, Scene.THANKS]),
        (MeetingState.PURGED, 3, True, [Scene.PERSON, Scene.LIST, Scene.CALLING, Scene.RANKING, Scene.THANKS]),
    ],
)
def test_each_state_has_its_scenes_and_ranks_wait_for_the_last_reveal(state, revealed, has_votes, expected):
    assert list(scenes_of(state, revealed, 3, has_votes=has_votes)) == expected


def test_the_scene_follows_by_itself_until_the_chair_chooses_one_that_the_state_has():
    draft, voting = (Scene.WELCOME, Scene.HOW), (Scene.HOW, Scene.PROGRESS)
    assert scene_shown("", draft, is_anybody_in=False) is Scene.HOW
    assert scene_shown("welcome", draft, is_anybody_in=False) is Scene.WELCOME
    assert scene_shown("welcome", voting, is_anybody_in=False) is Scene.HOW
    assert scene_shown("", voting, is_anybody_in=True) is Scene.PROGRESS
    assert scene_shown("how", voting, is_anybody_in=True) is Scene.HOW
    assert scene_shown("progress", (Scene.LIST, Scene.THANKS), is_anybody_in=True) is Scene.LIST
    assert scene_shown("", (Scene.PERSON, Scene.LIST), is_anybody_in=True) is Scene.PERSON
