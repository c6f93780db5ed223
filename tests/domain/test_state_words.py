"""Every state of a meeting has its word."""

from __future__ import annotations

import pytest

from kaohe.domain.meetings import MeetingState
from kaohe.domain.state_words import state_word


def test_every_state_has_a_word_of_its_own() -> None:
    words = [state_word(state, is_paused=False, has_votes=True) for state in MeetingState]
    assert words == ["尚未开始", "正在投票", "投票已结束", "已计票", "已公布", "已清除"]


@pytest.mark.parametrize("state", list(MeetingState))
def test_only_an_open_meeting_is_said_to_be_paused(state: MeetingState) -> None:
    paused = state_word(state, is_paused=True, has_votes=True)
    assert (paused == "已暂停收票") == (state is MeetingState.OPEN)


def test_without_ballots_nothing_is_closed_and_no_box_is_opened() -> None:
    words = [state_word(state, is_paused=False, has_votes=False) for state in MeetingState]
    assert words == ["尚未定稿", "正在投票", "已定稿", "已汇总", "已公布", "已清除"]
