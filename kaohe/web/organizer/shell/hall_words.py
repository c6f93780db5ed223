"""What the ways to show tallies and to hold the key are called, and what each gives and costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kaohe.domain.envelopes import KEY_GROUPS
from kaohe.domain.key_shares import SHARE_COUNT, SHARE_GROUPS
from kaohe.domain.meetings import Custody, HallView, MeetingSetup, Round
from kaohe.domain.scenes import Scene
from kaohe.operations.setup.key import load_shares


class HallChoice(StrEnum):
    """The answers to the one question of set-up: live tallies, or the key with the tellers; and two rarer ways."""

    LIVE = "live"
    TELLERS = "tellers"
    TURNOUT = "turnout"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class HallWay:
    """What one answer sets, and what it gives and costs."""

    custody: Custody
    hall_view: HallView
    label: str
    hint: str


HALL_WAYS: Mapping[HallChoice, HallWay] = {
    HallChoice.LIVE: HallWay(
        Custody.SERVER,
        HallView.BATCHED,
        "大屏上看实时票数",
        "投票期间大屏就显示票数，每凑满一批（10 票加抽查票数）更新一次，每批随机抽取，看不出某一张票是怎么投的，"
        "结束投票后可直接开箱。代价是钥匙在服务器上：数据库或备份被拷走也读不出票，但计票前能控制这台服务器，"
        "或把数据连同钥匙一起拷走的人，可以打开票箱。",
    ),
    HallChoice.TELLERS: HallWay(
        Custody.TELLERS,
        HallView.TURNOUT,
        "票箱钥匙由监票人保管",
        "对人的评价选这一项更稳妥：钥匙只印在纸上，结束投票后凭单开箱，再逐个揭晓，此前连服务器也打不开票箱。"
        "代价是投票期间大屏只显示收回多少票，投票前要打印钥匙单并试开，钥匙单丢失，票就再也打不开。",
    ),
    HallChoice.TURNOUT: HallWay(
        Custody.SERVER,
        HallView.TURNOUT,
        "服务器保管钥匙，只显示进度",
        "大屏只显示收回多少票，结果在开箱计票之后再公布，不用钥匙单。钥匙在服务器上，代价与“大屏上看实时票数”相同。",
    ),
    HallChoice.INSTANT: HallWay(
        Custody.SERVER,
        HallView.INSTANT,
        "服务器保管钥匙，逐票更新",
        "每收一票大屏立即变化，站在旁边就可能看出某个人怎么投，只适合与人无关的事项。钥匙在服务器上，代价与“大屏上看实时票数”相同。",
    ),
}
"""Every pair of custody and view that a meeting may have: no answer joins the tellers' custody with live tallies."""
FIRST_CHOICES = (HallChoice.LIVE, HallChoice.TELLERS)
"""The two that the question puts; the others are folded below them."""

TWO_PEOPLE_HINT = (
    "一人提出，另一人登录自己的账号在 15 分钟内确认，才会生效；两人的姓名都记入操作记录。"
    "至少要有一位组织者，另一人可以是组织者或监票人。"
)
_TWO_PEOPLE_ACTS = "换发和另制测评票、结束投票、开箱计票、更正、作废、清除"
_TWO_PEOPLE_ACTS_WITHOUT_BALLOTS = "汇总、更正、作废"

SCENE_LABELS: Mapping[Scene, str] = {
    Scene.WELCOME: "欢迎",
    Scene.HOW: "怎样投",
    Scene.PROGRESS: "进度",
    Scene.WAIT: "等待",
    Scene.PERSON: "单人结果",
    Scene.LIST: "逐位列表",
    Scene.CALLING: "唱票",
    Scene.RANKING: "名次",
    Scene.THANKS: "致谢",
}
HALL_VIEW_LABELS: Mapping[HallView, str] = {
    HallView.TURNOUT: "只显示进度",
    HallView.BATCHED: "分批更新",
    HallView.INSTANT: "逐票更新",
}
CUSTODY_LABELS: Mapping[Custody, str] = {Custody.SERVER: "服务器保管", Custody.TELLERS: "监票人保管"}

COMPUTED_SENTENCE = "本场不投票，成绩由导入的分数和往期结果汇总"
"""What is said of a meeting without ballots."""


def hall_choice(setup: MeetingSetup) -> HallChoice | None:
    """The answer that a meeting's custody and view amount to; None for a pair that no answer sets."""
    stored = (setup.custody, setup.hall_view)
    return next((choice for choice, way in HALL_WAYS.items() if (way.custody, way.hall_view) == stored), None)


def two_people_acts(*, has_votes: bool) -> str:
    """The acts that one person proposes and another one confirms, in the words of their buttons."""
    return _TWO_PEOPLE_ACTS if has_votes else _TWO_PEOPLE_ACTS_WITHOUT_BALLOTS


def key_label(meeting_id: str) -> str:
    """After the close: the whole key, or one of the sheets that it is split into."""
    state = load_shares(meeting_id)
    if state is None:
        return f"开箱钥匙（由监票人输入，共 {KEY_GROUPS} 组）"
    if state.waiting_number is None:
        return f"第一张钥匙单（三张中的任意一张，共 {SHARE_GROUPS} 组）"
    return f"另一张钥匙单（第 {state.waiting_number} 张已输入，共 {SHARE_GROUPS} 组）"


def proof_label(this_round: Round) -> str:
    """Before the opening: the whole key, or the own sheet of three."""
    if this_round.is_key_split:
        return f"自己的一张钥匙单（共 {SHARE_GROUPS} 组，每组 4 个字符）"
    return f"钥匙单上的钥匙（共 {KEY_GROUPS} 组，每组 4 个字符）"


def awaits_proof(setup: MeetingSetup, this_round: Round) -> bool:
    """Whether a sheet that was drawn up has still to be typed in."""
    if setup.custody is not Custody.TELLERS or this_round.public_key is None:
        return False
    shares = load_shares(setup.id)
    return not this_round.key_proven or (shares is not None and len(shares.proven) < SHARE_COUNT)
