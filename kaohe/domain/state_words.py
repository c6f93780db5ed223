"""The Chinese names of a meeting's states, for every page and list."""

from __future__ import annotations

from kaohe.domain.meetings import MeetingState

_WORDS = {
    MeetingState.DRAFT: "草稿",
    MeetingState.OPEN: "开放投票",
    MeetingState.CLOSED: "已关闭",
    MeetingState.COUNTED: "已开箱",
    MeetingState.PUBLISHED: "已公布",
    MeetingState.PURGED: "已清除",
}

_COMPUTED_WORDS = {MeetingState.CLOSED: "待汇总", MeetingState.COUNTED: "已汇总"}
"""Without ballots nothing is closed and no box is opened."""


def state_word(state: MeetingState, *, is_paused: bool, has_votes: bool) -> str:
    """The word for a state, as people of this meeting say it."""
    if not has_votes and state in _COMPUTED_WORDS:
        return _COMPUTED_WORDS[state]
    if state is MeetingState.OPEN and is_paused:
        return "暂停收票"
    return _WORDS[state]
