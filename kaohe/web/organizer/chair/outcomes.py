"""The confirmation messages after a round was counted or voided."""

from __future__ import annotations

from wtforms import StringField

from kaohe.domain.meetings import Custody
from kaohe.operations.count.computing import is_computed
from kaohe.operations.count.counting_apart import count_box
from kaohe.operations.setup.key import give_share
from kaohe.operations.setup.preparing import load_meeting
from kaohe.web.organizer.shell.forms import DeskForm


class KeyForm(DeskForm):
    """The tellers' key, or one of its sheets; empty where the server holds the key."""

    key = StringField(default="")


def count_and_tell(actor: str, meeting_id: str, key_text: str) -> str:
    """Count a closed round, or take the first of two key sheets; returns the sentence that says what was done.

    Raises:
        What ``give_share`` and ``count_box`` raise.
    """
    if is_computed(meeting_id):
        count_box(actor, meeting_id)
        return "成绩已经汇总，请先核对结果，再决定是否公布。"
    if give_share(actor, meeting_id, key_text):
        return "第一张钥匙单输入正确，请由另一位监票人输入另一张，随即开箱计票。"
    return f"开箱完成，共计 {count_box(actor, meeting_id, key_text)} 张，票箱钥匙已销毁。"


def voided_text(meeting_id: str) -> str:
    """The sentence after a round was voided, and what is left to the tellers: no server destroys what is on paper."""
    done = "上一轮已经作废并记录在案，新一轮已建好，可以沿用原来的票重新投票。"
    if load_meeting(meeting_id)[0].custody is not Custody.TELLERS:
        return done
    return f"{done}上一轮的钥匙单请监票人当场销毁，新一轮要重新生成钥匙单。"
