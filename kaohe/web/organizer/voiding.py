"""What is said once a round has been declared void, by one person or by two."""

from __future__ import annotations

from kaohe.domain.meetings import Custody
from kaohe.operations.preparing import load_meeting


def voided_text(meeting_id: str) -> str:
    """That it is done, and what nobody but the tellers can do: the server cannot destroy what stands on paper.

    Raises:
        MeetingUnknown: no such meeting.
    """
    done = "上一轮已经作废并记录在案，新一轮已建好，可以沿用原来的票重新投票。"
    if load_meeting(meeting_id)[0].custody is not Custody.TELLERS:
        return done
    return f"{done}上一轮的钥匙单请监票人当场销毁，新一轮要重新生成钥匙单。"
