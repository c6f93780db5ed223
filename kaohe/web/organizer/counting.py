"""The count as the console does it and tells of it, whoever presses the button."""

from __future__ import annotations

from kaohe.operations.computing import is_computed
from kaohe.operations.key_shares import give_share
from kaohe.operations.opening import count_meeting


def count_and_tell(actor: str, meeting_id: str, key_text: str) -> str:
    """Count a closed round, or take the first of two key sheets; returns the sentence that says what was done.

    Raises:
        What ``give_share`` and ``count_meeting`` raise.
    """
    if is_computed(meeting_id):
        count_meeting(actor, meeting_id)
        return "成绩已经汇总，请先核对结果，再决定是否公布。"
    if give_share(actor, meeting_id, key_text):
        return "第一张钥匙单输入正确，请由另一位监票人输入另一张，随即开箱计票。"
    return f"开箱完成，共计 {count_meeting(actor, meeting_id, key_text)} 张，票箱钥匙已销毁。"
