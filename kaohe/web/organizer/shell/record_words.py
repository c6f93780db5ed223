"""The record of acts (操作记录) in plain Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kaohe.domain.meetings import Custody, HallView
from kaohe.domain.permissions import PERMISSIONS, Act
from kaohe.domain.record_chain import head_text, key_fingerprint
from kaohe.web.organizer.shell.hall_words import CUSTODY_LABELS, HALL_VIEW_LABELS

_SENTENCES: Final[Mapping[str, str]] = {
    "created": "新建测评会",
    "archived_meeting": "归档会议",
    "deleted_meeting": "从列表中删除会议",
    "put_back": "把会议放回列表",
    "changed_basics": "修改会议信息{changes}",
    "moved_meeting": "把会议改属“{unit}”{moved_from}",
    "changed_scheme": "修改考核方案{changes}",
    "changed_subjects": "修改考核对象，共 {count} 个{changes}",
    "moved_uncontested": "把没有差额的 {count} 名人选移到“{meeting}”",
    "changed_material": "修改{subject}的述职或自评材料",
    "printed_material": "打印 {count} 人的述职、自评材料（{form}）",
    "changed_groups": "修改票种与人数，共 {count} 种{changes}",
    "changed_relations": "修改评分关系{group}",
    "confirmed_named": "确认不足 5 人的表按记名测评进行",
    "changed_hall": "设定大屏{hall_view}，票箱钥匙由{custody}{shared}{ballot_list}{two_people}",
    "changed_wireless": "修改会场无线网络{changes}",
    "marked_sheets": "修改表头标注{changes}",
    "named_signers": "修改签字人{changes}",
    "changed_emblem": "更换大屏上的单位徽标，校验 {emblem}",
    "changed_hall without votes": "修改两人操作的规定{two_people}",
    "imported_scores": "导入“{component}”的得分，共 {count} 个",
    "took_scores": "从“{source}”取得“{component}”的得分，共 {count} 个",
    "removed_scores": "清除“{component}”的得分，共 {count} 个",
    "imported_periods": "导入往期结果（{periods}），共 {count} 条",
    "took_period": "从“{source}”取得“{period}”的结果，共 {count} 个",
    "removed_period": "清除“{period}”的结果，共 {count} 个",
    "decided": "认定：{subject}，{clause}{amount}，理由：{reason}{matter}",
    "withdrew_decision": "撤销认定：{subject}，{clause}，理由：{reason}",
    "ruled": "{step}等次：{subject}，{tier}，理由：{reason}{decided_on}{minute}",
    "confirmed_tiers": "{step}等次：其余维持已有的等次{because}{decided_on}{minute}",
    "withdrew_ruling": "撤销{step}的等次：{subject}，理由：{reason}",
    "drew_up_key": "生成监票人保管的钥匙，指纹 {fingerprint}",
    "proved_key": "监票人试开钥匙通过，指纹 {fingerprint}",
    "drew_up_shares": "生成三张分存的钥匙单，任意两张可开箱，指纹 {fingerprint}",
    "proved_share": "监票人试开第 {number} 张钥匙单，指纹 {fingerprint}",
    "issued_tickets": "“{group}”制票 {count} 张，备用 {spares} 张",
    "issued_missing_tickets": "按应到人数制齐 {groups} 个票种（组）的票，共 {count} 张",
    "printed_slips": "打印二维码票",
    "took_back_tickets": "“{group}”收回未发的票 {count} 张，全部作废",
    "voided_ticket": "作废 1 张票",
    "renewed_pool_code": "更换会场码，已领未投的 {voided} 张票作废",
    "reissued_ticket": "“{group}”作废 1 张票并换发新票{why}{proposed_by}",
    "started_rehearsal": "开始试投",
    "wiped_rehearsal": "清除试投",
    "recorded_numbers": "“{group}”记录实到 {present}，未发出 {left_over} 张{handed_out}",
    "came_late": "“{group}”迟到 {people} 人，实到 {present}{handed_out}{made}{why}{proposed_by}",
    "left_early": "“{group}”离场 {people} 人，未投票，实到 {present}{returned}",
    "drew_speakers": "抽签决定演讲顺序：{order}",
    "limited_speeches": "每人演讲限时 {minutes} 分钟",
    "began_speech": "{name}开始演讲",
    "ended_speech": "{name}演讲结束",
    "recorded_paper_issued": "“{group}”发出纸质票 {issued} 张",
    "paper_not_returned": "登记纸质票 {count} 张没有收回",
    "called_spot_vote": "发起现场票决“{title}”（{meeting}）",
    "dismissed_spot_vote": "现场票决“{title}”（{meeting}）结束，大屏返回主会场",
    "opened": "第 {round} 轮开始投票；大屏{hall_view}，票箱钥匙由{custody}，指纹 {key}{two_people}",
    "opened without votes": "第 {round} 轮不投票，方案和名单已定稿{two_people}",
    "paused": "暂停收票",
    "resumed": "恢复收票",
    "closed": "结束投票，收回 {cast} 张{unissued}{proposed_by}",
    "stripped": "拆票：{cast} 张封票与票码分开，票箱摘要 {box}",
    "gave_share": "监票人输入第 {number} 张钥匙单，等待另一张",
    "declared_challenges": "登记监票抽查票 {count} 张",
    "copied_key": "另存第 {round} 轮的钥匙文件一份，开箱计票后须销毁",
    "challenged": "监票人抽查 {count} 张票，逐票开出对照，不计入结果；回执 {receipts}",
    "compared_challenges": "监票抽查结论：{outcome}",
    "counted": "开箱计票，共 {cast} 张{paper}，票箱钥匙指纹 {key}{proposed_by}",
    "counted without votes": "汇总成绩：没有选票，得分由导入的分数和往期结果算出{proposed_by}",
    "destroyed": "第 {round} 轮的{what}已销毁，旧内容已覆盖（固态硬盘等不能保证）；钥匙指纹 {key}，票箱摘要 {box}",
    "published": "公布结果{kept_until}",
    "corrected": "更正结果，第 {version} 版，理由：{reason}{reviews}{proposed_by}",
    "received_review": "收到第 {review} 项复核申请（{day}）：{subject}，{request}",
    "decided_review": "第 {review} 项复核的决定（{day}）：{subject}，{outcome}，理由：{reason}",
    "answered_review": "第 {review} 项复核已答复本人（{day}）：{subject}，用时 {days} 日",
    "reviewed_comment": "审核意见建议（{comment}，{subject}）：{verdict}{because}",
    "listed_comments": "其余 {count} 条意见建议照原文列出",
    "revealed": "大屏揭晓到第 {count} 个",
    "chose_reveal_order": "选定大屏揭晓顺序：{reveal_kind}{first}",
    "took_reveal_back": "撤回大屏上第 {count} 个的揭晓",
    "voided_round": "第 {round} 轮作废，原因：{reason}{proposed_by}",
    "changed_keeping": "选票保存期由公布后 {before} 个月改为 {months} 个月",
    "changed_purge_day": "清除日期由 {before} 改为 {purge_on}，原因：{reason}",
    "purged": "清除选票 {ballots} 张、意见建议、回执和票码，只保留票数和结果{forced}{proposed_by}",
    "replaced_secrets": "密钥文件丢失，改用新的；签名公钥指纹由 {former_key} 改为 {new_key}{fate}",
    "restored": "经 {approved_by} 同意，恢复了较早的备份",
    "proposed": "提出“{proposed}”{late_group}{late_people}，等待另一人确认{why}",
    "withdrew": "撤回{proposer}提出的“{proposed}”",
}

_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "what": {"key": "票箱钥匙", "key, envelopes": "票箱钥匙和封票", "ballots": "选票"},
    "fate": {
        "reissue": "；已制的票全部失效，须重新制票",
        "void": "；本轮票箱无法再开，须重新投票",
        "close": "；未投的票失效，投票就此结束",
        "keep": "",
    },
    "reveal_kind": {"listed": "名单顺序", "backwards": "从后往前", "top": "只公布前几名"},
    "outcome": {"same": "逐票相符", "different": "有不相符的票"},
}
"""Words for what the record says in a word of its own, by the name of the detail."""
_TAILS: Final[Mapping[str, str]] = {
    "changes": "：{}",
    "moved_from": "，原属“{}”",
    "kept_until": "，选票保存至 {}",
    "forced": "；提前清除，原因：{}",
    "handed_out": "；投票中发出备用票 {} 张",
    "made": "；投票中另制新票 {} 张",
    "returned": "；交回未用的票 {} 张",
    "unissued": "；未发出的 {} 张作废",
    "late_people": "迟到 {} 人",
    "proposed_by": "；由{}提出，本人确认",
    "reviews": "；据第 {} 项复核",
    "decided_on": "；{}",
    "first": "（前 {} 名）",
    "minute": "；{}",
}
"""What is added to a sentence where there is something to add."""

_MAY_BE_ABSENT = ("shared", "late_group", "ballot_list", "two_people", "paper", "why", *_TAILS)


def act_text(act: str, detail: Mapping[str, str], group_labels: Mapping[str, str]) -> str:
    """The sentence that a person reads; ``group_labels`` give the names of the voter groups by key.

    An act that this version has no sentence for is shown by its own name rather than left out of the record.
    """
    sentence = _SENTENCES.get(f"{act} without votes" if detail.get("votes") == "none" else act)
    return f"其他操作（{act}）" if sentence is None else sentence.format_map(_Words(detail, group_labels))


_WHERE_SAID: Final[Mapping[str, str]] = {"amount": " {} 分", "matter": "（事项：{}）"}
"""What is left out of a sentence where nobody has said it."""


class _Words(dict[str, str]):
    """The words of a sentence; what an older record does not hold reads 未记."""

    def __init__(self, detail: Mapping[str, str], group_labels: Mapping[str, str]) -> None:
        super().__init__({name: _word(name, value, group_labels) for name, value in detail.items()})
        if "reason" in detail:
            self["why"] = f"，原因：{detail['reason']}"
            self["because"] = f"，理由：{detail['reason']}" if detail["reason"] else ""
        if "tier" in detail:
            self["tier"] = detail["tier"] or "不定等次"

    def __missing__(self, name: str) -> str:
        return "" if name in _MAY_BE_ABSENT else "未记"


def _word(name: str, value: str, group_labels: Mapping[str, str]) -> str:
    if name == "paper":
        return f"（其中纸质票 {value} 张）" if value not in ("", "0") else ""
    if name == "box":
        return head_text(value)
    if name in ("former_key", "new_key"):
        return key_fingerprint(bytes.fromhex(value)) if value else "未知"
    if name in _SAID:
        return _SAID[name].get(value, value)
    if name in _TAILS:
        return _TAILS[name].format(value) if value else ""
    return _word_of_setup(name, value, group_labels)


def _word_of_setup(name: str, value: str, group_labels: Mapping[str, str]) -> str:
    words: Mapping[str, str] = {
        "group": group_labels.get(value, value),
        "late_group": f"：“{group_labels.get(value, value)}”",
        "shared": f"；“{group_labels.get(value, value)}”用一会一码" if value else "",
        "hall_view": HALL_VIEW_LABELS[HallView(value)] if value in set(HallView) else value,
        "custody": CUSTODY_LABELS[Custody(value)] if value in set(Custody) else value,
        "ballot_list": "；开启整票清单" if value == "True" else "",
        "two_people": "；须两人操作" if value == "True" else "",
        "proposed": PERMISSIONS[Act(value)].label if value in set(Act) else value,
    }
    if name in _WHERE_SAID:
        return _WHERE_SAID[name].format(value) if value else ""
    return words.get(name, value or "未填")
