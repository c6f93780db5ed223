"""The record of acts (操作记录) in plain Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kaohe.domain.meetings import Custody, HallView
from kaohe.web.organizer.hall_words import CUSTODY_LABELS, HALL_VIEW_LABELS

_SENTENCES: Final[Mapping[str, str]] = {
    "created": "新建测评会",
    "changed_basics": "修改会议信息",
    "changed_scheme": "修改考核方案",
    "changed_subjects": "修改考核对象，共 {count} 个",
    "changed_groups": "修改票种与人数，共 {count} 种",
    "changed_hall": "设定大屏{hall_view}，票箱钥匙由{custody}{shared}{ballot_list}",
    "drew_up_key": "生成监票人保管的钥匙，指纹 {fingerprint}",
    "proved_key": "监票人试开钥匙通过，指纹 {fingerprint}",
    "issued_tickets": "“{group}”制票 {count} 张，备用 {spares} 张",
    "printed_slips": "打印测评票",
    "voided_ticket": "作废 1 张票",
    "reissued_ticket": "“{group}”作废 1 张票并换发新票",
    "started_rehearsal": "开始试投",
    "wiped_rehearsal": "清除试投",
    "recorded_numbers": "“{group}”记录实到 {present}，未发出 {left_over} 张",
    "drew_speakers": "抽签决定演讲顺序：{order}",
    "limited_speeches": "每人演讲限时 {minutes} 分钟",
    "began_speech": "{name}开始演讲",
    "ended_speech": "{name}演讲结束",
    "opened": "第 {round} 轮开始投票；大屏{hall_view}，票箱钥匙由{custody}，指纹 {key}",
    "paused": "暂停收票",
    "resumed": "恢复收票",
    "closed": "结束投票，收回 {cast} 张",
    "counted": "开箱计票，共 {cast} 张，票箱钥匙指纹 {key}",
    "published": "公布结果",
    "revealed": "大屏揭晓到第 {count} 个",
    "voided_round": "第 {round} 轮作废，原因：{reason}",
    "restored": "经 {approved_by} 同意，恢复了较早的备份",
}

MILESTONE_LABELS: Final[Mapping[str, str]] = {
    "opened": "开始投票",
    "closed": "结束投票",
    "counted": "开箱计票",
    "published": "公布结果",
    "voided_round": "本轮作废",
}
"""The acts after which the head of the record is announced."""


def act_text(act: str, detail: Mapping[str, str], group_labels: Mapping[str, str]) -> str:
    """The sentence that a person reads; ``group_labels`` give the names of the voter groups by key.

    An act that this version has no sentence for is shown by its own name rather than left out of the record.
    """
    sentence = _SENTENCES.get(act)
    return f"其他操作（{act}）" if sentence is None else sentence.format_map(_Words(detail, group_labels))


class _Words(dict[str, str]):
    """The words of a sentence; what an older record does not hold reads 未记."""

    def __init__(self, detail: Mapping[str, str], group_labels: Mapping[str, str]) -> None:
        super().__init__({name: _word(name, value, group_labels) for name, value in detail.items()})

    def __missing__(self, name: str) -> str:
        return "" if name in ("shared", "ballot_list") else "未记"


def _word(name: str, value: str, group_labels: Mapping[str, str]) -> str:
    if name in ("group", "shared"):
        label = group_labels.get(value, value)
        return label if name == "group" else f"；“{label}”用一会一码" if value else ""
    if name == "hall_view" and value in set(HallView):
        return HALL_VIEW_LABELS[HallView(value)]
    if name == "custody" and value in set(Custody):
        return CUSTODY_LABELS[Custody(value)]
    if name == "ballot_list":
        return "；开启整票清单" if value == "True" else ""
    return value or "未填"
