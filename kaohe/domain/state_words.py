"""The Chinese names of a meeting's states: one word for each, on chips, headings, lists and the wall."""

from __future__ import annotations

from kaohe.domain.meetings import MeetingState

_WORDS = {
    MeetingState.DRAFT: "尚未开始",
    MeetingState.OPEN: "正在投票",
    MeetingState.CLOSED: "投票已结束",
    MeetingState.COUNTED: "已计票",
    MeetingState.PUBLISHED: "已公布",
    MeetingState.PURGED: "已清除",
}
"""As the buttons say it that lead there: 开始投票, 结束投票, 开箱计票, 公布结果, 清除选票."""

_COMPUTED_WORDS = {
    MeetingState.DRAFT: "尚未定稿",
    MeetingState.CLOSED: "已定稿",
    MeetingState.COUNTED: "已汇总",
}
"""Without ballots nobody votes and no box is opened: 定稿, 汇总成绩."""


def state_word(state: MeetingState, *, is_paused: bool, has_votes: bool) -> str:
    """The word for a state, as people of this meeting say it."""
    if not has_votes and state in _COMPUTED_WORDS:
        return _COMPUTED_WORDS[state]
    if state is MeetingState.OPEN and is_paused:
        return "已暂停收票"
    return _WORDS[state]
